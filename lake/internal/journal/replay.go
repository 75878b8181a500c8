package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"tarn/internal/vfs"
)

// Dir is where the journal's files lie.
const Dir = "hot/journal"

// ErrCorrupt means that what was durable is not what was written.
var ErrCorrupt = errors.New("journal is corrupt")

func name(number int64) string { return path.Join(Dir, fmt.Sprintf("%012d", number)) }

// numbers returns the numbers of the files that are there, in order.
func numbers(fsys vfs.FS) ([]int64, error) {
	entries, err := fsys.List(Dir)
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, d := range entries {
		if n, err := strconv.ParseInt(d.Name(), 10, 64); err == nil && path.Join(Dir, d.Name()) == name(n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// Replay calls fn for the batches in the files from a number on, in order, and
// returns the number of the last file; one less than from if there is none. The
// batches' bytes are the caller's.
func Replay(fsys vfs.FS, from int64, fn func(Batch) error) (last int64, err error) {
	last, _, err = replay(fsys, from, fn)
	return last, err
}

// Recover is Replay for who goes on writing: a torn frame at the end of the last
// file, of which nobody was told that it counts, is cut off before another
// follows, and what comes before it is durable from then on.
func Recover(fsys vfs.FS, from int64, fn func(Batch) error) (last int64, err error) {
	last, torn, err := replay(fsys, from, fn)
	switch {
	case err != nil || last < from:
		return last, err
	case torn < 0: // of a write that failed there may be whole frames that were never synced
		return last, keep(fsys, name(last))
	case torn == 0:
		return last, errors.Join(fsys.Remove(name(last)), fsys.SyncDir(Dir))
	}
	return last, fsys.Truncate(name(last), torn)
}

// keep makes durable what stands in a file.
func keep(fsys vfs.FS, name string) error {
	f, err := fsys.Append(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// replay returns where a torn frame of the last file begins, 0 if that was never
// begun rightly; -1 if there is none.
func replay(fsys vfs.FS, from int64, fn func(Batch) error) (last, torn int64, err error) {
	all, err := numbers(fsys)
	if err != nil {
		return 0, -1, err
	}
	last, torn = from-1, -1
	for i, n := range all {
		if n < from {
			continue
		}
		last = n
		if torn, err = replayFile(fsys, n, fn); err != nil {
			return last, torn, err
		}
		if torn >= 0 && i < len(all)-1 {
			return last, torn, fmt.Errorf("%w: %s at byte %d", ErrCorrupt, name(n), torn)
		}
	}
	return last, torn, nil
}

func replayFile(fsys vfs.FS, number int64, fn func(Batch) error) (torn int64, err error) {
	f, err := fsys.Open(name(number))
	if err != nil {
		return -1, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return -1, err
	}
	at := int64(0)
	if err = checkMagic(f, size); err == nil {
		at = int64(len(magic))
	}
	for err == nil {
		var b Batch
		var next int64
		if b, next, err = readFrame(f, at, size); err == nil {
			at = next
			if err := fn(b); err != nil {
				return -1, err
			}
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return -1, nil
	case errors.Is(err, errTorn):
		return at, nil
	}
	return -1, fmt.Errorf("read %s: %w", name(number), err)
}

// checkMagic is errTorn for a file whose making was interrupted.
func checkMagic(f vfs.File, size int64) error {
	if size < int64(len(magic)) {
		return errTorn
	}
	var m [len(magic)]byte
	if _, err := f.ReadAt(m[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(m[:]) != magic && size == int64(len(magic)) {
		return errTorn // it is durable before anything comes behind it
	}
	if string(m[:]) != magic {
		return fmt.Errorf("%w: does not start with %q", ErrCorrupt, magic)
	}
	return nil
}

// Remove removes the files before a number: what they hold stands elsewhere.
func Remove(fsys vfs.FS, before int64) error {
	all, err := numbers(fsys)
	for _, n := range all {
		if n < before {
			if gone := fsys.Remove(name(n)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}
	return err
}
