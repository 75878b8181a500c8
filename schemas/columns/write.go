package columns

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

const (
	// pieceBytes is how much text is written between two looks at the page's
	// size: what a page may be larger than it should.
	pieceBytes = 512 << 10
	// maxDictionary is the size of a dictionary from which values are written
	// as they are, as the library would.
	maxDictionary = 1 << 20
	// fewValues make a dictionary worth having however often each is used; of more,
	// a quarter must have come before.
	fewValues = 64
)

// Write writes what was collected as a row group of a file with the family's schema.
func (b *Builder) Write(to file.SerialRowGroupWriter) error {
	for _, l := range b.Leaves() {
		w, err := to.NextColumn()
		if err != nil {
			return err
		}
		l.copied()
		if err := l.write(w); err != nil {
			return fmt.Errorf("write column %s: %w", l.Path, err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("write column %s: %w", l.Path, err)
		}
	}
	return nil
}

func (l *Leaf) write(to file.ColumnChunkWriter) (err error) {
	switch w := to.(type) {
	case *file.ByteArrayColumnChunkWriter:
		return l.writeTexts(w)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(l.ints, l.defs, l.reps)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(l.doubles, l.defs, l.reps)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(l.bools, l.defs, l.reps)
	default:
		err = fmt.Errorf("it has an unknown type %T", to)
	}
	return err
}

func (l *Leaf) writeTexts(w *file.ByteArrayColumnChunkWriter) error {
	if l.dict == nil {
		return l.writePlain(w)
	}
	if n := len(l.dict.values); !l.plain {
		if n <= fewValues || n < len(l.numbers)*3/4 {
			return l.writeNumbers(w)
		}
		l.spell()
	}
	w.FallbackToPlain()
	return l.writePlain(w)
}

// writePlain writes texts in pieces that end with a row, for the writer looks at
// the size of a page only between them.
func (l *Leaf) writePlain(w *file.ByteArrayColumnChunkWriter) error {
	if l.defs == nil {
		for from := 0; from < len(l.texts); {
			to := from + 1
			for size := len(l.texts[from]); to < len(l.texts) && size < pieceBytes; to++ {
				size += len(l.texts[to])
			}
			if _, err := w.WriteBatch(l.texts[from:to], nil, nil); err != nil {
				return err
			}
			from = to
		}
		return nil
	}
	for at, value := 0, 0; at < len(l.defs); {
		from, first, size := at, value, 0
		for ; at < len(l.defs); at++ {
			if size >= pieceBytes && (l.reps == nil || l.reps[at] == 0) {
				break
			}
			if l.defs[at] == l.max {
				size += len(l.texts[value])
				value++
			}
		}
		var reps []int16
		if l.reps != nil {
			reps = l.reps[from:at]
		}
		if _, err := w.WriteBatch(l.texts[first:value], l.defs[from:at], reps); err != nil {
			return err
		}
	}
	return nil
}

// dictionaryEncoder is what a column's encoder is while it has a dictionary.
type dictionaryEncoder interface {
	PutDictionary(arrow.Array) error
	PutIndices(arrow.Array) error
}

// writeNumbers hands over the dictionary, then the numbers, then the levels.
func (l *Leaf) writeNumbers(w *file.ByteArrayColumnChunkWriter) error {
	e, ok := w.CurrentEncoder().(dictionaryEncoder)
	if !ok {
		return errors.New("its writer has no dictionary")
	}
	dict := l.dict.array()
	defer dict.Release()
	if err := e.PutDictionary(dict); err != nil {
		return err
	}
	numbers := int32s(l.numbers)
	defer numbers.Release()
	if err := e.PutIndices(numbers); err != nil {
		return err
	}
	if s, ok := w.PageStatistics().(*metadata.ByteArrayStatistics); ok {
		s.Update(l.dict.values, 0) // not from Arrow's: that leaves out the empty text
		s.IncNumValues(int64(len(l.numbers) - len(l.dict.values)))
	}
	_, err := w.WriteBatch(nil, l.defs, l.reps)
	return err
}

// array returns the values as Arrow has them.
func (d *dictionary) array() arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(len(d.values))
	b.ReserveData(d.bytes)
	for _, v := range d.values {
		b.BinaryBuilder.Append(v)
	}
	return b.NewArray()
}

func int32s(v []int32) arrow.Array {
	buf := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(v))
	data := array.NewData(arrow.PrimitiveTypes.Int32, len(v), []*memory.Buffer{nil, buf}, nil, 0, 0)
	defer data.Release()
	return array.NewInt32Data(data)
}
