package lake

import (
	"fmt"
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
// from memory, all others from the store's book.
type idSet struct {
	book *idBook
	days map[int64]map[idKey]leafKey
	late map[int64]map[idKey]leafKey // of events whose day had passed: nobody else knows them before the end
	more map[idKey][]leafKey         // further bytes under one id: conflicts
	past map[int64][]*sealedIDs      // sealed by this import, not in the book yet, and forgotten here
	mine map[int64][]*sealedIDs      // sealed by this import, while days knows their ids
}

func newIDSet(b *idBook) *idSet {
	return &idSet{
		book: b, days: map[int64]map[idKey]leafKey{}, late: map[int64]map[idKey]leafKey{}, more: map[idKey][]leafKey{},
		past: map[int64][]*sealedIDs{}, mine: map[int64][]*sealedIDs{},
	}
}

// sealed takes note of segments that this import sealed. Their ids are still in
// memory, so they are not looked into before those are forgotten.
func (s *idSet) sealed(segments []Segment) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	for _, seg := range segments {
		day := dayNumber(seg.Day)
		s.mine[day] = append(s.mine[day], &sealedIDs{book: s.book, segment: seg, known: s})
	}
}

// hand gives the segment over to the book: from now on the log names it.
func (s *idSet) hand(seg Segment) *sealedIDs {
	day := dayNumber(seg.Day)
	same := func(x *sealedIDs) bool { return x.segment.ID == seg.ID }
	if i := slices.IndexFunc(s.mine[day], same); i >= 0 {
		s.mine[day][i].handed = true
		return s.mine[day][i]
	}
	i := slices.IndexFunc(s.past[day], same)
	if i < 0 {
		return nil
	}
	x := s.past[day][i]
	s.past[day] = slices.Delete(s.past[day], i, i+1)
	return x
}

// identity is what identifies an event: its id, else its bytes.
func (e Event) identity() string {
	if e.ID != "" {
		return e.ID
	}
	return segment.Identity(e.Leaf)
}

// meet says what an event of that day is to the store, and takes it in.
func (s *idSet) meet(e Event, day int64, late bool) (Outcome, error) {
	b := s.book
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.newMeeting(e, day)
	m.asks = s
	if err := b.look(&m, s.past); err != nil {
		return 0, err
	}
	s.look(&m)
	switch {
	case m.what == Duplicate:
	case m.what == Conflict:
		s.more[m.key] = append(s.more[m.key], m.leaf)
	case late:
		enroll(s.late, day, m)
	default:
		enroll(s.days, day, m)
	}
	return m.what, nil
}

// look asks what the import has in memory.
func (s *idSet) look(m *meeting) {
	for d := m.day - 1; d <= m.day+1; d++ {
		m.among(s.days[d])
		m.among(s.late[d])
	}
	m.amongMore(s.more)
}

// holds reports whether the import has the event's id, and has not brought it into
// the log. The caller holds the book's mutex.
func (s *idSet) holds(m meeting) (bool, error) {
	m.what = Stored
	s.look(&m)
	for d := m.day - 1; d <= m.day+1; d++ {
		for _, x := range s.past[d] {
			if m.what != Stored {
				return true, nil
			}
			var err error
			if m.what, err = x.meet(m.id, m.key, m.hash); err != nil {
				return false, err
			}
		}
	}
	return m.what != Stored, nil
}

func enroll(days map[int64]map[idKey]leafKey, day int64, m meeting) {
	if days[day] == nil {
		days[day] = map[idKey]leafKey{}
	}
	days[day][m.key] = m.leaf
}

// forget drops what was kept of the days before that one. Should an event of
// such a day come after all, its segments are asked; a day that is not sealed
// whole has nobody else to ask and is kept.
func (s *idSet) forget(before int64, unsealed func(day int64) bool) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	drop(s.past, before)
	drop(s.book.past, before)
	for day, segments := range s.mine {
		if day < before && !unsealed(day) {
			delete(s.days, day)
			delete(s.mine, day)
			for _, x := range segments {
				if x.known = nil; !x.handed {
					s.past[day] = append(s.past[day], x)
				}
			}
		}
	}
	s.book.settle()
}

func drop(past map[int64][]*sealedIDs, before int64) {
	for day, segments := range past {
		if day < before {
			for _, x := range segments {
				x.drop()
			}
		}
	}
}

// pass drops everything that was kept of the days before that one, also what
// nobody else knows.
func (s *idSet) pass(before int64) {
	s.book.mu.Lock()
	for day := range s.days {
		if day < before {
			delete(s.days, day)
		}
	}
	s.book.mu.Unlock()
	s.forget(before, func(int64) bool { return false })
}

// sealedIDs answers for the ids of one sealed segment. What it needs it reads
// when it is first asked: the filter, then the ids, then the events' hashes.
type sealedIDs struct {
	book    *idBook
	segment Segment
	known   *idSet // the import that has its ids in memory
	handed  bool   // to the book
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
		if x.filter, err = x.book.lake.needles(x.book.store.ID, x.segment, schemas.EventID); err != nil {
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
	rows := make(map[idKey][]int32, x.segment.Rows)
	err := x.read(schemas.EventID, func(row int64, value []byte) error {
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
		key := x.book.key(id)
		rows[key] = append(rows[key], int32(row))
		return nil
	})
	if err == nil {
		x.rows = rows
	}
	return err
}

func (x *sealedIDs) loadLeaves() error {
	leaves := make([]proof.Hash, 0, x.segment.Rows)
	err := x.read(schemas.Raw, func(_ int64, value []byte) error {
		leaves = append(leaves, proof.Leaf(value))
		return nil
	})
	if err == nil {
		x.leaves = leaves
	}
	return err
}

func (x *sealedIDs) read(column string, fn func(int64, []byte) error) error {
	return x.book.lake.readSegment(x.book.store.ID, x.segment, func(r *segment.Reader) error {
		return r.Texts(column, fn)
	})
}

// readSegment opens a segment's Parquet file for fn. A file that is missing or
// damaged is ErrCorrupt: the log says that it is there. One that the system does
// not let us read is not.
func (l *Lake) readSegment(storeID string, s Segment, fn func(*segment.Reader) error) error {
	name := path.Join(s.dir(storeID), s.ID+parquetExt)
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
	name := path.Join(s.dir(storeID), s.ID+needlesExt)
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
