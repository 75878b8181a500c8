package lake

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"syscall"
	"time"

	"tarn/lake/internal/journal"
	"tarn/lake/internal/segment"
)

const (
	// A day's newest file is written anew with what comes, until it has so many
	// events, or bytes of them.
	tailEvents = 1024
	tailBytes  = 1 << 20
	// countEvery is how often the log counts what was accepted, at most.
	countEvery = time.Minute
)

// cut is what a flush brings into files.
type cut struct {
	journal int64 // all of it stands in the journal's files before this one
	parts   []*cutDay
	leaves  map[*hotStore]int // how many of each store's
	bytes   int64
}

// cutDay is a day's part of it.
type cutDay struct {
	store *hotStore
	key   hotKey
	day   *hotDay
	fresh []segment.Event
	file  hotFile
}

// Flush brings what was accepted into files that queries see.
func (l *Lake) Flush() error {
	if l.log == nil {
		return ErrReadOnly
	}
	return l.hot.flush()
}

func (h *hot) flush() error {
	h.work.Lock()
	defer h.work.Unlock()
	return h.flushLocked()
}

// flushLocked is flush for who holds work.
func (h *hot) flushLocked() error {
	if err := h.heal(); err != nil {
		return err
	}
	c, err := h.cut()
	if err != nil || len(c.parts) == 0 {
		return err
	}
	err = h.writeCut(c)
	if errors.Is(err, syscall.ENOSPC) {
		h.lake.dropBallast()
		err = h.writeCut(c)
	}
	if err != nil {
		h.putBack(c)
		return fmt.Errorf("write what was accepted to files: %w", err)
	}
	h.settle(c)
	// What cannot be removed is removed when the lake is opened.
	_ = journal.Remove(h.lake.fsys, c.journal)
	return nil
}

// cut takes what waits and lets the journal begin another file.
func (h *hot) cut() (c cut, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.leaves = map[*hotStore]int{}
	// Where the journal could not be read whole, it has more than there is here.
	if h.broken != nil || h.waiting == 0 {
		return c, h.broken
	}
	if c.journal = h.next; h.journal != nil {
		if c.journal, err = h.journal.Rotate(); err != nil {
			return c, err
		}
	}
	for _, s := range h.stores {
		for key, d := range s.days {
			if len(d.fresh) > 0 {
				c.parts = append(c.parts, &cutDay{store: s, key: key, day: d, fresh: d.fresh})
				d.fresh = nil
			}
		}
		c.leaves[s], s.fresh = len(s.leaves), 0
	}
	slices.SortFunc(c.parts, func(a, b *cutDay) int {
		return cmp.Or(cmp.Compare(a.store.store.ID, b.store.store.ID), a.key.compare(b.key))
	})
	c.bytes, h.waiting = h.waiting, 0
	return c, nil
}

func (k hotKey) compare(o hotKey) int {
	if n := cmp.Compare(k.day, o.day); n != 0 || k.conflicts == o.conflicts {
		return n
	}
	if k.conflicts {
		return 1
	}
	return -1
}

// writeCut writes a file for each day, and lets them be seen together.
func (h *hot) writeCut(c cut) error {
	files, err := h.placeCut(c)
	if err != nil {
		h.lake.discard(files.add) // it is tried again, and the disk may be full
		return err
	}
	return h.lake.publishHot(files, c.journal)
}

// discard removes files that were not let be seen. What cannot be removed is removed
// when the lake is opened.
func (l *Lake) discard(files []hotFile) {
	for _, f := range files {
		for _, ext := range []string{parquetExt, needlesExt, treeExt} {
			_ = l.fsys.Remove(path.Join(f.Segment.dir(f.Store), f.Segment.ID+ext))
		}
	}
}

// placeCut writes the files. Where there is an error, it returns those that are there.
func (h *hot) placeCut(c cut) (files hotChange, err error) {
	for _, p := range c.parts {
		if err := h.makePlace(p, len(files.add)-len(files.gone)); err != nil {
			return files, err
		}
		events := slices.Concat(p.day.tail, p.fresh)
		seg, err := h.lake.placeSegment(p.store.store, p.key.day, part{events: sorted(events), conflicts: p.key.conflicts, hot: true})
		if err != nil {
			return files, err
		}
		seg.remembered = true
		p.file = hotFile{Store: p.store.store.ID, Segment: seg, Arrived: h.lake.moment()}
		files.add = append(files.add, p.file)
		if p.day.tailFile != "" {
			files.gone = append(files.gone, p.day.tailFile)
		}
	}
	return files, nil
}

// putBack takes back what could not be written. It stands in the journal as
// before.
func (h *hot) putBack(c cut) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range c.parts {
		if len(p.day.fresh) == 0 {
			p.store.fresh++
		}
		p.day.fresh = slices.Concat(p.fresh, p.day.fresh)
	}
	h.waiting += c.bytes
}

// settle takes note of what is in files now.
func (h *hot) settle(c cut) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range c.parts {
		d := p.day
		d.tail, d.tailFile = slices.Concat(d.tail, p.fresh), p.file.Segment.ID
		if p.file.Segment.Rows >= tailEvents || p.file.Segment.RawBytes >= tailBytes {
			d.tail, d.tailFile = nil, ""
		}
		if len(d.tail)+len(d.fresh) == 0 {
			delete(p.store.days, p.key)
		}
	}
	for s, n := range c.leaves {
		for _, e := range s.leaves[:n] {
			s.tally.add(e.seq, e.leaf)
		}
		s.leaves = slices.Clone(s.leaves[n:])
	}
}

// count lets the log count what is in files and was not counted.
func (h *hot) count() error {
	h.work.Lock()
	defer h.work.Unlock()
	if err := h.heal(); err != nil {
		return err
	}
	return h.record(hotChange{})
}

// partsPerEntry keeps entries short: the proof of an event that is not sealed has the
// whole one in it.
const partsPerEntry = 8

// record lets the log count what is in files, and records entries with it. The
// caller holds work.
func (h *hot) record(files hotChange, more ...entry) error {
	h.mu.Lock()
	var counted []*hotStore
	var parts []Accepted
	for _, s := range h.stores {
		if s.tally.tree.Leaves() > 0 {
			counted = append(counted, s)
			parts = append(parts, s.tally.accepted(s.store.ID, ""))
		}
	}
	h.mu.Unlock()
	slices.SortFunc(parts, func(a, b Accepted) int { return cmp.Compare(a.Store, b.Store) })
	var entries []entry
	for some := range slices.Chunk(parts, partsPerEntry) {
		entries = append(entries, entry{Type: typeJournal, Journal: &Journal{Parts: some}})
	}
	entries = append(entries, more...)
	if len(entries) == 0 {
		return nil
	}
	if err := h.lake.recordWith(files, entries...); err != nil {
		return fmt.Errorf("count what was accepted: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range counted {
		s.tally = tally{}
	}
	h.counted = h.lake.moment()
	return nil
}

// countNow reports whether it is time to count.
func (h *hot) countNow() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.lake.moment().Sub(h.counted)
	return since >= countEvery || since < 0 // the clock may be set back
}
