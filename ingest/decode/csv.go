package decode

import (
	"bytes"
	"slices"
	"strings"

	"tarn/schemas"
)

// reasonNoRaw marks a CSV file that does not have the events themselves.
const reasonNoRaw = "CSV without the column eventJson, which has the events themselves: save the results of SELECT eventJson FROM the event data store, or JSON"

// header returns the names of the columns if a line is the header of a CSV file:
// several names, or one that events have a column of.
func header(line []byte) []string {
	names := strings.Split(strings.TrimRight(string(line), "\r"), ",")
	for i, n := range names {
		names[i] = strings.Trim(n, `"`)
		if names[i] == "" || strings.Trim(names[i], nameLetters) != "" {
			return nil
		}
	}
	if _, known := schemas.CloudTrail().Column(names[0]); !known && len(names) == 1 {
		return nil
	}
	return names
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_. "

// csv takes a CSV file apart whose header is the line at the position. Each cell of
// the column eventJson holds an event; the others are not looked at.
func (s *splitter) csv(names []string) {
	raw := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, schemas.Raw) })
	if raw < 0 {
		s.whole(reasonNoRaw)
		return
	}
	for first := true; s.failed == nil; first = false {
		if _, more := s.peek(); !more {
			return
		}
		row := value{offset: s.offset(), text: s.levels[0].coded[:0]}
		found := false
		for column, last := 0, false; !last; column++ {
			var cell value
			var ok bool
			if cell, last, ok = s.cell(); !ok {
				return
			}
			switch {
			case column == raw:
				found = true
				s.rawCell(cell, first)
			case column < raw && len(row.text) < keptOfReject:
				row.text = append(append(row.text, cell.text...), ',')
			}
		}
		s.levels[0].coded = row.text
		if row.length = s.offset() - row.offset; !found {
			s.refuse(row, "row without eventJson")
		}
	}
}

// rawCell takes a cell apart that holds an event. A header is passed over, the
// first and those of files that were put behind it.
func (s *splitter) rawCell(cell value, first bool) {
	l := &s.levels[0]
	l.text = append(l.text[:0], cell.text...)
	if n := len(l.text); n > 1 && l.text[0] == '"' && l.text[n-1] == '"' {
		l.text = unquote(l.text[1 : n-1])
	}
	if first || strings.EqualFold(string(l.text[:min(len(l.text), len(schemas.Raw)+1)]), schemas.Raw) {
		return
	}
	if reason := s.packed(cell, l.text, "eventJson"); reason != "" {
		s.refuse(cell, reason)
	}
}

// unquote makes one of two quotes, in place.
func unquote(b []byte) []byte {
	out := b[:0]
	for {
		i := bytes.IndexByte(b, '"')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i+1]...)
		if b = b[i+1:]; len(b) > 0 && b[0] == '"' {
			b = b[1:]
		}
	}
}

// cell returns the cell at the position and whether it is the last of its row, and
// goes behind it. If it does not end, the rest of the file is rejected.
func (s *splitter) cell() (cell value, last, ok bool) {
	quoted := false
	for i := 0; ; i++ {
		if s.at+i == len(s.buf) && !s.more() {
			if quoted || s.long {
				s.whole("")
				return value{}, true, false
			}
			return s.span(i), true, true
		}
		switch c := s.buf[s.at+i]; {
		case c == '"':
			quoted = !quoted // twice if it stands for one
		case quoted:
		case c == ',', c == '\n':
			cell = s.span(i)
			s.at++
			if c == '\n' {
				cell.text = bytes.TrimSuffix(cell.text, []byte("\r"))
				cell.length = int64(len(cell.text))
			}
			return cell, c == '\n', true
		}
	}
}
