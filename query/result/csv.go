package result

import (
	"io"
	"strings"

	"tarn/query"
)

// csvWriter writes RFC 4180 but with a line feed alone behind each row, as
// programs in a pipe expect, and a line of names first. NULL is an empty field,
// an empty text a quoted one. Package encoding/csv is not used because it
// changes line ends within fields.
type csvWriter struct {
	w    io.Writer
	line []byte
}

func newCSV(w io.Writer) *csvWriter { return &csvWriter{w: w} }

func (c *csvWriter) Header(columns []query.Column) error {
	row := make([]query.Value, len(columns))
	for i, col := range columns {
		row[i].Text = col.Name
	}
	return c.Row(row)
}

func (c *csvWriter) Row(row []query.Value) error {
	line := c.line[:0]
	for i, v := range row {
		if i > 0 {
			line = append(line, ',')
		}
		if !v.Null {
			line = appendField(line, v.Text)
		}
	}
	line = append(line, '\n')
	c.line = line
	_, err := c.w.Write(line)
	return err
}

func (c *csvWriter) End() error { return nil }

// appendField quotes a field that needs it: separators, quotes, line ends, and
// space at its ends, which some readers drop.
func appendField(b []byte, s string) []byte {
	if !needsQuotes(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(b, s[:i+1]...)
		b = append(b, '"')
		s = s[i+1:]
	}
	b = append(b, s...)
	return append(b, '"')
}

func needsQuotes(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ',', '"', '\r', '\n':
			return true
		}
	}
	return s == "" || strings.TrimSpace(s) != s
}
