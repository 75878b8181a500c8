package entrylog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Checked is what Check read: the entries that the newest checkpoint covers, and
// the keys that they name.
type Checked struct {
	Newest Checkpoint
	// Kept is the size of the last checkpoint in log/checkpoints. It is larger than
	// that of the newest where a writer was interrupted before it showed what it had
	// signed; an old copy of log/checkpoint looks the same.
	Kept     int64
	Keys     Keys
	Entries  []Entry
	Problems []string
}

// Check reads the whole log and says what is wrong with it, a sentence each:
// every covered entry, every checkpoint's signatures and tree hash, every tile
// and bundle, and files that do not belong there. A writer may go on meanwhile;
// then the log is checked again as of its newer checkpoint.
func Check(fsys vfs.FS, keyOf KeyOf) Checked {
	for range 10 {
		before, _ := Shown(fsys) // what is wrong with it, Newest says
		newest, keys, err := Newest(fsys, keyOf)
		if err != nil {
			newest, keys = lastKept(fsys, keyOf)
		}
		c := &checker{fsys: fsys, keys: keys, keyOf: keyOf, newest: newest, hashes: &hashes{fresh: map[int64]tlog.Hash{}},
			expected: map[string]bool{EntriesFile: true, CheckpointsFile: true, CheckpointFile: true}}
		if err != nil {
			c.report("%s: %v", CheckpointFile, err)
		}
		c.check()
		again, err := Shown(fsys)
		if err != nil || again.Size == before.Size || len(c.problems) == 0 {
			return Checked{newest, c.kept, keys, c.entries, c.problems}
		}
	}
	return Checked{Problems: []string{Dir + ": grows too fast to be checked; verify when nobody writes"}}
}

// lastKept returns the newest of all checkpoints ever signed: where the shown one
// is damaged, that must not hide what the log says.
func lastKept(fsys vfs.FS, keyOf KeyOf) (newest Checkpoint, keys Keys) {
	// All entries that can be read: a key that was never signed in signs nothing.
	keys, _ = readKeys(fsys, math.MaxInt64, keyOf)
	_, _, _ = Checkpoints(fsys, func(signed []byte) error {
		if cp, err := keys.Open(signed); err == nil && cp.Size > newest.Size {
			newest = cp
		}
		return nil
	})
	return newest, keys
}

type checker struct {
	fsys     vfs.FS
	keys     Keys
	keyOf    KeyOf
	newest   Checkpoint
	kept     int64 // size of the last of log/checkpoints
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
	sizes := map[int64]bool{}
	end, torn, err := Checkpoints(c.fsys, func(signed []byte) error {
		n++
		cp, err := c.keys.Open(signed)
		if err != nil && cp.Size > c.newest.Size {
			// It was interrupted before it was shown, perhaps with the entry of its key.
			all, _ := readKeys(c.fsys, cp.Size, c.keyOf)
			cp, err = all.Open(signed)
		}
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
		sizes[cp.Size] = err == nil
		return nil
	})
	c.kept = last.Size
	c.checkSignedIn(sizes)
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

// checkSignedIn looks for the checkpoints with which one key signs in the next: who
// knows the first key follows from one to the other.
func (c *checker) checkSignedIn(sizes map[int64]bool) {
	for i, k := range c.keys {
		if i > 0 && !k.Anew && k.From <= c.newest.Size && !sizes[k.From] {
			c.report("%s: holds no checkpoint of size %d, with which the key of entry %d would have been signed in", CheckpointsFile, k.From, k.From-1)
		}
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
		if strings.HasPrefix(path, CosignedDir+"/") {
			return nil // what others have signed is checked by who knows them
		}
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
	t, ok := parseTile(name)
	return ok && !within(t, c.newest.Size)
}

// stalePartial reports whether the file is a partial tile or bundle of a smaller
// size, and true to the entries: these stay until the full one is there, for those
// who come with an older checkpoint, and a crash may leave them behind.
func (c *checker) stalePartial(name string) bool {
	t, ok := parseTile(name)
	if !ok || t.W == tileWidth || !within(t, int64(len(c.entries))) {
		return false
	}
	got, err := vfs.ReadFile(c.fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return true // a writer has removed it
	}
	if err != nil {
		return false
	}
	if t.L < 0 {
		first := int(t.N) * tileWidth
		return bytes.Equal(got, bundle(c.payloads(first, first+t.W)))
	}
	want, err := tlog.ReadTileData(t, c.hashes)
	return err == nil && bytes.Equal(got, want)
}
