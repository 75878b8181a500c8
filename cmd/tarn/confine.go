package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"tarn/lake"
)

// opened confines the process that has opened the lake for writing.
func (a *app) opened(l *lake.Lake, err error) (*lake.Lake, error) {
	if err != nil {
		return l, err
	}
	if err := a.giveUp(l); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// giveUp takes from this process, for good, the right to change sealed files, and all
// others but those that its command has to do with. A process in which something else
// runs, a test for instance, keeps its rights.
func (a *app) giveUp(l *lake.Lake) (err error) {
	if !a.alone {
		return nil
	}
	if a.purges {
		// What it is to do is refused to this process, and to whom it starts later.
		if a.purger, err = startPurger(purgerSetup{a.lakeDir, a.config.get("key"), a.s3Options()}); err != nil {
			return err
		}
	}
	if place, err := a.place(); err == nil && place.URI.Bucket != "" {
		dir, err := a.cacheDir()
		if err != nil {
			return err
		}
		a.writable = append(a.writable, dir)
	}
	for _, dir := range a.writable {
		// Should this fail, who writes there says so better.
		_ = os.MkdirAll(dir, 0o755)
	}
	temp, key := os.TempDir(), l.KeyFile()
	granted, err := lake.Confine(a.lakeDir, append([]string{
		temp, key, filepath.Dir(key), os.DevNull, "/dev/tty", a.getenv("GOCOVERDIR"),
	}, a.writable...)...)
	if errors.Is(err, lake.ErrNoLock) {
		a.warn(err.Error())
		err = nil
	}
	if err != nil || slices.Contains(granted, temp) {
		return err
	}
	if temp, err = filepath.Abs(filepath.Join(a.lakeDir, "tmp")); err != nil {
		return err
	}
	// The lake lies in the folder for temporary files.
	return os.Setenv("TMPDIR", temp)
}

// theirPurger is who removes files for this process, or for the server that it is in.
func (a *app) theirPurger() *purger {
	if a.guest != nil {
		return a.guest.purger
	}
	return a.purger
}
