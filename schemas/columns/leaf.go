package columns

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// Leaf is one Parquet column of a batch: its values, and the levels that tell
// where they stand. Of Texts, Ints, Doubles and Bools the one of its type is
// used; it holds the values that are there, without gaps for NULL.
type Leaf struct {
	// Path is the column's name and those of its parts, joined by dots, such as
	// resources.arn or requestparameters.key; the file has list.element and
	// key_value between them.
	Path string
	// Texts share memory with the raw events.
	Texts   []parquet.ByteArray
	Ints    []int64
	Doubles []float64
	Bools   []bool
	// Defs has a definition level for each place; nil if the column is required.
	// Reps has a repetition level for each; nil if the column is not repeated.
	Defs, Reps []int16

	max      int16 // the definition level of a value
	repeated bool
}

// Here reports whether place i holds a value.
func (l *Leaf) Here(i int) bool { return l.Defs == nil || l.Defs[i] == l.max }

// skip notes a place without value; def says how much of the path is there.
func (l *Leaf) skip(def, rep int16) {
	l.Defs = append(l.Defs, def)
	if l.repeated {
		l.Reps = append(l.Reps, rep)
	}
}

// text appends a value, which must stay as it is until the batch is forgotten.
func (l *Leaf) text(v []byte, rep int16) {
	l.Texts = append(l.Texts, v)
	l.skip(l.max, rep)
}

func (l *Leaf) integer(v int64, rep int16) {
	l.Ints = append(l.Ints, v)
	l.skip(l.max, rep)
}

func (l *Leaf) double(v float64, rep int16) {
	l.Doubles = append(l.Doubles, v)
	l.skip(l.max, rep)
}

func (l *Leaf) boolean(v bool, rep int16) {
	l.Bools = append(l.Bools, v)
	l.skip(l.max, rep)
}

func (l *Leaf) write(to file.ColumnChunkWriter) (err error) {
	switch w := to.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = w.WriteBatch(l.Texts, l.Defs, l.Reps)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(l.Ints, l.Defs, l.Reps)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(l.Doubles, l.Defs, l.Reps)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(l.Bools, l.Defs, l.Reps)
	default:
		err = fmt.Errorf("it has an unknown type %T", to)
	}
	return err
}

// reset forgets the values and keeps the memory.
func (l *Leaf) reset() {
	clear(l.Texts) // so that raw events can go
	l.Texts, l.Ints, l.Doubles, l.Bools = l.Texts[:0], l.Ints[:0], l.Doubles[:0], l.Bools[:0]
	l.Defs, l.Reps = l.Defs[:0], l.Reps[:0]
}
