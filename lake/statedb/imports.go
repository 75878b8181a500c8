package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ImportStatus is how far an import has come, in CloudTrail Lake's words.
type ImportStatus string

// The states of an import.
const (
	// Initializing means that nothing was read yet.
	Initializing ImportStatus = "INITIALIZING"
	// InProgress means that it is under way.
	InProgress ImportStatus = "IN_PROGRESS"
	// Completed means that all was read; some of it may have been refused.
	Completed ImportStatus = "COMPLETED"
	// Failed means that an error ended it, or the end of its process.
	Failed ImportStatus = "FAILED"
	// Stopped means that somebody interrupted it.
	Stopped ImportStatus = "STOPPED"
)

// Statuses are all of them.
func Statuses() []ImportStatus {
	return []ImportStatus{Initializing, InProgress, Completed, Failed, Stopped}
}

// Import is one run of an import.
type Import struct {
	ID, Store        string // the store's id
	Status           ImportStatus
	Created, Updated time.Time
	ImportDetails
}

// ImportDetails is what is known of an import besides. It is kept as JSON.
type ImportDetails struct {
	// StoreName is what the store was called then.
	StoreName string `json:"store_name"`
	// Sources are the paths as they were given; of very many, the first.
	Sources     []string `json:"sources"`
	MoreSources int      `json:"more_sources,omitempty"`
	// Options are the flags that were given, as --name=value.
	Options []string `json:"options,omitempty"`
	// Dir and Command are the folder and the command line that was run; the same
	// again resumes the import. No Command means that it was too long to be kept.
	Dir     string   `json:"dir"`
	Command []string `json:"command,omitempty"`
	// Counts are of the files and records so far.
	Counts ImportCounts `json:"counts"`
	// Reason says why it has not completed.
	Reason string `json:"reason,omitempty"`
	// Errors are the first of what could not be read or taken.
	Errors []string `json:"errors,omitempty"`
	// Bucket is what was asked for over the network; nil for a command.
	Bucket *BucketSource `json:"bucket,omitempty"`
	// Failures are the first objects of a bucket that could not be read, or not whole.
	Failures []ImportFailure `json:"failures,omitempty"`
}

// BucketSource is a part of a bucket, as StartImport names it.
type BucketSource struct {
	URI    string `json:"uri"`
	Region string `json:"region"`
	// Role is kept, and nobody uses it.
	Role string `json:"role"`
	// From and To are between which times events are taken, both inclusive; zero is no bound.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// ImportFailure is an object that could not be read, or not whole.
type ImportFailure struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

// ImportCounts count files, records, and what became of these.
type ImportCounts struct {
	Files      int64 `json:"files"`
	Records    int64 `json:"records"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Conflicts  int64 `json:"conflicts"`
	Filtered   int64 `json:"filtered"`
	Rejected   int64 `json:"rejected"`
	Unread     int64 `json:"unread"` // files that could not be read
}

// What is kept has bounds: a command line may have millions of bytes, a lake many
// imports.
const (
	keptImports  = 10_000
	keptSources  = 100
	keptErrors   = 10
	keptFailures = 1000
	keptText     = 4 << 10 // bytes of each text
	keptCommand  = 8 << 10
	keptOptions  = 100
	orphanReason = "interrupted: the process that ran it ended before it did; what was committed stays"
)

// ErrNoImport means that no import of that id is known.
var ErrNoImport = errors.New("no such import")

// Put records an import, new or changed.
func (d *DB) Put(i Import) error {
	i.bound()
	doc, err := json.Marshal(i.ImportDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?, ?, ?)",
			i.ID, i.Store, i.Status, i.Created.UnixMicro(), i.Updated.UnixMicro(), doc)
		if err != nil || i.Status != Initializing {
			return err
		}
		// Ids are in order of time.
		_, err = tx.Exec("DELETE FROM imports WHERE id <= (SELECT id FROM imports ORDER BY id DESC LIMIT 1 OFFSET ?)", keptImports)
		return err
	})
}

func (i *Import) bound() {
	if n := len(i.Sources); n > keptSources {
		i.Sources, i.MoreSources = i.Sources[:keptSources], n-keptSources
	}
	i.Options = i.Options[:min(len(i.Options), keptOptions)]
	i.Errors = i.Errors[:min(len(i.Errors), keptErrors)]
	i.Failures = i.Failures[:min(len(i.Failures), keptFailures)]
	for n, f := range i.Failures {
		i.Failures[n] = ImportFailure{shorten(f.Path), f.Kind, shorten(f.Reason)}
	}
	i.Sources, i.Options, i.Errors = shortened(i.Sources), shortened(i.Options), shortened(i.Errors)
	i.Reason, i.Dir = shorten(i.Reason), shorten(i.Dir)
	if len(strings.Join(i.Command, " ")) > keptCommand {
		i.Command = nil
	}
}

func shortened(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, shorten(t))
	}
	return out
}

func shorten(text string) string {
	if len(text) > keptText {
		text = text[:keptText] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// orphan makes failed ones of the imports that a dead process left under way.
func orphan(tx *sql.Tx) error {
	all, err := scan(tx.Query(selectImports+" WHERE status IN (?, ?)", Initializing, InProgress))
	if err != nil {
		return err
	}
	for _, i := range all {
		i.Reason = orphanReason
		doc, err := json.Marshal(i.ImportDetails)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE imports SET status = ?, doc = ? WHERE id = ?", Failed, doc, i.ID); err != nil {
			return err
		}
	}
	return nil
}

const selectImports = "SELECT id, store, status, created, updated, doc FROM imports"

// Imports returns the imports that are known, in order of time.
func (d *DB) Imports() ([]Import, error) {
	return d.imports("")
}

// Import returns one import.
func (d *DB) Import(id string) (Import, error) {
	all, err := d.imports(" WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", ErrNoImport, id)
	}
	if err != nil {
		return Import{}, err
	}
	return all[0], nil
}

func (d *DB) imports(where string, args ...any) ([]Import, error) {
	if d.db == nil {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	all, err := scan(d.db.Query(selectImports+where+" ORDER BY id", args...))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	return all, nil
}

func scan(rows *sql.Rows, err error) ([]Import, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Import
	for rows.Next() {
		var i Import
		var created, updated int64
		var doc []byte
		if err := rows.Scan(&i.ID, &i.Store, &i.Status, &created, &updated, &doc); err != nil {
			return nil, err
		}
		i.Created, i.Updated = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
		if err := json.Unmarshal(doc, &i.ImportDetails); err != nil {
			return nil, fmt.Errorf("%w: import %s: %w", errDamaged, i.ID, err)
		}
		all = append(all, i)
	}
	return all, rows.Err()
}
