package segment

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/schemas"
	"tarn/schemas/columns"
)

// facts gathers, row group by row group, what is kept beside the columns: the needles,
// and which accounts and regions the events come from.
type facts struct {
	needles  *needle.Collector
	kinds    map[string]int // kinds of needles by the column they are taken from
	accounts distinct
	regions  distinct
}

func newFacts(f *schemas.Family) *facts {
	x := &facts{kinds: map[string]int{}}
	var kinds []string
	for i, n := range f.Needles() {
		kinds = append(kinds, n.Name)
		x.kinds[n.Column] = i
	}
	x.needles = needle.NewCollector(kinds)
	return x
}

// Identity stands for the id of an event that has none: its leaf hash. The
// filter of event ids holds it, so that such an event is found again too.
func Identity(leaf [sha256.Size]byte) string {
	return "sha256:" + base64.StdEncoding.EncodeToString(leaf[:])
}

// add takes in the columns of a row group and the leaf hashes of its events.
func (x *facts) add(group []*columns.Leaf, leaves []proof.Hash) {
	for _, l := range group {
		if kind, ok := x.kinds[l.Path]; ok {
			for _, v := range l.Texts() {
				x.needles.Add(kind, v)
			}
		}
		switch l.Path {
		case schemas.EventID:
			x.addNameless(l, leaves)
		case "recipientaccountid":
			x.accounts.add(l.Texts())
		case "awsregion":
			x.regions.add(l.Texts())
		}
	}
}

// addNameless adds the identity of events without id.
func (x *facts) addNameless(ids *columns.Leaf, leaves []proof.Hash) {
	ids.Places(func(row int, id []byte) {
		if len(id) == 0 {
			x.needles.Add(x.kinds[schemas.EventID], []byte(Identity(leaves[row])))
		}
	})
}

// distinct collects different values for the log, where room is short: once
// there are too many, or one that is no plain name, it says nothing any more.
type distinct struct {
	seen  map[string]bool
	bytes int
	over  bool
}

// Limits of a list. With them a segment takes at most 3 KB of its log entry,
// whatever the events say.
const (
	maxDistinct      = 64
	maxDistinctBytes = 1024
)

func (d *distinct) add(values []parquet.ByteArray) {
	for _, v := range values {
		if !d.over && !d.seen[string(v)] {
			d.note(string(v))
		}
	}
}

func (d *distinct) note(s string) {
	if d.bytes += len(s); len(d.seen) == maxDistinct || d.bytes > maxDistinctBytes || !plainName(s) {
		d.over = true
		return
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	d.seen[s] = true
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
