package entrylog

import (
	"bytes"
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

// longestBeginning is more than a log takes that has one entry, or one
// checkpoint: some 250 bytes each. Two of either take more.
const longestBeginning = 400

// Unfinished looks whether the log's folder holds nothing, or nothing but what an
// interrupted Create left: a log of at most one entry, of which a power cut may
// have kept any part. It returns its files, or ErrNotUnfinished.
func Unfinished(fsys vfs.FS) (files []string, err error) {
	known := map[string]bool{
		EntriesFile: true, CheckpointsFile: true, CheckpointFile: true,
		bundlePath(0, 1): true, tilePath(tlog.Tile{H: tileHeight, W: 1}): true,
	}
	found := map[string]bool{}
	err = vfs.Walk(fsys, Dir, func(path string, _ fs.DirEntry) error {
		if !known[strings.TrimSuffix(path, ".tmp")] {
			return fmt.Errorf("%w: %s", ErrNotUnfinished, path)
		}
		files = append(files, path)
		found[path] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found[CheckpointFile] && !found[EntriesFile] {
		// The entries' name was durable before a checkpoint was shown.
		return nil, fmt.Errorf("%w: %s without %s", ErrNotUnfinished, CheckpointFile, EntriesFile)
	}
	for name, magic := range map[string]string{EntriesFile: entriesMagic, CheckpointsFile: checkpointsMagic} {
		if !found[name] {
			continue
		}
		if err := onlyBegun(fsys, name, magic); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// onlyBegun checks that the file is the beginning of a framed file, or the zeros
// that a power cut leaves where one was to be written.
func onlyBegun(fsys vfs.FS, name, magic string) error {
	content, err := vfs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if len(content) > longestBeginning {
		return fmt.Errorf("%w: %s has %d bytes", ErrNotUnfinished, name, len(content))
	}
	begin := content[:min(len(content), magicLen)]
	if zeros := make([]byte, len(begin)); !strings.HasPrefix(magic, string(begin)) && !bytes.Equal(begin, zeros) {
		return fmt.Errorf("%w: %s is no log", ErrNotUnfinished, name)
	}
	return nil
}

// Discard removes the files that Unfinished found. The entries go last: whatever
// is left if this is interrupted too can still be told from a log that is whole.
func Discard(fsys vfs.FS, files []string) error {
	for _, last := range []bool{false, true} {
		for _, name := range files {
			if (name == EntriesFile) != last {
				continue
			}
			if err := fsys.Remove(name); err != nil {
				return err
			}
		}
		if len(files) > 0 {
			if err := fsys.SyncDir(Dir); err != nil {
				return err
			}
		}
	}
	return nil
}
