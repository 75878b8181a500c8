package columns

import (
	"bytes"
	"hash/maphash"

	"github.com/apache/arrow-go/v18/parquet"
)

// dictionary numbers the distinct values of a leaf in the order of their coming.
// Arrow's own costs four times as much a value: most of what a segment's
// columns hold are values seen before.
type dictionary struct {
	seed   maphash.Seed
	values []parquet.ByteArray
	hashes []uint32 // of the values
	table  []int32  // 1 + the number of a value, at its hash or behind it
	last   int32    // the number given last: what comes next is often the same
	bytes  int      // of the values as Parquet writes them, each with its length
}

// firstTable is the size of a table at first; tables are powers of two.
const firstTable = 64

func newDictionary() *dictionary { return &dictionary{seed: maphash.MakeSeed()} }

// number returns the value's number.
func (d *dictionary) number(v []byte) int32 {
	if int(d.last) < len(d.values) && bytes.Equal(d.values[d.last], v) {
		return d.last
	}
	d.last = d.find(v)
	return d.last
}

// find looks the value up, or takes it in.
func (d *dictionary) find(v []byte) int32 {
	if 2*len(d.values) >= len(d.table) {
		d.grow()
	}
	h := uint32(maphash.Bytes(d.seed, v))
	mask := uint32(len(d.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := d.table[i] - 1
		if n < 0 {
			d.table[i] = int32(len(d.values)) + 1
			d.values = append(d.values, v)
			d.hashes = append(d.hashes, h)
			d.bytes += len(v) + 4
			return int32(len(d.values)) - 1
		}
		if d.hashes[n] == h && bytes.Equal(d.values[n], v) {
			return n
		}
	}
}

func (d *dictionary) grow() {
	d.table = make([]int32, max(firstTable, 2*len(d.table)))
	mask := uint32(len(d.table) - 1)
	for n, h := range d.hashes {
		i := h & mask
		for d.table[i] != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = int32(n) + 1
	}
}

// add takes the value in, and reports whether it is new.
func (d *dictionary) add(v []byte) bool {
	before := len(d.values)
	return int(d.number(v)) == before
}

// largeTable is the size of a table from which its memory is not kept: one event
// in millions needs so many.
const largeTable = 256 << 10

// reset forgets the values and keeps the memory, unless there is much of it.
func (d *dictionary) reset() {
	if len(d.table) >= largeTable {
		*d = dictionary{seed: d.seed}
		return
	}
	clear(d.values) // so that raw events can go
	clear(d.table)
	d.values, d.hashes, d.bytes, d.last = d.values[:0], d.hashes[:0], 0, 0
}
