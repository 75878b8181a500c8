package lake

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/uuid"
	"tarn/lake/internal/proof"
)

// Event is one record to append.
type Event struct {
	// ID is the event's id; empty if it has none, then its bytes identify it.
	ID string
	// Time is the event's time in microseconds since 1970 in UTC.
	Time int64
	// Raw is the record as it came: one JSON object in valid UTF-8. The lake
	// keeps the slice until the event is sealed; it must not change.
	Raw []byte
	// Leaf is Leaf(Raw).
	Leaf [32]byte
}

// Leaf returns the leaf hash of a raw event: what the lake's proofs are made of.
func Leaf(raw []byte) [32]byte { return proof.Leaf(raw) }

// Outcome says what became of a record.
type Outcome int

// The outcomes of Offer.
const (
	// Stored means that the event is new.
	Stored Outcome = iota
	// Duplicate means that the same bytes under the same id are there already.
	Duplicate
	// Conflict means that other bytes are there under the same id. The record is
	// kept among the store's conflicts.
	Conflict
)

// AppendOptions say how to append. The zero value is good.
type AppendOptions struct {
	// KeepDuplicates stores every record as an event, whatever its id.
	KeepDuplicates bool
	// Import is the id of the import; a new one if empty.
	Import string
	// Filter says in words what LeaveOut leaves out, for the list of sources.
	Filter string
	// Brief marks an import of a few objects, one of many in a row: other imports wait
	// for its end instead of being refused, and go before the next brief one.
	Brief bool
	// MemoryBytes bounds the raw bytes of events held in memory before they are
	// sealed; zero means 208 MiB. What is more waits on disk.
	MemoryBytes int64
	// DiskBytes bounds the raw bytes of events that wait on disk; zero means
	// 16 GiB. An import that is interrupted does again what waited.
	DiskBytes int64
}

// defaultMemory lets two days of 35,000 events be open at a time, which a walk by
// day needs, while two more are being sealed, and keeps an import below 600 MB.
const defaultMemory = 208 << 20

// Receipt says what an import came to. What it counts is durable.
type Receipt struct {
	Import   string
	Counts   Counts
	Segments []Segment
}

// Appender takes an import's events into a store. One goroutine uses it; it
// seals days in others (seal.go). Sources come one after the other: Begin, their records,
// End. Events may be of any day in any order, but days that Advance has passed
// are sealed, and late events for one make another segment.
type Appender struct {
	lake  *Lake
	claim *claim // while the import is under way
	store Store
	opts  AppendOptions
	ids   *idSet
	days  map[int64]*openDay
	seals errgroup.Group
	// unsealed are the days, or parts of days, that are open or being sealed:
	// the ids of their events are only in memory yet.
	unsealed map[int64][]*openDay
	given    int // hot.givenUp when it began

	sources []*source // begun and not yet committed
	current *source
	nextSeq int64
	passed  int64 // the day before which none are expected
	open    int64 // raw bytes in memory, of open days
	spilled int64 // raw bytes in runs, of open days
	runs    int   // runs written, for their names
	sealed  sealedDays
	closed  []sealedDay // taken from sealed and not yet committed
	asked   bool        // a commit was not answered: nobody knows whether it counts
	news    bool        // closed has grown since it was last looked at
	rejects *spool      // records rejected from sources
	idle    int         // sources ended without an event since the last commit
	lists   int         // sidecars written, for their names
	receipt Receipt
}

// Append starts an import into the store. Finish or Abandon it. A lake takes
// one import at a time: while another is under way it is ErrImporting, but a brief one's
// end is waited for.
func (l *Lake) Append(store Store, o AppendOptions) (*Appender, error) {
	if l.log == nil {
		return nil, ErrReadOnly
	}
	if err := store.takesOthers(); err != nil {
		return nil, err
	}
	claimed, err := l.claim(store, o.Brief)
	if err != nil {
		return nil, err
	}
	// Only now: whoever deletes the store asks first whether it is appended to.
	if err := l.appendable(store); err != nil {
		l.unclaim(claimed)
		return nil, err
	}
	// What an import before brought is known before this one asks what is new.
	if err := errors.Join(l.hot.mend(), l.space.room(lowForImports)); err != nil {
		l.unclaim(claimed)
		return nil, err
	}
	if o.Import == "" {
		o.Import = uuid.NewV7(l.opts.Now())
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = defaultMemory
	}
	if o.DiskBytes == 0 {
		o.DiskBytes = defaultDisk
	}
	a := &Appender{
		lake: l, claim: claimed, store: store, opts: o, days: map[int64]*openDay{}, unsealed: map[int64][]*openDay{}, passed: math.MinInt64,
		given: l.hot.givenUp(), ids: l.book(store).begin(), nextSeq: l.now().nextSeq[store.ID],
		receipt: Receipt{Import: o.Import},
	}
	a.seals.SetLimit(l.Helpers(sealers))
	return a, nil
}

// Store returns the store that is appended to.
func (a *Appender) Store() Store { return a.store }

// Begin says that the records to come are from this source.
func (a *Appender) Begin(s Source) {
	s.Key = validKey(s.Key)
	a.current = &source{Source: s}
	a.current.FirstSeq = a.nextSeq
	a.sources = append(a.sources, a.current)
}

// Offer appends an event of the source that was begun, and tells what it is to
// the store. It blocks while too much waits to be sealed.
func (a *Appender) Offer(e Event) (Outcome, error) {
	day := dayOf(e.Time)
	seq := a.nextSeq
	a.nextSeq++
	s := a.current
	s.Counts.Offered++
	what := Stored
	if !a.opts.KeepDuplicates {
		var err error
		if what, err = a.ids.meet(e, day, day < a.passed); err != nil {
			return 0, fmt.Errorf("look for event id %q: %w", e.ID, err)
		}
	}
	switch what {
	case Duplicate:
		s.Counts.Duplicates++
		// What it repeats may not be sealed yet; the source is not complete before.
		for _, d := range a.unsealed[day] {
			d.from(s)
		}
		return what, nil
	case Conflict:
		s.Counts.Conflicts++
	case Stored:
		s.Counts.Stored++
		s.Counts.remark(a.store, a.lake.opts.Now(), e.Time)
	}
	d := a.day(day)
	d.add(e, seq, what == Conflict, s)
	a.open += int64(len(e.Raw))
	return what, a.relieve(d)
}

// Filter counts a record that the store does not want.
func (a *Appender) Filter() {
	a.current.Counts.Offered++
	a.current.Counts.Filtered++
	a.nextSeq++
}

// LeaveOut counts a record that the import's filter leaves out. Its source is
// listed as partial, so that an import with another filter, or with none, reads
// it again.
func (a *Appender) LeaveOut() {
	a.Filter()
	a.current.Partial, a.current.Filter = true, a.opts.Filter
}

// Digest notes what CloudTrail's digests say of the source.
func (a *Appender) Digest(verdict string) { a.current.Digest = verdict }

// keptOfReject is how many bytes of a long reject are kept: CloudTrail's longest
// records are whole.
const keptOfReject = 1 << 20

// Reject keeps a record that cannot be an event, with the reason.
func (a *Appender) Reject(r Reject) error {
	s := a.current
	s.Counts.Offered++
	s.Counts.Rejected++
	a.nextSeq++
	r.Source = s.Key
	r.Raw = r.Raw[:min(len(r.Raw), keptOfReject)]
	if a.rejects == nil {
		var err error
		if a.rejects, err = a.newSpool(); err != nil {
			return err
		}
	}
	return a.rejects.add(s, r)
}

// End says that the source is complete. Its hash may be known only now.
func (a *Appender) End(sha256 string, bytes int64) Counts {
	s := a.current
	s.SHA256, s.Bytes, s.ended = sha256, bytes, true
	a.current = nil
	if s.pending == 0 {
		a.commitIdle()
	}
	return s.Counts
}

// Break says that the source could not be read to its end. What was offered of
// it stays, but it is not listed, so that another import reads it again; where
// duplicates are kept, which would store it twice, it is taken back as far as it
// is not sealed.
func (a *Appender) Break() {
	if a.opts.KeepDuplicates {
		a.takeBack(a.current)
	}
	a.receipt.Counts.Add(a.current.Counts)
	a.sources = a.sources[:len(a.sources)-1] // sources come one after the other
	a.current = nil
}

// takeBack forgets what the last source has in open days.
func (a *Appender) takeBack(s *source) {
	for _, d := range a.days {
		events, bytes := d.takeBack(s, a.nextSeq)
		a.open -= bytes
		s.Counts.Offered -= int64(events)
		s.Counts.Stored -= int64(events)
	}
	s.Counts.Older, s.Counts.Future = 0, 0 // of events that are not there
}

// Advance says that events before the day of t are not expected any more: their
// days are sealed, in the background. Those that come all the same wait for the
// end of the import, so that a day has at most two segments from it.
func (a *Appender) Advance(t time.Time) error {
	limit := dayOf(t.UnixMicro())
	for day, d := range a.days {
		if day < limit && !d.late && !a.staysOpen(d) {
			a.seal(d)
		}
	}
	a.passed = max(a.passed, limit)
	if err := a.collect(); err != nil {
		return err
	}
	// A duplicate may still turn up a day later.
	a.ids.forget(limit-1, func(day int64) bool {
		return slices.ContainsFunc(a.unsealed[day], func(d *openDay) bool { return !d.late })
	})
	return a.commitSome(segmentsPerCommit)
}

// Finish seals what is open, commits, and returns the receipt. Nothing of the
// import that is not in the receipt exists. After an error, Abandon it.
func (a *Appender) Finish() (Receipt, error) {
	if err := a.chooseHot(); err != nil {
		return a.receipt, err
	}
	for _, d := range a.days {
		a.seal(d)
	}
	a.seals.Wait()
	if err := a.commitSome(0); err != nil {
		return a.receipt, err
	}
	a.release()
	// The import is there, whatever becomes of what was there before.
	if err := a.lake.Tidy(); err != nil && a.lake.opts.Events.Trouble != nil {
		a.lake.opts.Events.Trouble(err)
	}
	return a.receipt, a.closeSpool()
}

// release lets another import begin. Where a commit was not answered, the log is asked
// first; while it does not answer, live events that the import had are held.
func (a *Appender) release() {
	if !a.asked || a.lake.hot.answered(a.ids) {
		a.ids.book.end(a.ids)
	}
	a.lake.unclaim(a.claim)
}

// Abandon gives up: sealed days are committed as far as they came, so that an
// interrupted import need not do them again; the rest is forgotten. The receipt
// counts what is stored; of sources that are not complete it counts no more.
func (a *Appender) Abandon() (Receipt, error) {
	defer a.release()
	a.seals.Wait()
	// Why sealing stopped is known to who abandons; what was sealed is whole.
	_ = a.collect()
	// First what waits goes: a commit needs room, and the disk may be full.
	var err error
	for _, d := range a.days {
		err = errors.Join(err, d.forget(a.lake.fsys))
	}
	err = errors.Join(err, a.commit())
	c := &a.receipt.Counts
	c.Stored, c.Conflicts = 0, 0
	for _, s := range a.receipt.Segments {
		if s.Conflicts {
			c.Conflicts += s.Rows
		} else {
			c.Stored += s.Rows
		}
	}
	c.Offered = c.Stored + c.Duplicates + c.Conflicts + c.Filtered + c.Rejected
	return a.receipt, errors.Join(err, a.closeSpool())
}
