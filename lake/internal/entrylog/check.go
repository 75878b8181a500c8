package entrylog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Check reads the whole log and returns what is wrong with it, a sentence each:
// every entry, every checkpoint's signature and tree hash, every tile and
// bundle, and files that do not belong there. fn, if not nil, sees every entry
// that the newest checkpoint covers.
func Check(fsys vfs.FS, key note.Verifier, fn func(Entry)) []string {
	c := &checker{fsys: fsys, key: key, hashes: &hashes{fresh: map[int64]tlog.Hash{}}, expected: map[string]bool{
		EntriesFile: true, CheckpointsFile: true, CheckpointFile: true,
	}}
	c.checkEntries(fn)
	c.checkCheckpoints()
	c.checkTiles()
	c.checkBundles()
	c.checkStrays()
	return c.problems
}

type checker struct {
	fsys     vfs.FS
	key      note.Verifier
	hashes   *hashes
	entries  [][]byte
	expected map[string]bool
	problems []string
}

func (c *checker) report(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) checkEntries(fn func(Entry)) {
	f, err := c.fsys.Open(EntriesFile)
	if err != nil {
		c.report("%s: %v", EntriesFile, err)
		return
	}
	defer f.Close()
	if err := checkMagic(f, EntriesFile, entriesMagic); err != nil {
		c.report("%s: %v", EntriesFile, err)
		return
	}
	covered, _ := Latest(c.fsys, c.key)
	end, err := scanTail(f, Position{}, 0, func(e Entry) error {
		c.entries = append(c.entries, e.Payload)
		if fn != nil && e.Index < covered.Size {
			fn(e)
		}
		return c.hashes.add(e.Index, e.Payload)
	})
	if err != nil {
		c.report("%s: %v", EntriesFile, err)
	}
	if size, err := f.Size(); err != nil || size != end.Bytes {
		c.report("%s: entry %d at byte %d is damaged; %d bytes follow", EntriesFile, end.Size, end.Bytes, size-end.Bytes)
	}
}

func (c *checker) checkCheckpoints() {
	var newest Checkpoint
	n := 0
	_, torn, err := Checkpoints(c.fsys, func(signed []byte) error {
		n++
		cp, err := ParseCheckpoint(signed, c.key)
		if err != nil {
			c.report("%s: checkpoint %d: %v", CheckpointsFile, n, err)
			return nil
		}
		if cp.Size <= newest.Size {
			c.report("%s: checkpoint %d of size %d follows one of size %d", CheckpointsFile, n, cp.Size, newest.Size)
		}
		newest = cp
		c.checkRoot(cp)
		return nil
	})
	if err != nil || torn {
		c.report("%s: a checkpoint is damaged behind number %d", CheckpointsFile, n)
	}
	shown, err := vfs.ReadFile(c.fsys, CheckpointFile)
	if err != nil || !bytes.Equal(shown, newest.Note) {
		c.report("%s: is not the newest checkpoint of %s", CheckpointFile, CheckpointsFile)
	}
	if int64(len(c.entries)) != newest.Size {
		c.report("%s: %d entries; the newest checkpoint covers %d", EntriesFile, len(c.entries), newest.Size)
	}
}

func (c *checker) checkRoot(cp Checkpoint) {
	if cp.Size > int64(len(c.entries)) {
		c.report("%s: a checkpoint covers %d entries; there are %d", CheckpointsFile, cp.Size, len(c.entries))
		return
	}
	if root, err := tlog.TreeHash(cp.Size, c.hashes); err != nil || root != cp.Root {
		c.report("%s: the tree hash of %d entries is not the checkpoint's", EntriesFile, cp.Size)
	}
}

// checkTiles compares the tiles of the present size with the computed ones.
func (c *checker) checkTiles() {
	for _, t := range tlog.NewTiles(tileHeight, 0, int64(len(c.entries))) {
		want, err := tlog.ReadTileData(t, c.hashes)
		if err != nil {
			c.report("%s: %v", tilePath(t), err)
			continue
		}
		c.compare(tilePath(t), want)
	}
}

func (c *checker) checkBundles() {
	for i := 0; i < len(c.entries); i += tileWidth {
		part := c.entries[i:min(i+tileWidth, len(c.entries))]
		c.compare(bundlePath(int64(i/tileWidth), len(part)), bundle(part))
	}
}

func (c *checker) compare(name string, want []byte) {
	c.expected[name] = true
	got, err := vfs.ReadFile(c.fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.report("%s: is missing", name)
	case err != nil:
		c.report("%s: %v", name, err)
	case !bytes.Equal(got, want):
		c.report("%s: differs from the log's entries", name)
	}
}

// checkStrays reports files that are no part of the log. What an interrupted
// write left under a temporary name is harmless.
func (c *checker) checkStrays() {
	err := vfs.Walk(c.fsys, Dir, func(path string, _ fs.DirEntry) error {
		if !c.expected[path] && !strings.HasSuffix(path, ".tmp") && !c.stalePartial(path) {
			c.report("%s: is no part of the log", path)
		}
		return nil
	})
	if err != nil {
		c.report("%s: %v", Dir, err)
	}
}

// stalePartial reports whether the file is a partial tile or bundle that a
// crash left behind: of a smaller size, and true to the entries.
func (c *checker) stalePartial(name string) bool {
	if !strings.Contains(name, ".p/") {
		return false
	}
	got, err := vfs.ReadFile(c.fsys, name)
	if err != nil {
		return false
	}
	for i := 0; i < len(c.entries); i += tileWidth {
		for w := 1; w < min(tileWidth, len(c.entries)-i); w++ {
			if name == bundlePath(int64(i/tileWidth), w) {
				return bytes.Equal(got, bundle(c.entries[i:i+w]))
			}
		}
	}
	for n := int64(1); n < int64(len(c.entries)); n++ {
		for _, t := range tlog.NewTiles(tileHeight, n-1, n) {
			if name == tilePath(t) {
				want, err := tlog.ReadTileData(t, c.hashes)
				return err == nil && bytes.Equal(got, want)
			}
		}
	}
	return false
}
