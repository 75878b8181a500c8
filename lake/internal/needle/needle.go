// Package needle keeps the filters that tell which segments may hold a value:
// one binary fuse filter (8 bits, about 0.4 % false positives, none false
// negatives) for each kind of needle, all kinds of a segment in one file.
//
// The file, little-endian throughout:
//
//	8 bytes   "TARNNDL1"
//	uint32    length of the header, from the start of the file to the first filter
//	uint32    number of kinds, then for each kind:
//	            uint16 length of its name, the name,
//	            uint32 number of distinct values,
//	            uint32 length of its filter,
//	            32 bytes SHA-256 of its filter
//	filters   in the order of the kinds, without gaps; see filter.go
//
// The log entry of the segment carries the SHA-256 of the header. So one kind
// can be loaded and proven true without reading the others.
package needle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const magic = "TARNNDL1"

// ErrCorrupt means that a filter is not the one that was sealed.
var ErrCorrupt = errors.New("needle filters are corrupt")

// Collector gathers the values of a segment. It is not safe for concurrent use.
type Collector struct {
	names []string
	kinds []keys
}

// NewCollector returns a Collector for the kinds, in the order of the file.
func NewCollector(kinds []string) *Collector {
	return &Collector{names: kinds, kinds: make([]keys, len(kinds))}
}

// Add notes that the segment holds the value, for the kind of that number.
func (c *Collector) Add(kind int, value []byte) { c.kinds[kind].add(hash(value)) }

// File returns the file's content and the SHA-256 of its header.
func (c *Collector) File() (content []byte, header [sha256.Size]byte, err error) {
	var filters [][]byte
	h := []byte(magic)
	h = binary.LittleEndian.AppendUint32(h, 0)
	h = binary.LittleEndian.AppendUint32(h, uint32(len(c.names)))
	for i, kind := range c.names {
		list := c.kinds[i].distinct()
		f, err := encode(list)
		if err != nil {
			return nil, header, fmt.Errorf("build needle filter %s: %w", kind, err)
		}
		h = binary.LittleEndian.AppendUint16(h, uint16(len(kind)))
		h = append(h, kind...)
		h = binary.LittleEndian.AppendUint32(h, uint32(len(list)))
		h = binary.LittleEndian.AppendUint32(h, uint32(len(f)))
		sum := sha256.Sum256(f)
		h = append(h, sum[:]...)
		filters = append(filters, f)
	}
	binary.LittleEndian.PutUint32(h[len(magic):], uint32(len(h)))
	return append(h, bytes.Join(filters, nil)...), sha256.Sum256(h), nil
}

// section is one kind's part of the file.
type section struct {
	kind           string
	keys           uint32
	offset, length int64
	sum            [sha256.Size]byte
}

// readHeader reads the header and checks its hash.
func readHeader(r io.ReaderAt, want [sha256.Size]byte) ([]section, error) {
	var start [len(magic) + 8]byte
	if n, err := r.ReadAt(start[:], 0); n < len(start) {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	size := binary.LittleEndian.Uint32(start[len(magic):])
	// Ten kinds take 700 bytes; the limit keeps a damaged length harmless.
	if size < uint32(len(start)) || size > 1<<16 {
		return nil, ErrCorrupt
	}
	h := make([]byte, size)
	if n, err := r.ReadAt(h, 0); n < len(h) {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if sha256.Sum256(h) != want {
		return nil, fmt.Errorf("%w: the header is not the one in the log", ErrCorrupt)
	}
	// What was hashed when it was sealed is well formed.
	var out []section
	at := int64(size)
	for h = h[len(start):]; len(h) > 0; {
		n := int(binary.LittleEndian.Uint16(h))
		s := section{kind: string(h[2 : 2+n]), offset: at}
		h = h[2+n:]
		s.keys, s.length = binary.LittleEndian.Uint32(h), int64(binary.LittleEndian.Uint32(h[4:]))
		copy(s.sum[:], h[8:])
		at += s.length
		h = h[8+sha256.Size:]
		out = append(out, s)
	}
	return out, nil
}

// Load reads the filter of one kind, checked against the header's hash from
// the log. A kind that the file does not have may hold anything: nil, nil.
func Load(r io.ReaderAt, header [sha256.Size]byte, kind string) (*Filter, error) {
	sections, err := readHeader(r, header)
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		if s.kind == kind {
			return s.load(r)
		}
	}
	return nil, nil
}

func (s section) load(r io.ReaderAt) (*Filter, error) {
	b := make([]byte, s.length)
	if n, err := r.ReadAt(b, s.offset); n < len(b) {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if sha256.Sum256(b) != s.sum {
		return nil, fmt.Errorf("%w: filter %s is not the one that was sealed", ErrCorrupt, s.kind)
	}
	return decode(b)
}

// Check reads the whole file and returns an error if any byte of it is not
// what was sealed.
func Check(r io.ReaderAt, size int64, header [sha256.Size]byte) error {
	sections, err := readHeader(r, header)
	if err != nil {
		return err
	}
	end := size
	for i, s := range sections {
		if _, err := s.load(r); err != nil {
			return err
		}
		if i == len(sections)-1 {
			end = s.offset + s.length
		}
	}
	if end != size {
		return fmt.Errorf("%w: %d bytes; the filters end at %d", ErrCorrupt, size, end)
	}
	return nil
}
