package lake

import (
	"fmt"
	"sync"
)

// segmentsPerCommit is how many sealed segments wait for a commit during a long
// import: enough that seven years are some hundred entries, few enough that a
// crash costs the work of seconds.
const segmentsPerCommit = 4

// segmentsPerEntry keeps an entry well below the log's 65,535 bytes: a segment
// takes about 1 KB, 3 KB with the longest lists of accounts and regions.
const segmentsPerEntry = 16

// sealedDay is what a sealing goroutine hands back.
type sealedDay struct {
	segments []Segment
	sources  []*source
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
	if len(a.segments) < minimum {
		return nil
	}
	return a.commit()
}

// collect takes over what the sealing goroutines have done.
func (a *Appender) collect() error {
	days, err := a.sealed.take()
	for _, d := range days {
		a.segments = append(a.segments, d.segments...)
		a.ids.sealed(d.segments)
		for _, s := range d.sources {
			s.pending--
		}
	}
	return err
}

// commit records the sealed segments, and in the last entry the sources whose
// events are all among what is sealed by now.
func (a *Appender) commit() error {
	last := Commit{Store: a.store.ID, Import: a.opts.Import, NextSeq: a.nextSeq}
	done, waiting := a.completed()
	if len(a.segments) == 0 && len(done) == 0 && a.rejects == nil {
		return nil
	}
	if err := a.addLists(&last, done); err != nil {
		return err
	}
	var entries []entry
	rest := a.segments
	for len(rest) > segmentsPerEntry {
		part := last
		part.Segments, part.Sources, part.Rejects, part.Counts = rest[:segmentsPerEntry], nil, nil, Counts{}
		entries = append(entries, entry{Type: typeCommit, Commit: &part})
		rest = rest[segmentsPerEntry:]
	}
	last.Segments = rest
	entries = append(entries, entry{Type: typeCommit, Commit: &last})
	if err := a.lake.record(entries...); err != nil {
		return fmt.Errorf("commit to %s: %w", a.store.Name, err)
	}
	a.committed(entries, done)
	a.sources = waiting
	return nil
}

// completed splits the sources into those that are complete and the others.
func (a *Appender) completed() (done, waiting []*source) {
	for _, s := range a.sources {
		if s.ended && s.pending == 0 {
			done = append(done, s)
		} else {
			waiting = append(waiting, s)
		}
	}
	return done, waiting
}

// addLists writes the sidecars of a commit.
func (a *Appender) addLists(c *Commit, done []*source) error {
	if len(done) > 0 {
		list, err := a.newLines(sourcesDir)
		if err != nil {
			return err
		}
		for _, s := range done {
			c.Counts.Add(s.Counts)
			if err := list.add(s.Source); err != nil {
				return err
			}
		}
		if c.Sources, err = list.seal(a.lake.fsys); err != nil {
			return err
		}
	}
	if a.rejects == nil {
		return nil
	}
	var err error
	c.Rejects, err = a.rejects.seal(a.lake.fsys)
	a.rejects = nil
	return err
}

// committed takes the entries into the receipt.
func (a *Appender) committed(entries []entry, done []*source) {
	a.lake.mu.Lock()
	for _, s := range done {
		a.lake.note(a.store.ID, s.Source)
	}
	a.lake.mu.Unlock()
	for _, e := range entries {
		a.receipt.Counts.Add(e.Commit.Counts)
		a.receipt.Segments = append(a.receipt.Segments, e.Commit.Segments...)
		if a.lake.opts.Events.Committed != nil {
			a.lake.opts.Events.Committed(*e.Commit)
		}
	}
	a.segments = nil
}
