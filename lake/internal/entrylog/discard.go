package entrylog

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// ErrNotUnfinished means that a folder holds other things than what an
// interrupted Create leaves.
var ErrNotUnfinished = errors.New("holds more than the beginning of a log")

// Unfinished looks whether the log's folder holds nothing, or nothing but what
// an interrupted Create left: a log of at most one entry. It returns its files,
// or ErrNotUnfinished.
func Unfinished(fsys vfs.FS) (files []string, err error) {
	known := map[string]bool{
		EntriesFile: true, CheckpointsFile: true, CheckpointFile: true,
		bundlePath(0, 1): true, tilePath(tlog.Tile{H: tileHeight, W: 1}): true,
	}
	err = vfs.Walk(fsys, Dir, func(path string, _ fs.DirEntry) error {
		if !known[strings.TrimSuffix(path, ".tmp")] {
			return fmt.Errorf("%w: %s", ErrNotUnfinished, path)
		}
		files = append(files, path)
		return nil
	})
	if err != nil || len(files) == 0 {
		return nil, err
	}
	if err := atMostOne(fsys); err != nil {
		return nil, err
	}
	return files, nil
}

// atMostOne checks that there is a log of at most one entry.
func atMostOne(fsys vfs.FS) error {
	f, err := fsys.Open(EntriesFile)
	if err != nil {
		// It is made before the other files.
		return fmt.Errorf("%w: %w", ErrNotUnfinished, err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	begin := make([]byte, min(size, magicLen))
	if _, err := f.ReadAt(begin, 0); err != nil {
		return err
	}
	if !strings.HasPrefix(entriesMagic, string(begin)) {
		return fmt.Errorf("%w: %s is no log", ErrNotUnfinished, EntriesFile)
	}
	_, next, err := readFrame(f, magicLen)
	if err == nil && next < size {
		return fmt.Errorf("%w: %s has more than one entry", ErrNotUnfinished, EntriesFile)
	}
	return nil
}
