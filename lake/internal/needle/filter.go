package needle

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"slices"

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

func hash(value string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, value)
	return h.Sum64()
}

// MayHold reports whether the value may be there; false is certain. A nil
// Filter may hold anything.
func (f *Filter) MayHold(value string) bool {
	if f == nil {
		return true
	}
	return !f.none && f.fuse.Contains(hash(value))
}

func encode(keys map[uint64]struct{}) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list := make([]uint64, 0, len(keys))
	for k := range keys {
		list = append(list, k)
	}
	slices.Sort(list) // the same values give the same file
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
