package query_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Trino's protocol and Tarn write the same value in different ways. Before they
// are compared, both are written anew, as Trino's type of the column asks:
//
//   - floating point by value, so 1.0E1 is 10; decimals and whole numbers by
//     their digits, so 1.50 is not 1.5;
//   - times without zeros at their end, so 12:00:00.000 is 12:00:00;
//   - bytes, which are base64 there and \xNN here, in hexadecimal;
//   - JSON with its members sorted and without white space;
//   - rows as their values in order: an array there, with names here;
//   - maps sorted by key, whose order says nothing.
type recordedType struct {
	name string
	of   []recordedType // the parts of array, map and row
}

// writer is who wrote a value.
type writer int

const (
	trinoWrites writer = iota
	tarnWrites
)

var (
	knownType = regexp.MustCompile(`(?i)^(boolean|tinyint|smallint|integer|bigint|real|double|decimal|varchar|char|varbinary|json|date|timestamp|time|interval day to second|interval year to month|unknown|ipaddress|uuid|array|map|row)\b`)
	suffix    = regexp.MustCompile(`^(\([0-9, ]*\))?( with time zone)?`)
)

// typeOf reads Trino's name of a type.
func typeOf(s string) recordedType {
	t, _ := readType(s)
	return t
}

// readType reads a type, and returns what stands behind it.
func readType(s string) (t recordedType, rest string) {
	t.name = strings.ToLower(knownType.FindString(s))
	rest = s[len(t.name):]
	if t.name != "array" && t.name != "map" && t.name != "row" {
		zone := suffix.FindString(rest)
		if strings.HasSuffix(zone, "zone") {
			t.name += " with time zone"
		}
		return t, rest[len(zone):]
	}
	rest = strings.TrimPrefix(rest, "(")
	for !strings.HasPrefix(rest, ")") && rest != "" {
		part, behind := readType(rest)
		if part.name == "" || strings.HasPrefix(behind, " ") { // the name of a field
			_, named, _ := strings.Cut(rest, " ")
			if strings.HasPrefix(rest, `"`) {
				named = rest[strings.Index(rest, `" `)+2:]
			}
			part, behind = readType(named)
		}
		t.of = append(t.of, part)
		rest = strings.TrimPrefix(behind, ", ")
	}
	return t, strings.TrimPrefix(rest, ")")
}

// text writes a value that w wrote.
func (t recordedType) text(w writer, v any) string {
	if v == nil {
		return "∅"
	}
	switch t.name {
	case "array", "row":
		return "[" + strings.Join(t.parts(w, elements(v)), ", ") + "]"
	case "map":
		return "{" + strings.Join(t.pairs(w, v), ", ") + "}"
	case "json":
		return plainJSON(w, v)
	}
	s := scalar(v)
	switch {
	case t.name == "double", t.name == "real":
		if f, err := strconv.ParseFloat(s, map[string]int{"double": 64, "real": 32}[t.name]); err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	case strings.HasPrefix(t.name, "time"):
		return withoutZeros.ReplaceAllString(s, "$1$2")
	case t.name == "varbinary":
		return plainBytes(w, s)
	}
	return s
}

var withoutZeros = regexp.MustCompile(`(:\d\d(?:\.\d*[1-9])?)\.?0*( |$|\+|-)`)

// parts writes the elements of an array, or the fields of a row.
func (t recordedType) parts(w writer, values []any) (out []string) {
	for i, v := range values {
		part := t.of[min(i, len(t.of)-1)]
		out = append(out, part.text(w, v))
	}
	return out
}

func (t recordedType) pairs(w writer, v any) (out []string) {
	members, ok := v.(object)
	if !ok {
		return []string{"no map: " + scalar(v)}
	}
	for _, m := range members {
		out = append(out, t.of[0].text(w, m.name)+": "+t.of[1].text(w, m.value))
	}
	slices.Sort(out)
	return out
}

// elements are what an array holds, or the values of an object in order.
func elements(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case object:
		var all []any
		for _, m := range v {
			all = append(all, m.value)
		}
		return all
	}
	return []any{scalar(v)}
}

// scalar is the text of what is neither array nor object.
func scalar(v any) string { return fmt.Sprint(v) }

// plainJSON writes a value of type json: text there, the value itself here.
func plainJSON(w writer, v any) string {
	if text, ok := v.(string); ok && w == trinoWrites {
		var inner any
		if json.Unmarshal([]byte(text), &inner) != nil {
			return "no JSON: " + text
		}
		v = inner
	} else {
		v = withoutOrder(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// withoutOrder makes what encoding/json would have of a decoded value.
func withoutOrder(v any) any {
	switch v := v.(type) {
	case object:
		m := map[string]any{}
		for _, member := range v {
			m[member.name] = withoutOrder(member.value)
		}
		return m
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = withoutOrder(v[i])
		}
		return all
	case json.Number:
		f, _ := v.Float64()
		return f
	}
	return v
}

var escapedByte = regexp.MustCompile(`\\x[0-9A-F]{2}`)

func plainBytes(w writer, s string) string {
	if w == trinoWrites {
		b, _ := base64.StdEncoding.DecodeString(s)
		return hex.EncodeToString(b)
	}
	s = escapedByte.ReplaceAllStringFunc(s, func(e string) string {
		b, _ := hex.DecodeString(e[2:])
		return string(b)
	})
	return hex.EncodeToString([]byte(s))
}

// object is a JSON object with its members in order.
type object []member

type member struct {
	name  string
	value any
}

func decodeJSON(t *testing.T, text string) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := decodeValue(dec)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func decodeValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	case json.Delim('{'):
		members := object{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			members = append(members, member{scalar(name), v})
		}
		_, err := dec.Token()
		return members, err
	}
	if d, ok := token.(json.Delim); ok {
		return nil, fmt.Errorf("%v: %w", d, io.ErrUnexpectedEOF)
	}
	return token, nil
}
