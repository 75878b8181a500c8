package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/journal"
	"tarn/lake/internal/lock"
)

// unfinishedFile says, in a folder without FORMAT, of which lake it is to be a copy.
const unfinishedFile = "backup.tmp"

func unfinishedText(lake string) []byte {
	return fmt.Appendf(nil, "copy of %s%s, not complete\n", originPrefix, lake)
}

// target is a folder that is, or is to be, a copy of a lake.
type target struct {
	dir    string
	fsys   vfs.FS
	folder *vfs.OS // behind fsys, unless that was given
	lake   string
	whole  bool // it is a copy, of an earlier time
	lock   *lock.Lock
	log    *entrylog.Copy
}

// openTarget opens the folder for a copy of the lake. It is made if need be; what
// holds anything else is refused.
func openTarget(dir string, fsys vfs.FS, lake string, keys entrylog.Keys) (*target, error) {
	t := &target{dir: dir, fsys: fsys, lake: lake}
	if fsys == nil {
		if err := makeFolder(dir); err != nil {
			return nil, placed("%w", err)
		}
		folder, err := vfs.OpenOS(dir)
		if err != nil {
			return nil, err
		}
		t.fsys, t.folder = folder, folder
	}
	t.fsys = vfs.Stopping(t.fsys)
	if err := t.open(keys); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *target) open(keys entrylog.Keys) error {
	begun, err := t.look()
	if err != nil {
		return err
	}
	if t.lock, err = lock.Acquire(t.fsys.Path(lockFile)); err != nil {
		if errors.Is(err, ErrLocked) {
			return hint.Add(fmt.Errorf("%s: %w", t.dir, err), "wait until the other process is done; a backup's folder is for backups alone")
		}
		return err
	}
	if t.whole {
		if t.log, err = entrylog.OpenCopy(t.fsys, keys); err != nil {
			return hint.Add(fmt.Errorf("the backup in %s: %w", t.dir, err), "tarn verify --lake "+t.dir+" says what differs; a new backup goes into another folder")
		}
		return t.sweep()
	}
	if !begun {
		if err := errors.Join(vfs.WriteFile(t.fsys, unfinishedFile, unfinishedText(t.lake)), t.fsys.SyncDir(".")); err != nil {
			return err
		}
	}
	if t.log, err = entrylog.CreateCopy(t.fsys, keys); err != nil {
		return err
	}
	return t.sweep()
}

// look looks whether there is a copy of the lake in the folder, or one was begun.
func (t *target) look() (begun bool, err error) {
	id, err := readFormat(t.fsys)
	if !errors.Is(err, ErrNoLake) {
		if err == nil {
			err = t.lookWhole(id)
		}
		return true, err
	}
	content, err := vfs.ReadFile(t.fsys, unfinishedFile)
	if err == nil {
		if string(content) != string(unfinishedText(t.lake)) {
			return false, placed("%s holds the beginning of another lake's copy", t.dir)
		}
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	entries, err := t.fsys.List(".")
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if name := e.Name(); name != lockFile && name != unfinishedFile+".tmp" {
			return false, placed("%s holds other things: %s", t.dir, name)
		}
	}
	return false, nil
}

func (t *target) lookWhole(id string) error {
	if id != t.lake {
		return placed("%s holds another lake, or its backup: %s%s; this lake is %s%s", t.dir, originPrefix, id, originPrefix, t.lake)
	}
	events, err := t.fsys.List(journal.Dir)
	if err == nil && len(events) > 0 {
		err = placed("%s is in use as a lake: it has events that are not this lake's", t.dir)
	}
	t.whole = true
	return err
}

// sweep removes what an interrupted copy left half written.
func (t *target) sweep() error {
	return vfs.Walk(t.fsys, tmpDir, func(path string, _ fs.DirEntry) error { return t.fsys.Remove(path) })
}

// follows checks that the copy is the beginning of the log, which has that size.
func (t *target) follows(log vfs.FS, size int64) error {
	is, err := t.log.Of(log)
	if err != nil || is && t.log.Size() <= size {
		return err
	}
	err = fmt.Errorf("%w: the backup in %s has %d entries, and this lake, with %d, is not what follows them", ErrRolledBack, t.dir, t.log.Size(), size)
	return hint.Add(err, "the lake, or the backup, was written to after it was restored from an older state, or somebody took entries back",
		"keep that backup as it is: it may hold what the lake has lost; back this lake up into another folder")
}

func (t *target) close() error {
	var errs []error
	if t.log != nil {
		errs = append(errs, t.log.Close())
	}
	if t.lock != nil {
		errs = append(errs, t.lock.Release())
	}
	if t.folder != nil {
		errs = append(errs, t.folder.Close())
	}
	return errors.Join(errs...)
}

// placed is the error of a folder that a copy cannot be made in.
func placed(format string, args ...any) error {
	return hint.Add(fmt.Errorf("%w: %w", ErrBackupPlace, fmt.Errorf(format, args...)), "name a folder that is empty, or does not exist yet")
}

// apart checks that neither folder lies in the other, whatever links lead there.
func apart(lake, dir string) error {
	lake, dir = real(lake), real(dir)
	switch inside := func(a, b string) bool { return a == b || strings.HasPrefix(a, strings.TrimSuffix(b, "/")+"/") }; {
	case lake == dir:
		return placed("%s is the folder that is to be copied", dir)
	case inside(dir, lake):
		return placed("%s lies in the folder that is to be copied", dir)
	case inside(lake, dir):
		return placed("%s holds the folder that is to be copied", dir)
	}
	return nil
}

// real is a path without links, as far as there is something.
func real(name string) string {
	name, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	if found, err := filepath.EvalSymlinks(name); err == nil {
		return found
	}
	if dir := filepath.Dir(name); dir != name {
		return filepath.Join(real(dir), filepath.Base(name))
	}
	return name
}

// empty checks that a lake can be made of a backup in the folder.
func empty(dir string) error {
	_, err := os.Stat(filepath.Join(dir, formatFile))
	if err == nil {
		return hint.Add(fmt.Errorf("%w: %s", ErrLakeExists, dir), "a backup is restored into a folder that is empty, or does not exist yet; nothing is overwritten")
	}
	return gone(err)
}
