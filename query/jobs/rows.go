package jobs

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"sort"

	"tarn/lake"
	"tarn/query"
)

// A file of results is blocks of rows, an index with an entry for each block, the
// columns as JSON, and a tail. A value is a number and as many bytes: 0 is NULL, 1 an
// empty text, and so on. So a page anywhere costs one block that is not wanted at most,
// whatever the size of the file.
const (
	blockBytes = 64 << 10 // a block ends with the row that reaches it
	entryBytes = 8 + 8 + 4
	tailBytes  = 8 + 8 + 4 + 4 + 4 + 8
	magic      = "tarnrow1"
)

// errLarge means that there are more results than are kept of one query.
var errLarge = errors.New("the results are too large")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is what the index has of a block.
type entry struct {
	at, row int64 // where it begins, and its first row
	sum     uint32
}

// writer writes a file of results.
type writer struct {
	out   *output
	rows  int64
	block []byte
	first int64 // row of the block
	index []byte
}

func (w *writer) row(values []query.Value) error {
	for _, v := range values {
		if v.Null {
			w.block = append(w.block, 0)
			continue
		}
		w.block = binary.AppendUvarint(w.block, uint64(len(v.Text))+1)
		w.block = append(w.block, v.Text...)
	}
	w.rows++
	if len(w.block) < blockBytes {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.first == w.rows {
		return nil
	}
	w.index = binary.LittleEndian.AppendUint64(w.index, uint64(w.out.n))
	w.index = binary.LittleEndian.AppendUint64(w.index, uint64(w.first))
	w.index = binary.LittleEndian.AppendUint32(w.index, crc32.Checksum(w.block, castagnoli))
	_, err := w.out.Write(w.block)
	w.block, w.first = w.block[:0], w.rows
	if cap(w.block) > 16*blockBytes {
		w.block = nil
	}
	return err
}

// end writes what stands behind the rows; it has no limit.
func (w *writer) end(columns []query.Column) error {
	if err := w.flush(); err != nil && !errors.Is(err, errLarge) {
		return err
	}
	doc, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	at := w.out.n
	b := append(w.index, doc...)
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = binary.LittleEndian.AppendUint64(b, uint64(w.rows))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(w.index)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(doc)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	b = append(b, magic...)
	return w.out.end(b)
}

// Rows are results that are kept. They are a result.Source; Close them.
type Rows struct {
	file    resultFile
	name    string
	columns []query.Column
	index   []entry
	end     int64 // of the blocks
	rows    int64
}

// openRows reads a file of results.
func openRows(f resultFile, name string) (_ *Rows, err error) {
	r := &Rows{file: f, name: name}
	if err := r.readIndex(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

func (r *Rows) damaged(what string) error {
	return fmt.Errorf("%w: %s: %s", lake.ErrCorrupt, r.name, what)
}

func (r *Rows) readIndex() error {
	size, err := r.file.Size()
	if err != nil {
		return err
	}
	tail := make([]byte, tailBytes)
	if size < tailBytes {
		return r.damaged("it is too short")
	}
	if _, err := r.file.ReadAt(tail, size-tailBytes); err != nil {
		return err
	}
	r.end = int64(binary.LittleEndian.Uint64(tail))
	r.rows = int64(binary.LittleEndian.Uint64(tail[8:]))
	n, doc := int64(binary.LittleEndian.Uint32(tail[16:])), int64(binary.LittleEndian.Uint32(tail[20:]))
	if string(tail[28:]) != magic || n%entryBytes != 0 || r.end < 0 || r.end+n+doc != size-tailBytes {
		return r.damaged("its end is not what was written")
	}
	b := make([]byte, n+doc+24) // with the numbers of the tail
	if _, err := r.file.ReadAt(b, r.end); err != nil {
		return err
	}
	if crc32.Checksum(b, castagnoli) != binary.LittleEndian.Uint32(tail[24:]) {
		return r.damaged("its index is not what was written")
	}
	for e := b[:n]; len(e) > 0; e = e[entryBytes:] {
		r.index = append(r.index, entry{int64(binary.LittleEndian.Uint64(e)), int64(binary.LittleEndian.Uint64(e[8:])), binary.LittleEndian.Uint32(e[16:])})
	}
	return json.Unmarshal(b[n:n+doc], &r.columns)
}

// Close lets go of the file.
func (r *Rows) Close() error { return r.file.Close() }

// Columns describes the columns.
func (r *Rows) Columns() []query.Column { return r.columns }

// Count is how many rows there are.
func (r *Rows) Count() int64 { return r.rows }

// Encode is not for rows that are kept: their columns' own types are not.
func (r *Rows) Encode(context.Context, io.Writer, string) (int64, error) {
	return 0, errors.New("rows that are kept are text: ask for the other format when the query is started")
}

// Rows yields all rows; an error is the last thing yielded.
func (r *Rows) Rows(ctx context.Context) iter.Seq2[[]query.Value, error] { return r.From(ctx, 0) }

// From yields the rows from that one on, counted from 0. The slice is used again for
// the next row.
func (r *Rows) From(ctx context.Context, row int64) iter.Seq2[[]query.Value, error] {
	return func(yield func([]query.Value, error) bool) {
		from := sort.Search(len(r.index), func(i int) bool { return r.index[i].row > row }) - 1
		values := make([]query.Value, len(r.columns))
		for i := max(from, 0); i < len(r.index); i++ {
			block, err := r.block(i)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for n := r.index[i].row; len(block) > 0; n++ {
				if block, err = r.take(values, block); err != nil {
					yield(nil, err)
					return
				}
				if n >= row && !yield(values, nil) {
					return
				}
			}
		}
	}
}

// block reads a block and checks it.
func (r *Rows) block(i int) ([]byte, error) {
	end := r.end
	if i+1 < len(r.index) {
		end = r.index[i+1].at
	}
	b := make([]byte, end-r.index[i].at)
	if _, err := r.file.ReadAt(b, r.index[i].at); err != nil {
		return nil, err
	}
	if crc32.Checksum(b, castagnoli) != r.index[i].sum {
		return nil, r.damaged("rows are not what was written")
	}
	return b, nil
}

// take takes a row off a block.
func (r *Rows) take(values []query.Value, b []byte) ([]byte, error) {
	for i := range values {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size)+1 {
			return nil, r.damaged("a row is not what was written")
		}
		b = b[size:]
		if values[i] = (query.Value{Null: true}); n > 0 {
			values[i] = query.Value{Text: string(b[:n-1])}
			b = b[n-1:]
		}
	}
	return b, nil
}
