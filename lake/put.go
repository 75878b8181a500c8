package lake

import (
	"context"
	"errors"
	"fmt"

	"tarn/internal/vfs"
	"tarn/lake/internal/journal"
)

// ErrBehind means that events cannot be accepted for the moment: what was accepted
// before waits to be written. Nothing is lost; offer them again later.
var ErrBehind = errors.New("the lake is behind")

const (
	// batchEvents and batchBytes bound what is accepted in one step. Longer lists
	// are accepted piece by piece.
	batchEvents = 4096
	batchBytes  = 16 << 20
	// waitingBytes is how much may stand in the journal alone. It is in memory too.
	waitingBytes = 128 << 20
	// freshDays is of how many days a store's events may be in the journal alone: each
	// becomes a file. A hot tier that is not crowded has place for them.
	freshDays = hotFiles - crowded
)

// Put accepts events into the store one by one, as they come: it returns when they
// are on disk. Queries see them within two seconds where Run runs, else after
// Flush or Close. It returns what became of each event, in their order; where there
// is an error, of the first ones, and of the others nothing is known: offer them
// again. Of ErrBehind the reason is part. Events of which an import has others
// under the same id that are not committed wait until it commits.
func (l *Lake) Put(ctx context.Context, store Store, events []Event) (done []Outcome, err error) {
	if err := store.takesOthers(); err != nil {
		return nil, err
	}
	return l.put(ctx, store, events)
}

func (l *Lake) put(ctx context.Context, store Store, events []Event) (done []Outcome, err error) {
	if l.log == nil {
		return nil, ErrReadOnly
	}
	for len(events) > 0 {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := l.appendable(store); err != nil {
			return done, err
		}
		some, held, err := l.hot.put(store, events[:firstBatch(events)])
		done, events = append(done, some...), events[len(some):]
		if err != nil {
			return done, fmt.Errorf("put into %s: %w", store.Name, err)
		}
		if held != nil {
			if err := l.hot.mend(); err != nil {
				return done, fmt.Errorf("put into %s: %w", store.Name, behind(err))
			}
			select {
			case <-held:
			case <-ctx.Done():
			}
		}
	}
	return done, nil
}

// firstBatch is how many of the events are accepted in one step.
func firstBatch(events []Event) int {
	n, bytes := 0, 0
	for n < min(len(events), batchEvents) && (n == 0 || bytes+len(events[n].Raw) <= batchBytes) {
		bytes += len(events[n].Raw)
		n++
	}
	return n
}

// put accepts events, up to one that is held by an import, or for which room has to be
// made first.
func (h *hot) put(store Store, events []Event) (done []Outcome, held <-chan struct{}, err error) {
	if err := h.makeRoom(store); err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	done, held, ticket, err := h.accept(store, events)
	journal := h.journal
	h.mu.Unlock()
	if journal == nil {
		return nil, held, err
	}
	// Also where there is nothing new: what they repeat may be on its way.
	if failed := journal.Wait(ticket); failed != nil {
		return nil, nil, errors.Join(behind(failed), h.restart())
	}
	return done, held, err
}

// accept takes events in and adds them to the journal. The caller holds the mutex.
func (h *hot) accept(store Store, events []Event) (done []Outcome, held <-chan struct{}, t journal.Ticket, err error) {
	if h.closed {
		return nil, nil, 0, errClosed
	}
	if h.broken != nil {
		return nil, nil, 0, h.broken
	}
	if err := h.begin(); err != nil {
		return nil, nil, 0, behind(err)
	}
	s, err := h.open(store)
	if err != nil {
		return nil, nil, 0, err
	}
	batch := journal.Batch{Store: store.ID, First: s.next}
	for _, e := range events {
		if s.full(e) {
			break
		}
		what, waits, failed := s.book.accept(e)
		if failed != nil {
			err = fmt.Errorf("look for event id %q: %w", e.ID, failed)
			break
		}
		if waits != nil {
			held = waits
			break
		}
		h.outcomes[what]++
		if done = append(done, what); what != Duplicate {
			h.take(s, e, what == Conflict)
			batch.Events = append(batch.Events, journal.Event{Time: e.Time, ID: e.ID, Conflict: what == Conflict, Raw: e.Raw})
		}
	}
	if len(batch.Events) == 0 {
		return done, held, h.journal.Last(), err
	}
	return done, held, h.journal.Add(batch), err
}

// begin starts the journal, before the first event. The caller holds the mutex.
func (h *hot) begin() error {
	if h.journal != nil {
		return nil
	}
	if !h.lake.now().live {
		if err := h.lake.healLog(); err != nil {
			return err
		}
		if err := h.lake.record(entry{Type: typeJournal, Journal: &Journal{}}); err != nil {
			return err
		}
	}
	j, err := journal.Start(h.lake.fsys, h.next)
	if err != nil {
		return err
	}
	h.journal = j
	return nil
}

// makeRoom writes to files what waits, if that is too much or of too many days, and
// refuses more where the disk is nearly full.
func (h *hot) makeRoom(store Store) error {
	mark := lowForEvents
	if store.Own() {
		mark = lowForAudit
	}
	if err := h.lake.space.room(mark); err != nil {
		return behind(err)
	}
	h.mu.Lock()
	full := h.waiting > waitingBytes
	s := h.stores[store.ID]
	spread := s != nil && s.fresh >= freshDays
	h.mu.Unlock()
	if !full && !spread {
		return nil
	}
	err := h.flush()
	if err == nil && spread {
		err = h.tidy() // before the next ones come: there is nothing to merge them with
	}
	return behind(err)
}

// behind is the error where it may be better later: a disk that failed to keep
// what was written before is not asked again, and what is damaged stays so.
func behind(err error) error {
	if err == nil || errors.Is(err, vfs.ErrStopped) || errors.Is(err, ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrBehind, err)
}

// restart gives up a journal that failed and takes in what the disk has of it, so
// that the lake goes on when there is room again. After a sync that failed nothing
// goes on: the disk is not asked twice.
func (h *hot) restart() error {
	h.work.Lock()
	defer h.work.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.journal == nil || h.journal.Failed() == nil {
		return nil // somebody else has done it
	}
	_ = h.journal.Close() // it has failed
	for _, s := range h.stores {
		s.book.forgetAllLive()
	}
	h.journal, h.stores, h.waiting = nil, map[string]*hotStore{}, 0
	h.given++
	h.broken = h.replay()
	return h.broken
}
