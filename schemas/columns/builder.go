package columns

import (
	"tarn/schemas"
)

// Builder collects events as Parquet columns, a row group at a time. It copies no
// text: values share the events' bytes. It is not safe for concurrent use.
type Builder struct {
	leaves  []*Leaf // in order of the schema
	root    record  // the columns fed from the JSON
	time    *Leaf
	raw     *Leaf
	seq     *Leaf
	rows    int
	scratch scratch
}

// NewBuilder returns a Builder of the family's segment columns.
func NewBuilder(f *schemas.Family) *Builder {
	b := &Builder{}
	named := map[string]*column{}
	for _, c := range f.Stored() {
		switch c.Name {
		case schemas.EventTime:
			b.time = b.required(c.Name)
		case schemas.Raw:
			b.raw = b.required(c.Name)
		case schemas.Seq:
			b.seq = b.required(c.Name)
		default:
			col := newColumn(c, "", 1, 0)
			b.leaves = append(b.leaves, col.leaves...)
			b.root.add(c.From, col)
			named[c.Name] = col
		}
	}
	for _, p := range f.Promoted {
		m := named[p.Column]
		m.promoted = append(m.promoted, promoted{key: p.Key, col: named[p.Name()]})
	}
	return b
}

func (b *Builder) required(name string) *Leaf {
	l := &Leaf{Path: name}
	b.leaves = append(b.leaves, l)
	return l
}

// Event is one event to append: its raw bytes, which must be one valid JSON
// object in valid UTF-8, its time in microseconds since 1970, and its number
// in the store.
type Event struct {
	Raw  []byte
	Time int64
	Seq  int64
}

// Append adds one event. Its raw bytes must not change any more: values, and what
// a writer keeps of them, share them.
func (b *Builder) Append(e Event) {
	b.time.ints = append(b.time.ints, e.Time)
	b.raw.texts = append(b.raw.texts, e.Raw)
	b.seq.ints = append(b.seq.ints, e.Seq)
	b.root.decodeRow(e.Raw, &b.scratch)
	b.rows++
}

// Len returns the number of events collected since the last Reset.
func (b *Builder) Len() int { return b.rows }

// Leaves returns what was collected, in the order of the schema's columns. It
// is valid until the next Append or Reset.
func (b *Builder) Leaves() []*Leaf {
	b.root.settle()
	return b.leaves
}

// Reset starts a new row group in the memory of the last.
func (b *Builder) Reset() {
	b.rows = 0
	b.root.settle()
	for _, l := range b.leaves {
		l.reset()
	}
}
