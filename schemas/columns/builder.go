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
	return b
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
	b.time.Append(arrow.Timestamp(e.Time))
	b.raw.BinaryBuilder.Append(e.Raw)
	b.seq.Append(e.Seq)
	b.root.decode(e.Raw, &b.scratch)
	b.rows++
}

// Len returns the number of events collected since the last Take.
func (b *Builder) Len() int { return b.rows }

// Take returns what was collected and starts anew. The caller releases it.
func (b *Builder) Take() arrow.RecordBatch {
	b.rows = 0
	return b.records.NewRecordBatch()
}

// Release frees the builder's memory.
func (b *Builder) Release() { b.records.Release() }
