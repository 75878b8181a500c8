package statedb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CopyTo writes a copy of the file as it is at this moment to path, and replaces
// what is there. Of a reader that found no file there is none.
func (d *DB) CopyTo(path string) (err error) {
	if d.db == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// It is there before SQLite writes it, for its owner alone from the beginning.
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = vacuumInto(d.path, tmp); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// vacuumInto copies a file by a connection of its own: a reader's lets nothing be
// written, wherever that is.
func vacuumInto(path, to string) error {
	db, err := connect(path, "mode=rw")
	if err == nil {
		_, err = db.Exec("VACUUM INTO ?", to)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	return nil
}
