package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// openFor is how long after its end a day is open: events come late.
	openFor = 48 * time.Hour
	// restFor is how long a day that is over waits for more events after the last.
	restFor = 24 * time.Hour
	// flushEvery keeps what was accepted from being unseen for two seconds.
	flushEvery = time.Second
	// tidyEvery is how often the hot tier is looked through.
	tidyEvery = 5 * time.Second
)

// Run does what the hot tier needs while events come: it brings them into files
// within two seconds, merges these and seals days that are over. It returns when
// ctx is done. What goes wrong is told by Events.Trouble, and tried again.
func (l *Lake) Run(ctx context.Context) error {
	if l.log == nil {
		return ErrReadOnly
	}
	var g errgroup.Group
	g.Go(func() error {
		l.repeat(ctx, flushEvery, func() error {
			err := l.hot.flush()
			if err == nil && l.hot.countNow() {
				err = l.hot.count()
			}
			return err
		})
		return nil
	})
	g.Go(func() error {
		l.StepAside()
		l.repeat(ctx, tidyEvery, func() error {
			return errors.Join(l.hot.tidy(), l.space.room(lowForWarning), l.takeBallast(), l.indexSome())
		})
		return nil
	})
	return g.Wait()
}

// staleEntries is how many log entries readers should have to read that the index
// does not have: a day of minutes.
const staleEntries = 1440

// indexSome publishes the index if readers would have much to read without.
func (l *Lake) indexSome() error {
	l.mu.Lock()
	n := len(l.fresh)
	l.mu.Unlock()
	if n < staleEntries {
		return nil
	}
	return l.PublishIndex()
}

// repeat calls fn again and again, and tells of errors when they change.
func (l *Lake) repeat(ctx context.Context, every time.Duration, fn func() error) {
	t := time.NewTicker(every)
	defer t.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		text := ""
		if err := fn(); err != nil {
			text = err.Error()
			if text != told && l.opts.Events.Trouble != nil {
				l.opts.Events.Trouble(err)
			}
		}
		told = text
	}
}

// Tidy merges files of the hot tier where they are many, seals days that are over,
// and removes files that were replaced some time ago. Run does it all the time.
func (l *Lake) Tidy() error {
	if l.log == nil {
		return ErrReadOnly
	}
	return l.hot.tidy()
}

func (h *hot) tidy() error {
	h.tidying.Lock()
	defer h.tidying.Unlock()
	err := h.removeRetired()
	for _, id := range h.storesWithFiles() {
		store, failed := h.lake.Store(id)
		if failed != nil {
			continue // it is gone, and its days with it
		}
		for more := true; more && failed == nil; {
			more, failed = h.step(store)
		}
		err = errors.Join(err, failed)
	}
	for _, d := range slices.SortedFunc(maps.Keys(h.aside), storeDay.compare) {
		err = errors.Join(err, h.aside[d])
	}
	return err
}

// setAside takes a day that cannot be merged or sealed because a file is damaged out
// of what is: others go on. Any other error is returned.
func (h *hot) setAside(store Store, day int64, err error) error {
	if !errors.Is(err, ErrCorrupt) {
		return err
	}
	h.aside[storeDay{store.ID, day}] = err
	return nil
}

// whole returns the files of the store without those of days that are set aside.
func (h *hot) whole(store Store) []hotFile {
	return slices.DeleteFunc(h.filesOf(store.ID), func(f hotFile) bool { return h.aside[storeDay{store.ID, f.key().day}] != nil })
}

func (h *hot) storesWithFiles() []string {
	h.lake.mu.Lock()
	defer h.lake.mu.Unlock()
	return slices.Sorted(maps.Keys(h.lake.state.hot))
}

// step does what is most urgent for the store, and reports whether there was
// anything to do.
func (h *hot) step(store Store) (more bool, err error) {
	files, tails := h.whole(store), h.tails(store.ID)
	if day, ok := due(files, h.lake.opts.Now()); ok {
		return true, h.setAside(store, day, h.seal(store, day))
	}
	m := crowd(store, files, tails, dayFiles)
	if m == nil && len(files) > crowded {
		if m = crowd(store, files, tails, 1); m == nil {
			day := farthest(files, h.lake.opts.Now())
			return true, h.setAside(store, day, h.seal(store, day))
		}
	}
	if m == nil {
		return false, nil
	}
	change, err := h.merge(*m)
	if err != nil {
		return true, h.setAside(store, m.key.day, err)
	}
	return true, h.publish(change)
}

// due returns a day that is to be sealed: it is over, or as large as a segment
// should be.
func due(files []hotFile, now time.Time) (day int64, ok bool) {
	bytes, last := map[int64]int64{}, map[int64]time.Time{}
	for _, f := range files {
		day := f.key().day
		bytes[day] += f.Segment.RawBytes
		if f.Arrived.After(last[day]) {
			last[day] = f.Arrived
		}
	}
	for _, day := range slices.Sorted(maps.Keys(bytes)) {
		over := isOver(day, now) && !now.Before(last[day].Add(restFor))
		if over || bytes[day] >= segmentBytes {
			return day, true
		}
	}
	return 0, false
}

// farthest returns the day that is farthest from today: the least will come for it.
func farthest(files []hotFile, now time.Time) int64 {
	today := dayOf(now.UnixMicro())
	far := func(f hotFile) int64 { return max(f.key().day-today, today-f.key().day) }
	return slices.MaxFunc(files, func(a, b hotFile) int { return cmp.Compare(far(a), far(b)) }).key().day
}

// isOver reports whether a day is no longer open.
func isOver(day int64, now time.Time) bool {
	return !now.Before(time.UnixMicro((day + 1) * microsPerDay).Add(openFor))
}

// seal makes a segment of a day's files, and one of its conflicts.
func (h *hot) seal(store Store, day int64) error {
	files, whole, err := h.rollDay(store, day)
	if err != nil {
		return err
	}
	commit := &Commit{Store: store.ID, Hot: true}
	for _, conflicts := range []bool{false, true} {
		some := slices.DeleteFunc(slices.Clone(files), func(f hotFile) bool { return f.Segment.Conflicts != conflicts })
		if len(some) == 0 {
			continue
		}
		seg, err := h.lake.sealSegment(store, day, part{events: h.lake.mergedEvents(store.ID, some), conflicts: conflicts})
		if err != nil {
			return fmt.Errorf("seal %s of %s: %w", dayName(day), store.Name, err)
		}
		commit.Segments = append(commit.Segments, seg)
	}
	h.work.Lock()
	defer h.work.Unlock()
	if err := h.record(hotChange{gone: idsOf(files)}, entry{Type: typeCommit, Commit: commit}); err != nil {
		return err
	}
	if whole {
		h.lake.book(store).forgetLive(day)
	}
	if h.lake.opts.Events.Committed != nil {
		h.lake.opts.Events.Committed(*commit)
	}
	return nil
}

// rollDay brings everything of a day into files, if there is place, and returns them
// and whether they are whole. What comes for the day from now on comes into others.
func (h *hot) rollDay(store Store, day int64) (files []hotFile, whole bool, err error) {
	h.work.Lock()
	defer h.work.Unlock()
	// Before the flush: what comes between the two is sealed, and kept in mind.
	h.lake.book(store).turn(day)
	err = h.flushLocked()
	if err != nil && !errors.Is(err, errCrowded) {
		return nil, false, err
	}
	whole = err == nil
	h.mu.Lock()
	if s := h.stores[store.ID]; s != nil {
		for key, d := range s.days {
			if key.day == day {
				d.tail, d.tailFile = nil, ""
			}
		}
	}
	h.mu.Unlock()
	return slices.DeleteFunc(h.filesOf(store.ID), func(f hotFile) bool { return f.key().day != day }), whole, nil
}

// removeRetired removes the files that no reader needs any more.
func (h *hot) removeRetired() error {
	h.work.Lock()
	defer h.work.Unlock()
	h.lake.mu.Lock()
	defer h.lake.mu.Unlock()
	if h.pins > 0 {
		return nil
	}
	m, now := *h.lake.manifest, h.lake.moment()
	m.Retired = nil
	var err error
	for _, r := range h.lake.manifest.Retired {
		if now.Before(r.At.Add(retiredFor)) {
			m.Retired = append(m.Retired, r)
			continue
		}
		for _, ext := range []string{parquetExt, needlesExt, treeExt} {
			err = errors.Join(err, gone(h.lake.fsys.Remove(path.Join(hotDir, r.Store, r.Day, r.Segment+ext))))
		}
	}
	// The next manifest says so; should there be none, it is tried again.
	h.lake.manifest = &m
	return err
}
