package segment

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
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
	return r.values(column, func(row int64, v parquet.Value) error {
		if v.IsNull() {
			return fn(row, nil)
		}
		return fn(row, v.ByteArray())
	})
}

// Numbers calls fn with each value of a flat column of 64-bit integers or times
// that has no NULL.
func (r *Reader) Numbers(column string, fn func(row, value int64) error) error {
	return r.values(column, func(row int64, v parquet.Value) error {
		if v.IsNull() {
			return fmt.Errorf("column %s is NULL in row %d", column, row)
		}
		return fn(row, v.Int64())
	})
}

func (r *Reader) values(column string, fn func(int64, parquet.Value) error) error {
	leaf, ok := r.file.Schema().Lookup(column)
	if !ok {
		return fmt.Errorf("no column %s", column)
	}
	row := int64(0)
	for _, g := range r.file.RowGroups() {
		pages := g.ColumnChunks()[leaf.ColumnIndex].Pages()
		err := readPages(pages, func(v parquet.Value) error {
			row++
			return fn(row-1, v)
		})
		if err = errors.Join(err, pages.Close()); err != nil {
			return fmt.Errorf("read column %s: %w", column, err)
		}
	}
	return nil
}

func readPages(pages parquet.Pages, fn func(parquet.Value) error) error {
	buf := make([]parquet.Value, 256)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = readValues(page.Values(), buf, fn)
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
