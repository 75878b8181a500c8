package columns

import (
	"strings"

	"tarn/internal/jscan"
)

// record is an object whose members feed columns: the event itself, or a
// struct column. Members may lie deeper than the columns they feed (a path of
// several names); then a member leads to another lookup.
type record struct {
	columns []*column
	lookup  lookup
	row     uint64 // counts decoded objects, to tell what was seen in this one
}

// lookup finds what a member feeds.
type lookup struct {
	exact  map[string]*target
	folded map[string]*target
	first  target // stands before an object's first member
}

// target is a column, or deeper members of the same record.
type target struct {
	name string
	col  *column
	deep *lookup
	// next is what came behind it last time. Objects of one kind have their
	// members in one order, so the next one is mostly found without looking.
	next *target
}

// add lets the member path from feed the column. A column with an empty path is
// fed by nobody here (a promoted value).
func (r *record) add(from string, c *column) {
	r.columns = append(r.columns, c)
	if from != "" {
		r.lookup.add(strings.Split(from, "."), c)
	}
}

func (l *lookup) add(path []string, c *column) {
	if l.exact == nil {
		l.exact, l.folded = map[string]*target{}, map[string]*target{}
	}
	t := l.exact[path[0]]
	if t == nil {
		t = &target{name: path[0]}
	}
	if len(path) == 1 {
		t.col = c
	} else {
		if t.deep == nil {
			t.deep = &lookup{}
		}
		t.deep.add(path[1:], c)
	}
	l.exact[path[0]] = t
	l.folded[strings.ToLower(path[0])] = t
}

// leaves returns the Parquet columns of the record in order.
func (r *record) leaves() []*Leaf {
	var out []*Leaf
	for _, c := range r.columns {
		out = append(out, c.leaves...)
	}
	return out
}

// decode appends one value to every column: what the members of the object v
// give, NULL where they give nothing.
func (r *record) decode(v []byte, s *scratch, rep int16) {
	r.row++
	r.members(&r.lookup, v, s, rep)
	for _, c := range r.columns {
		if c.row != r.row {
			c.row = r.row
			c.null(rep)
		}
	}
}

// decodeRow is decode for a whole event. Most columns of most events are NULL;
// those are counted, and appended together before the next value ([record.settle]).
func (r *record) decodeRow(v []byte, s *scratch) {
	r.row++
	r.members(&r.lookup, v, s, 0)
	for _, c := range r.columns {
		if c.row != r.row {
			c.missing++
		}
	}
}

// settle appends what was only counted.
func (r *record) settle() {
	for _, c := range r.columns {
		c.settle()
	}
}

func (r *record) members(l *lookup, v []byte, s *scratch, rep int16) {
	last := &l.first
	for it := jscan.Members(v); ; {
		key, val, ok := it.Next()
		if !ok {
			return
		}
		t := last.next
		if t == nil || t.name != string(key) {
			if t = l.find(key, s); t == nil {
				continue
			}
			last.next = t
		}
		last = t
		if t.deep != nil && val[0] == '{' {
			r.members(t.deep, val, s, rep)
		}
		if t.col != nil && t.col.row != r.row {
			t.col.row = r.row
			t.col.set(val, s, r.row, rep)
		}
	}
}

// find returns what a member feeds; nil if it feeds nothing.
func (l *lookup) find(key []byte, s *scratch) *target {
	if t, ok := l.exact[string(key)]; ok {
		return t
	}
	// Rare: a member that feeds nothing, or one spelled in another case.
	s.key = s.key[:0]
	for _, c := range s.text(key) {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		s.key = append(s.key, c)
	}
	return l.folded[string(s.key)]
}
