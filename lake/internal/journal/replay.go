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
	all, err := numbers(fsys)
	if err != nil {
		return 0, err
	}
	last = from - 1
	for i, n := range all {
		if n < from {
			continue
		}
		last = n
		if err := replayFile(fsys, n, i == len(all)-1, fn); err != nil {
			return last, err
		}
	}
	return last, nil
}

func replayFile(fsys vfs.FS, number int64, isLast bool, fn func(Batch) error) error {
	f, err := fsys.Open(name(number))
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	at := int64(len(magic))
	err = checkMagic(f, size)
	for err == nil {
		var b Batch
		var next int64
		if b, next, err = readFrame(f, at, size); err == nil {
			at = next
			if err := fn(b); err != nil {
				return err
			}
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case !errors.Is(err, errTorn):
		return fmt.Errorf("read %s: %w", name(number), err)
	case isLast: // nobody was told that it counts
		return nil
	}
	return fmt.Errorf("%w: %s at byte %d", ErrCorrupt, name(number), at)
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
