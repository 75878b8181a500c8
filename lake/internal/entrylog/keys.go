package entrylog

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Key is a key that signs checkpoints, and from which size of the log on.
type Key struct {
	note.Verifier
	// From is the size of the first checkpoint that it signs: behind the entry that
	// names it; 0 for the first key.
	From int64
	// Anew says that the key before it did not sign it in: it was lost.
	Anew bool
}

// Keys are a log's keys in the order of From. A checkpoint is signed by the key of
// its size; the first that a key signs, by the one before it too, unless that was
// lost. So who knows the first key can follow to the last one.
type Keys []Key

// KeyOf returns the key that an entry names, if it names one. The order of
// entries is its business to check; what it cannot read names none.
type KeyOf func(Entry) (Key, bool)

// OneKey are the keys of a log that has that one alone.
func OneKey(v note.Verifier) Keys { return Keys{{Verifier: v}} }

// At returns which of the keys signs checkpoints of a size; less than zero if
// there are none.
func (k Keys) At(size int64) int {
	at := len(k) - 1
	for at > 0 && k[at].From > size {
		at--
	}
	return at
}

// Open reads a checkpoint and checks that it is signed by whose signatures one of
// its size must have. Other signatures are passed over. What is not signed so is
// returned with the error.
func (k Keys) Open(signed []byte) (Checkpoint, error) {
	c, err := parseUnchecked(signed)
	at := k.At(c.Size)
	if err != nil || at < 0 {
		return Checkpoint{}, fmt.Errorf("%w: not a checkpoint", ErrCorrupt)
	}
	needed := Keys{k[at]}
	if at > 0 && k[at].From == c.Size && !k[at].Anew {
		needed = append(needed, k[at-1])
	}
	for _, key := range needed {
		if c.Origin != key.Name() {
			return Checkpoint{}, fmt.Errorf("%w: checkpoint is not one of %s", ErrCorrupt, key.Name())
		}
		if _, err := note.Open(signed, note.VerifierList(key.Verifier)); err != nil {
			return c, fmt.Errorf("%w: checkpoint of size %d: not signed by key %08x: %w", ErrCorrupt, c.Size, key.KeyHash(), err)
		}
	}
	return c, nil
}

// Newest returns the newest checkpoint that readers see, checked with the keys
// that the log's own entries name, and these.
func Newest(fsys vfs.FS, keyOf KeyOf) (Checkpoint, Keys, error) {
	shown, err := Shown(fsys)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	keys, err := readKeys(fsys, shown.Size, keyOf)
	if err != nil {
		return Checkpoint{}, keys, err
	}
	shown, err = keys.Open(shown.Note)
	return shown, keys, err
}

// Consistency proves that the tree of the first old entries is the beginning of that
// of the first size ones, from the tiles of a checkpoint of at least that size.
func Consistency(fsys vfs.FS, newest Checkpoint, old, size int64) (proof []tlog.Hash, err error) {
	if old < 0 || old > size || size > newest.Size {
		return nil, fmt.Errorf("no log grows from %d entries to %d, with %d there are", old, size, newest.Size)
	}
	if old == 0 || old == size {
		return nil, nil
	}
	return tlog.ProveTree(size, old, published(fsys, newest.Size, newest.Root))
}

// readKeys returns the keys that the first entries name, as far as they can be read.
func readKeys(fsys vfs.FS, size int64, keyOf KeyOf) (keys Keys, err error) {
	_, err = Scan(fsys, Position{}, size, func(e Entry) error {
		if k, ok := keyOf(e); ok {
			keys = append(keys, k)
		}
		return nil
	})
	return keys, err
}
