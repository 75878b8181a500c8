package lake

import (
	"fmt"
	"hash/maphash"
	"path"
	"slices"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// idKey stands for an event id, leafKey for an event's leaf hash: 128 bits of keyed
// hash, so that a day of a million ids fits in memory and nobody can make two of
// them collide.
type (
	idKey   [2]uint64
	leafKey [2]uint64
)

// idSet knows which event ids the store has around a day: those of this import
// from memory, those of sealed segments from their filters and, where a filter
// says maybe, from the segments.
type idSet struct {
	lake  *Lake
	store Store
	seed  [2]maphash.Seed
	days  map[int64]map[idKey]leafKey
	late  map[int64]map[idKey]leafKey // of events whose day had passed: nobody else knows them before the end
	more  map[idKey][]leafKey         // further bytes under one id: conflicts
	past  map[int64][]*sealedIDs      // sealed segments by day
	mine  map[int64][]Segment         // sealed by this import, while days knows their ids
}

func newIDSet(l *Lake, store Store) *idSet {
	s := &idSet{
		lake: l, store: store, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		days: map[int64]map[idKey]leafKey{}, late: map[int64]map[idKey]leafKey{}, more: map[idKey][]leafKey{}, past: map[int64][]*sealedIDs{},
		mine: map[int64][]Segment{},
	}
	for _, seg := range l.now().segments[store.ID] {
		day := dayNumber(seg.Day)
		s.past[day] = append(s.past[day], &sealedIDs{set: s, segment: seg})
	}
	return s
}

// sealed takes note of segments that this import sealed. Their ids are still in
// memory, so they are not looked into before those are forgotten.
func (s *idSet) sealed(segments []Segment) {
	for _, seg := range segments {
		day := dayNumber(seg.Day)
		s.mine[day] = append(s.mine[day], seg)
	}
}

// identity is what identifies an event: its id, else its bytes.
func (e Event) identity() string {
	if e.ID != "" {
		return e.ID
	}
	return segment.Identity(e.Leaf)
}

func (s *idSet) key(id string) idKey {
	return idKey{maphash.String(s.seed[0], id), maphash.String(s.seed[1], id)}
}

func (s *idSet) leaf(h proof.Hash) leafKey {
	return leafKey{maphash.Bytes(s.seed[0], h[:]), maphash.Bytes(s.seed[1], h[:])}
}

// meet says what an event of that day is to the store, and takes it in.
func (s *idSet) meet(e Event, day int64, late bool) (Outcome, error) {
	id := e.identity()
	key, mine := s.key(id), s.leaf(e.Leaf)
	what := Stored
	for d := day - 1; d <= day+1; d++ {
		for _, ids := range []map[idKey]leafKey{s.days[d], s.late[d]} {
			if leaf, ok := ids[key]; ok {
				if leaf == mine {
					return Duplicate, nil
				}
				what = Conflict
			}
		}
		for _, seg := range s.past[d] {
			seen, err := seg.meet(id, key, e.Leaf)
			if err != nil {
				return 0, err
			}
			if seen == Duplicate {
				return Duplicate, nil
			}
			what = max(what, seen)
		}
	}
	if slices.Contains(s.more[key], mine) {
		return Duplicate, nil
	}
	if what == Conflict {
		s.more[key] = append(s.more[key], mine)
		return Conflict, nil
	}
	days := s.days
	if late {
		days = s.late
	}
	if days[day] == nil {
		days[day] = map[idKey]leafKey{}
	}
	days[day][key] = mine
	return Stored, nil
}

// forget drops what was kept of the days before that one. Should an event of
// such a day come after all, its segments are asked; a day that is not sealed
// whole has nobody else to ask and is kept.
func (s *idSet) forget(before int64, unsealed func(day int64) bool) {
	for day, segments := range s.past {
		if day < before {
			for _, seg := range segments {
				seg.drop()
			}
		}
	}
	for day, segments := range s.mine {
		if day < before && !unsealed(day) {
			delete(s.days, day)
			delete(s.mine, day)
			for _, seg := range segments {
				s.past[day] = append(s.past[day], &sealedIDs{set: s, segment: seg})
			}
		}
	}
}

// pass drops everything that was kept of the days before that one, also what
// nobody else knows.
func (s *idSet) pass(before int64) {
	for day := range s.days {
		if day < before {
			delete(s.days, day)
		}
	}
	s.forget(before, func(int64) bool { return false })
}

// sealedIDs answers for the ids of one sealed segment. What it needs it reads
// when it is first asked: the filter, then the ids, then the events' hashes.
type sealedIDs struct {
	set     *idSet
	segment Segment
	asked   bool
	filter  *needle.Filter
	rows    map[idKey][]int32
	leaves  []proof.Hash
}

func (x *sealedIDs) drop() { x.asked, x.filter, x.rows, x.leaves = false, nil, nil, nil }

// meet returns Stored if the segment does not have the id.
func (x *sealedIDs) meet(id string, key idKey, leaf proof.Hash) (Outcome, error) {
	if !x.asked {
		var err error
		if x.filter, err = x.set.lake.needles(x.set.store.ID, x.segment, schemas.EventID); err != nil {
			return 0, err
		}
		x.asked = true
	}
	if !x.filter.MayHold(id) {
		return Stored, nil
	}
	if x.rows == nil {
		if err := x.loadIDs(); err != nil {
			return 0, err
		}
	}
	rows := x.rows[key]
	if len(rows) == 0 {
		return Stored, nil
	}
	if x.leaves == nil {
		if err := x.loadLeaves(); err != nil {
			return 0, err
		}
	}
	for _, row := range rows {
		if x.leaves[row] == leaf {
			return Duplicate, nil
		}
	}
	if x.segment.Conflicts {
		// A conflict does not own its id. Should the event that does never have
		// been committed, it is still to come.
		return Stored, nil
	}
	return Conflict, nil
}

func (x *sealedIDs) loadIDs() error {
	x.rows = make(map[idKey][]int32, x.segment.Rows)
	return x.read(schemas.EventID, func(row int64, value []byte) error {
		id := string(value)
		if id == "" {
			// An event without id goes by its bytes.
			if x.leaves == nil {
				if err := x.loadLeaves(); err != nil {
					return err
				}
			}
			id = segment.Identity(x.leaves[row])
		}
		key := x.set.key(id)
		x.rows[key] = append(x.rows[key], int32(row))
		return nil
	})
}

func (x *sealedIDs) loadLeaves() error {
	x.leaves = make([]proof.Hash, 0, x.segment.Rows)
	return x.read(schemas.Raw, func(_ int64, value []byte) error {
		x.leaves = append(x.leaves, proof.Leaf(value))
		return nil
	})
}

func (x *sealedIDs) read(column string, fn func(int64, []byte) error) error {
	return x.set.lake.readSegment(x.set.store.ID, x.segment, func(r *segment.Reader) error {
		return r.Texts(column, fn)
	})
}

// readSegment opens a segment's Parquet file for fn. A file that is missing or
// damaged is ErrCorrupt: the log says that it is there. One that the system does
// not let us read is not.
func (l *Lake) readSegment(storeID string, s Segment, fn func(*segment.Reader) error) error {
	name := path.Join(segmentDir(storeID, s.Day), s.ID+parquetExt)
	err := func() error {
		f, err := l.fsys.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		r, err := segment.OpenReader(f, s.Parquet.Bytes)
		if err != nil {
			return err
		}
		return fn(r)
	}()
	return damaged(s, name, err)
}

// damaged is the error of a segment's file: ErrCorrupt, unless the system did
// not let us read it.
func damaged(s Segment, name string, err error) error {
	if err == nil || unreadable(err) {
		return reading(s, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrCorrupt, name, err)
}

// needles loads one filter of a segment, checked against the log.
func (l *Lake) needles(storeID string, s Segment, kind string) (*needle.Filter, error) {
	name := path.Join(segmentDir(storeID, s.Day), s.ID+needlesExt)
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, damaged(s, name, err)
	}
	defer f.Close()
	header, err := decodeHash(s.Needles.SHA256)
	if err != nil {
		return nil, err
	}
	filter, err := needle.Load(f, header, kind)
	return filter, damaged(s, name, err)
}
