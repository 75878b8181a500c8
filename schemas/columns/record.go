package columns

import (
	"strings"

	"tarn/internal/jscan"
	"tarn/schemas"
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

// decode appends one value to every column: what the members of an object give,
// NULL where they give nothing.
func (r *record) decode(it *jscan.Iter, s *scratch, rep int16) {
	r.row++
	r.members(&r.lookup, it, s, rep)
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
	it := jscan.Members(v)
	r.members(&r.lookup, &it, s, 0)
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

// members walks to the end of an object. Objects within it are entered, so that
// their text is read once.
func (r *record) members(l *lookup, it *jscan.Iter, s *scratch, rep int16) {
	last := &l.first
	for {
		key, ok := it.Key()
		if !ok {
			return
		}
		t := last.next
		if t == nil || t.name != string(key) {
			if t = l.find(key, s); t == nil {
				it.Value()
				continue
			}
			last.next = t
		}
		last = t
		r.member(t, it, s, rep)
	}
}

// member takes the value of a member to what it feeds.
func (r *record) member(t *target, it *jscan.Iter, s *scratch, rep int16) {
	fresh := t.col != nil && t.col.row != r.row
	if fresh {
		t.col.row = r.row
	}
	switch {
	case fresh && t.deep == nil && t.col.kind == schemas.Struct && it.AtObject():
		inner := it.Enter()
		t.col.settle()
		t.col.parts.decode(&inner, s, rep)
		it.Leave(inner)
	case t.col == nil && it.AtObject():
		inner := it.Enter()
		r.members(t.deep, &inner, s, rep)
		it.Leave(inner)
	default:
		v := it.Value()
		if t.deep != nil && v[0] == '{' {
			inner := jscan.Members(v)
			r.members(t.deep, &inner, s, rep)
		}
		if fresh {
			t.col.set(v, s, r.row, rep)
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
