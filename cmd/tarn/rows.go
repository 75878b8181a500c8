package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/internal/progress"
	"tarn/query"
	"tarn/query/result"
)

// rows are what a command found, for the same writers that write answers: a
// table for people, exact values for programs.
type rows struct {
	columns []query.Column
	cells   [][]any         // string, number, size, time.Time, []string or nil
	prose   map[string]bool // columns that may be cut to fit a terminal
}

// withoutSame leaves out a column in which all rows say the same.
func (r *rows) withoutSame(column string) *rows {
	at := slices.IndexFunc(r.columns, func(c query.Column) bool { return c.Name == column })
	for _, cells := range r.cells {
		if cells[at] != r.cells[0][at] {
			return r
		}
	}
	r.columns = slices.Delete(r.columns, at, at+1)
	for i := range r.cells {
		r.cells[i] = slices.Delete(r.cells[i], at, at+1)
	}
	return r
}

// size is a number of bytes, which people read with a unit.
type size int64

// shownElements is how many elements of a list people see in a table.
const shownElements = 4

// timeFormat is how answers print times.
const timeFormat = "2006-01-02 15:04:05.000"

// newRows starts rows with such columns: a name of texts or times, a name# of
// numbers, a name[] of lists, a name~ of long texts. Only of the last two a
// terminal may show less than all.
func newRows(names ...string) *rows {
	r := &rows{prose: map[string]bool{}}
	for _, name := range names {
		c := query.Column{Type: "VARCHAR"}
		if plain, ok := strings.CutSuffix(name, "#"); ok {
			name, c.Kind = plain, query.Number
		}
		if plain, ok := strings.CutSuffix(name, "[]"); ok {
			name, c.Kind = plain, query.JSON
			r.prose[name] = true
		}
		if plain, ok := strings.CutSuffix(name, "~"); ok {
			name = plain
			r.prose[name] = true
		}
		c.Name, c.Key = name, name
		r.columns = append(r.columns, c)
	}
	return r
}

func (r *rows) add(cells ...any) { r.cells = append(r.cells, cells) }

// write writes the rows in a format.
func (r *rows) write(ctx context.Context, w io.Writer, format string, o result.Options) error {
	o.Whole = func(column string) bool { return !r.prose[column] }
	_, err := result.Write(ctx, w, format, source{r, format == "table"}, o)
	return err
}

// source lets rows be written as answers are.
type source struct {
	*rows
	human bool
}

// Columns implements result.Source.
func (s source) Columns() []query.Column { return s.columns }

// Rows implements result.Source.
func (s source) Rows(ctx context.Context) iter.Seq2[[]query.Value, error] {
	return func(yield func([]query.Value, error) bool) {
		row := make([]query.Value, len(s.columns))
		for _, cells := range s.cells {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			for i, c := range cells {
				row[i] = value(c, s.human)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Encode implements result.Source. Nobody asks for it: inspectFormats
// leaves such formats out.
func (s source) Encode(_ context.Context, _ io.Writer, format string) (int64, error) {
	return 0, fmt.Errorf("no format %q here", format)
}

// value is a cell as text.
func value(cell any, human bool) query.Value {
	switch v := cell.(type) {
	case nil:
		return query.Value{Null: true}
	case int64:
		if human {
			return query.Value{Text: progress.Count(v)}
		}
		return query.Value{Text: strconv.FormatInt(v, 10)}
	case size:
		if human {
			return query.Value{Text: progress.Bytes(int64(v))}
		}
		return query.Value{Text: strconv.FormatInt(int64(v), 10)}
	case time.Time:
		switch {
		case v.IsZero():
			return query.Value{Null: true}
		case human:
			return query.Value{Text: v.UTC().Format(time.DateTime)}
		}
		return query.Value{Text: v.UTC().Format(timeFormat)}
	case []string:
		if human && len(v) > shownElements {
			return query.Value{Text: fmt.Sprintf("%s … and %d more", strings.Join(v[:shownElements], " "), len(v)-shownElements)}
		}
		if human {
			return query.Value{Text: strings.Join(v, " ")}
		}
		b, err := json.Marshal(v)
		return query.Value{Text: string(b), Null: v == nil || err != nil}
	}
	return query.Value{Text: fmt.Sprint(cell)}
}
