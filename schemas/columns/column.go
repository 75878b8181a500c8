package columns

import (
	"bytes"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// scratch is memory that decoding reuses from event to event.
type scratch struct {
	key, buf []byte
	keys     [][]byte
}

// text returns the text of a string body; it is valid until the next call.
func (s *scratch) text(body []byte) []byte {
	if bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	s.buf = jscan.Unescape(s.buf[:0], body)
	return s.buf
}

// column appends JSON values to one Arrow builder.
type column struct {
	kind    schemas.Kind
	builder array.Builder
	row     uint64 // the record's row at which it was last appended to

	text       *array.StringBuilder
	keys, vals *array.StringBuilder // Map
	parts      *record              // Struct, and the element of a List
	element    *array.StructBuilder // List
	promoted   []promoted
}

// promoted is a map key whose value is also kept as a flat column.
type promoted struct {
	key string
	col *column
}

func newColumn(f schemas.Field, b array.Builder) *column {
	c := &column{kind: f.Kind, builder: b}
	switch f.Kind {
	case schemas.String:
		c.text = b.(*array.StringBuilder)
	case schemas.Map:
		m := b.(*array.MapBuilder)
		c.keys = m.KeyBuilder().(*array.StringBuilder)
		c.vals = m.ItemBuilder().(*array.StringBuilder)
	case schemas.Struct:
		c.parts = newRecord(f.Fields, b.(*array.StructBuilder))
	case schemas.List:
		c.element = b.(*array.ListBuilder).ValueBuilder().(*array.StructBuilder)
		c.parts = newRecord(f.Fields, c.element)
	}
	return c
}

func newRecord(fields []schemas.Field, b *array.StructBuilder) *record {
	r := &record{}
	for i, f := range fields {
		r.add(f.From, newColumn(f, b.FieldBuilder(i)))
	}
	return r
}

// null appends NULL. A struct's parts get one too, as Arrow demands.
func (c *column) null() { c.builder.AppendNull() }

// set appends the JSON value v, NULL if it has another shape. row is the row of
// the record that the column belongs to.
func (c *column) set(v []byte, s *scratch, row uint64) {
	ok := false
	kind := jscan.KindOf(v)
	switch c.kind {
	case schemas.String:
		ok = c.setText(kind, v, s)
	case schemas.Boolean:
		ok = c.setBoolean(v)
	case schemas.Timestamp:
		ok = c.setTimestamp(kind, v, s)
	case schemas.Double, schemas.Integer:
		ok = c.setNumber(kind, v)
	case schemas.Map:
		if ok = kind == jscan.Object; ok {
			c.setMap(v, s, row)
		}
	case schemas.Struct:
		if ok = kind == jscan.Object; ok {
			c.builder.(*array.StructBuilder).Append(true)
			c.parts.decode(v, s)
		}
	case schemas.List:
		ok = kind == jscan.Array && c.setList(v, s)
	}
	if !ok {
		c.null()
	}
}

func (c *column) setText(kind jscan.Kind, v []byte, s *scratch) bool {
	switch kind {
	case jscan.Text:
		c.text.BinaryBuilder.Append(s.text(v[1 : len(v)-1]))
	case jscan.Number, jscan.Bool:
		c.text.BinaryBuilder.Append(v)
	default:
		return false
	}
	return true
}

func (c *column) setBoolean(v []byte) bool {
	switch string(v) {
	case "true", `"true"`:
		c.builder.(*array.BooleanBuilder).Append(true)
	case "false", `"false"`:
		c.builder.(*array.BooleanBuilder).Append(false)
	default:
		return false
	}
	return true
}

func (c *column) setTimestamp(kind jscan.Kind, v []byte, s *scratch) bool {
	if kind != jscan.Text {
		return false
	}
	t, ok := schemas.ParseTime(s.text(v[1 : len(v)-1]))
	if ok {
		c.builder.(*array.TimestampBuilder).Append(arrow.Timestamp(t))
	}
	return ok
}

func (c *column) setNumber(kind jscan.Kind, v []byte) bool {
	if kind != jscan.Number {
		return false
	}
	if c.kind == schemas.Integer {
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err == nil {
			c.builder.(*array.Int64Builder).Append(n)
		}
		return err == nil
	}
	x, err := strconv.ParseFloat(string(v), 64)
	if err == nil {
		c.builder.(*array.Float64Builder).Append(x)
	}
	return err == nil
}

// maxElements is the number of elements from which a list is NULL in its column.
// Real ones have tens; a hostile list of a million zeros would take gigabytes.
const maxElements = 10_000

func (c *column) setList(v []byte, s *scratch) bool {
	for it, n := jscan.Members(v), 0; ; n++ {
		if _, ok := it.Elem(); !ok {
			break
		}
		if n == maxElements {
			return false
		}
	}
	c.builder.(*array.ListBuilder).Append(true)
	it := jscan.Members(v)
	for {
		e, ok := it.Elem()
		if !ok {
			return true
		}
		if e[0] != '{' {
			c.element.AppendNull()
			continue
		}
		c.element.Append(true)
		c.parts.decode(e, s)
	}
}

// manyKeys is the number of keys in a map from which repeated ones are looked
// for in a set: real maps have a handful, a hostile one must not cost squares.
const manyKeys = 32

func (c *column) setMap(v []byte, s *scratch, row uint64) {
	c.builder.(*array.MapBuilder).Append(true)
	s.keys = s.keys[:0]
	var set map[string]bool
	for it := jscan.Members(v); ; {
		key, val, ok := it.Next()
		if !ok {
			return
		}
		if set == nil && (len(s.keys) == manyKeys || bytes.IndexByte(key, '\\') >= 0) {
			set = make(map[string]bool)
			for _, k := range s.keys {
				set[string(k)] = true
			}
		}
		if repeated(s, set, key) {
			continue
		}
		s.keys = append(s.keys, key)
		text := s.text(key)
		c.keys.BinaryBuilder.Append(text)
		c.setEntry(c.promotedAs(text), val, s, row)
	}
}

// repeated reports whether the key stood before in this map, and notes it in
// the set, if there is one. Without a set no key so far has escapes.
func repeated(s *scratch, set map[string]bool, key []byte) bool {
	if set != nil {
		k := string(s.text(key))
		was := set[k]
		set[k] = true
		return was
	}
	for _, k := range s.keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

// promotedAs returns the flat column of a key, nil if it has none.
func (c *column) promotedAs(key []byte) *column {
	for _, p := range c.promoted {
		if len(p.key) == len(key) && p.key == string(key) {
			return p.col
		}
	}
	return nil
}

// setEntry appends the value of a map's key, also to its flat column if it has one.
func (c *column) setEntry(flat *column, val []byte, s *scratch, row uint64) {
	var text []byte
	switch jscan.KindOf(val) {
	case jscan.Null:
		c.vals.AppendNull()
		return
	case jscan.Text:
		text = s.text(val[1 : len(val)-1])
	case jscan.Object, jscan.Array:
		s.buf = jscan.AppendCompact(s.buf[:0], val)
		text = s.buf
	default:
		text = val
	}
	c.vals.BinaryBuilder.Append(text)
	if flat != nil {
		flat.row = row
		flat.text.BinaryBuilder.Append(text)
	}
}
