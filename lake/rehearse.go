package lake

import (
	"errors"
	"fmt"
	"time"
)

// Rehearsal tells what an import would come to, and writes nothing. It has the
// methods of an [Appender] and the same answers, with one difference: of days
// that Advance has passed it knows what is sealed, and not what it was offered
// itself. A duplicate that comes days behind the event counts as stored.
type Rehearsal struct {
	lake    *Lake
	store   Store
	opts    AppendOptions
	ids     *idSet
	current Counts
	total   Counts
}

// Unmade returns the lake that Create would make in the folder dir, as it would
// be before the first entry: empty, open for reading, and nowhere on disk. It is
// there to rehearse an import. The error is Create's, for a folder that is not
// empty.
func Unmade(dir string, opts Options) (*Lake, error) {
	l, err := at(dir, opts)
	if errors.Is(err, ErrNoLake) && isFile(dir) {
		return nil, noFolder(dir)
	}
	if errors.Is(err, ErrNoLake) {
		l, err = notYet(opts), nil
	}
	if err != nil {
		return nil, err
	}
	if l.fsys != nil {
		if _, err := l.unfinished(); err != nil {
			return nil, errors.Join(fmt.Errorf("create lake in %s: %w", dir, err), l.Close())
		}
	}
	return l, nil
}

// Rehearse starts the rehearsal of an import into the store, which may be one of
// PlanStore. The lake may be open for reading only, and is not locked. Imported
// knows all sources from then on.
func (l *Lake) Rehearse(store Store, o AppendOptions) (*Rehearsal, error) {
	if store.ID != "" {
		if err := errors.Join(store.takesOthers(), l.appendable(store)); err != nil {
			return nil, err
		}
	}
	if err := l.lookAtSources(); err != nil {
		return nil, err
	}
	return &Rehearsal{lake: l, store: store, opts: o, ids: newIDSet(l.book(store))}, nil
}

// lookAtSources reads the source lists that a reader's index does not have. A
// writer has read them when it opened the lake.
func (l *Lake) lookAtSources() error {
	if l.log != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.state.commits[l.indexed:] {
		if err := l.remember(&c); err != nil {
			return fmt.Errorf("read the sources of import %s: %w", c.Import, err)
		}
	}
	l.indexed = len(l.state.commits)
	return nil
}

// Store returns the store whose import is rehearsed.
func (r *Rehearsal) Store() Store { return r.store }

// Begin is Appender.Begin.
func (r *Rehearsal) Begin(Source) { r.current = Counts{} }

// Offer is Appender.Offer.
func (r *Rehearsal) Offer(e Event) (what Outcome, err error) {
	r.current.Offered++
	if !r.opts.KeepDuplicates {
		if what, err = r.ids.meet(e, dayOf(e.Time), false); err != nil {
			return 0, fmt.Errorf("look for event id %q: %w", e.ID, err)
		}
	}
	switch what {
	case Duplicate:
		r.current.Duplicates++
	case Conflict:
		r.current.Conflicts++
	case Stored:
		r.current.Stored++
		r.current.remark(r.store, r.lake.opts.Now(), e.Time)
	}
	return what, nil
}

// Filter is Appender.Filter.
func (r *Rehearsal) Filter() {
	r.current.Offered++
	r.current.Filtered++
}

// LeaveOut is Appender.LeaveOut.
func (r *Rehearsal) LeaveOut() { r.Filter() }

// Reject is Appender.Reject.
func (r *Rehearsal) Reject(Reject) error {
	r.current.Offered++
	r.current.Rejected++
	return nil
}

// Digest is Appender.Digest.
func (r *Rehearsal) Digest(string) {}

// End is Appender.End.
func (r *Rehearsal) End(string, int64) Counts {
	r.total.Add(r.current)
	return r.current
}

// Break is Appender.Break. Where duplicates are kept, what was offered of the
// source counts for nothing.
func (r *Rehearsal) Break() {
	if r.opts.KeepDuplicates {
		c := &r.current
		c.Offered -= c.Stored
		c.Stored, c.Older, c.Future = 0, 0, 0
	}
	r.total.Add(r.current)
}

// Advance is Appender.Advance.
func (r *Rehearsal) Advance(t time.Time) error {
	r.ids.pass(dayOf(t.UnixMicro()) - 1)
	return nil
}

// Finish returns what the import would have counted. There is no import of that
// receipt.
func (r *Rehearsal) Finish() (Receipt, error) { return Receipt{Counts: r.total}, nil }

// Abandon is Finish.
func (r *Rehearsal) Abandon() (Receipt, error) { return r.Finish() }
