package lake

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
)

const (
	// hotFiles is how many files the hot tier has of a store, at most: a query opens
	// them all. From crowded on they become fewer, whatever it takes.
	hotFiles = 32
	crowded  = 24
	// A day with more than dayFiles files gets the smaller half of them merged: each
	// event is written some ten times in a day.
	dayFiles = 8
)

// merging is what is to be merged.
type merging struct {
	store Store
	key   hotKey
	files []hotFile
}

// merge writes one file that holds the events of several. It does not show yet.
func (h *hot) merge(m merging) (hotChange, error) {
	seg, err := h.lake.placeSegment(m.store, m.key.day,
		part{events: h.lake.mergedEvents(m.store.ID, m.files), conflicts: m.key.conflicts, hot: true})
	if err != nil {
		return hotChange{}, fmt.Errorf("merge %d files of %s: %w", len(m.files), dayName(m.key.day), err)
	}
	seg.remembered = true // if all of them are: the book sees to that
	return hotChange{add: []hotFile{{Store: m.store.ID, Segment: seg, Arrived: arrived(m.files)}}, gone: idsOf(m.files)}, nil
}

func arrived(files []hotFile) (last time.Time) {
	for _, f := range files {
		if f.Arrived.After(last) {
			last = f.Arrived
		}
	}
	return last
}

func idsOf(files []hotFile) (ids []string) {
	for _, f := range files {
		ids = append(ids, f.Segment.ID)
	}
	return ids
}

// mergedEvents returns the events of several files of a day in order of time.
func (l *Lake) mergedEvents(storeID string, files []hotFile) iter.Seq2[segment.Event, error] {
	return func(yield func(segment.Event, error) bool) {
		var open []vfs.File
		defer func() {
			for _, f := range open {
				f.Close() // it was read only
			}
		}()
		var heads []*hotHead
		for _, file := range files {
			name := path.Join(file.Segment.dir(storeID), file.Segment.ID+parquetExt)
			f, err := l.fsys.Open(name)
			var r *segment.Reader
			if err == nil {
				open = append(open, f)
				r, err = segment.OpenReader(f, file.Segment.Parquet.Bytes)
			}
			if err != nil {
				yield(segment.Event{}, damaged(file.Segment, name, err))
				return
			}
			next, stop := iter.Pull2(r.Events())
			defer stop()
			heads = append(heads, &hotHead{name: name, file: file, next: next})
		}
		drain(heads, yield)
	}
}

// hotHead is a file with its next event.
type hotHead struct {
	name  string
	file  hotFile
	next  func() (segment.Event, error, bool)
	event segment.Event
}

// drain yields the events of all heads in order.
func drain(heads []*hotHead, yield func(segment.Event, error) bool) {
	advance := func(h *hotHead) (more bool, err error) {
		e, err, more := h.next()
		h.event = e
		return more, damaged(h.file.Segment, h.name, err)
	}
	var live []*hotHead
	for _, h := range heads {
		more, err := advance(h)
		if err != nil {
			yield(segment.Event{}, err)
			return
		}
		if more {
			live = append(live, h)
		}
	}
	for len(live) > 0 {
		first := slices.MinFunc(live, func(a, b *hotHead) int { return before(a.event, b.event) })
		if !yield(first.event, nil) {
			return
		}
		more, err := advance(first)
		if err != nil {
			yield(segment.Event{}, err)
			return
		}
		if !more {
			live = slices.DeleteFunc(live, func(h *hotHead) bool { return h == first })
		}
	}
}

// filesOf returns the files of a store, and the stores that have any.
func (h *hot) filesOf(storeID string) []hotFile {
	h.lake.mu.Lock()
	defer h.lake.mu.Unlock()
	var out []hotFile
	for _, f := range h.lake.manifest.Files {
		if f.Store == storeID && f.there(h.lake.state.pos.Size) {
			out = append(out, f)
		}
	}
	return out
}

// tails are the files that the next flush replaces.
func (h *hot) tails(storeID string) map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]bool{}
	if s := h.stores[storeID]; s != nil {
		for _, d := range s.days {
			if d.tailFile != "" {
				out[d.tailFile] = true
			}
		}
	}
	return out
}

// crowd returns files to merge, of the day that has most of those that are no tail:
// the smaller half. Nil if no day has more than most.
func crowd(store Store, files []hotFile, tails map[string]bool, most int) *merging {
	byKey := map[hotKey][]hotFile{}
	for _, f := range files {
		if !tails[f.Segment.ID] {
			byKey[f.key()] = append(byKey[f.key()], f)
		}
	}
	var m *merging
	for key, some := range byKey {
		if len(some) > most && (m == nil || cmp.Or(cmp.Compare(len(some), len(m.files)), key.compare(m.key)) > 0) {
			m = &merging{store, key, some}
		}
	}
	if m != nil {
		slices.SortFunc(m.files, func(a, b hotFile) int { return cmp.Compare(a.Segment.RawBytes, b.Segment.RawBytes) })
		m.files = m.files[:len(m.files)/2+1]
	}
	return m
}

// errCrowded means that a flush has to wait until files were merged.
var errCrowded = errors.New("too many files wait to be merged")

// makePlace sees to it that there is place for the file of a part, beside some that
// are new already. The caller holds work.
func (h *hot) makePlace(p *cutDay, added int) error {
	store := p.store.store
	if p.day.tailFile != "" || len(h.filesOf(store.ID))+added < hotFiles {
		return nil
	}
	if !h.tidying.TryLock() {
		return errCrowded
	}
	defer h.tidying.Unlock()
	return h.thin(store, added+1, func(c hotChange) error { return h.lake.publishHot(c, 0) })
}

// makePlaces sees to it that there is place for some files, as far as merging makes
// it, and returns for how many there is.
func (h *hot) makePlaces(store Store, wanted int) (int, error) {
	h.tidying.Lock()
	defer h.tidying.Unlock()
	err := h.thin(store, wanted, h.publish)
	return hotFiles - len(h.filesOf(store.ID)), err
}

// publish is publishHot for who does not hold work.
func (h *hot) publish(c hotChange) error {
	h.work.Lock()
	defer h.work.Unlock()
	return h.lake.publishHot(c, 0)
}

// thin merges files until there is place for some more, or none are left to merge.
func (h *hot) thin(store Store, wanted int, publish func(hotChange) error) error {
	for {
		files := h.filesOf(store.ID)
		if len(files)+wanted <= hotFiles {
			return nil
		}
		m := crowd(store, files, h.tails(store.ID), 1)
		if m == nil {
			return nil
		}
		change, err := h.merge(*m)
		if err == nil {
			err = publish(change)
		}
		if err != nil {
			return err
		}
	}
}
