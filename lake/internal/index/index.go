// Package index keeps what the log says in a form that opens in milliseconds: a
// SQLite file with the stores, the segments, the commits and the source objects
// as of one size of the log. It is never the truth. It can be deleted at any
// time and is built anew from the log; one that is ahead of the log, or of
// another lake or version, is ignored.
//
// The file is written under a temporary name and published by rename. Readers
// open it immutable, so they neither lock nor wait.
package index

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Version is the tables' version; an index of another version is built anew.
const Version = 2

// ErrUnusable means that there is no index to use: none there, damaged, of
// another version or of another lake. Build it anew.
var ErrUnusable = errors.New("no usable index")

// Meta says of which lake and log the index is.
type Meta struct {
	Lake     string // the lake's id
	LogSize  int64  // entries it has taken in
	LogBytes int64  // where they end in log/entries
	Layout   string // of the documents of commits and segments (package packed)
}

// Segment is a row of the segments table; Doc is the segment, packed.
type Segment struct {
	Store, ID, Day string
	Doc            []byte
}

// Doc is a row of the table that is kept in log order.
type Doc struct {
	ID  string
	Doc []byte
}

// Source is a source object that a commit completed.
type Source struct {
	Store, Key     string
	Bytes          int64
	ModifiedMicros int64
	SHA256         string
}

const schema = `
CREATE TABLE meta (version INTEGER, lake TEXT, log_size INTEGER, log_bytes INTEGER, layout TEXT);
CREATE TABLE docs (kind TEXT, id TEXT, doc BLOB);
CREATE TABLE segments (store TEXT, day TEXT, id TEXT, doc BLOB, PRIMARY KEY (store, day, id)) WITHOUT ROWID;
CREATE TABLE sources (store TEXT, key TEXT, bytes INTEGER, modified INTEGER, sha256 TEXT, PRIMARY KEY (store, key, sha256)) WITHOUT ROWID;
`

// Index is an index open for reading.
type Index struct {
	db   *sql.DB
	Meta Meta
}

// Open opens the index file at path, of the lake of that id and with documents of that
// layout. Close it after use.
func Open(path, lake, layout string) (*Index, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnusable
	}
	db, err := sql.Open("sqlite", dsn(path, "immutable=1&mode=ro"))
	if err != nil {
		return nil, err
	}
	// One connection: another one opened later might open a newer index.
	db.SetMaxOpenConns(1)
	x := &Index{db: db}
	var version int
	row := db.QueryRow("SELECT version, lake, log_size, log_bytes, layout FROM meta")
	err = row.Scan(&version, &x.Meta.Lake, &x.Meta.LogSize, &x.Meta.LogBytes, &x.Meta.Layout)
	if err != nil || version != Version || x.Meta.Lake != lake || x.Meta.Layout != layout {
		db.Close()
		return nil, fmt.Errorf("%w at %s", ErrUnusable, path)
	}
	return x, nil
}

func dsn(path, options string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options
}

// Close closes the file.
func (x *Index) Close() error { return x.db.Close() }

// Docs calls fn for the documents of a kind, in log order. A document is valid until
// fn returns.
func (x *Index) Docs(kind string, fn func(doc []byte) error) error {
	rows, err := x.db.Query("SELECT doc FROM docs WHERE kind = ? ORDER BY rowid", kind)
	if err != nil {
		return err
	}
	defer rows.Close()
	var doc sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		if err := fn(doc); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Segments calls fn for all segments in order of store and day. A document is valid
// until fn returns.
func (x *Index) Segments(fn func(store string, doc []byte) error) error {
	rows, err := x.db.Query("SELECT store, doc FROM segments ORDER BY store, day, id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var store, doc sql.RawBytes
	var name string // of the store, made once for all of its segments
	for rows.Next() {
		if err := rows.Scan(&store, &doc); err != nil {
			return err
		}
		if name != string(store) {
			name = string(store)
		}
		if err := fn(name, doc); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AllSources calls fn for every version of every source object.
func (x *Index) AllSources(fn func(Source) error) error {
	rows, err := x.db.Query("SELECT store, key, bytes, modified, sha256 FROM sources")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s Source
		if err := rows.Scan(&s.Store, &s.Key, &s.Bytes, &s.ModifiedMicros, &s.SHA256); err != nil {
			return err
		}
		if err := fn(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Sources returns the versions of a source object that were taken in: none if
// it was not seen.
func (x *Index) Sources(store, key string) ([]Source, error) {
	rows, err := x.db.Query("SELECT bytes, modified, sha256 FROM sources WHERE store = ? AND key = ?", store, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Source
	for rows.Next() {
		s := Source{Store: store, Key: key}
		if err := rows.Scan(&s.Bytes, &s.ModifiedMicros, &s.SHA256); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
