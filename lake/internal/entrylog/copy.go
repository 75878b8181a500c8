package entrylog

import (
	"errors"
	"fmt"
	"io/fs"

	"tarn/internal/vfs"
)

// Copy is a log that grows by what another one has: a backup's. It signs nothing,
// and at any moment it is the other log as of one of its checkpoints.
type Copy struct {
	log  *Log
	keys Keys
}

// CreateCopy starts a copy, in place of what an interrupted one left.
func CreateCopy(fsys vfs.FS, keys Keys) (*Copy, error) {
	err := vfs.Walk(fsys, Dir, func(path string, _ fs.DirEntry) error { return fsys.Remove(path) })
	if err != nil {
		return nil, err
	}
	l, err := Create(fsys, nil)
	if err != nil {
		return nil, err
	}
	return &Copy{l, keys}, nil
}

// OpenCopy opens a copy that has a checkpoint.
func OpenCopy(fsys vfs.FS, keys Keys) (*Copy, error) {
	l, err := Open(fsys, nil, keys, Position{}, func(Entry) error { return nil })
	if err != nil {
		return nil, err
	}
	return &Copy{l, keys}, nil
}

// Size is the size of the newest checkpoint; zero if there is none yet.
func (c *Copy) Size() int64 { return c.log.published }

// Of reports whether the copy is the beginning of a log, by that one's checkpoints.
func (c *Copy) Of(from vfs.FS) (bool, error) {
	if c.Size() == 0 {
		return true, nil
	}
	newest, err := Latest(c.log.fsys, c.keys)
	if err != nil {
		return false, err
	}
	found := false
	_, _, err = Checkpoints(from, func(signed []byte) error {
		found = found || string(signed) == string(newest.Note)
		return nil
	})
	return found, err
}

// Follow brings the copy up to a checkpoint of the other log, whose size is given.
// What the copy was stays readable until it is what it is to be.
func (c *Copy) Follow(from vfs.FS, size int64) error {
	l := c.log
	if size == l.published {
		return nil
	}
	if _, err := Scan(from, l.pos, size, func(e Entry) error { return l.Append(e.Payload) }); err != nil {
		return err
	}
	root, err := l.lay()
	if err != nil {
		return err
	}
	newest, err := c.copyCheckpoints(from, size)
	if err != nil {
		return err
	}
	if newest.Root != root {
		return fmt.Errorf("%w: the entries' tree hash is not the checkpoint's at size %d", ErrCorrupt, size)
	}
	// All at once: one between the old and the new would be one of which there is
	// no backup. What is shown is never ahead of what is kept.
	if err := l.fsys.Rename(newCheckpoints, CheckpointsFile); err != nil {
		return err
	}
	if err := l.fsys.SyncDir(Dir); err != nil {
		return err
	}
	if err := l.show(newest.Note); err != nil {
		return err
	}
	l.shown(root)
	return nil
}

const newCheckpoints = CheckpointsFile + ".tmp"

// copyCheckpoints writes a file of the checkpoints up to that size and returns the
// last.
func (c *Copy) copyCheckpoints(from vfs.FS, size int64) (newest Checkpoint, err error) {
	fsys := c.log.fsys
	if err := ignoreMissing(fsys.Remove(newCheckpoints)); err != nil {
		return newest, err
	}
	f, err := fsys.Create(newCheckpoints)
	if err != nil {
		return newest, err
	}
	last, err := writeCheckpoints(from, f, size)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return newest, err
	}
	return c.keys.Open(last)
}

var errReached = errors.New("reached")

func writeCheckpoints(from vfs.FS, to vfs.File, size int64) (last []byte, err error) {
	buf := []byte(checkpointsMagic)
	_, _, err = Checkpoints(from, func(signed []byte) error {
		if buf = appendFrame(buf, signed); len(buf) > 1<<16 {
			if _, err := to.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
		last = signed
		if c, err := parseUnchecked(signed); err == nil && c.Size == size {
			return errReached
		}
		return nil
	})
	if err == nil {
		err = fmt.Errorf("%w: %s holds no checkpoint of size %d", ErrCorrupt, CheckpointsFile, size)
	}
	if err = ignore(err, errReached); err != nil {
		return nil, err
	}
	_, err = to.Write(buf)
	return last, err
}

// Close closes the files.
func (c *Copy) Close() error { return c.log.Close() }
