package segment

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"tarn/lake/internal/needle"
	"tarn/schemas"
)

// facts gathers, batch by batch, what is kept beside the columns: the needles,
// and which accounts and regions the events come from.
type facts struct {
	needles  *needle.Collector
	paths    [][]string
	accounts distinct
	regions  distinct
}

func newFacts(f *schemas.Family) *facts {
	x := &facts{}
	var kinds []string
	for _, n := range f.Needles() {
		kinds = append(kinds, n.Name)
		x.paths = append(x.paths, strings.Split(n.Column, "."))
	}
	x.needles = needle.NewCollector(kinds)
	return x
}

// Identity stands for the id of an event that has none: its leaf hash. The
// filter of event ids holds it, so that such an event is found again too.
func Identity(leaf [sha256.Size]byte) string {
	return "sha256:" + base64.StdEncoding.EncodeToString(leaf[:])
}

// add takes in a batch and the events it was made of.
func (x *facts) add(b arrow.RecordBatch, events []Event) {
	x.addNameless(b, events)
	for kind, path := range x.paths {
		last := ""
		texts(b, path, func(s string) {
			// Runs of one value are common; hash it once.
			if s != last || s == "" {
				x.needles.Add(kind, s)
				last = s
			}
		})
	}
	texts(b, []string{"recipientaccountid"}, x.accounts.add)
	texts(b, []string{"awsregion"}, x.regions.add)
}

// addNameless adds the identity of events without id.
func (x *facts) addNameless(b arrow.RecordBatch, events []Event) {
	for _, i := range b.Schema().FieldIndices(schemas.EventID) {
		ids, ok := b.Column(i).(*array.String)
		for row := 0; ok && row < ids.Len(); row++ {
			if ids.IsNull(row) || ids.Value(row) == "" {
				x.needles.Add(0, Identity(events[row].Leaf))
			}
		}
	}
}

// texts calls fn with the values of the text column at the path that are not NULL.
func texts(b arrow.RecordBatch, path []string, fn func(string)) {
	i := b.Schema().FieldIndices(path[0])
	if len(i) == 0 {
		return
	}
	col := b.Column(i[0])
	for _, name := range path[1:] {
		if l, ok := col.(*array.List); ok {
			col = l.ListValues()
		}
		s, ok := col.(*array.Struct)
		if !ok {
			return
		}
		k, ok := s.DataType().(*arrow.StructType).FieldIdx(name)
		if !ok {
			return
		}
		col = s.Field(k)
	}
	values, ok := col.(*array.String)
	if !ok {
		return
	}
	for i := range values.Len() {
		if values.IsValid(i) {
			fn(values.Value(i))
		}
	}
}

// distinct collects different values for the log, where room is short: once
// there are too many, or one that is no plain name, it says nothing any more.
type distinct struct {
	seen  map[string]bool
	last  string
	bytes int
	over  bool
}

// Limits of a list. With them a segment takes at most 3 KB of its log entry,
// whatever the events say.
const (
	maxDistinct      = 64
	maxDistinctBytes = 1024
)

func (d *distinct) add(s string) {
	if d.over || s == d.last && d.seen != nil || d.seen[s] {
		return
	}
	if d.bytes += len(s); len(d.seen) == maxDistinct || d.bytes > maxDistinctBytes || !plainName(s) {
		d.over = true
		return
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	// The value points into a batch that is about to go.
	d.last = strings.Clone(s)
	d.seen[d.last] = true
}

// plainName reports whether the text takes no more room as JSON than it has bytes.
func plainName(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// list returns the values in order; nil if it says nothing.
func (d *distinct) list() []string {
	if d.over {
		return nil
	}
	return slices.Sorted(maps.Keys(d.seen))
}
