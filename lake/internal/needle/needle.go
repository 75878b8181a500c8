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
	"iter"
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
	kind           []byte
	offset, length int64
	sum            []byte // SHA-256
}

// startBytes hold the header, and in a small segment the first filters too.
const startBytes = 4 << 10

// begun is a file whose first bytes were read: who looks into thousands of files reads
// each of them once.
type begun struct {
	io.ReaderAt
	start []byte
}

func begin(r io.ReaderAt) (*begun, error) {
	b := &begun{r, make([]byte, startBytes)}
	n, err := r.ReadAt(b.start, 0)
	if b.start = b.start[:n]; n < len(magic)+8 {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return b, nil
}

// read returns the bytes of the file from an offset on.
func (b *begun) read(offset, length int64) ([]byte, error) {
	if end := offset + length; end <= int64(len(b.start)) {
		return bytes.Clone(b.start[offset:end]), nil // a filter is kept, and not what stands around it
	}
	some := make([]byte, length)
	if n, err := b.ReadAt(some, offset); n < len(some) {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return some, nil
}

// sections reads the header, checks its hash, and returns what it lists.
func (b *begun) sections(want [sha256.Size]byte) (iter.Seq[section], error) {
	const before = len(magic) + 8
	size := binary.LittleEndian.Uint32(b.start[len(magic):])
	// Ten kinds take 700 bytes; the limit keeps a damaged length harmless.
	if size < uint32(before) || size > 1<<16 {
		return nil, ErrCorrupt
	}
	h, err := b.read(0, int64(size))
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(h) != want {
		return nil, fmt.Errorf("%w: the header is not the one in the log", ErrCorrupt)
	}
	// What was hashed when it was sealed is well formed.
	return func(yield func(section) bool) {
		at, rest := int64(size), h[before:]
		for len(rest) > 0 {
			name := 2 + int(binary.LittleEndian.Uint16(rest))
			end := name + 8 + sha256.Size
			length := int64(binary.LittleEndian.Uint32(rest[name+4:]))
			if !yield(section{rest[2:name], at, length, rest[name+8 : end]}) {
				return
			}
			at, rest = at+length, rest[end:]
		}
	}, nil
}

// Load reads the filter of one kind, checked against the header's hash from
// the log. A kind that the file does not have may hold anything: nil, nil.
func Load(r io.ReaderAt, header [sha256.Size]byte, kind string) (*Filter, error) {
	file, err := begin(r)
	if err != nil {
		return nil, err
	}
	sections, err := file.sections(header)
	if err != nil {
		return nil, err
	}
	for s := range sections {
		if string(s.kind) == kind {
			return s.load(file)
		}
	}
	return nil, nil
}

func (s section) load(file *begun) (*Filter, error) {
	b, err := file.read(s.offset, s.length)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); !bytes.Equal(sum[:], s.sum) {
		return nil, fmt.Errorf("%w: filter %s is not the one that was sealed", ErrCorrupt, s.kind)
	}
	return decode(b)
}

// Check reads the whole file and returns an error if any byte of it is not
// what was sealed.
func Check(r io.ReaderAt, size int64, header [sha256.Size]byte) error {
	file, err := begin(r)
	if err != nil {
		return err
	}
	sections, err := file.sections(header)
	if err != nil {
		return err
	}
	end := size
	for s := range sections {
		if _, err := s.load(file); err != nil {
			return err
		}
		end = s.offset + s.length
	}
	if end != size {
		return fmt.Errorf("%w: %d bytes; the filters end at %d", ErrCorrupt, size, end)
	}
	return nil
}
