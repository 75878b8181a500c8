package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// keptSince is the version of the layout from which on there is what is kept.
const keptSince = 10

// Kind is a kind of things that are kept as documents: settings, which nobody searches
// by what is in them.
type Kind string

// Kept is a document of type T, as it is kept.
type Kept[T any] struct {
	// ID names it among those of its kind.
	ID      string
	Created time.Time
	Doc     T
}

// Keep keeps a document, in the place of the one of its kind and id.
func Keep[T any](d *DB, kind Kind, one Kept[T]) error {
	doc, err := json.Marshal(one.Doc)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("REPLACE INTO kept VALUES (?, ?, ?, ?)", kind, one.ID, one.Created.UnixMicro(), string(doc))
		return err
	})
}

// KeptOf returns a document, and whether there is one.
func KeptOf[T any](d *DB, kind Kind, id string) (one Kept[T], ok bool, err error) {
	all, err := keptWhere[T](d, "kind = ? AND id = ?", kind, id)
	if err != nil || len(all) == 0 {
		return one, false, err
	}
	return all[0], true, nil
}

// AllKept returns the documents of a kind, in order of their ids.
func AllKept[T any](d *DB, kind Kind) ([]Kept[T], error) { return keptWhere[T](d, "kind = ?", kind) }

func keptWhere[T any](d *DB, where string, args ...any) (all []Kept[T], err error) {
	if d.db == nil || d.warn == nil && d.had < keptSince {
		return nil, nil // a reader of a file from before there were any
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query("SELECT id, created, doc FROM kept WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Kept[T]
		var created int64
		var doc []byte
		if err := rows.Scan(&one.ID, &created, &doc); err != nil {
			return nil, fmt.Errorf("read %s: %w", d.path, err)
		}
		one.Created = time.UnixMicro(created).UTC()
		if err := json.Unmarshal(doc, &one.Doc); err != nil {
			return nil, fmt.Errorf("read %s: %w: what is kept of %s: %w", d.path, errDamaged, one.ID, err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// ErrNotKept means that no such document is kept.
var ErrNotKept = errors.New("is not kept")

// Forget forgets a document; one that is not kept is ErrNotKept.
func (d *DB) Forget(kind Kind, id string) error {
	var none error
	err := d.write(func(tx *sql.Tx) error {
		none = nil
		res, err := tx.Exec("DELETE FROM kept WHERE kind = ? AND id = ?", kind, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			none = errors.Join(err, fmt.Errorf("%s %s %w", kind, id, ErrNotKept))
		}
		return nil
	})
	return errors.Join(err, none)
}
