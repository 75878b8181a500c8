package entrylog

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Reader reads single entries and proofs from the tiles, as of one checkpoint.
// While somebody writes, the tiles of an older checkpoint may vanish: then the
// error is fs.ErrNotExist, and a new Reader is needed.
type Reader struct {
	Checkpoint Checkpoint

	fsys vfs.FS
}

// NewReader returns a reader as of a checkpoint that was checked.
func NewReader(fsys vfs.FS, as Checkpoint) *Reader { return &Reader{as, fsys} }

// Bundles is how many bundles the entries are in.
func (r *Reader) Bundles() int64 { return (r.Checkpoint.Size + tileWidth - 1) / tileWidth }

// Bundle returns the entries of a bundle, the first of which is of the number
// first. They are what lies on disk: only a proof tells whether they are in the log.
func (r *Reader) Bundle(n int64) (first int64, entries [][]byte, err error) {
	first = n * tileWidth
	width := int(min(tileWidth, r.Checkpoint.Size-first))
	name := bundlePath(n, width)
	data, err := vfs.ReadFile(r.fsys, name)
	if err != nil {
		return 0, nil, err
	}
	for len(data) >= 2 {
		size := int(binary.BigEndian.Uint16(data))
		if data = data[2:]; size > len(data) {
			break
		}
		entries, data = append(entries, data[:size]), data[size:]
	}
	if len(entries) != width || len(data) > 0 {
		return 0, nil, fmt.Errorf("%w: %s is damaged", ErrCorrupt, name)
	}
	return first, entries, nil
}

// Prove returns the inclusion proof of an entry, by its number. The tiles are
// checked against the checkpoint as they are read.
func (r *Reader) Prove(index int64) ([]tlog.Hash, error) {
	c := r.Checkpoint
	path, err := tlog.ProveRecord(c.Size, index, published(r.fsys, c.Size, c.Root))
	if err != nil {
		return nil, fmt.Errorf("prove log entry %d: %w", index, err)
	}
	return path, nil
}
