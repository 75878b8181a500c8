package segment

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"tarn/lake/internal/proof"
	"tarn/schemas"
)

// Reader reads columns of a segment's Parquet file.
type Reader struct{ file *parquet.File }

// OpenReader opens a Parquet file of the given length. It does not own r.
func OpenReader(r io.ReaderAt, size int64) (*Reader, error) {
	f, err := parquet.OpenFile(r, size,
		parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("open Parquet: %w", err)
	}
	return &Reader{f}, nil
}

// Rows returns the number of rows.
func (r *Reader) Rows() int64 { return r.file.NumRows() }

// Texts calls fn with each value of a flat text column, in order of row; nil
// stands for NULL. The bytes are valid until fn returns.
func (r *Reader) Texts(column string, fn func(row int64, value []byte) error) error {
	return r.values(column, func(_ int, row int64, v parquet.Value) error {
		if v.IsNull() {
			return fn(row, nil)
		}
		return fn(row, v.ByteArray())
	})
}

// Numbers calls fn with each value of a flat column of 64-bit integers or times
// that has no NULL, and with the number of its row group.
func (r *Reader) Numbers(column string, fn func(group int, row, value int64) error) error {
	row := int64(0)
	for i, g := range r.file.RowGroups() {
		err := r.pages(g, column, func(p parquet.Page) error {
			values := p.Data()
			if values.Kind() != encoding.Int64 || p.NumNulls() > 0 {
				return fmt.Errorf("there is no number in row %d or behind it", row)
			}
			for _, n := range values.Int64() {
				if err := fn(i, row, n); err != nil {
					return err
				}
				row++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) values(column string, fn func(int, int64, parquet.Value) error) error {
	row := int64(0)
	for i, g := range r.file.RowGroups() {
		err := r.chunk(g, column, func(v parquet.Value) error {
			row++
			return fn(i, row-1, v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// chunk calls fn with the values of a column in one row group.
func (r *Reader) chunk(g parquet.RowGroup, column string, fn func(parquet.Value) error) error {
	buf := make([]parquet.Value, 256)
	return r.pages(g, column, func(p parquet.Page) error { return readValues(p.Values(), buf, fn) })
}

// pages calls fn with the pages of a column in one row group.
func (r *Reader) pages(g parquet.RowGroup, column string, fn func(parquet.Page) error) error {
	leaf, ok := r.file.Schema().Lookup(column)
	if !ok {
		return fmt.Errorf("no column %s", column)
	}
	pages := g.ColumnChunks()[leaf.ColumnIndex].Pages()
	if err := errors.Join(readPages(pages, fn), pages.Close()); err != nil {
		return fmt.Errorf("read column %s: %w", column, err)
	}
	return nil
}

// Raws calls fn with the bytes of each event, in order of time and number. A
// row group is in memory at a time.
func (r *Reader) Raws(fn func(raw []byte) error) error {
	for _, g := range r.file.RowGroups() {
		events, err := r.events(g)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := fn(e.Raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// Events returns the events with their leaf hashes, in order of time. A row group
// is in memory at a time; the bytes stay valid.
func (r *Reader) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, g := range r.file.RowGroups() {
			events, err := r.events(g)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				e.Leaf = proof.Leaf(e.Raw)
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// events returns a row group's events in order of time and number.
func (r *Reader) events(g parquet.RowGroup) ([]Event, error) {
	events := make([]Event, g.NumRows())
	for column, set := range map[string]func(*Event, parquet.Value){
		schemas.EventTime: func(e *Event, v parquet.Value) { e.Time = v.Int64() },
		schemas.Seq:       func(e *Event, v parquet.Value) { e.Seq = v.Int64() },
		schemas.Raw:       func(e *Event, v parquet.Value) { e.Raw = bytes.Clone(v.ByteArray()) },
	} {
		if err := r.fill(g, column, events, set); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Seq, b.Seq))
	})
	return events, nil
}

// fill sets one column's value in each event of a row group.
func (r *Reader) fill(g parquet.RowGroup, column string, events []Event, set func(*Event, parquet.Value)) error {
	n := 0
	err := r.chunk(g, column, func(v parquet.Value) error {
		if n == len(events) {
			return fmt.Errorf("more than %d values", n)
		}
		set(&events[n], v)
		n++
		return nil
	})
	if err == nil && n < len(events) {
		err = fmt.Errorf("column %s: %d values; want %d", column, n, len(events))
	}
	return err
}

func readPages(pages parquet.Pages, fn func(parquet.Page) error) error {
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = fn(page)
		// The values alias the page, so it goes only now.
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func readValues(r parquet.ValueReader, buf []parquet.Value, fn func(parquet.Value) error) error {
	for {
		n, err := r.ReadValues(buf)
		for _, v := range buf[:n] {
			if err := fn(v); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
