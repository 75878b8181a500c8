package result

import (
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"tarn/query"
)

// jsonWriter writes one object a line, as they are or as the elements of an
// array. Members are in the order of the columns, numbers keep their digits.
type jsonWriter struct {
	w       io.Writer
	array   bool
	columns []query.Column
	names   []string // as JSON
	line    []byte
	rows    int
}

func (j *jsonWriter) Header(columns []query.Column) error {
	j.columns = columns
	for _, c := range columns {
		j.names = append(j.names, string(appendString(nil, c.Key)))
	}
	return nil
}

func (j *jsonWriter) Row(row []query.Value) error {
	line := j.line[:0]
	if j.array {
		line = append(line, separator(j.rows)...)
	}
	line = append(line, '{')
	for i, v := range row {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, j.names[i]...)
		line = append(line, ':')
		line = appendValue(line, j.columns[i].Kind, v)
	}
	line = append(line, '}')
	if !j.array {
		line = append(line, '\n')
	}
	j.line, j.rows = line, j.rows+1
	_, err := j.w.Write(line)
	return err
}

func separator(rows int) string {
	if rows == 0 {
		return "["
	}
	return ",\n"
}

func (j *jsonWriter) End() error {
	if !j.array {
		return nil
	}
	end := "]\n"
	if j.rows == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(j.w, end)
	return err
}

// appendValue appends a value as JSON.
func appendValue(b []byte, kind query.Kind, v query.Value) []byte {
	switch {
	case v.Null:
		return append(b, "null"...)
	case kind == query.Boolean:
		return append(b, v.Text...)
	case kind == query.Number && isJSONNumber(v.Text):
		return append(b, v.Text...)
	case kind == query.JSON && isJSON(v.Text):
		return append(b, v.Text...)
	}
	return appendString(b, v.Text)
}

// isJSONNumber tells numbers from inf and nan, which JSON cannot say.
func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

// isJSON reports whether the engine's JSON is that: it writes Infinity and NaN
// within structs and lists.
func isJSON(s string) bool {
	return !strings.Contains(s, "Infinity") && !strings.Contains(s, "NaN") || json.Valid([]byte(s))
}

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string. It leaves HTML's characters as they are,
// which package json does not.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[from:]...)
	if !utf8.ValidString(s) {
		b = []byte(strings.ToValidUTF8(string(b), "\ufffd"))
	}
	return append(b, '"')
}
