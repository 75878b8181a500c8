package segment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"tarn/lake/internal/needle"
	"tarn/schemas"
	"tarn/schemas/columns"
)

// Claims are what a segment says of its events beside their bytes.
type Claims struct {
	Family *schemas.Family
	// Format is the segment's.
	Format int
	// Filters are its needle filters by kind.
	Filters map[string]*needle.Filter
	// OneIn, if not zero, compares one column in so many, picked at random.
	OneIn int
}

// Difference is a value that is not what its event says.
type Difference struct {
	// Row is the event's, from 0; -1 where the value is one of a whole row group.
	Row int64
	// Column is the column's path, or the kind of the filter.
	Column string
	// Stands is what stands there, Should what the event says.
	Stands, Should string
	// Filter says that it is not the column but a needle filter that denies the value.
	Filter bool
}

// mostDifferences are reported of one row group: one for each column, and no more.
const mostDifferences = 20

// Compare computes the columns of events of a row group again, and returns what
// differs in the file, the first place of each column. The events are those of the
// rows, which are in order and counted within the group; nil is all of them.
func (r *Reader) Compare(c Claims, group int, rows []int64, events []Event) ([]Difference, error) {
	b := columns.NewBuilder(c.Family)
	for _, e := range events {
		at, ok := columns.Time(e.Raw)
		if !ok {
			at = e.Time
		}
		b.Append(columns.Event{Raw: e.Raw, Time: at, Seq: e.Seq})
	}
	leaves := b.Leaves()
	found := c.hidden(leaves, events)
	first := int64(0)
	for _, n := range r.Groups()[:group] {
		first += n
	}
	for _, at := range r.leaves() {
		i := slices.IndexFunc(leaves, func(l *columns.Leaf) bool { return l.Path == at.path })
		if i < 0 {
			found = append(found, Difference{Row: -1, Column: at.path, Stands: "a column", Should: "no such column"})
			continue
		}
		leaf := leaves[i]
		leaves = slices.Delete(leaves, i, i+1)
		if leaf.Path == schemas.Raw || leaf.Path == schemas.Seq || c.OneIn > 0 && rand.IntN(c.OneIn) > 0 {
			continue
		}
		d, err := r.compareLeaf(group, at.column, leaf, rows)
		if err != nil {
			return nil, fmt.Errorf("read column %s: %w", leaf.Path, err)
		}
		if d != nil {
			d.Row, d.Column = first+d.Row, leaf.Path
			found = append(found, *d)
		}
	}
	for _, l := range leaves {
		if !l.Flat() || c.Format >= 2 {
			found = append(found, Difference{Row: -1, Column: l.Path, Stands: "no column", Should: "one"})
		}
	}
	return found[:min(len(found), mostDifferences)], nil
}

// leafAt is a column of the file: its number, and the path by which
// [columns.Leaf] knows it.
type leafAt struct {
	column int
	path   string
}

func (r *Reader) leaves() (all []leafAt) {
	for i, p := range r.file.Schema().Columns() {
		path := strings.ReplaceAll(strings.Join(p, "."), ".list.element", "")
		all = append(all, leafAt{i, strings.ReplaceAll(path, ".key_value", "")})
	}
	return all
}

// compareLeaf returns the first difference in a column; its row is counted within
// the row group.
func (r *Reader) compareLeaf(group, column int, leaf *columns.Leaf, rows []int64) (*Difference, error) {
	pages := r.file.RowGroups()[group].ColumnChunks()[column].Pages()
	defer pages.Close()
	cells := leaf.Cells()
	row, found := int64(-1), (*Difference)(nil)
	err := stored(pages, rows, func(v parquet.Value) error {
		if v.RepetitionLevel() == 0 {
			row++
		}
		should, ok := cells.Next()
		if !ok || !sameCell(v, should) {
			found = &Difference{Row: row, Stands: showValue(v), Should: showCell(should, ok)}
			return errFound
		}
		return nil
	})
	if err == nil {
		if should, ok := cells.Next(); ok {
			found = &Difference{Row: row, Stands: "nothing more", Should: showCell(should, ok)}
		}
	}
	if found != nil && rows != nil {
		found.Row = rows[max(0, min(row, int64(len(rows)-1)))]
	}
	if errors.Is(err, errFound) {
		err = nil
	}
	return found, err
}

var errFound = errors.New("a difference")

// stored calls fn with the values of rows of a column; nil is all of them.
func stored(pages parquet.Pages, rows []int64, fn func(parquet.Value) error) error {
	if rows == nil {
		buf := make([]parquet.Value, 256)
		return readPages(pages, func(p parquet.Page) error { return readValues(p.Values(), buf, fn) })
	}
	for _, row := range rows {
		if err := pages.SeekToRow(row); err != nil {
			return err
		}
		page, err := pages.ReadPage()
		if err != nil {
			return err
		}
		err = readRow(page.Values(), fn)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
	return nil
}

// readRow calls fn with the values of the first row.
func readRow(r parquet.ValueReader, fn func(parquet.Value) error) error {
	var buf [1]parquet.Value
	for first := true; ; first = false {
		n, err := r.ReadValues(buf[:])
		if n == 1 {
			if !first && buf[0].RepetitionLevel() == 0 {
				return nil
			}
			if err := fn(buf[0]); err != nil {
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

func sameCell(v parquet.Value, c columns.Cell) bool {
	if v.RepetitionLevel() != int(c.Rep) || v.DefinitionLevel() != int(c.Def) || v.IsNull() == c.There {
		return false
	}
	switch {
	case !c.There:
		return true
	case c.Kind == schemas.String:
		return v.Kind() == parquet.ByteArray && bytes.Equal(v.ByteArray(), c.Text)
	case c.Kind == schemas.Double:
		return v.Kind() == parquet.Double && v.Double() == c.Double
	case c.Kind == schemas.Boolean:
		return v.Kind() == parquet.Boolean && v.Boolean() == c.Truth
	}
	return v.Kind() == parquet.Int64 && v.Int64() == c.Number
}

// hidden returns values of events that a needle filter denies.
func (c Claims) hidden(leaves []*columns.Leaf, events []Event) (found []Difference) {
	for _, n := range c.Family.Needles() {
		filter := c.Filters[n.Name]
		i := slices.IndexFunc(leaves, func(l *columns.Leaf) bool { return l.Path == n.Column })
		if filter == nil || i < 0 {
			continue
		}
		deny := func(value string) bool {
			if filter.MayHold(value) {
				return false
			}
			found = append(found, Difference{Row: -1, Column: n.Name, Should: showText([]byte(value)), Filter: true})
			return true
		}
		for _, v := range leaves[i].Texts() {
			if deny(string(v)) {
				break
			}
		}
		if n.Column == schemas.EventID {
			leaves[i].Places(func(row int, id []byte) {
				if len(id) == 0 {
					deny(Identity(events[row].Leaf))
				}
			})
		}
	}
	return found
}

func showValue(v parquet.Value) string {
	switch {
	case v.IsNull():
		return "NULL"
	case v.Kind() == parquet.ByteArray:
		return showText(v.ByteArray())
	}
	return v.String()
}

func showCell(c columns.Cell, ok bool) string {
	switch {
	case !ok:
		return "nothing more"
	case !c.There:
		return "NULL"
	case c.Kind == schemas.String:
		return showText(c.Text)
	case c.Kind == schemas.Double:
		return strconv.FormatFloat(c.Double, 'g', -1, 64)
	case c.Kind == schemas.Boolean:
		return strconv.FormatBool(c.Truth)
	}
	return strconv.FormatInt(c.Number, 10)
}

// showText quotes a text, the beginning of a long one.
func showText(text []byte) string {
	if len(text) > 80 {
		return strconv.Quote(string(text[:80])) + "…"
	}
	return strconv.Quote(string(text))
}
