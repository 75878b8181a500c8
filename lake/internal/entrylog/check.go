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

// Checked is what Check read: the entries that the newest checkpoint covers.
type Checked struct {
	Newest   Checkpoint
	Entries  []Entry
	Problems []string
}

// Check reads the whole log and says what is wrong with it, a sentence each:
// every covered entry, every checkpoint's signature and tree hash, every tile
// and bundle, and files that do not belong there. A writer may go on meanwhile;
// then the log is checked again as of its newer checkpoint.
func Check(fsys vfs.FS, key note.Verifier) Checked {
	for range 10 {
		newest, err := Latest(fsys, key)
		if err != nil {
			newest = lastKept(fsys, key)
		}
		c := &checker{fsys: fsys, key: key, newest: newest, hashes: &hashes{fresh: map[int64]tlog.Hash{}},
			expected: map[string]bool{EntriesFile: true, CheckpointsFile: true, CheckpointFile: true}}
		if err != nil {
			c.report("%s: %v", CheckpointFile, err)
		}
		c.check()
		again, err := Latest(fsys, key)
		if err != nil || again.Size == newest.Size || len(c.problems) == 0 {
			return Checked{newest, c.entries, c.problems}
		}
	}
	return Checked{Problems: []string{Dir + ": grows too fast to be checked; verify when nobody writes"}}
}

// lastKept returns the newest of all checkpoints ever signed: where the shown one
// is damaged, that must not hide what the log says.
func lastKept(fsys vfs.FS, key note.Verifier) (newest Checkpoint) {
	_, _, _ = Checkpoints(fsys, func(signed []byte) error {
		if cp, err := ParseCheckpoint(signed, key); err == nil && cp.Size > newest.Size {
			newest = cp
		}
		return nil
	})
	return newest
}

type checker struct {
	fsys     vfs.FS
	key      note.Verifier
	newest   Checkpoint
	hashes   *hashes
	entries  []Entry
	expected map[string]bool
	problems []string
}

func (c *checker) check() {
	c.checkEntries()
	c.checkCheckpoints()
	c.checkTiles()
	c.checkBundles()
	c.checkStrays()
}

func (c *checker) report(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) checkEntries() {
	// Without a checkpoint, whatever is there is looked at.
	_, err := Scan(c.fsys, Position{}, c.newest.Size, func(e Entry) error {
		c.entries = append(c.entries, e)
		return c.hashes.add(e.Index, e.Payload)
	})
	if err != nil {
		c.report("%s: %v", EntriesFile, err)
	}
}

func (c *checker) checkCheckpoints() {
	var last Checkpoint
	n := 0
	end, torn, err := Checkpoints(c.fsys, func(signed []byte) error {
		n++
		cp, err := ParseCheckpoint(signed, c.key)
		switch {
		case err != nil:
			c.report("%s: checkpoint %d: %v", CheckpointsFile, n, err)
			return nil
		case cp.Size <= last.Size:
			c.report("%s: checkpoint %d of size %d follows one of size %d", CheckpointsFile, n, cp.Size, last.Size)
		case cp.Size <= c.newest.Size: // a later one is a writer's at this moment
			c.checkRoot(cp)
		}
		if cp.Size == c.newest.Size && !bytes.Equal(cp.Note, c.newest.Note) {
			c.report("%s: differs from the checkpoint of its size in %s", CheckpointFile, CheckpointsFile)
		}
		last = cp
		return nil
	})
	if torn && err == nil && last.Size >= c.newest.Size && last.Size > 0 {
		// Behind the checkpoint that is shown, a power cut may have left the part of
		// one that nobody was told of; the next writer cuts it off.
		torn, err = interruptedAt(c.fsys, end)
		torn = !torn
	}
	if err != nil || torn {
		c.report("%s: a checkpoint is damaged behind number %d", CheckpointsFile, n)
	}
	if last.Size < c.newest.Size {
		c.report("%s: ends at size %d; %s is of size %d", CheckpointsFile, last.Size, CheckpointFile, c.newest.Size)
	}
}

func (c *checker) checkRoot(cp Checkpoint) {
	if cp.Size > int64(len(c.entries)) {
		return // the missing entry is reported
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
		part := c.payloads(i, min(i+tileWidth, len(c.entries)))
		c.compare(bundlePath(int64(i/tileWidth), len(part)), bundle(part))
	}
}

func (c *checker) payloads(from, to int) (out [][]byte) {
	for _, e := range c.entries[from:to] {
		out = append(out, e.Payload)
	}
	return out
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
		if !c.expected[path] && !strings.HasSuffix(path, ".tmp") && !c.stalePartial(path) && !c.later(path) {
			c.report("%s: is no part of the log", path)
		}
		return nil
	})
	if err != nil {
		c.report("%s: %v", Dir, err)
	}
}

// later reports whether the file is a tile or bundle of a larger tree: a writer
// makes these before its checkpoint, at this moment, or when it was interrupted.
// They count for nothing, and the next writer removes or replaces them.
func (c *checker) later(name string) bool {
	name, ok := strings.CutPrefix(name, tileDir+"/")
	if rest, isBundle := strings.CutPrefix(name, "entries/"); isBundle {
		name = "data/" + rest
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, name))
	if !ok || err != nil {
		return false
	}
	return t.N<<tileHeight+int64(t.W) > c.newest.Size>>(tileHeight*max(t.L, 0))
}

// stalePartial reports whether the file is a partial tile or bundle that a
// crash left behind: of a smaller size, and true to the entries.
func (c *checker) stalePartial(name string) bool {
	if !strings.Contains(name, ".p/") {
		return false
	}
	got, err := vfs.ReadFile(c.fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return true // a writer has removed it
	}
	if err != nil {
		return false
	}
	for i := 0; i < len(c.entries); i += tileWidth {
		for w := 1; w < min(tileWidth, len(c.entries)-i); w++ {
			if name == bundlePath(int64(i/tileWidth), w) {
				return bytes.Equal(got, bundle(c.payloads(i, i+w)))
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
