package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/proof"
)

// audit follows the log of record from its beginning, and judges every expiry by
// what stands before it. Whoever lets evidence go (Expire, Purge) asks it, and
// nobody else: not the index, not what another process says. Verify asks the same.
type audit struct {
	state *state
	clock Clock
	// tree, if not nil, adds up the entries; changed is what it came to at each size
	// from which another key signs.
	tree    *proof.Growing
	changed map[int64]proof.Hash
	// since is, for each segment that has expired, the number of the entry that says
	// so: logs of that size and smaller have the segment.
	since map[string]int64
	// unlawful are expiries that should not have been, a sentence each, by segment.
	unlawful map[string]string
	// refused are acts on stores that our commands refuse to everybody, a sentence for
	// the first of each store, by its id. Nothing of such a store expires any more.
	refused map[string]string
	// named are the ids of all segments that the log names.
	named map[string]bool
	// deleted is what the log's clock said when a store was deleted, by its id.
	deleted map[string]time.Time
}

func newAudit() *audit {
	return &audit{state: newState(), since: map[string]int64{}, unlawful: map[string]string{}, refused: map[string]string{},
		changed: map[int64]proof.Hash{}, named: map[string]bool{}, deleted: map[string]time.Time{}}
}

// follow takes in the log up to a size.
func (a *audit) follow(ctx context.Context, fsys vfs.FS, size int64) error {
	_, err := entrylog.Scan(fsys, a.state.pos, size, func(raw entrylog.Entry) error {
		e, err := decodeEntry(raw.Payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", raw.Index, err)
		}
		if err := a.take(raw, e); err != nil {
			return err
		}
		return ctx.Err()
	})
	return err
}

// take takes in an entry.
func (a *audit) take(raw entrylog.Entry, e entry) error {
	if a.tree != nil {
		a.tree.Add(proof.Leaf(raw.Payload))
		if e.NewKey != nil {
			a.changed[raw.Index+1] = a.tree.Root()
		}
	}
	if e.Type == typeExpire {
		a.judge(raw.Index, e)
	}
	a.clock.hear(e)
	if e.Change != nil {
		a.judgeChange(raw.Index, e)
	}
	if e.Commit != nil {
		for _, s := range e.Commit.Segments {
			// One name is one file, or a store that is soon over could let another's go.
			if a.named[s.ID] {
				return fmt.Errorf("%w: entry %d names segment %s, which there was before", ErrCorrupt, raw.Index, s.ID)
			}
			a.named[s.ID] = true
		}
	}
	return a.state.take(raw, e)
}

// judgeChange says whether a store may be changed so: a program that did not ask for
// leave frees nothing by it.
func (a *audit) judgeChange(index int64, e entry) {
	i := a.state.storeAt(e.Change.Store)
	if i < 0 || a.refused[e.Change.Store] != "" {
		return // the state refuses it
	}
	st := a.state.stores[i]
	if e.Type == typeDelete {
		a.deleted[st.ID] = a.clock.Log
	}
	if err := a.mayChange(st, e); err != nil {
		a.refused[st.ID] = fmt.Sprintf("entry %d is refused to everybody: %v", index, err)
	}
}

func (a *audit) mayChange(st Store, e entry) error {
	var what []string
	o := e.Change.StoreSettings
	switch e.Type {
	case typeDelete:
		what = []string{"delete it"}
		if err := errors.Join(a.state.unheld(st), st.unprotected()); err != nil {
			return err
		}
	case typeUpdate, typeLock:
		what = st.loosens(o)
		if o.RetentionDays != 0 && o.RetentionDays < MinRetentionDays {
			return fmt.Errorf("%w: %d days", ErrRetention, o.RetentionDays)
		}
	}
	var allow []Bypass
	if e.Change.Bypass != nil {
		allow = []Bypass{*e.Change.Bypass}
	}
	_, err := st.permit(what, allow)
	return err
}

// judge says whether an expiry is as it should be: after its time, under no hold,
// by a clock that could be believed.
func (a *audit) judge(index int64, e entry) {
	for _, t := range e.Expiry.Segments {
		a.since[t.ID] = index
		if err := a.mayExpire(e.Expiry.Store, t, e.Time); err != nil {
			a.unlawful[t.ID] = fmt.Sprintf("entry %d lets it expire, and should not: %v", index, err)
		}
	}
}

// mayExpire is nil if a segment may expire at that time, by what the log says so far.
func (a *audit) mayExpire(storeID string, t Tombstone, now time.Time) error {
	i := slices.IndexFunc(a.state.segments[storeID], func(s Segment) bool { return s.ID == t.ID })
	if i < 0 {
		return fmt.Errorf("%w: store %s has no segment %s", ErrCorrupt, storeID, t.ID)
	}
	if s := a.state.segments[storeID][i]; t != tombstone(s) {
		return fmt.Errorf("%w: segment %s is not as it was sealed", ErrCorrupt, t.ID)
	}
	return a.mayDayExpire(storeID, t.Day, now)
}

func (a *audit) mayDayExpire(storeID, day string, now time.Time) error {
	if err := a.at(now).Doubt(); err != nil {
		return err
	}
	i := a.state.storeAt(storeID)
	if i < 0 {
		return fmt.Errorf("%w: %s", ErrStoreNotFound, storeID)
	}
	st := a.state.stores[i]
	if what := a.refused[storeID]; what != "" {
		return fmt.Errorf("%w: %s: %s", ErrStoreLocked, st.Name, what)
	}
	// A clock that was behind when it was deleted does not shorten the days after that.
	if d := a.deleted[storeID]; st.Deleted.Before(d) && !st.Deleted.IsZero() {
		st.Deleted = d
	}
	if at := st.ExpiresAt(day); now.Before(at) {
		return fmt.Errorf("%w: %s of %s, before %s", ErrNotExpired, day, st.Name, at.Format(time.RFC3339))
	}
	if ids := a.state.holdsOn(storeID, day); len(ids) > 0 {
		return fmt.Errorf("%w on %s of %s: %s", ErrHeld, day, st.Name, ids[0])
	}
	return nil
}

// at is what the clocks say when the system's has that time.
func (a *audit) at(now time.Time) Clock { return Clock{System: now, Log: a.clock.Log} }
