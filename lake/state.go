package lake

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tarn/internal/packed"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
)

// state is what the log says up to a position. It is immutable once shared:
// apply changes it only while it is being built or under the lake's mutex, and
// snapshots take copies of the maps.
type state struct {
	pos      entrylog.Position
	lake     string    // the lake's id
	keys     []Key     // its verification keys, the first one first
	witness  []Witness // who are asked to remember checkpoints
	stores   []Store
	segments map[string][]Segment // by store id, in order of day
	expired  map[string][]Expired // likewise: those that have expired
	tombs    map[string]time.Time // when a segment expired, by its id
	holds    []Hold               // that stand
	commits  []Commit             // without their segments
	nextSeq  map[string]int64
	covered  map[string]int64     // the last live event, by its number, that the log has counted
	live     bool                 // the lake has, or had, a hot tier
	hot      map[string][]Segment // what the manifest has for this size of the log
	lists    *lists
}

func newState() *state {
	return &state{lists: &lists{}, segments: map[string][]Segment{}, expired: map[string][]Expired{}, tombs: map[string]time.Time{}, nextSeq: map[string]int64{}, covered: map[string]int64{}}
}

// clone returns a state that can be changed while the old one is read. What is appended
// to lists comes to lie apart from the old one's.
func (s *state) clone() *state {
	c := *s
	c.lists = &lists{}
	c.stores = slices.Clone(s.stores)
	c.commits = slices.Clip(s.commits)
	c.segments = clipped(s.segments)
	c.expired = clipped(s.expired)
	c.tombs = maps.Clone(s.tombs)
	c.nextSeq = maps.Clone(s.nextSeq)
	c.covered = maps.Clone(s.covered)
	return &c
}

func clipped[T any](lists map[string][]T) map[string][]T {
	c := make(map[string][]T, len(lists))
	for id, list := range lists {
		c[id] = slices.Clip(list)
	}
	return c
}

// applyRaw takes in an entry as it stands in the log.
func (s *state) applyRaw(e entrylog.Entry) error {
	parsed, err := decodeEntry(e.Payload)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	return s.take(e, parsed)
}

// take is applyRaw for an entry that was decoded.
func (s *state) take(e entrylog.Entry, parsed entry) error {
	if (e.Index == 0) != (parsed.Type == typeLake) {
		return fmt.Errorf("%w: entry %d is of type %q", ErrCorrupt, e.Index, parsed.Type)
	}
	if err := parsed.wellNamed(); err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrCorrupt, e.Index, err)
	}
	if c := parsed.Store; c != nil && s.storeAt(c.ID) >= 0 {
		return fmt.Errorf("%w: entry %d creates an event data store that there was before: %s", ErrCorrupt, e.Index, c.ID)
	}
	if c := parsed.Change; c != nil && s.storeAt(c.Store) < 0 {
		return fmt.Errorf("%w: entry %d changes an event data store that was never created: %s", ErrCorrupt, e.Index, c.Store)
	}
	if parsed.Type == typeLake && !namedFor(parsed.Lake, parsed.Key) || parsed.NewKey != nil && !namedFor(s.lake, parsed.NewKey.Key) {
		return fmt.Errorf("%w: the key in entry %d is not one of the lake: it has another name", ErrCorrupt, e.Index)
	}
	if k := parsed.NewKey; k != nil && k.From != e.Index+1 {
		return fmt.Errorf("%w: entry %d names a key for checkpoints from size %d", ErrCorrupt, e.Index, k.From)
	}
	if h := parsed.Hold; h != nil && (parsed.Type == typeHold && s.storeAt(h.Store) < 0 || parsed.Type == typeRelease && s.holdAt(h.ID) < 0) {
		return fmt.Errorf("%w: entry %d is about a hold, or a store, that is not there: %s", ErrCorrupt, e.Index, h.ID)
	}
	s.apply(parsed)
	s.pos = e.End
	return nil
}

func (s *state) apply(e entry) {
	switch e.Type {
	case typeLake:
		s.lake, s.keys = e.Lake, []Key{{KeyChange: KeyChange{Key: e.Key}, Time: e.Time}}
	case typeStore:
		st := *e.Store
		st.Updated, st.Lock = st.Created, LockNone
		if st.Billing == "" { // it was made before there were modes
			st.Billing = BillingExtendable
		}
		s.stores = append(s.stores, st)
	case typeUpdate, typeSelectors, typeIngestion, typeDelete, typeRestore, typeLock:
		s.change(e)
	case typeRotate, typeLost:
		s.keys = append(slices.Clip(s.keys), Key{*e.NewKey, e.Type == typeLost, e.Time})
	case typeWitnessAdd, typeWitnessRemove:
		s.ask(*e.Witness, e.Type == typeWitnessAdd)
	case typeHold, typeRelease:
		s.hold(e)
	case typeExpire:
		s.expire(e)
	case typeJournal:
		s.live = true
		for _, p := range e.Journal.Parts {
			if p.Import == "" {
				s.covered[p.Store] = max(s.covered[p.Store], p.LastSeq)
			}
		}
	case typeCommit:
		c := *e.Commit
		c.Segments = slices.Clone(c.Segments)
		for i := range c.Segments {
			c.Segments[i].accepted = c.Hot
		}
		s.addSegments(c.Store, c.Segments)
		s.nextSeq[c.Store] = max(s.nextSeq[c.Store], c.NextSeq)
		c.Segments = nil
		s.commits = append(s.commits, c)
	}
}

func (s *state) addSegments(store string, add []Segment) {
	byDay := func(a, b Segment) int { return cmp.Or(strings.Compare(a.Day, b.Day), strings.Compare(a.ID, b.ID)) }
	all := append(s.segments[store], add...)
	// Most come behind those that are there, and a log has thousands of entries.
	if tail := all[max(0, len(all)-len(add)-1):]; !slices.IsSortedFunc(tail, byDay) {
		slices.SortFunc(all, byDay)
	}
	s.segments[store] = all
}

// Kinds of documents in the index.
const (
	// docLake holds the first entry, those about keys and witnesses, and what the
	// entries about the hot tier come to: a program that does not know these cannot
	// pass over them.
	docLake = "lake"
	// docStore holds all that was done to stores, holds and expiries too, in the order of the log. It is
	// one kind so that a program which does not know one of these acts cannot
	// pass over it.
	docStore  = "store"
	docCommit = "commit"
)

// packedLayout is that of commits and segments in the index: there are thousands, which
// are read whenever the lake is opened.
var packedLayout = packed.Layout(&Commit{}, &Segment{})

// stateFromIndex returns what the index says. An index that is no use gives an
// empty state, from which the log is replayed whole.
func stateFromIndex(path, lake string) (*state, *index.Index, error) {
	s := newState()
	x, err := index.Open(path, lake, packedLayout)
	if errors.Is(err, index.ErrUnusable) {
		return s, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.load(x); err != nil {
		x.Close()
		return newState(), nil, nil
	}
	return s, x, nil
}

func (s *state) load(x *index.Index) error {
	s.pos = entrylog.Position{Size: x.Meta.LogSize, Bytes: x.Meta.LogBytes}
	for _, kind := range []string{docLake, docStore} {
		err := x.Docs(kind, func(doc []byte) error {
			e, err := decodeEntry(doc)
			if err == nil {
				s.apply(e)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	err := x.Docs(docCommit, func(doc []byte) error {
		var c Commit
		if err := packed.Read(doc, &c); err != nil {
			return err
		}
		s.apply(entry{Type: typeCommit, Commit: &c})
		return nil
	})
	if err != nil {
		return err
	}
	return x.Segments(func(store string, doc []byte) error {
		var seg Segment
		if err := packed.Read(doc, &seg); err != nil {
			return err
		}
		s.place(store, seg) // the index has them in order
		return nil
	})
}

// indexEntry puts an entry into an index that is being written.
func indexEntry(w *index.Writer, payload []byte) error {
	e, err := decodeEntry(payload)
	if err != nil {
		return err
	}
	switch e.Type {
	case typeLake, typeRotate, typeLost, typeWitnessAdd, typeWitnessRemove:
		return w.AddDoc(docLake, index.Doc{ID: e.Type, Doc: payload})
	case typeStore, typeUpdate, typeSelectors, typeIngestion, typeDelete, typeRestore, typeLock, typeHold, typeRelease, typeExpire, typeClock:
		return w.AddDoc(docStore, index.Doc{ID: e.Type, Doc: payload})
	case typeJournal, typeReport: // one a minute: the last of them says enough, see indexCovered; reports are read in the log
		return nil
	}
	for _, seg := range e.Commit.Segments {
		if err := w.AddSegment(index.Segment{Store: e.Commit.Store, ID: seg.ID, Day: seg.Day, Doc: packed.Append(nil, &seg)}); err != nil {
			return err
		}
	}
	e.Commit.Segments = nil
	return w.AddDoc(docCommit, index.Doc{ID: e.Commit.Import, Doc: packed.Append(nil, e.Commit)})
}

// indexCovered puts into an index that is being written what the journal entries
// come to.
func (s *state) indexCovered(w *index.Writer) error {
	if !s.live {
		return nil
	}
	sum := entry{Type: typeJournal, Journal: &Journal{}}
	for _, st := range slices.Sorted(maps.Keys(s.covered)) {
		sum.Journal.Parts = append(sum.Journal.Parts, Accepted{Store: st, LastSeq: s.covered[st]})
	}
	doc, err := encodeEntry(sum)
	if err != nil {
		return err
	}
	return w.AddDoc(docLake, index.Doc{ID: typeJournal, Doc: doc})
}

// equal reports whether two states say the same.
func (s *state) equal(o *state) bool {
	return s.pos == o.pos && s.lake == o.lake && sameJSON(s.keys, o.keys) && slices.Equal(s.witness, o.witness) &&
		slices.Equal(s.stores, o.stores) && sameJSON(s.commits, o.commits) &&
		sameJSON(s.segments, o.segments) && maps.Equal(s.nextSeq, o.nextSeq) && maps.Equal(s.covered, o.covered) && s.live == o.live &&
		sameJSON(s.expired, o.expired) && sameJSON(s.holds, o.holds) && maps.EqualFunc(s.tombs, o.tombs, time.Time.Equal)
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
