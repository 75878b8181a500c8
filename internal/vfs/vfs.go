// Package vfs is the lake's only door to the disk: the handful of file
// operations whose order and durability the lake reasons about, so that tests
// can stand in for the disk, fail it, or cut its power.
//
// Paths are relative to the root of the FS, with forward slashes. A file's
// content is durable after Sync of the file; its name after SyncDir of the
// folder that holds it.
package vfs

import (
	"io"
	"io/fs"
)

// File is an open file. Reads are at explicit offsets; writes append.
type File interface {
	io.ReaderAt
	io.Writer
	io.Closer
	// Sync makes the content durable.
	Sync() error
	// Size returns the present length in bytes.
	Size() (int64, error)
}

// FS is a tree of files.
type FS interface {
	// Create makes a new file for writing; it is an error if the name is taken.
	Create(name string) (File, error)
	// Append opens a file for writing at its end, and makes it if need be.
	Append(name string) (File, error)
	// Open opens a file for reading; the error is fs.ErrNotExist if there is none.
	Open(name string) (File, error)
	// Rename gives a file another name, in one step; a file of that name is replaced.
	Rename(from, to string) error
	// Remove unlinks a file.
	Remove(name string) error
	// Truncate cuts a file to a length.
	Truncate(name string, size int64) error
	// MkdirAll makes a folder and its parents.
	MkdirAll(name string) error
	// List returns the entries of a folder in order of name; none if there is
	// no such folder.
	List(name string) ([]fs.DirEntry, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(name string) error
	// Path returns the name under which the operating system knows the file,
	// for code that opens files itself.
	Path(name string) string
}

// ReadFile returns the content of a file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, err
	}
	return b, nil
}

// WriteFile makes a file with this content durable under a temporary name and
// renames it to name, so that name is never seen half written. The folder is
// not synced.
func WriteFile(fsys FS, name string, content []byte) error {
	tmp := name + ".tmp"
	if err := fsys.Remove(tmp); err != nil && !isNotExist(err) {
		return err
	}
	f, err := fsys.Create(tmp)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return fsys.Rename(tmp, name)
}

// Walk calls fn for every file below the folder name, in order of path.
func Walk(fsys FS, name string, fn func(path string, d fs.DirEntry) error) error {
	entries, err := fsys.List(name)
	if err != nil {
		return err
	}
	for _, d := range entries {
		path := d.Name()
		if name != "." {
			path = name + "/" + d.Name()
		}
		if d.IsDir() {
			err = Walk(fsys, path, fn)
		} else {
			err = fn(path, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
