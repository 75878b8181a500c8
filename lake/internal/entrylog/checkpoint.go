package entrylog

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Checkpoint is a signed statement of the log's size and tree hash, as a C2SP
// tlog-checkpoint: origin, size and root on three lines, signed as a note.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	// Note is the signed text.
	Note []byte
}

func signCheckpoint(signers []note.Signer, size int64, root tlog.Hash) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", signers[0].Name(), size, root)
	return note.Sign(&note.Note{Text: text}, signers...)
}

// parseUnchecked reads a checkpoint and checks no signature.
func parseUnchecked(signed []byte) (Checkpoint, error) {
	text, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := parseText(text + "\n")
	c.Note = signed
	return c, err
}

func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, ErrCorrupt
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, ErrCorrupt
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, ErrCorrupt
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// Shown returns the newest checkpoint that readers see, its signatures unchecked:
// whose must be there, only the entries that it covers tell.
func Shown(fsys vfs.FS) (Checkpoint, error) {
	signed, err := vfs.ReadFile(fsys, CheckpointFile)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseUnchecked(signed)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %s is no checkpoint", err, CheckpointFile)
	}
	return c, nil
}

// Latest returns the newest checkpoint that readers see, checked with the keys.
func Latest(fsys vfs.FS, keys Keys) (Checkpoint, error) {
	shown, err := vfs.ReadFile(fsys, CheckpointFile)
	if err != nil {
		return Checkpoint{}, err
	}
	return keys.Open(shown)
}

// Checkpoints calls fn with every checkpoint ever signed, unchecked, in order.
// It returns the offset behind the last whole one; more bytes may follow that
// are no checkpoint, which torn tells.
func Checkpoints(fsys vfs.FS, fn func(signed []byte) error) (end int64, torn bool, err error) {
	f, err := fsys.Open(CheckpointsFile)
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	if err := checkMagic(f, CheckpointsFile, checkpointsMagic); err != nil {
		return 0, errors.Is(err, errTorn), ignore(err, errTorn)
	}
	at, frames := int64(magicLen), &ahead{r: f}
	for {
		payload, next, err := readFrame(frames, at)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return at, errors.Is(err, errTorn), nil
		}
		if err != nil {
			return at, false, err
		}
		if err := fn(payload); err != nil {
			return at, false, err
		}
		at = next
	}
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// CheckpointsUpTo returns the offset behind the first checkpoint of that size.
func CheckpointsUpTo(fsys vfs.FS, size int64) (int64, error) {
	found := false
	end, _, err := Checkpoints(fsys, func(signed []byte) error {
		if found { // with the frame before
			return errReached
		}
		c, err := parseUnchecked(signed)
		found = err == nil && c.Size == size
		return err
	})
	if err = ignore(err, errReached); err == nil && !found {
		err = fmt.Errorf("%w: %s holds no checkpoint of size %d", ErrCorrupt, CheckpointsFile, size)
	}
	return end, err
}
