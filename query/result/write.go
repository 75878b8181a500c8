package result

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/query"
)

// Source is an answer to write: a *query.Result.
type Source interface {
	// Columns describes the columns, also before the query has run.
	Columns() []query.Column
	// Rows runs the query and yields its rows; an error is the last.
	Rows(ctx context.Context) iter.Seq2[[]query.Value, error]
	// Encode runs the query and writes its rows in a format that is [Binary].
	Encode(ctx context.Context, w io.Writer, format string) (int64, error)
}

// Options are for the eye; formats for programs do not look at them.
type Options struct {
	// Width is the width of the terminal in columns; 0 means that lines may be
	// of any length.
	Width int
	// Whole, if set, tells which columns of a table are never cut to fit the
	// width, by their names. Times never are.
	Whole func(column string) bool
	// Message, if set, is told the number of rows behind a table. It is not
	// part of the data.
	Message io.Writer
	// Expand says when a row takes a line for each column.
	Expand Expand
}

// Expand says when a table is expanded: a block for each row, with a line for
// each column.
type Expand int

const (
	// ExpandNever cuts columns so that a row fits the width.
	ExpandNever Expand = iota
	// ExpandWide cuts them as long as they stay legible, and expands otherwise.
	ExpandWide
	// ExpandAlways expands.
	ExpandAlways
)

// Expansions are the names of when a table is expanded, in the order of their values.
func Expansions() []string { return []string{"off", "auto", "on"} }

// String is the name.
func (e Expand) String() string { return Expansions()[e] }

// ExpandNamed is the one of that name, and false if there is none.
func ExpandNamed(name string) (Expand, bool) {
	at := slices.Index(Expansions(), name)
	return Expand(max(at, 0)), at >= 0
}

// Writer writes rows in one format. Header comes first, End last, also if
// there are no rows.
type Writer interface {
	// Header begins the output.
	Header(columns []query.Column) error
	// Row writes a row, with a value for each column. It keeps nothing of it.
	Row(row []query.Value) error
	// End completes the output; it does not close what is written to.
	End() error
}

// Formats are the names of the formats.
func Formats() []string { return []string{"table", "json", "ndjson", "csv", "parquet", "arrow"} }

// Binary reports whether a format has types in place of text: it is not for a
// terminal, and two answers do not make one.
func Binary(format string) bool { return format == "parquet" || format == "arrow" }

// NewWriter returns the writer of a format; those that are [Binary] have none,
// because the engine writes them.
func NewWriter(w io.Writer, format string, o Options) (Writer, error) {
	switch format {
	case "table":
		if o.Expand == ExpandAlways {
			return &expandedWriter{w: w}, nil
		}
		return &tableWriter{w: w, options: o}, nil
	case "json":
		return &jsonWriter{w: w, array: true}, nil
	case "ndjson":
		return &jsonWriter{w: w}, nil
	case "csv":
		return newCSV(w), nil
	}
	return nil, unknownFormat(format)
}

func unknownFormat(format string) error {
	return hint.Add(fmt.Errorf("no format %q", format), "formats: "+strings.Join(Formats(), ", "))
}

// Write runs the query and writes its rows to w. It returns how many there
// were. A query that fails on the way leaves what was written until then.
func Write(ctx context.Context, w io.Writer, format string, src Source, o Options) (int64, error) {
	if !slices.Contains(Formats(), format) {
		return 0, unknownFormat(format)
	}
	if Binary(format) {
		return src.Encode(ctx, w, format)
	}
	b := bufio.NewWriterSize(w, 64<<10)
	out, err := NewWriter(b, format, o)
	if err != nil {
		return 0, err
	}
	n, err := writeRows(ctx, out, src)
	if flushErr := b.Flush(); err == nil {
		err = flushErr
	}
	if err == nil && format == "table" {
		err = o.tell(n) // on a terminal that is behind the table
	}
	return n, err
}

// tell says how many rows there were.
func (o Options) tell(rows int64) error {
	if o.Message == nil {
		return nil
	}
	plural := "s"
	if rows == 1 {
		plural = ""
	}
	_, err := fmt.Fprintf(o.Message, "%d row%s\n", rows, plural)
	return err
}

func writeRows(ctx context.Context, out Writer, src Source) (n int64, err error) {
	started := false
	for row, err := range src.Rows(ctx) {
		if err != nil {
			return n, err
		}
		if !started { // not before the query has run: an error then leaves nothing
			if err := out.Header(src.Columns()); err != nil {
				return n, err
			}
			started = true
		}
		if err := out.Row(row); err != nil {
			return n, err
		}
		n++
	}
	if !started {
		if err := out.Header(src.Columns()); err != nil {
			return n, err
		}
	}
	return n, out.End()
}
