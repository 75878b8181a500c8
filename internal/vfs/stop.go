package vfs

import (
	"errors"
	"fmt"
	"sync"
)

// ErrStopped means that nothing more is written because an earlier sync failed.
var ErrStopped = errors.New("not written: the disk failed to keep what was written before")

// Stopping returns fsys with one more rule: once a Sync, a SyncDir or a Truncate
// fails, nothing more is written through it, and every attempt is ErrStopped.
// Kernels may forget what a failed sync could not write and let the next one
// succeed, so whoever tried again would take for durable what is gone. Reading,
// closing and removing go on.
func Stopping(fsys FS) FS { return &stopping{FS: fsys} }

type stopping struct {
	FS
	mu     sync.Mutex
	failed error // the first failure of a sync
}

// guard does what writes, unless a sync has failed.
func (s *stopping) guard(do func() error) error {
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed != nil {
		return fmt.Errorf("%w (%w)", ErrStopped, failed)
	}
	return do()
}

// sync is guard for what makes durable.
func (s *stopping) sync(do func() error) error {
	return s.guard(func() error {
		err := do()
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed = err
		}
		return err
	})
}

func (s *stopping) open(name string, open func(string) (File, error)) (f File, err error) {
	err = s.guard(func() error {
		f, err = open(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return stoppingFile{f, s}, nil
}

// Create implements FS.
func (s *stopping) Create(name string) (File, error) { return s.open(name, s.FS.Create) }

// Append implements FS.
func (s *stopping) Append(name string) (File, error) { return s.open(name, s.FS.Append) }

// Rename implements FS.
func (s *stopping) Rename(from, to string) error {
	return s.guard(func() error { return s.FS.Rename(from, to) })
}

// Truncate implements FS.
func (s *stopping) Truncate(name string, size int64) error {
	return s.sync(func() error { return s.FS.Truncate(name, size) })
}

// MkdirAll implements FS.
func (s *stopping) MkdirAll(name string) error {
	return s.guard(func() error { return s.FS.MkdirAll(name) })
}

// SyncDir implements FS.
func (s *stopping) SyncDir(name string) error {
	return s.sync(func() error { return s.FS.SyncDir(name) })
}

type stoppingFile struct {
	File
	fs *stopping
}

// Write implements File.
func (f stoppingFile) Write(p []byte) (n int, err error) {
	err = f.fs.guard(func() error {
		n, err = f.File.Write(p)
		return err
	})
	return n, err
}

// Sync implements File.
func (f stoppingFile) Sync() error { return f.fs.sync(f.File.Sync) }
