// Package lock lets one process at a time write to a lake.
package lock

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ErrHeld means that another process holds the lock.
var ErrHeld = errors.New("in use by another process")

// Lock is a held lock. The kernel lets go of it when the process ends, however
// it ends; the file stays.
type Lock struct{ f *os.File }

// Acquire takes the lock file at path, without waiting. If another process has
// it, the error is ErrHeld and names that process.
func Acquire(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := holder(f)
		f.Close()
		return nil, fmt.Errorf("%w%s", ErrHeld, holder)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// Who holds it is a courtesy to the next in line, not part of the lock.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &Lock{f}, nil
}

func holder(f *os.File) string {
	var b [32]byte
	n, _ := f.ReadAt(b[:], 0)
	if pid := strings.TrimSpace(string(b[:n])); pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}

// Release lets go of the lock.
func (l *Lock) Release() error {
	_ = l.f.Truncate(0) // nobody holds it, who could be named
	return l.f.Close()
}
