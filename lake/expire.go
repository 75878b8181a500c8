package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Expiry is the act of letting segments of a store expire. From its entry on
// nothing reads them; their files are removed later, by Purge.
type Expiry struct {
	Store    string      `json:"store"`
	Segments []Tombstone `json:"segments"`
}

// Tombstone is what an expiry says of a segment, which its commit's entry describes:
// the proofs of its events hold for ever.
type Tombstone struct {
	ID   string `json:"id"`
	Day  string `json:"day"`
	Rows int64  `json:"rows"`
	Root string `json:"root"`
}

func tombstone(s Segment) Tombstone { return Tombstone{s.ID, s.Day, s.Rows, s.Root} }

func (x Expiry) ids() (ids []string) {
	for _, t := range x.Segments {
		ids = append(ids, t.ID)
	}
	return ids
}

// tombstonesPerEntry keeps an entry well below the log's 65,535 bytes.
const tombstonesPerEntry = 256

// StoreDay is a UTC day of a store, by the store's id.
type StoreDay struct{ Store, Day string }

// lastMoment is the last one that RFC 3339 can write, and so JSON: events say of
// themselves when they were.
var lastMoment = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// ExpiresAt is when the events of a day expire: when the retention period is over
// for all of the day, or the days are over in which a deleted store can be restored.
// A lock in compliance mode knows no deletion.
func (s Store) ExpiresAt(day string) time.Time {
	end := time.UnixMicro((dayNumber(day) + 1) * microsPerDay).UTC()
	at := end.AddDate(0, 0, s.RetentionDays)
	if at.After(lastMoment) {
		at = lastMoment
	}
	if s.Status() == StorePendingDeletion && s.Lock != LockCompliance && s.RestorableUntil().Before(at) {
		return s.RestorableUntil()
	}
	return at
}

// Expired is a segment that the log let expire.
type Expired struct {
	Segment
	// At is when.
	At time.Time `json:"expired"`
}

// expire applies an expiry.
func (s *state) expire(e entry) {
	id := e.Expiry.Store
	for _, t := range e.Expiry.Segments {
		s.tombs[t.ID] = e.Time
	}
	all := s.segments[id]
	s.segments[id] = nil
	for _, seg := range all {
		s.place(id, seg)
	}
	slices.SortFunc(s.expired[id], func(a, b Expired) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID))
	})
}

// place puts a segment of a store among those that are there, or those that have
// expired.
func (s *state) place(storeID string, seg Segment) {
	if at, ok := s.tombs[seg.ID]; ok {
		s.expired[storeID] = append(s.expired[storeID], Expired{seg, at})
		return
	}
	s.segments[storeID] = append(s.segments[storeID], seg)
}

// EveryStore returns all event data stores that were ever made, also those that are
// gone, in the order in which they were made.
func (s *Snapshot) EveryStore() []Store { return slices.Clone(s.state.stores) }

// Expired returns the segments of a store that have expired, in order of day. Of
// most the files are not there any more.
func (s *Snapshot) Expired(storeID string) []Expired { return slices.Clone(s.state.expired[storeID]) }

// Expire lets all segments of the days expire for which it is time, as the log of
// record says: those of events and those of conflicts, and what the hot tier has of
// these days, which is sealed first. It returns what expired. Of a day that is held,
// or not over, nothing does; the error is ErrClock if the clocks do not agree, and
// then nothing does at all.
func (l *Lake) Expire(ctx context.Context, days []StoreDay) ([]Expiry, error) {
	if l.log == nil {
		return nil, ErrReadOnly
	}
	a := newAudit()
	if err := a.follow(ctx, l.fsys, l.now().pos.Size); err != nil {
		return nil, err
	}
	if err := a.at(l.moment()).Doubt(); err != nil {
		return nil, err
	}
	for _, d := range days {
		if a.mayDayExpire(d.Store, d.Day, l.moment()) != nil {
			continue
		}
		if err := l.hot.sealForExpiry(a.state.stores[a.state.storeAt(d.Store)], dayNumber(d.Day)); err != nil {
			return nil, err
		}
	}
	return l.expire(ctx, a, days)
}

// sealForExpiry seals what the hot tier has of a day.
func (h *hot) sealForExpiry(store Store, day int64) error {
	h.tidying.Lock()
	defer h.tidying.Unlock()
	if !slices.ContainsFunc(h.filesOf(store.ID), func(f hotFile) bool { return f.key().day == day }) {
		return nil
	}
	return h.seal(store, day)
}

// expire brings the audit up to the present, in which nobody can place a hold, and
// records what may expire.
func (l *Lake) expire(ctx context.Context, a *audit, days []StoreDay) ([]Expiry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := a.follow(ctx, l.fsys, l.state.pos.Size); err != nil {
		return nil, err
	}
	byStore := map[string][]Tombstone{}
	var order []string
	for _, d := range days {
		err := a.mayDayExpire(d.Store, d.Day, l.moment())
		if errors.Is(err, ErrClock) {
			return nil, err
		}
		if err != nil {
			continue
		}
		if !slices.Contains(order, d.Store) {
			order = append(order, d.Store)
		}
		for _, s := range a.state.segments[d.Store] {
			if s.Day == d.Day && !slices.Contains(byStore[d.Store], tombstone(s)) {
				byStore[d.Store] = append(byStore[d.Store], tombstone(s))
			}
		}
	}
	var done []Expiry
	for _, store := range order {
		for some := range slices.Chunk(byStore[store], tombstonesPerEntry) {
			x := Expiry{store, some}
			if err := l.recordLocked(hotChange{}, []entry{{Type: typeExpire, Expiry: &x}}); err != nil {
				return done, fmt.Errorf("expire: %w", err)
			}
			done = append(done, x)
		}
	}
	return done, nil
}
