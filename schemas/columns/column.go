package columns

import (
	"bytes"
	"strconv"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// chunk is how much text that is not the raw event's own is kept together.
const chunk = 64 << 10

// scratch is memory that decoding reuses from event to event.
type scratch struct {
	key, buf []byte
	keys     [][]byte    // of the map at hand, while they are few
	set      *dictionary // of these, when they are many
	kept     []byte      // the chunk in use; never used again, for values outlive it
}

// text returns the text of a string body; it is valid until the next call.
func (s *scratch) text(body []byte) []byte {
	if bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	s.buf = jscan.Unescape(s.buf[:0], body)
	return s.buf
}

// keep returns the text of a string body; it stays.
func (s *scratch) keep(body []byte) []byte {
	if bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	return s.taken(jscan.Unescape(s.room(len(body)), body))
}

// compact returns the value without white space; it stays.
func (s *scratch) compact(v []byte) []byte {
	if jscan.IsCompact(v) {
		return v
	}
	return s.taken(jscan.AppendCompact(s.room(len(v)), v))
}

// room returns an empty slice with room for n bytes, which nobody else has.
func (s *scratch) room(n int) []byte {
	if cap(s.kept)-len(s.kept) < n {
		s.kept = make([]byte, 0, max(chunk, n))
	}
	return s.kept[len(s.kept):]
}

// taken notes that text was written to the room.
func (s *scratch) taken(text []byte) []byte {
	s.kept = s.kept[:len(s.kept)+len(text)]
	return text[:len(text):len(text)]
}

// column takes JSON values apart into Parquet columns.
type column struct {
	kind schemas.Kind
	def  int16  // the definition level at which it is there
	rep  int16  // the repetition level of what follows the first entry or element
	row  uint64 // the record's row at which it was last appended to

	missing int // NULLs that are still to be appended, of a column of whole events

	leaves     []*Leaf // all of it, in order of the schema
	leaf       *Leaf   // of a plain value
	keys, vals *Leaf   // Map
	parts      *record // Struct, and the element of a List
	promoted   []promoted
}

// promoted is a map key whose value is also kept as a flat column.
type promoted struct {
	key string
	col *column
}

// newColumn returns a column that is there at the definition level def, below
// rep repeated parts.
func newColumn(f schemas.Field, above string, def, rep int16) *column {
	path := above + f.Name
	c := &column{kind: f.Kind, def: def, rep: rep + 1}
	switch f.Kind {
	case schemas.Map:
		c.keys = newText(path+".key", def+1, true)
		c.vals = newText(path+".value", def+2, true)
		c.leaves = []*Leaf{c.keys, c.vals}
	case schemas.Struct:
		c.parts = newRecord(f.Fields, path+".", def+1, rep)
		c.leaves = c.parts.leaves()
	case schemas.List:
		c.parts = newRecord(f.Fields, path+".", def+3, rep+1)
		c.leaves = c.parts.leaves()
	case schemas.String:
		c.leaf = newText(path, def, rep > 0)
		c.leaves = []*Leaf{c.leaf}
	default:
		c.leaf = &Leaf{Path: path, max: def, repeated: rep > 0}
		c.leaves = []*Leaf{c.leaf}
	}
	return c
}

func newRecord(fields []schemas.Field, above string, def, rep int16) *record {
	r := &record{}
	for _, f := range fields {
		r.add(f.From, newColumn(f, above, def, rep))
	}
	return r
}

// null appends NULL.
func (c *column) null(rep int16) { c.skip(c.def-1, rep) }

// settle appends the NULLs that were only counted.
func (c *column) settle() {
	if c.missing == 0 {
		return
	}
	for _, l := range c.leaves {
		l.skipRows(c.missing)
	}
	c.missing = 0
}

// skip notes in all of the column that there is nothing behind a level.
func (c *column) skip(def, rep int16) {
	for _, l := range c.leaves {
		l.skip(def, rep)
	}
}

// set appends the JSON value v, NULL if it has another shape. row is the row of
// the record that the column belongs to, rep the repetition level at which it
// stands.
func (c *column) set(v []byte, s *scratch, row uint64, rep int16) {
	c.settle()
	ok := false
	kind := jscan.KindOf(v)
	switch c.kind {
	case schemas.String:
		ok = c.setText(kind, v, s, rep)
	case schemas.Boolean:
		ok = c.setBoolean(v, rep)
	case schemas.Timestamp:
		ok = c.setTimestamp(kind, v, s, rep)
	case schemas.Double, schemas.Integer:
		ok = c.setNumber(kind, v, rep)
	case schemas.Map:
		if ok = kind == jscan.Object; ok {
			c.setMap(v, s, row, rep)
		}
	case schemas.Struct:
		if ok = kind == jscan.Object; ok {
			c.parts.decode(v, s, rep)
		}
	case schemas.List:
		ok = kind == jscan.Array && c.setList(v, s, rep)
	}
	if !ok {
		c.null(rep)
	}
}

func (c *column) setText(kind jscan.Kind, v []byte, s *scratch, rep int16) bool {
	switch kind {
	case jscan.Text:
		c.leaf.text(s.keep(v[1:len(v)-1]), rep)
	case jscan.Number, jscan.Bool:
		c.leaf.text(v, rep)
	default:
		return false
	}
	return true
}

func (c *column) setBoolean(v []byte, rep int16) bool {
	switch string(v) {
	case "true", `"true"`:
		c.leaf.boolean(true, rep)
	case "false", `"false"`:
		c.leaf.boolean(false, rep)
	default:
		return false
	}
	return true
}

func (c *column) setTimestamp(kind jscan.Kind, v []byte, s *scratch, rep int16) bool {
	if kind != jscan.Text {
		return false
	}
	t, ok := schemas.ParseTime(s.text(v[1 : len(v)-1]))
	if ok {
		c.leaf.integer(t, rep)
	}
	return ok
}

func (c *column) setNumber(kind jscan.Kind, v []byte, rep int16) bool {
	if kind != jscan.Number {
		return false
	}
	if c.kind == schemas.Integer {
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err == nil {
			c.leaf.integer(n, rep)
		}
		return err == nil
	}
	x, err := strconv.ParseFloat(string(v), 64)
	if err == nil {
		c.leaf.double(x, rep)
	}
	return err == nil
}

// maxElements is the number of elements from which a list is NULL in its column.
// Real ones have tens; a hostile list of a million zeros would take gigabytes.
const maxElements = 10_000

func (c *column) setList(v []byte, s *scratch, rep int16) bool {
	n := 0
	for it := jscan.Members(v); ; n++ {
		if _, ok := it.Elem(); !ok {
			break
		}
		if n == maxElements {
			return false
		}
	}
	if n == 0 {
		c.skip(c.def, rep)
		return true
	}
	for it := jscan.Members(v); ; rep = c.rep {
		e, ok := it.Elem()
		if !ok {
			return true
		}
		if e[0] != '{' {
			c.skip(c.def+1, rep) // an element that is NULL
			continue
		}
		c.parts.decode(e, s, rep)
	}
}

// manyKeys is the number of keys in a map from which repeated ones are looked
// for in a set: real maps have a handful, a hostile one must not cost squares.
const manyKeys = 32

// usualKeys is the number of keys from which a set's memory is not kept.
const usualKeys = 4096

func (c *column) setMap(v []byte, s *scratch, row uint64, rep int16) {
	s.keys = s.keys[:0]
	var set *dictionary
	for it := jscan.Members(v); ; {
		key, val, ok := it.Next()
		if !ok {
			break
		}
		if set == nil && (len(s.keys) == manyKeys || bytes.IndexByte(key, '\\') >= 0) {
			set = s.keySet()
		}
		text := s.keep(key)
		if s.repeated(set, text) {
			continue
		}
		c.keys.text(text, rep)
		c.setEntry(c.promotedAs(text), val, s, row, rep)
		rep = c.rep
	}
	switch {
	case set == nil && len(s.keys) == 0:
		c.skip(c.def, rep)
	case set != nil && len(set.values) > usualKeys:
		s.set = nil
	}
}

// keySet returns a set of the keys so far, none of which has escapes.
func (s *scratch) keySet() *dictionary {
	if s.set == nil {
		s.set = newDictionary()
	}
	s.set.reset()
	for _, k := range s.keys {
		s.set.add(k)
	}
	return s.set
}

// repeated reports whether the key stood before in this map, and notes it, in the
// set if there is one.
func (s *scratch) repeated(set *dictionary, key []byte) bool {
	if set != nil {
		return !set.add(key)
	}
	for _, k := range s.keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	s.keys = append(s.keys, key)
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
func (c *column) setEntry(flat *column, val []byte, s *scratch, row uint64, rep int16) {
	text := val
	switch jscan.KindOf(val) {
	case jscan.Null:
		c.vals.skip(c.def+1, rep)
		return
	case jscan.Text:
		text = s.keep(val[1 : len(val)-1])
	case jscan.Object, jscan.Array:
		text = s.compact(val)
	}
	c.vals.text(text, rep)
	if flat != nil {
		flat.row = row
		flat.settle()
		flat.leaf.text(text, 0)
	}
}
