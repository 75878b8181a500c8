// Package crashfs is a disk in memory that can lose its power, for tests of what
// survives. Every file has a content that programs see and one that is durable,
// every folder has names that are seen and names that are durable; Sync and
// SyncDir make the second the first. [FS.Crash] gives the disk as it may be found
// after a power cut: of what was not durable, a share has made it, piece by piece
// and name by name, in no particular order.
//
// It is harsher than a disk with a journal: a rename can lose its old name and not
// keep its new one, and what was written first need not be there first. Two
// functions see every operation, before and after it, and so can count, fail or
// leave out any of them ([FS.Watch]).
package crashfs

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"tarn/internal/vfs"
)

// FS is a disk in memory. It is safe for concurrent use; operations come one at
// a time.
type FS struct {
	dir string // where files lie that are opened by their path

	turn   sync.Mutex // held through an operation and what watches it
	before func(Op) error
	after  func(Op)

	mu   sync.Mutex // guards the tree
	root *folder
}

// New returns an empty disk. Path answers with names in the folder dir of the
// operating system, which need not exist unless somebody uses them.
func New(dir string) *FS { return &FS{dir: dir, root: newFolder()} }

// Watch sets the functions that see every operation from now on; either may be
// nil. The error of before is what the operation returns instead of being done:
// see Op. They must not use the disk, but may Freeze it.
func (f *FS) Watch(before func(Op) error, after func(Op)) {
	f.turn.Lock()
	defer f.turn.Unlock()
	f.before, f.after = before, after
}

// do carries out an operation between the functions that watch. ruin, if not nil,
// is what an operation that fails does all the same.
func (f *FS) do(op Op, act func() error, ruin func(error)) error {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.before != nil {
		if err := f.before(op); err != nil {
			act = func() error {
				if errors.Is(err, ErrSkip) {
					return nil
				}
				if ruin != nil {
					ruin(err)
				}
				return err
			}
		}
	}
	f.mu.Lock()
	err := op.wrap(act())
	f.mu.Unlock()
	if f.after != nil {
		f.after(op)
	}
	return err
}

// parent returns the folder that holds the name, and its last element.
func (f *FS) parent(name string) (*folder, string, error) {
	in, err := f.folder(path.Dir(name))
	return in, path.Base(name), err
}

func (f *FS) folder(name string) (*folder, error) {
	in := f.root
	if name = path.Clean(name); name == "." {
		return in, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		switch next := in.names[part].(type) {
		case *folder:
			in = next
		case *file:
			return nil, syscall.ENOTDIR
		default:
			return nil, fs.ErrNotExist
		}
	}
	return in, nil
}

// file returns the file of that name, nil if there is none.
func (f *FS) file(name string) (*file, error) {
	in, base, err := f.parent(name)
	if err != nil {
		return nil, err
	}
	switch n := in.names[base].(type) {
	case *file:
		return n, nil
	case *folder:
		return nil, syscall.EISDIR
	}
	return nil, nil
}

// open opens a file; how says what becomes of one that is there, or is not.
func (f *FS) open(kind, name string, how func(*file) (*file, error)) (vfs.File, error) {
	h := &handle{fs: f, name: name, writable: kind != Open}
	err := f.do(Op{Kind: kind, Name: name}, func() error {
		there, err := f.file(name)
		if err != nil {
			return err
		}
		if h.file, err = how(there); err != nil || h.file == there {
			return err
		}
		in, base, err := f.parent(name)
		if err == nil {
			in.names[base] = h.file
		}
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Create implements vfs.FS.
func (f *FS) Create(name string) (vfs.File, error) {
	return f.open(Create, name, func(there *file) (*file, error) {
		if there != nil {
			return nil, fs.ErrExist
		}
		return &file{}, nil
	})
}

// Append implements vfs.FS.
func (f *FS) Append(name string) (vfs.File, error) {
	return f.open(Append, name, func(there *file) (*file, error) {
		if there == nil {
			there = &file{}
		}
		return there, nil
	})
}

// Open implements vfs.FS.
func (f *FS) Open(name string) (vfs.File, error) {
	return f.open(Open, name, func(there *file) (*file, error) {
		if there == nil {
			return nil, fs.ErrNotExist
		}
		return there, nil
	})
}

// Rename implements vfs.FS.
func (f *FS) Rename(from, to string) error {
	return f.do(Op{Kind: Rename, Name: from, To: to}, func() error {
		out, old, err := f.parent(from)
		if err != nil {
			return err
		}
		in, name, err := f.parent(to)
		if err != nil {
			return err
		}
		moved := out.names[old]
		if moved == nil {
			return fs.ErrNotExist
		}
		if _, taken := in.names[name].(*folder); taken {
			return fs.ErrExist
		}
		delete(out.names, old)
		in.names[name] = moved
		return nil
	}, nil)
}

// Remove implements vfs.FS.
func (f *FS) Remove(name string) error {
	return f.do(Op{Kind: Remove, Name: name}, func() error {
		in, base, err := f.parent(name)
		if err != nil {
			return err
		}
		switch n := in.names[base].(type) {
		case nil:
			return fs.ErrNotExist
		case *folder:
			if len(n.names) > 0 {
				return syscall.ENOTEMPTY
			}
		}
		delete(in.names, base)
		return nil
	}, nil)
}

// Truncate implements vfs.FS. As on a disk it is two steps, of which the second
// makes the file durable.
func (f *FS) Truncate(name string, size int64) error {
	var cut *file
	err := f.do(Op{Kind: Truncate, Name: name}, func() (err error) {
		if cut, err = f.file(name); err != nil {
			return err
		}
		if cut == nil {
			return fs.ErrNotExist
		}
		// A copy: what is written next must not show in what a frozen disk has.
		data := make([]byte, size)
		copy(data, cut.data)
		cut.data = data
		return nil
	}, nil)
	if err != nil {
		return err
	}
	return f.do(Op{Kind: Sync, Name: name}, cut.sync, cut.lose)
}

// MkdirAll implements vfs.FS.
func (f *FS) MkdirAll(name string) error {
	return f.do(Op{Kind: Mkdir, Name: name}, func() error {
		in := f.root
		for part := range strings.SplitSeq(path.Clean(name), "/") {
			switch next := in.names[part].(type) {
			case *folder:
				in = next
			case *file:
				return syscall.ENOTDIR
			default:
				made := newFolder()
				in.names[part] = made
				in = made
			}
		}
		return nil
	}, nil)
}

// List implements vfs.FS.
func (f *FS) List(name string) (entries []fs.DirEntry, err error) {
	err = f.do(Op{Kind: List, Name: name}, func() error {
		in, err := f.folder(name)
		if err != nil {
			return err
		}
		for _, base := range slices.Sorted(maps.Keys(in.names)) {
			entries = append(entries, fs.FileInfoToDirEntry(info{base, in.names[base]}))
		}
		return nil
	}, nil)
	if isNotExist(err) {
		return nil, nil
	}
	return entries, err
}

// SyncDir implements vfs.FS.
func (f *FS) SyncDir(name string) error {
	var in *folder
	return f.do(Op{Kind: SyncDir, Name: name}, func() (err error) {
		if in, err = f.folder(name); err == nil {
			in.sync()
		}
		return err
	}, func(error) {
		if in, err := f.folder(name); err == nil {
			in.lose()
		}
	})
}

// Path implements vfs.FS.
func (f *FS) Path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }
