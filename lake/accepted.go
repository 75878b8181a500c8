package lake

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// firstLive is the number of the first live event of every store. Those of imports
// stay below it: an import counts every record it is offered, so that numbers tell
// which source an event came from, while live events are numbered without gaps, so
// that one that is missing is missed.
const firstLive = 1 << 62

// Journal is the act of accepting events into the hot tier. The first such entry
// of a lake has no parts: it says that there is a hot tier now.
type Journal struct {
	Parts []Accepted `json:"parts,omitempty"`
}

// Accepted are events of a store that were accepted into the hot tier, in order of
// their numbers.
type Accepted struct {
	// Store is its id; Import the id of the import that they came with, empty for
	// live events.
	Store  string `json:"store"`
	Import string `json:"import,omitempty"`
	// FirstSeq and LastSeq are the numbers of the first and the last of them. Live
	// events have all the numbers between.
	FirstSeq int64 `json:"first_seq"`
	LastSeq  int64 `json:"last_seq"`
	// Events is how many they are, Root the RFC 6962 tree hash over them, base64.
	Events int64  `json:"events"`
	Root   string `json:"root"`
}

// tally adds up accepted events, in order of their numbers.
type tally struct {
	first, last int64
	tree        proof.Growing
}

func (t *tally) add(seq int64, leaf proof.Hash) {
	if t.tree.Leaves() == 0 {
		t.first = seq
	}
	t.last = seq
	t.tree.Add(leaf)
}

func (t *tally) accepted(store, importID string) Accepted {
	return Accepted{
		Store: store, Import: importID, FirstSeq: t.first, LastSeq: t.last,
		Events: t.tree.Leaves(), Root: encodeHash(t.tree.Root()),
	}
}

// numbered is an event's number and leaf hash.
type numbered struct {
	seq  int64
	leaf proof.Hash
}

// numberedIn returns the events of a segment whose numbers are from one to another.
func (l *Lake) numberedIn(storeID string, s Segment, from, to int64) (some []numbered, err error) {
	within := func(n numbered) bool { return from <= n.seq && n.seq <= to }
	err = l.readSegment(storeID, s, func(r *segment.Reader) error {
		err := r.Numbers(schemas.Seq, func(_ int, _, seq int64) error {
			some = append(some, numbered{seq: seq})
			return nil
		})
		if err != nil {
			return err
		}
		return r.Texts(schemas.Raw, func(row int64, raw []byte) error {
			if within(some[row]) {
				some[row].leaf = proof.Leaf(raw)
			}
			return nil
		})
	})
	return slices.DeleteFunc(some, func(n numbered) bool { return !within(n) }), err
}

// uncounted returns the hot files of a store with live events that the log has not
// counted.
func (s *state) uncounted(storeID string) (some []Segment) {
	covered := max(s.covered[storeID], firstLive-1)
	for _, seg := range s.hot[storeID] {
		if seg.MaxSeq > covered {
			some = append(some, seg)
		}
	}
	return some
}

// uncounted adds up the live events of hot files that the log has not counted:
// those of a writer that came to a sudden end.
func (l *Lake) uncounted(storeID string) (t tally, err error) {
	state := l.now()
	covered := max(state.covered[storeID], firstLive-1)
	var all []numbered
	for _, seg := range state.uncounted(storeID) {
		some, err := l.numberedIn(storeID, seg, covered+1, math.MaxInt64)
		if err != nil {
			return t, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	for i, n := range all {
		if n.seq != covered+1+int64(i) {
			return t, fmt.Errorf("%w: hot tier: event %d is missing or there twice", ErrCorrupt, covered+1+int64(i))
		}
		t.add(n.seq, n.leaf)
	}
	return t, nil
}

// errGap means that journal and files do not follow each other.
var errGap = errors.New("the journal does not go on where the files end")
