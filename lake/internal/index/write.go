package index

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Writer collects what the log says beyond an index and publishes a new one.
type Writer struct {
	path string
	db   *sql.DB
	tx   *sql.Tx

	sources []any // that wait to be added together, five values of each
}

// tmp is the name under which an index is written.
func tmp(path string) string { return path + ".new" }

// Write starts a new index beside the one at path: a copy of it if base is
// given (the same index, open), else an empty one. Nothing is seen before
// Publish.
func Write(path string, base *Index) (*Writer, error) {
	if err := os.Remove(tmp(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if base != nil {
		if err := copyFile(path, tmp(path)); err != nil {
			return nil, fmt.Errorf("copy index: %w", err)
		}
	}
	// Small pages: an index of a few segments takes 9 kB instead of 32. Durability comes from one sync before the rename; a journal would only
	// protect a file that nobody has seen yet.
	db, err := sql.Open("sqlite", dsn(tmp(path), "_pragma=page_size(1024)&_pragma=journal_mode(off)&_pragma=synchronous(off)"))
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, db: db}
	if base == nil {
		if _, err := db.Exec(schema); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if w.tx, err = db.Begin(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// AddDoc adds a document of a kind behind those that are there.
func (w *Writer) AddDoc(kind string, d Doc) error {
	_, err := w.tx.Exec("INSERT INTO docs VALUES (?, ?, ?)", kind, d.ID, d.Doc)
	return err
}

// AddSegment adds a segment.
func (w *Writer) AddSegment(s Segment) error {
	_, err := w.tx.Exec("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?)", s.Store, s.Day, s.ID, s.Doc)
	return err
}

// AddSource adds a source object.
func (w *Writer) AddSource(s Source) error {
	w.sources = append(w.sources, s.Store, s.Key, s.Bytes, s.ModifiedMicros, s.SHA256)
	if len(w.sources) < 5*together {
		return nil
	}
	return w.addSources()
}

// together is how many sources are added by one statement: buckets of small objects have
// tens of thousands.
const together = 200

func (w *Writer) addSources() error {
	n := len(w.sources) / 5
	if n == 0 {
		return nil
	}
	_, err := w.tx.Exec("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?, ?)", n-1), w.sources...)
	w.sources = w.sources[:0]
	return err
}

// Publish makes the index durable and puts it in the place of the old one.
func (w *Writer) Publish(m Meta) error {
	err := w.addSources()
	if err == nil {
		_, err = w.tx.Exec("DELETE FROM meta")
	}
	if err == nil {
		_, err = w.tx.Exec("INSERT INTO meta VALUES (?, ?, ?, ?, ?)", Version, m.Lake, m.LogSize, m.LogBytes, m.Layout)
	}
	if err == nil {
		err = w.tx.Commit()
	}
	if err = errors.Join(err, w.db.Close()); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	f, err := os.OpenFile(tmp(w.path), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp(w.path), w.path)
}

// Abandon throws the new index away.
func (w *Writer) Abandon() error {
	return errors.Join(w.tx.Rollback(), w.db.Close(), os.Remove(tmp(w.path)))
}
