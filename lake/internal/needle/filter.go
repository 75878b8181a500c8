package needle

import (
	"encoding/binary"

	"github.com/FastFilter/xorfilter"
)

// Filter answers for one kind of needle in one segment. A filter on disk is,
// little-endian: uint64 seed, uint32 segment length, uint32 segment count, then
// one byte for each fingerprint (segment length × (segment count + 2)); nothing
// at all where there are no values. Keys are the FNV-1a 64 hash of the value,
// the filter is xorfilter's BinaryFuse8; needle_test.go pins both.
type Filter struct {
	fuse xorfilter.BinaryFuse8
	none bool
}

// hash is FNV-1a. The library's goes through an interface for each value, which
// cost an import 2 %.
func hash[T string | []byte](value T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(value) {
		h = (h ^ uint64(value[i])) * 1099511628211
	}
	return h
}

// MayHold reports whether the value may be there; false is certain. A nil
// Filter may hold anything.
func (f *Filter) MayHold(value string) bool {
	if f == nil {
		return true
	}
	return !f.none && f.fuse.Contains(hash(value))
}

// Size is about how many bytes the filter takes in memory.
func (f *Filter) Size() int {
	if f == nil {
		return 0
	}
	return len(f.fuse.Fingerprints)
}

// encode makes a filter of distinct keys in order: the same values give the
// same file.
func encode(list []uint64) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	f, err := xorfilter.PopulateBinaryFuse8(list)
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint64(nil, f.Seed)
	b = binary.LittleEndian.AppendUint32(b, f.SegmentLength)
	b = binary.LittleEndian.AppendUint32(b, f.SegmentCount)
	return append(b, f.Fingerprints...), nil
}

func decode(b []byte) (*Filter, error) {
	if len(b) == 0 {
		return &Filter{none: true}, nil
	}
	if len(b) < 16 {
		return nil, ErrCorrupt
	}
	f := &Filter{}
	f.fuse.Seed = binary.LittleEndian.Uint64(b)
	f.fuse.SegmentLength = binary.LittleEndian.Uint32(b[8:])
	f.fuse.SegmentCount = binary.LittleEndian.Uint32(b[12:])
	f.fuse.SegmentLengthMask = f.fuse.SegmentLength - 1
	f.fuse.SegmentCountLength = f.fuse.SegmentCount * f.fuse.SegmentLength
	f.fuse.Fingerprints = b[16:]
	if uint64(len(f.fuse.Fingerprints)) != uint64(f.fuse.SegmentLength)*(uint64(f.fuse.SegmentCount)+2) {
		return nil, ErrCorrupt
	}
	return f, nil
}
