package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"
)

// Find returns the rows whose value of a flat text column is this one, or, where it
// is empty, those that have none. Row groups are searched at once, as many as there
// are processors.
func (r *Reader) Find(ctx context.Context, column string, value []byte) (rows []int64, err error) {
	groups := r.file.RowGroups()
	found := make([][]int64, len(groups))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	first := int64(0)
	for i, group := range groups {
		from := first
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			row := from
			return r.chunk(group, column, func(v parquet.Value) error {
				if bytes.Equal(v.ByteArray(), value) {
					found[i] = append(found[i], row)
				}
				row++
				return nil
			})
		})
		first += group.NumRows()
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// Range calls fn with the values of a flat text column in the rows from one up to
// another, which is not among them. The bytes are valid until fn returns.
func (r *Reader) Range(column string, from, to int64, fn func(value []byte) error) error {
	if from < 0 || to > r.Rows() {
		return fmt.Errorf("no rows %d to %d", from, to)
	}
	first := int64(0)
	for _, group := range r.file.RowGroups() {
		rows := group.NumRows()
		if a, b := max(from, first), min(to, first+rows); a < b {
			if err := r.part(group, column, a-first, b-a, fn); err != nil {
				return fmt.Errorf("read column %s: %w", column, err)
			}
		}
		first += rows
	}
	return nil
}

// errEnough ends the reading of a column.
var errEnough = errors.New("enough")

// part calls fn with the values in some rows of a row group.
func (r *Reader) part(g parquet.RowGroup, column string, from, rows int64, fn func(value []byte) error) error {
	leaf, ok := r.file.Schema().Lookup(column)
	if !ok {
		return errors.New("it is not there")
	}
	pages := g.ColumnChunks()[leaf.ColumnIndex].Pages()
	err := pages.SeekToRow(from)
	if err == nil {
		buf := make([]parquet.Value, 256)
		err = readPages(pages, func(p parquet.Page) error {
			return readValues(p.Values(), buf, func(v parquet.Value) error {
				if rows == 0 {
					return errEnough
				}
				rows--
				return fn(v.ByteArray())
			})
		})
	}
	if err = errors.Join(ignoreEnough(err), pages.Close()); err == nil && rows > 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func ignoreEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
