package lake

import (
	"hash/maphash"
	"maps"
	"slices"
	"sync"

	"tarn/lake/internal/proof"
)

// idBook knows which event ids a store has: those of live events from memory,
// those of segments from their filters and, where a filter says maybe, from the
// segments. Live events and an import share it, so that what comes both ways at
// once is stored once.
type idBook struct {
	lake  *Lake
	store Store
	seed  [2]maphash.Seed

	mu   sync.Mutex
	past map[int64][]*sealedIDs // segments by day, of the hot tier too
	live map[int64]map[idKey]leafKey
	// sealing are live events of days that are being sealed: those that came before.
	sealing map[int64]map[idKey]leafKey
	more    map[idKey][]leafKey // of live events, further bytes under one id
	// importing is what an import has taken in that is not in the log yet;
	// settled is closed, and made anew, when that becomes less.
	importing *idSet
	settled   chan struct{}
}

func newIDBook(l *Lake, store Store, segments ...[]Segment) *idBook {
	b := &idBook{
		lake: l, store: store, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		past: map[int64][]*sealedIDs{}, live: map[int64]map[idKey]leafKey{}, sealing: map[int64]map[idKey]leafKey{},
		more: map[idKey][]leafKey{}, settled: make(chan struct{}),
	}
	for _, seg := range slices.Concat(segments...) {
		seg.remembered = false // nothing is
		b.add(seg)
	}
	return b
}

// settle tells those who wait that there is less to wait for. The caller holds the
// mutex.
func (b *idBook) settle() {
	close(b.settled)
	b.settled = make(chan struct{})
}

// book returns the store's book, the same as long as the lake is open.
func (l *Lake) book(store Store) *idBook {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.books[store.ID]
	if b == nil {
		b = newIDBook(l, store, l.state.segments[store.ID], l.state.hot[store.ID])
		l.books[store.ID] = b
	}
	return b
}

// change takes in segments that are there from now on, and lets go of others, by
// id.
func (b *idBook) change(add []Segment, gone []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	forgotten := map[int64]bool{} // days of which a file went whose ids are not in memory
	for day, segments := range b.past {
		if len(gone) > 0 {
			b.past[day] = slices.DeleteFunc(segments, func(x *sealedIDs) bool {
				goes := slices.Contains(gone, x.segment.ID)
				forgotten[day] = forgotten[day] || goes && !x.segment.remembered
				return goes
			})
		}
	}
	for _, seg := range add {
		seg.remembered = seg.remembered && !forgotten[dayNumber(seg.Day)]
		b.add(seg)
	}
	b.settle()
}

func (b *idBook) add(seg Segment) {
	var x *sealedIDs
	if b.importing != nil {
		x = b.importing.hand(seg)
	}
	if x == nil {
		x = &sealedIDs{book: b, segment: seg}
	}
	day := dayNumber(seg.Day)
	b.past[day] = append(b.past[day], x)
}

// begin says that an import takes events in, end that it takes no more: what it
// has not brought into the log is forgotten.
func (b *idBook) begin() *idSet {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.importing = newIDSet(b)
	return b.importing
}

func (b *idBook) end(s *idSet) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.importing == s {
		b.importing = nil
		for _, segments := range s.mine {
			for _, x := range segments {
				x.known = nil
			}
		}
	}
	b.settle()
}

// accept says what a live event is to the store, and takes it in. Where there is a
// held, nothing is known yet: an import has an event of the same id, which is not in
// the log; ask again when held is closed.
func (b *idBook) accept(e Event) (what Outcome, held <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	day := dayOf(e.Time)
	m := b.newMeeting(e, day)
	if err := b.look(&m, nil); err != nil {
		return 0, nil, err
	}
	if m.what != Duplicate && b.importing != nil {
		if holds, err := b.importing.holds(m); err != nil || holds {
			return 0, b.settled, err
		}
	}
	switch m.what {
	case Stored:
		enroll(b.live, day, m)
	case Conflict:
		b.more[m.key] = append(b.more[m.key], m.leaf)
	}
	return m.what, nil, nil
}

// enter takes in a live event that was accepted before.
func (b *idBook) enter(e Event, conflict bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.newMeeting(e, dayOf(e.Time))
	if conflict {
		b.more[m.key] = append(b.more[m.key], m.leaf)
		return
	}
	enroll(b.live, m.day, m)
}

// forgetAllLive drops everything that was kept of live events.
func (b *idBook) forgetAllLive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.live)
	clear(b.sealing)
	clear(b.more)
	for _, segments := range b.past {
		for _, x := range segments {
			x.segment.remembered = false
		}
	}
}

// turn says that the live events of a day that came so far are to be sealed.
func (b *idBook) turn(day int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sealing[day] == nil {
		b.sealing[day] = b.live[day]
	} else { // sealing them has failed before
		maps.Copy(b.sealing[day], b.live[day])
	}
	delete(b.live, day)
}

// forgetLive drops what was kept of live events of a day that came before its turn,
// all of which are in sealed segments now.
func (b *idBook) forgetLive(day int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sealing, day)
	for _, x := range b.past[day] {
		x.drop()
	}
}

// meeting is an event that meets what is there.
type meeting struct {
	id   string
	key  idKey
	leaf leafKey
	hash proof.Hash
	day  int64
	asks *idSet  // the import that asks, if one does
	what Outcome // so far
}

func (b *idBook) newMeeting(e Event, day int64) meeting {
	id := e.identity()
	return meeting{id: id, key: b.key(id), leaf: b.leaf(e.Leaf), hash: e.Leaf, day: day}
}

func (b *idBook) key(id string) idKey {
	return idKey{maphash.String(b.seed[0], id), maphash.String(b.seed[1], id)}
}

func (b *idBook) leaf(h proof.Hash) leafKey {
	return leafKey{maphash.Bytes(b.seed[0], h[:]), maphash.Bytes(b.seed[1], h[:])}
}

// among looks for the event in a day's ids.
func (m *meeting) among(ids map[idKey]leafKey) {
	leaf, ok := ids[m.key]
	switch {
	case !ok || m.what == Duplicate:
	case leaf == m.leaf:
		m.what = Duplicate
	default:
		m.what = Conflict
	}
}

// amongMore looks for it among further bytes under its id.
func (m *meeting) amongMore(more map[idKey][]leafKey) {
	if slices.Contains(more[m.key], m.leaf) {
		m.what = Duplicate
	}
}

// look asks what is there: live events, segments, and further ones that are not in
// the book yet. What the import that asks has in memory it asks itself.
func (b *idBook) look(m *meeting, more map[int64][]*sealedIDs) error {
	for d := m.day - 1; d <= m.day+1; d++ {
		m.among(b.live[d])
		m.among(b.sealing[d])
		for _, segments := range [][]*sealedIDs{b.past[d], more[d]} {
			for _, x := range segments {
				if m.what == Duplicate {
					return nil
				}
				if x.known != nil && x.known == m.asks || x.segment.remembered {
					continue
				}
				seen, err := x.meet(m.id, m.key, m.hash)
				if err != nil {
					return err
				}
				if seen != Stored {
					m.what = seen
				}
			}
		}
	}
	m.amongMore(b.more)
	return nil
}
