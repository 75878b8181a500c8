package lake

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"syscall"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// askForRights is the advice where files cannot be read.
const askForRights = "give the user who runs this the right to read the lake's folder, or look after the disk; then run the same command again"

// unreadable reports whether the system did not let us read what is there: then
// nothing is known about it, neither good nor bad.
func unreadable(err error) bool {
	if errors.Is(err, ErrFar) {
		return true
	}
	var no syscall.Errno
	if !errors.As(err, &no) {
		return errors.Is(err, fs.ErrPermission)
	}
	// With these, something else is there than what was sealed.
	return !slices.Contains([]syscall.Errno{syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP,
		syscall.ENAMETOOLONG, syscall.EINVAL}, no)
}

// reading is the error of reading a segment: that it is damaged, unless the
// system did not let us read it.
func reading(seg Segment, err error) error {
	if err == nil || !unreadable(err) {
		return err
	}
	return hint.Add(fmt.Errorf("segment %s, %s: cannot be read: %w", seg.ID, seg.Day, reason(err)), askForRights)
}

// reason is what the system says, without the path.
func reason(err error) error {
	if errors.Is(err, ErrFar) {
		return err
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		return no
	}
	return fs.ErrPermission
}

// noting is a file system that keeps in mind what could not be read.
type noting struct {
	vfs.FS
	mu     sync.Mutex
	unread map[string]error
}

func (n *noting) note(name string, err error) {
	if err == nil || !unreadable(err) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unread[name] = reason(err)
}

// Open implements [vfs.FS].
func (n *noting) Open(name string) (vfs.File, error) {
	f, err := n.FS.Open(name)
	if err != nil {
		n.note(name, err)
		return nil, err
	}
	return notingFile{f, n, name}, nil
}

// List implements [vfs.FS].
func (n *noting) List(name string) ([]fs.DirEntry, error) {
	entries, err := n.FS.List(name)
	n.note(name, err)
	return entries, err
}

type notingFile struct {
	vfs.File
	fs   *noting
	name string
}

// ReadAt implements [io.ReaderAt].
func (f notingFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		f.fs.note(f.name, err)
	}
	return n, err
}

// Size implements [vfs.File].
func (f notingFile) Size() (int64, error) {
	n, err := f.File.Size()
	f.fs.note(f.name, err)
	return n, err
}

// logUnread is an error if the entries of the log could not be read: without
// them there is nothing to compare anything with.
func (v *verifier) logUnread() error {
	for name, err := range v.disk.unread {
		if name == entrylog.EntriesFile || name == entrylog.Dir {
			return hint.Add(&fs.PathError{Op: "read", Path: name, Err: err}, askForRights)
		}
	}
	return nil
}

// settle takes out of the problems those that only say that a file could not be
// read, and lists these files.
func (v *verifier) settle() {
	doubt := func(p Problem) bool {
		for name := range v.disk.unread {
			if p.Path == name || p.Path == "." || strings.HasPrefix(name, p.Path+"/") {
				return true
			}
		}
		return false
	}
	v.report.Problems = slices.DeleteFunc(v.report.Problems, doubt)
	for name, err := range v.disk.unread {
		v.report.Unread = append(v.report.Unread, Problem{Path: name, What: "could not be read: " + err.Error()})
	}
	for _, list := range [][]Problem{v.report.Problems, v.report.Unread} {
		slices.SortFunc(list, func(a, b Problem) int { return strings.Compare(a.Path+a.What, b.Path+b.What) })
	}
}
