package columns

import (
	"slices"

	"github.com/apache/arrow-go/v18/parquet"

	"tarn/schemas"
)

// Leaf is one Parquet column of a row group: its values, without gaps for NULL,
// and the levels that tell where they stand.
type Leaf struct {
	// Path is the column's name and those of its parts, joined by dots, such as
	// resources.arn or requestparameters.key; the file has list.element and
	// key_value between them.
	Path string

	// Values, of which the leaf's type uses one. They share memory with the raw
	// events. With a dictionary, numbers stand for texts.
	texts   []parquet.ByteArray
	numbers []int32
	ints    []int64
	doubles []float64
	bools   []bool
	dict    *dictionary
	plain   bool // the dictionary was too large to be worth it: texts stand for themselves

	// defs has a definition level for each place; nil if the column is required.
	// reps has a repetition level for each; nil if the column is not repeated.
	defs, reps []int16
	max        int16 // the definition level of a value
	repeated   bool
}

// Plain returns the text columns whose values hardly ever repeat. They have no
// dictionary.
func Plain() []string { return []string{schemas.EventID, "requestid", schemas.Raw} }

// newText returns a leaf of texts.
func newText(path string, max int16, repeated bool) *Leaf {
	l := &Leaf{Path: path, max: max, repeated: repeated}
	if !slices.Contains(Plain(), path) {
		l.dict = newDictionary()
	}
	return l
}

// Texts returns the texts of the leaf, each at least once.
func (l *Leaf) Texts() []parquet.ByteArray {
	if l.dict != nil && !l.plain {
		return l.dict.values
	}
	return l.texts
}

// Places calls fn with the text of each place of a leaf without dictionary, nil
// for NULL.
func (l *Leaf) Places(fn func(place int, text []byte)) {
	n := 0
	for i, def := range l.defs {
		if def != l.max {
			fn(i, nil)
			continue
		}
		fn(i, l.texts[n])
		n++
	}
}

// skip notes a place without value; def says how much of the path is there.
func (l *Leaf) skip(def, rep int16) {
	l.defs = append(l.defs, def)
	if l.repeated {
		l.reps = append(l.reps, rep)
	}
}

// skipRows notes events of which nothing is there.
func (l *Leaf) skipRows(n int) {
	l.defs = appendZeros(l.defs, n)
	if l.repeated {
		l.reps = appendZeros(l.reps, n)
	}
}

func appendZeros(to []int16, n int) []int16 {
	to = slices.Grow(to, n)
	all := to[:len(to)+n]
	clear(all[len(to):])
	return all
}

// text appends a value, which must stay as it is.
func (l *Leaf) text(v []byte, rep int16) {
	if l.dict == nil || l.plain {
		l.texts = append(l.texts, v)
	} else if l.numbers = append(l.numbers, l.dict.number(v)); l.dict.bytes >= maxDictionary {
		l.spell()
	}
	l.skip(l.max, rep)
}

// spell puts the texts in the place of their numbers.
func (l *Leaf) spell() {
	l.texts = slices.Grow(l.texts[:0], len(l.numbers))
	for _, n := range l.numbers {
		l.texts = append(l.texts, l.dict.values[n])
	}
	l.numbers = l.numbers[:0]
	l.dict.reset()
	l.plain = true
}

func (l *Leaf) integer(v int64, rep int16) {
	l.ints = append(l.ints, v)
	l.skip(l.max, rep)
}

func (l *Leaf) double(v float64, rep int16) {
	l.doubles = append(l.doubles, v)
	l.skip(l.max, rep)
}

func (l *Leaf) boolean(v bool, rep int16) {
	l.bools = append(l.bools, v)
	l.skip(l.max, rep)
}

// manyPlaces are more than most row groups ever need.
const manyPlaces = 1 << 20

// reset forgets the values and keeps the memory, unless it is for many.
func (l *Leaf) reset() {
	l.plain = false
	if len(l.defs) > manyPlaces {
		l.texts, l.numbers, l.ints, l.doubles, l.bools, l.defs, l.reps = nil, nil, nil, nil, nil, nil, nil
	}
	clear(l.texts) // so that raw events can go
	l.texts, l.numbers = l.texts[:0], l.numbers[:0]
	l.ints, l.doubles, l.bools = l.ints[:0], l.doubles[:0], l.bools[:0]
	l.defs, l.reps = l.defs[:0], l.reps[:0]
	if l.dict != nil {
		l.dict.reset()
	}
}
