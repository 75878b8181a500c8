package crashfs

import (
	"errors"
	"fmt"
	"io/fs"
)

// The kinds of operations.
const (
	Create   = "create"
	Append   = "append" // opens, and makes the file if need be
	Open     = "open"
	Read     = "read"
	Size     = "size"
	Write    = "write"
	Sync     = "sync"
	Close    = "close"
	Rename   = "rename"
	Remove   = "remove"
	Truncate = "truncate" // cuts; a Sync of the file follows
	Mkdir    = "mkdir"
	List     = "list"
	SyncDir  = "syncdir"
)

// Op is one operation on the disk. Where it is made to fail, it is not done, but:
// of a write that fails for want of space a half is there, and what a sync that
// fails should have made durable never will be, also if a later one succeeds, for
// so do kernels that mark pages clean after an error.
type Op struct {
	// Kind is one of the constants, Name the file or folder, To a rename's new name.
	Kind, Name, To string
	// Bytes is the length of a write.
	Bytes int
}

// Changes reports whether the operation changes what is on the disk, or what a
// crash leaves of it.
func (o Op) Changes() bool {
	switch o.Kind {
	case Open, Read, Size, Close, List:
		return false
	}
	return true
}

// String is the operation as a line of a trace.
func (o Op) String() string {
	if o.To != "" {
		return fmt.Sprintf("%s %s to %s", o.Kind, o.Name, o.To)
	}
	return o.Kind + " " + o.Name
}

// ErrSkip makes an operation that should be watched succeed without being done:
// a disk that lies, or a program that forgot it.
var ErrSkip = errors.New("leave the operation out")

func (o Op) wrap(err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: o.Kind, Path: o.Name, Err: err}
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
