package columns

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"tarn/schemas"
)

// Builder collects events as Arrow columns. It is not safe for concurrent use.
type Builder struct {
	records *array.RecordBuilder
	root    record // the columns fed from the JSON
	time    *array.TimestampBuilder
	raw     *array.StringBuilder
	seq     *array.Int64Builder
	rows    int
	scratch scratch
	texts   []*array.StringBuilder // of every depth
	lengths []int                  // of their text in the last batch
}

// NewBuilder returns a Builder of the family's segment columns, with room for
// the given number of events.
func NewBuilder(f *schemas.Family, rows int) *Builder {
	b := &Builder{records: array.NewRecordBuilder(memory.DefaultAllocator, Schema(f))}
	b.records.Reserve(rows)
	named := map[string]*column{}
	for i, c := range f.Stored() {
		ab := b.records.Field(i)
		switch {
		case c.Name == schemas.EventTime:
			b.time = ab.(*array.TimestampBuilder)
		case c.Name == schemas.Raw:
			b.raw = ab.(*array.StringBuilder)
		case c.Name == schemas.Seq:
			b.seq = ab.(*array.Int64Builder)
		default:
			col := newColumn(c, ab)
			b.root.add(c.From, col)
			named[c.Name] = col
		}
	}
	for _, p := range f.Promoted {
		m := named[p.Column]
		m.promoted = append(m.promoted, promoted{key: p.Key, col: named[p.Name()]})
	}
	for _, ab := range b.records.Fields() {
		b.texts = appendTexts(b.texts, ab)
	}
	b.lengths = make([]int, len(b.texts))
	return b
}

// appendTexts appends the text builders in and below a builder.
func appendTexts(to []*array.StringBuilder, b array.Builder) []*array.StringBuilder {
	switch b := b.(type) {
	case *array.StringBuilder:
		return append(to, b)
	case *array.MapBuilder:
		return appendTexts(appendTexts(to, b.KeyBuilder()), b.ItemBuilder())
	case *array.ListBuilder:
		return appendTexts(to, b.ValueBuilder())
	case *array.StructBuilder:
		for i := range b.NumField() {
			to = appendTexts(to, b.FieldBuilder(i))
		}
	}
	return to
}

// Event is one event to append: its raw bytes, which must be one valid JSON
// object in valid UTF-8, its time in microseconds since 1970, and its number
// in the store.
type Event struct {
	Raw  []byte
	Time int64
	Seq  int64
}

// Append adds one event. The raw bytes are copied.
func (b *Builder) Append(e Event) {
	if b.rows == 0 {
		b.reserve()
	}
	b.time.Append(arrow.Timestamp(e.Time))
	b.raw.BinaryBuilder.Append(e.Raw)
	b.seq.Append(e.Seq)
	b.root.decode(e.Raw, &b.scratch)
	b.rows++
}

// reserve makes room for text as long as the last batch's: growing by doubling
// copied as much as decoding wrote.
func (b *Builder) reserve() {
	for i, t := range b.texts {
		if n := b.lengths[i]; n > 0 {
			t.ReserveData(n + n/8)
		}
	}
}

// Len returns the number of events collected since the last Take.
func (b *Builder) Len() int { return b.rows }

// Take returns what was collected and starts anew. The caller releases it.
func (b *Builder) Take() arrow.RecordBatch {
	b.rows = 0
	for i, t := range b.texts {
		b.lengths[i] = t.DataLen()
	}
	return b.records.NewRecordBatch()
}

// Release frees the builder's memory.
func (b *Builder) Release() { b.records.Release() }
