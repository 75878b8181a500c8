// Package statedb keeps what a lake's owner wants to know after a restart and what
// is no evidence: state.db in the lake's folder, a SQLite file for its owner
// alone. As of now that is the imports that were run, who may come in over the
// network and by which channels, the queries that run by themselves, which reports
// are due when and how far they are, which sources are followed, tags, and settings that
// CloudTrail's API has.
//
// Nobody depends on it. Whoever holds the lake's lock may write it; one that is
// damaged is set aside under another name and made anew, and no event is lost by
// that. Other processes read it while it is written: every change is one short
// transaction, which is on disk when it returns (SQLite's write-ahead log: one sync).
package statedb

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite" // the driver "sqlite", too

	"tarn/internal/hint"
)

// version is the layout's, in SQLite's user_version: how many of the migrations
// were made.
var version = len(migrations)

// migrations lead from one layout to the next. One that was released is not
// changed any more.
var migrations = []string{
	`CREATE TABLE imports (
		id TEXT PRIMARY KEY, store TEXT NOT NULL, status TEXT NOT NULL,
		created INTEGER NOT NULL, updated INTEGER NOT NULL, doc BLOB NOT NULL
	) WITHOUT ROWID;
	CREATE INDEX imports_by_status ON imports (status);`,
	`CREATE TABLE credentials (
		id TEXT PRIMARY KEY, created INTEGER NOT NULL, doc BLOB NOT NULL, secret BLOB NOT NULL
	) WITHOUT ROWID;`,
	`CREATE TABLE channels (
		id TEXT PRIMARY KEY, created INTEGER NOT NULL, doc BLOB NOT NULL
	) WITHOUT ROWID;`,
	`CREATE TABLE queries (
		id TEXT PRIMARY KEY, created INTEGER NOT NULL, status TEXT NOT NULL,
		alias TEXT NOT NULL, bytes INTEGER NOT NULL, doc TEXT NOT NULL
	) WITHOUT ROWID;
	CREATE INDEX queries_under_way ON queries (status) WHERE status IN ('QUEUED', 'RUNNING');
	CREATE INDEX queries_by_alias ON queries (alias, id) WHERE alias <> '';`,
	`CREATE TABLE results (id TEXT PRIMARY KEY, rows BLOB NOT NULL) WITHOUT ROWID;`,
	`CREATE TABLE tags (resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;`,
	`CREATE TABLE result_keys (fingerprint TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, public BLOB NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;`,
	`CREATE TABLE schedules (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE schedule_runs (
		schedule TEXT NOT NULL, due INTEGER NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (schedule, due)
	) WITHOUT ROWID;
	CREATE INDEX schedule_runs_open ON schedule_runs (due) WHERE status IN ('DUE', 'MADE');`,
	`CREATE TABLE follows (id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, doc TEXT NOT NULL, progress TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE follow_failures (follow TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (follow, key)) WITHOUT ROWID;`,
	`CREATE TABLE kept (kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;`,
}

// ErrNewer means that a newer version of this program wrote the file.
var ErrNewer = errors.New("was written by a newer version of tarn")

// errDamaged means that what was read cannot have been written.
var errDamaged = errors.New("is damaged")

// DB is an open file. It is safe for concurrent use.
type DB struct {
	path string
	warn func(string) // nil: open for reading
	mu   sync.Mutex
	db   *sql.DB // nil where a reader found no file
	had  int     // the version of the layout that a reader found
}

// Open opens the file at path for writing, and makes it if it is not there. The
// caller holds the lake's lock. warn is told if a damaged file was set aside.
// Imports and queries that are under way by what it says have no process any more:
// they become failed ones.
func Open(path string, warn func(string)) (*DB, error) {
	d := &DB{path: path, warn: warn}
	if err := d.open(); err != nil {
		if !damaged(err) {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		if err := d.anew(err); err != nil {
			return nil, err
		}
	}
	for _, end := range []func(*sql.Tx) error{orphan, endQueries} {
		if err := d.write(end); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// View opens the file at path for reading. Without one, nothing is known.
func View(path string) (*DB, error) {
	f, err := os.Open(path) // SQLite does not say why it cannot
	if errors.Is(err, fs.ErrNotExist) {
		return &DB{path: path}, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, hint.Add(err, "it is for the lake's owner alone: run the command as that user")
	}
	if err != nil {
		return nil, err
	}
	f.Close()
	// Not mode=ro: whoever comes after a crash rolls back what was begun.
	db, err := connect(path, "mode=rw&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	d := &DB{path: path, db: db}
	if d.had, err = d.layout(); err != nil {
		if damaged(err) {
			err = hint.Add(err, "the next import sets it aside and begins a new one; no event is in it")
		}
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), d.Close())
	}
	return d, nil
}

// Close lets go of the file. A writer leaves one file, which can be read also where
// nothing can be written; with readers about, the log of changes stays beside it.
func (d *DB) Close() error {
	if d.db == nil {
		return nil
	}
	if d.warn != nil {
		_, _ = d.db.Exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE")
	}
	return d.db.Close()
}

func connect(path, options string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options+"&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (d *DB) open() error {
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if d.db, err = connect(d.path, "mode=rw&_txlock=immediate&_pragma=journal_mode(WAL)"); err != nil {
		return err
	}
	if err := d.migrate(); err != nil {
		return errors.Join(err, d.db.Close())
	}
	return nil
}

// layout returns the version of the layout.
func (d *DB) layout() (was int, err error) {
	err = d.db.QueryRow("PRAGMA user_version").Scan(&was)
	if err == nil && was > version {
		err = ErrNewer
	}
	return was, err
}

func (d *DB) migrate() error {
	was, err := d.layout()
	if err != nil || was == version {
		return err
	}
	tx, err := d.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, m := range migrations[was:] {
		if _, err := tx.Exec(m); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// damaged reports whether an error says that the file is not what was written.
func damaged(err error) bool {
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB
	var e *sqlite.Error
	return errors.Is(err, errDamaged) || errors.As(err, &e) && (e.Code()&0xff == corrupt || e.Code()&0xff == notADatabase)
}

// anew sets the damaged file aside, with what a crash left beside it, and makes a
// new one.
func (d *DB) anew(why error) error {
	aside := fmt.Sprintf("%s.damaged-%s", d.path, time.Now().UTC().Format("20060102T150405.000000000"))
	for _, tail := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Rename(d.path+tail, aside+tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	d.warn(fmt.Sprintf("%s is damaged (%v) and was set aside as %s: what is known of earlier imports, schedules of reports, and follows, are gone, no event is", d.path, why, aside))
	return d.open()
}

// write makes a change, in a file made anew if this one is damaged.
func (d *DB) write(change func(*sql.Tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.try(change)
	if damaged(err) {
		if err = errors.Join(d.db.Close(), d.anew(err)); err == nil {
			err = d.try(change)
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", d.path, err)
	}
	return nil
}

func (d *DB) try(change func(*sql.Tx) error) error {
	tx, err := d.db.Begin()
	if err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// each calls fn with the rows of a statement.
func (d *DB) each(fn func(*sql.Rows) error, statement string, args ...any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.db.Query(statement, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fmt.Errorf("read %s: %w", d.path, err)
		}
	}
	return rows.Err()
}
