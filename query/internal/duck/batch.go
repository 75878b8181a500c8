package duck

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Batch is some rows of a result, all text, column by column, as one piece of
// bytes that may go through a pipe: the number of rows and of columns, then for
// each column the end of each value, with the highest bit set for NULL, and the
// values.
type Batch struct {
	rows    int
	columns []texts
}

// texts are the values of a column.
type texts struct{ ends, data string }

const (
	batchBytes = 1 << 20   // of a batch, if a row is not larger
	rowBytes   = 256 << 20 // of a row
	nullBit    = 1 << 31
)

// Rows is the number of rows.
func (b Batch) Rows() int { return b.rows }

// Columns is the number of columns.
func (b Batch) Columns() int { return len(b.columns) }

// Value returns the text of a value; NULL has none.
func (b Batch) Value(column, row int) (text string, ok bool) {
	c := b.columns[column]
	end := word(c.ends, row)
	from := uint32(0)
	if row > 0 {
		from = word(c.ends, row-1) &^ nullBit
	}
	return c.data[from : end&^nullBit], end&nullBit == 0
}

func word(s string, i int) uint32 {
	s = s[4*i : 4*i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// ReadBatch reads what [Batch.Append] wrote. It trusts nothing.
func ReadBatch(s string) (Batch, error) {
	broken := fmt.Errorf("a batch of rows is broken")
	if len(s) < 8 {
		return Batch{}, broken
	}
	rows, columns := int(word(s, 0)), int(word(s, 1))
	s = s[8:]
	if columns > len(s)/4 || rows > len(s)/4 && columns > 0 {
		return Batch{}, broken
	}
	b := Batch{rows, make([]texts, columns)}
	for i := range b.columns {
		if len(s) < 4*rows {
			return Batch{}, broken
		}
		ends := s[:4*rows]
		last := uint32(0)
		for row := range rows {
			end := word(ends, row) &^ nullBit
			if end < last {
				return Batch{}, broken
			}
			last = end
		}
		s = s[len(ends):]
		if uint64(last) > uint64(len(s)) {
			return Batch{}, broken
		}
		b.columns[i] = texts{ends, s[:last]}
		s = s[last:]
	}
	if len(s) > 0 {
		return Batch{}, broken
	}
	return b, nil
}

// Append appends the batch to b.
func (t Batch) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(t.rows))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(t.columns)))
	for _, c := range t.columns {
		b = append(b, c.ends...)
		b = append(b, c.data...)
	}
	return b
}

// MaxBatch is the most bytes that a batch has.
const MaxBatch = rowBytes + batchBytes

// vector is a column of a chunk: texts of the engine, or of values that were written
// here.
type vector struct {
	values  []text
	written [][]byte
	valid   []uint64 // a bit for each value; nil if there is no NULL
}

// text is DuckDB's string: up to twelve bytes lie in it, longer ones elsewhere.
type text struct {
	length uint32
	prefix [4]byte
	data   unsafe.Pointer
}

const inlined = 12

func (t *text) bytes() []byte {
	if t.length <= inlined {
		return unsafe.Slice(&t.prefix[0], t.length)
	}
	return unsafe.Slice((*byte)(t.data), t.length)
}

func (v vector) null(row int) bool { return v.valid != nil && v.valid[row/64]&(1<<(row%64)) == 0 }

func (v vector) length(row int) int {
	switch {
	case v.null(row):
		return 0
	case v.written != nil:
		return len(v.written[row])
	}
	return int(v.values[row].length)
}

// bytes is a value that is not NULL.
func (v vector) bytes(row int) []byte {
	if v.written != nil {
		return v.written[row]
	}
	return v.values[row].bytes()
}

// batchOf copies rows of a chunk of texts and of what is plain, from the first on and before the
// last, as many as make a batch.
func batchOf(chunk bindings.DataChunk, first, last int) (Batch, error) {
	vectors := make([]vector, bindings.DataChunkGetColumnCount(chunk))
	size := int(bindings.DataChunkGetSize(chunk))
	for i := range vectors {
		var err error
		if vectors[i], err = vectorOf(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)), size); err != nil {
			return Batch{}, fmt.Errorf("column %d of the rows %w", i+1, err)
		}
	}
	row, total := first, 0
	for ; row < last; row++ {
		n := 0
		for _, v := range vectors {
			n += 4 + v.length(row)
		}
		if n > rowBytes {
			return Batch{}, &Error{Kind: Memory, Msg: fmt.Sprintf("a row has %d bytes; %d is the most", n, rowBytes)}
		}
		if row > first && total+n > batchBytes {
			break
		}
		total += n
	}
	b := Batch{row - first, make([]texts, len(vectors))}
	for i, v := range vectors {
		b.columns[i] = v.copied(first, row)
	}
	return b, nil
}

// vectorOf looks at the type, so that no other bytes are taken for strings.
func vectorOf(from bindings.Vector, size int) (v vector, err error) {
	if valid := bindings.VectorGetValidity(from); valid != nil {
		v.valid = unsafe.Slice((*uint64)(valid), (size+63)/64)
	}
	logical := bindings.VectorGetColumnType(from)
	defer bindings.DestroyLogicalType(&logical)
	data := bindings.VectorGetData(from)
	if t := bindings.GetTypeId(logical); t == bindings.TypeVarchar {
		v.values = unsafe.Slice((*text)(data), size)
	} else if v.written = v.write(t, data, size); v.written == nil {
		err = errors.New("is neither text nor plain")
	}
	return v, err
}

// copied is the part of a column that a batch has.
func (v vector) copied(first, last int) texts {
	total := 0
	for row := first; row < last; row++ {
		total += v.length(row)
	}
	ends, data := make([]byte, 0, 4*(last-first)), make([]byte, 0, total)
	for row := first; row < last; row++ {
		end := uint32(0)
		if v.null(row) {
			end = nullBit
		} else {
			data = append(data, v.bytes(row)...)
		}
		ends = binary.LittleEndian.AppendUint32(ends, end|uint32(len(data)))
	}
	return texts{asText(ends), asText(data)}
}

// asText is the bytes as a string without a copy; they are not written again.
func asText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
