package result

import (
	"io"
	"strings"
	"unicode/utf8"

	"tarn/query"
)

// sampleRows is how many rows a table looks at before it decides how wide its
// columns are. More of them may be wider; they are then cut, if the width of
// the table matters, or stand out.
const sampleRows = 1000

// nullMark stands for NULL, so that it is not taken for an empty text.
const nullMark = "∅"

// gap separates columns.
const gap = "  "

// narrowest is what is left of a column at least, if the terminal is too narrow;
// legible is what has to be left of it where the table could be expanded.
const (
	narrowest = 8
	legible   = 16
)

// tableWriter aligns columns: numbers to the right, the rest to the left.
type tableWriter struct {
	w       io.Writer
	options Options
	columns []query.Column
	widths  []int
	waiting [][]string // until the widths are known
	decided bool
	wide    *expandedWriter // takes the rows if they do not fit
}

func (t *tableWriter) Header(columns []query.Column) error {
	t.columns = columns
	t.widths = make([]int, len(columns))
	for i, c := range columns {
		t.widths[i] = width(clean(c.Name))
	}
	return nil
}

func (t *tableWriter) Row(row []query.Value) error {
	cells := shown(row)
	switch {
	case t.wide != nil:
		return t.wide.block(cells)
	case t.decided:
		return t.line(cells)
	}
	for i, c := range cells {
		t.widths[i] = max(t.widths[i], width(c))
	}
	t.waiting = append(t.waiting, cells)
	if len(t.waiting) == sampleRows {
		return t.decide()
	}
	return nil
}

// shown is a row as people see it.
func shown(row []query.Value) []string {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = nullMark
		if !v.Null {
			cells[i] = clean(v.Text)
		}
	}
	return cells
}

func (t *tableWriter) End() error {
	return t.decide()
}

// decide fixes the widths and writes what was waiting for them.
func (t *tableWriter) decide() error {
	if t.decided {
		return nil
	}
	t.decided = true
	if !t.narrow(legible) && t.options.Expand == ExpandWide && len(t.waiting) > 0 {
		return t.expand()
	}
	t.narrow(narrowest)
	names, rules := make([]string, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = clean(c.Name)
		rules[i] = strings.Repeat("-", t.widths[i])
	}
	for _, line := range append([][]string{names, rules}, t.waiting...) {
		if err := t.line(line); err != nil {
			return err
		}
	}
	t.waiting = nil
	return nil
}

// expand gives the rows to the other writer.
func (t *tableWriter) expand() error {
	t.wide = &expandedWriter{w: t.w}
	if err := t.wide.Header(t.columns); err != nil {
		return err
	}
	for _, cells := range t.waiting {
		if err := t.wide.block(cells); err != nil {
			return err
		}
	}
	t.waiting = nil
	return nil
}

// narrow takes from the widest columns until the line fits the terminal, and
// reports whether it does; so much is left of each. Times stay whole: one without
// its end would be another time.
func (t *tableWriter) narrow(least int) bool {
	if t.options.Width <= 0 {
		return true
	}
	for {
		total, widest, next := len(gap)*(len(t.widths)-1), 0, 0
		at := -1
		for i, w := range t.widths {
			total += w
			switch {
			case t.whole(i):
			case w > widest:
				at, widest, next = i, w, widest
			default:
				next = max(next, w)
			}
		}
		if total <= t.options.Width || widest <= least {
			return total <= t.options.Width
		}
		if next == widest {
			next-- // both are the widest: take from this one, then from the other
		}
		t.widths[at] = max(least, widest-(total-t.options.Width), next)
	}
}

// whole reports whether a column is never cut.
func (t *tableWriter) whole(i int) bool {
	return isTime(t.columns[i]) || t.options.Whole != nil && t.options.Whole(t.columns[i].Name)
}

func isTime(c query.Column) bool {
	return strings.HasPrefix(c.Type, "TIMESTAMP") || c.Type == "DATE"
}

func (t *tableWriter) line(cells []string) error {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(gap)
		}
		if t.options.Width > 0 && !t.whole(i) {
			c = cut(c, t.widths[i])
		}
		pad := strings.Repeat(" ", max(0, t.widths[i]-width(c)))
		switch {
		case t.columns[i].Kind == query.Number:
			b.WriteString(pad + c)
		case i == len(cells)-1:
			b.WriteString(c) // no trailing space
		default:
			b.WriteString(c + pad)
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(t.w, b.String())
	return err
}

// clean keeps a value on its line and from speaking to the terminal.
func clean(s string) string {
	if strings.IndexFunc(s, isControl) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case isControl(r):
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// isControl reports control characters, and those that turn the direction of
// text around, with which a log entry could lie to its reader.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x200e || r == 0x200f ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// cut shortens a text to a width, with an ellipsis.
func cut(s string, w int) string {
	if width(s) <= w {
		return s
	}
	used := 0
	for i, r := range s {
		if used+runeWidth(r) > w-1 {
			return s[:i] + "…"
		}
		used += runeWidth(r)
	}
	return s
}
