package result

import (
	"fmt"
	"io"
	"strings"

	"tarn/query"
)

// expandedWriter writes a block for each row and in it a line for each column:
// for rows that are wider than any terminal. Values are whole.
type expandedWriter struct {
	w     io.Writer
	names []string // of equal width
	rows  int
}

func (e *expandedWriter) Header(columns []query.Column) error {
	widest := 0
	for _, c := range columns {
		widest = max(widest, width(clean(c.Name)))
	}
	for _, c := range columns {
		name := clean(c.Name)
		e.names = append(e.names, name+strings.Repeat(" ", widest-width(name)))
	}
	return nil
}

func (e *expandedWriter) Row(row []query.Value) error { return e.block(shown(row)) }

// block writes the block of a row.
func (e *expandedWriter) block(cells []string) error {
	e.rows++
	var b strings.Builder
	fmt.Fprintf(&b, "-- row %d %s\n", e.rows, strings.Repeat("-", 20))
	for i, text := range cells {
		b.WriteString(strings.TrimRight(e.names[i]+gap+text, " ") + "\n")
	}
	_, err := io.WriteString(e.w, b.String())
	return err
}

func (e *expandedWriter) End() error { return nil }
