package lake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tarn/internal/hint"
	"tarn/lake/internal/entrylog"
)

// ErrAt means that the lake cannot be had as it was at a size of its log.
var ErrAt = errors.New("no such moment of the lake")

// Numbers are the numbers of some events of a store, from the first to the last.
type Numbers struct{ First, Last int64 }

// Without are the numbers of those events of the segment that came later than the
// moment of the snapshot: those of the hot tier come to a segment together with what
// was accepted after them. They are none to a reader of the snapshot. See
// [Snapshot.At].
func (s Segment) Without() []Numbers { return s.without }

// Past is a snapshot of the lake at an earlier size of its log.
type Past struct {
	*Snapshot
	// Gone are the segments that it had then and that have expired since, by the id of
	// their store: their events are missing in it.
	Gone map[string][]Expired
}

// At returns the lake as the log of record had it at a size: the events that its
// entries up to there name and count, and no others, whatever has been sealed, merged
// or brought in since. At the snapshot's own size these are all but those live events
// that the log has not counted yet, of the last minute; Lake.Count has them counted.
// Stores have the names and settings of today. Release the snapshot that it was made
// from, not this one. The error is ErrAt if the log has not come so far.
func (s *Snapshot) At(ctx context.Context, size int64) (*Past, error) {
	if size < 1 || size > s.state.pos.Size {
		return nil, hint.Add(fmt.Errorf("%w: size %d", ErrAt, size), fmt.Sprintf("the log has %d entries: tarn log shows them", s.state.pos.Size))
	}
	later := newLater(s.state)
	_, err := entrylog.Scan(s.lake.fsys, s.state.startOf(size), s.state.pos.Size, func(raw entrylog.Entry) error {
		if raw.Index < size {
			return ctx.Err()
		}
		e, err := decodeEntry(raw.Payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", raw.Index, err)
		}
		later.see(e)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return &Past{&Snapshot{lake: s.lake, state: later.taken(s.state, size), taken: s.taken}, later.gone(s.state)}, nil
}

// startOf is a position from which the entries behind a size can be read.
func (s *state) startOf(size int64) entrylog.Position {
	if size == s.pos.Size {
		return s.pos
	}
	return entrylog.Position{}
}

// later is what came to pass after a size of the log.
type later struct {
	stores   map[string]bool // created
	imported map[string]bool // segments that an import sealed,
	sealed   map[string]bool // … and those with what was in the hot tier
	expired  map[string]bool // segments
	numbers  map[string][]Numbers
	live     map[string]int64 // the first live event by number
	commits  int
}

// newLater knows what no entry has counted.
func newLater(s *state) *later {
	l := &later{
		stores: map[string]bool{}, imported: map[string]bool{}, sealed: map[string]bool{}, expired: map[string]bool{},
		numbers: map[string][]Numbers{}, live: map[string]int64{},
	}
	for _, st := range s.stores {
		l.live[st.ID] = max(s.covered[st.ID], firstLive-1) + 1
	}
	return l
}

func (l *later) see(e entry) {
	switch e.Type {
	case typeStore:
		l.stores[e.Store.ID] = true
	case typeCommit:
		l.commits++
		how := l.imported
		if e.Commit.Hot {
			how = l.sealed
		}
		for _, seg := range e.Commit.Segments {
			how[seg.ID] = true
		}
	case typeExpire:
		for _, t := range e.Expiry.Segments {
			l.expired[t.ID] = true
		}
	case typeJournal:
		for _, p := range e.Journal.Parts {
			if p.Import == "" {
				l.live[p.Store] = min(l.live[p.Store], p.FirstSeq)
			} else {
				l.numbers[p.Store] = append(l.numbers[p.Store], Numbers{p.FirstSeq, p.LastSeq})
			}
		}
	}
}

// taken is the state without it.
func (l *later) taken(now *state, size int64) *state {
	s := now.clone()
	s.pos.Size = size
	s.commits = s.commits[:max(0, len(s.commits)-l.commits)]
	s.stores = slices.DeleteFunc(s.stores, func(st Store) bool { return l.stores[st.ID] })
	s.hot = map[string][]Segment{}
	for _, st := range s.stores {
		s.segments[st.ID] = l.without(st.ID, now.segments[st.ID])
		s.hot[st.ID] = l.without(st.ID, now.hot[st.ID])
	}
	return s
}

// without leaves out what came later: whole segments, or events of such as have others
// too.
func (l *later) without(storeID string, all []Segment) (left []Segment) {
	for _, seg := range all {
		if l.imported[seg.ID] {
			continue
		}
		if !seg.hot && !l.sealed[seg.ID] {
			left = append(left, seg)
			continue
		}
		for _, n := range append(l.numbers[storeID], Numbers{l.live[storeID], math.MaxInt64}) {
			if n.First <= seg.MaxSeq && seg.MinSeq <= n.Last {
				seg.without = append(seg.without, n)
			}
		}
		if !slices.ContainsFunc(seg.without, func(n Numbers) bool { return n.First <= seg.MinSeq && seg.MaxSeq <= n.Last }) {
			left = append(left, seg)
		}
	}
	return left
}

// gone are the segments that expired later.
func (l *later) gone(now *state) map[string][]Expired {
	gone := map[string][]Expired{}
	for id, all := range now.expired {
		for _, x := range all {
			if l.expired[x.ID] && !l.imported[x.ID] {
				gone[id] = append(gone[id], x)
			}
		}
	}
	return gone
}
