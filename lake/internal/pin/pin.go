// Package pin lets readers of a lake, in whatever process, keep files from being
// removed: each holds a kernel lock on a file that is named by the size of the log
// that it reads. The kernel lets go of it when the reader ends, however it ends.
package pin

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Everything is the size that pins everything. Its file is always there, for
// readers that may not write to the folder.
const Everything = 0

// Prepare makes the folder, so that readers can pin.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name(dir, Everything), os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

func name(dir string, size int64) string { return filepath.Join(dir, strconv.FormatInt(size, 10)) }

// Pin is held by one reader.
type Pin struct {
	f    *os.File
	path string
	size int64
}

// Take pins what a log of that size names. A reader that cannot make its file, since
// it may not write to the folder or the disk is full, pins everything.
func Take(dir string, size int64) (*Pin, error) {
	for {
		p, err := take(dir, size, os.O_RDONLY|os.O_CREATE)
		if err != nil && !errors.Is(err, errSwept) {
			p, err = take(dir, Everything, os.O_RDONLY)
		}
		if !errors.Is(err, errSwept) {
			return p, err
		}
	}
}

// errSwept means that somebody removed the file before it was locked.
var errSwept = errors.New("the file was removed meanwhile")

func take(dir string, size int64, flag int) (*Pin, error) {
	path := name(dir, size)
	f, err := os.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_SH); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if !current(f, path) {
		return nil, errors.Join(errSwept, f.Close())
	}
	return &Pin{f, path, size}, nil
}

// current reports whether an open file still has its name.
func current(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(open, named)
}

// Size is the size of the log that is pinned.
func (p *Pin) Size() int64 { return p.size }

// Release lets go, and removes the file if nobody else holds it.
func (p *Pin) Release() error {
	remove(p.f, p.path, p.size)
	return p.f.Close()
}

// remove removes a file that nobody else holds, and reports whether that is so.
func remove(f *os.File, path string, size int64) (free bool) {
	if flock(f, syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	if size != Everything && current(f, path) {
		_ = os.Remove(path) // whoever may is to do it; held by nobody, it pins nothing
	}
	return true
}

// Held returns the sizes that readers have pinned, the smallest first. Of two who
// ask at a time one may see the other as a reader.
func Held(dir string) (sizes []int64, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		size, err := strconv.ParseInt(e.Name(), 10, 64)
		if err != nil {
			continue // nobody's pin
		}
		held, err := held(dir, size)
		if err != nil {
			return nil, err
		}
		if held {
			sizes = append(sizes, size)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

func held(dir string, size int64) (bool, error) {
	path := name(dir, size)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	return !remove(f, path, size), nil
}

// flock is the system's, which a signal may interrupt.
func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
