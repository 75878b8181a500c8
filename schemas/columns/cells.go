package columns

import (
	"strings"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// Cell is one place of a leaf, as a Parquet file has it: what a reader that shares
// no code with the writer compares with.
type Cell struct {
	// Rep and Def are its levels.
	Rep, Def int16
	// There says whether there is a value, Kind of which type: String, Integer (times
	// too), Double or Boolean. It stands in the member for that.
	There  bool
	Kind   schemas.Kind
	Text   []byte
	Number int64
	Double float64
	Truth  bool
}

// Flat reports whether the leaf is the flat copy of a struct's member, which
// segments have since format 2.
func (l *Leaf) Flat() bool { return l.of != nil }

// Cells walks over the places of a leaf.
type Cells struct {
	leaf         *Leaf
	place, value int
}

// Cells returns a walk over the places of a Builder's leaf, in order.
func (l *Leaf) Cells() Cells {
	l.copied()
	return Cells{leaf: l}
}

// Next returns the next place, and whether there is one.
func (c *Cells) Next() (cell Cell, ok bool) {
	l, i := c.leaf, c.place
	if l.defs != nil && i >= len(l.defs) || l.defs == nil && i >= len(l.texts)+len(l.ints) {
		return cell, false
	}
	c.place++
	if l.repeated {
		cell.Rep = l.reps[i]
	}
	if l.defs != nil {
		cell.Def = l.defs[i]
	}
	if cell.Def < l.max {
		return cell, true
	}
	cell.There = true
	n := c.value
	c.value++
	switch {
	case len(l.ints) > 0:
		cell.Kind, cell.Number = schemas.Integer, l.ints[n]
	case len(l.doubles) > 0:
		cell.Kind, cell.Double = schemas.Double, l.doubles[n]
	case len(l.bools) > 0:
		cell.Kind, cell.Truth = schemas.Boolean, l.bools[n]
	case l.dict != nil && !l.plain:
		cell.Kind, cell.Text = schemas.String, l.dict.values[l.numbers[n]]
	default:
		cell.Kind, cell.Text = schemas.String, l.texts[n]
	}
	return cell, true
}

// Time is what the event says itself of its time, in microseconds since 1970, by
// the rule of the import: its eventTime, or of an aggregated event, which has
// none, the start of its window. It reports whether there is one.
func Time(raw []byte) (micros int64, ok bool) {
	at := memberOf(raw, "eventTime")
	if at == nil {
		at = memberOf(memberOf(raw, "timeWindow"), "windowStart")
	}
	if len(at) > 1 && at[0] == '"' {
		at = jscan.Unescape(nil, at[1:len(at)-1])
	}
	return schemas.ParseTime(at)
}

// memberOf is the value of an object's first member of a name, without case; nil if
// there is none.
func memberOf(object []byte, name string) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	var buf []byte
	it := jscan.Members(object)
	for key, val, ok := it.Next(); ok; key, val, ok = it.Next() {
		buf = jscan.Unescape(buf[:0], key)
		if strings.EqualFold(string(buf), name) {
			return val
		}
	}
	return nil
}
