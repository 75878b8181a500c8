package tlogproof

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Inner is the extra data of an event's proof: how the event's bytes lead to a tree
// hash in a log entry.
type Inner struct {
	// Which of the segments of a commit, or of the parts of a journal entry, counted
	// from 0.
	Which uint32
	// Row is the event's place in it, counted from 0, of Rows. Path is its inclusion
	// proof (RFC 6962).
	Row, Rows int64
	Path      []Hash
	// Entry is the log entry.
	Entry []byte
}

const (
	magic    = "TARNEVP1"
	maxEntry = 65_535 // as the log has it
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errExtra   = errors.New("its line extra is not that of an event's proof")
)

// Format writes the extra data: FORMAT.md, Event proofs.
func (n Inner) Format() ([]byte, error) {
	b := []byte(magic)
	b = binary.LittleEndian.AppendUint32(b, n.Which)
	b = binary.LittleEndian.AppendUint64(b, uint64(n.Row))
	b = binary.LittleEndian.AppendUint64(b, uint64(n.Rows))
	b = append(b, byte(len(n.Path)))
	for _, h := range n.Path {
		b = append(b, h[:]...)
	}
	out := bytes.NewBuffer(b)
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(n.Entry); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	b = out.Bytes()
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

// parseInner reads extra data. Nothing is checked by it but that it is whole.
func parseInner(extra []byte) (n Inner, err error) {
	const head = len(magic) + 4 + 8 + 8 + 1
	end := len(extra) - 4
	if end < head || string(extra[:len(magic)]) != magic {
		return n, errExtra
	}
	// The same entry can be compressed in many ways: without the sum, some changed
	// bits would make no difference.
	if binary.LittleEndian.Uint32(extra[end:]) != crc32.Checksum(extra[:end], castagnoli) {
		return n, fmt.Errorf("%w: it was damaged", errExtra)
	}
	at := extra[len(magic):end]
	n.Which = binary.LittleEndian.Uint32(at)
	row, rows := binary.LittleEndian.Uint64(at[4:]), binary.LittleEndian.Uint64(at[12:])
	hashes, at := int(at[20]), at[21:]
	if row >= rows || rows > 1<<62 || hashes > maxPath || len(at) < hashes*len(Hash{}) {
		return n, errExtra
	}
	n.Row, n.Rows = int64(row), int64(rows)
	for range hashes {
		n.Path = append(n.Path, Hash(at[:len(Hash{})]))
		at = at[len(Hash{}):]
	}
	n.Entry, err = inflate(at)
	return n, err
}

// inflate returns the entry, and bounds what it may become.
func inflate(packed []byte) ([]byte, error) {
	from := bytes.NewReader(packed)
	entry, err := io.ReadAll(io.LimitReader(flate.NewReader(from), maxEntry+1))
	if err != nil || len(entry) > maxEntry || from.Len() > 0 {
		return nil, fmt.Errorf("%w: its log entry cannot be unpacked", errExtra)
	}
	return entry, nil
}
