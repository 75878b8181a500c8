package lake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"tarn/lake/internal/entrylog"
)

// segmentsPerCommit is how many sealed segments wait for a commit during a long
// import: enough that seven years are some hundred entries, few enough that a
// crash costs the work of seconds.
const segmentsPerCommit = 4

// segmentsPerEntry keeps entries short, for the proof of an event has the whole one
// in it: a segment takes about 1 KB, 3 KB with the longest lists of accounts and
// regions, and a quarter of that where it is compressed.
const segmentsPerEntry = 2

// sealedDay is what a sealing goroutine hands back.
type sealedDay struct {
	day      *openDay
	segments []Segment
}

// sealedDays collects them until the appender takes them.
type sealedDays struct {
	mu     sync.Mutex
	days   []sealedDay
	failed error // the first error of a seal; the import cannot go on
}

func (q *sealedDays) put(d sealedDay, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		q.days = append(q.days, d)
	} else if q.failed == nil {
		q.failed = err
	}
}

func (q *sealedDays) take() ([]sealedDay, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	days := q.days
	q.days = nil
	return days, q.failed
}

// commitSome commits what is sealed if it is at least that many segments. With
// a minimum of zero it commits everything there is, also sources without events.
func (a *Appender) commitSome(minimum int) error {
	if err := a.collect(); err != nil {
		return err
	}
	if minimum > 0 && !a.news {
		return nil
	}
	if minimum > 0 { // else it is at its end
		if err := a.lake.space.room(lowForImports); err != nil {
			return err
		}
	}
	a.news = false
	if len(segmentsOf(a.closed)) < minimum {
		return nil
	}
	return a.commit()
}

// sourcesPerCommit is how many sources without events wait for a commit that sealed
// segments bring about. A million of them took 600 MB.
const sourcesPerCommit = 8192

// commitIdle lists sources that wait for no segment, when there are many. What
// fails is told by whatever is asked of the appender next.
func (a *Appender) commitIdle() {
	if a.idle++; a.idle < sourcesPerCommit {
		return
	}
	if err := a.commit(); err != nil {
		a.sealed.put(sealedDay{}, err)
	}
}

func segmentsOf(days []sealedDay) (all []Segment) {
	for _, d := range days {
		all = append(all, d.segments...)
	}
	return all
}

// collect takes over what the sealing goroutines have done.
func (a *Appender) collect() error {
	days, err := a.sealed.take()
	for _, d := range days {
		a.closed, a.news = append(a.closed, d), true
		a.ids.sealed(d.segments)
		for _, s := range d.day.sources {
			s.pending--
		}
		n := d.day.number
		a.unsealed[n] = slices.DeleteFunc(a.unsealed[n], func(o *openDay) bool { return o == d.day })
		if len(a.unsealed[n]) == 0 {
			delete(a.unsealed, n)
		}
	}
	return err
}

// commit records the sealed segments, and in the last entry the sources whose
// events are all among what is sealed by now.
func (a *Appender) commit() error {
	if a.asked {
		return entrylog.ErrBroken // the disk may have it: asked again, it might have it twice
	}
	a.idle = 0
	last := Commit{Store: a.store.ID, Import: a.opts.Import, NextSeq: a.nextSeq}
	held := a.incomplete()
	days, later := a.closed, []sealedDay(nil)
	if a.opts.KeepDuplicates {
		days, later = hold(a.closed, held)
	}
	var done, waiting []*source
	for _, s := range a.sources {
		if held[s] {
			waiting = append(waiting, s)
		} else {
			done = append(done, s)
		}
	}
	files, rest := splitHot(segmentsOf(days))
	if len(files)+len(rest) == 0 && len(done) == 0 {
		return nil
	}
	if err := a.addLists(&last, done, days); err != nil {
		return err
	}
	// Days are sealed at the same time, and end in any order: the log has them in theirs.
	slices.SortStableFunc(rest, func(a, b Segment) int { return strings.Compare(a.Day, b.Day) })
	hot, entries := a.acceptHot(files, days)
	for len(rest) > segmentsPerEntry {
		part := last
		part.Segments, part.Sources, part.Rejects, part.Counts = rest[:segmentsPerEntry], nil, nil, Counts{}
		entries = append(entries, entry{Type: typeCommit, Commit: &part})
		rest = rest[segmentsPerEntry:]
	}
	last.Segments = rest
	entries = append(entries, entry{Type: typeCommit, Commit: &last})
	// A source may be complete only because live events came before its own.
	err := a.lake.hot.durable(a.given)
	if err == nil {
		a.asked = true
		err = a.lake.commit(a.store, hot, entries, done)
		a.asked = err != nil
	}
	if err != nil {
		return fmt.Errorf("commit to %s: %w", a.store.Name, err)
	}
	a.receipt.Segments = append(a.receipt.Segments, files...)
	a.committed(entries)
	a.sources, a.closed = waiting, later
	return a.emptySpool()
}

// incomplete returns the sources that have events to come, or unsealed ones.
func (a *Appender) incomplete() map[*source]bool {
	held := map[*source]bool{}
	for _, s := range a.sources {
		if !s.ended || s.pending > 0 {
			held[s] = true
		}
	}
	return held
}

// hold splits sealed days into those that can be committed and those that wait
// because a source in them is held, and holds all sources of these too. Where
// duplicates are kept, an interrupted import, done again, stores whole sources
// again: so nothing may be committed of a source that is not complete.
func hold(closed []sealedDay, held map[*source]bool) (ready, waiting []sealedDay) {
	isHeld := func(s *source) bool { return held[s] }
	ready = closed
	for n := -1; n != len(waiting); {
		n = len(waiting)
		var free []sealedDay
		for _, d := range ready {
			if !slices.ContainsFunc(d.day.sources, isHeld) {
				free = append(free, d)
				continue
			}
			for _, s := range d.day.sources {
				held[s] = true
			}
			waiting = append(waiting, d)
		}
		ready = free
	}
	return ready, waiting
}

// addLists writes the sidecars of a commit: its complete sources, behind them the
// others that have events in it, and the rejects of the complete ones.
func (a *Appender) addLists(c *Commit, done []*source, days []sealedDay) error {
	partial := partial(done, days)
	if len(done)+len(partial) == 0 {
		return nil
	}
	list, err := a.newLines(sourcesDir)
	if err != nil {
		return err
	}
	for _, s := range done {
		c.Counts.Add(s.Counts)
		if s.Digest != "" {
			if c.Digests == nil {
				c.Digests = map[string]int64{}
			}
			c.Digests[s.Digest]++
		}
		if err := list.add(s.Source); err != nil {
			return err
		}
	}
	for _, s := range partial {
		part := s.Source
		part.Partial, part.Filter, part.Digest = true, "", "" // what a filter left out is told at the end
		if err := list.add(part); err != nil {
			return err
		}
	}
	if c.Sources, err = list.seal(a.lake.fsys); err != nil {
		return err
	}
	c.Rejects, err = a.listRejects(done)
	return err
}

// partial returns the sources of the days that are not done, in order.
func partial(done []*source, days []sealedDay) []*source {
	rest := map[*source]bool{}
	for _, d := range days {
		for _, s := range d.day.sources {
			rest[s] = true
		}
	}
	for _, s := range done {
		delete(rest, s)
	}
	return slices.SortedFunc(maps.Keys(rest), func(a, b *source) int { return cmp.Compare(a.FirstSeq, b.FirstSeq) })
}

// commit records the entries and notes the sources that are done with them, both
// at once: an index that is published in between would lack the sources for good.
func (l *Lake) commit(store Store, files hotChange, entries []entry, done []*source) error {
	l.hot.committing.Lock()
	defer l.hot.committing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.recordLocked(files, entries); err != nil {
		return err
	}
	for _, s := range done {
		l.note(store.ID, s.Source)
	}
	return nil
}

// committed takes the entries into the receipt.
func (a *Appender) committed(entries []entry) {
	for _, e := range entries {
		if e.Commit == nil {
			continue
		}
		a.receipt.Counts.Add(e.Commit.Counts)
		a.receipt.Segments = append(a.receipt.Segments, e.Commit.Segments...)
		if a.lake.opts.Events.Committed != nil {
			a.lake.opts.Events.Committed(*e.Commit)
		}
	}
}
