package retention_test

import (
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"tarn/lake"
)

// look calls fn with what a reader sees.
func (w *world) look(fn func(*lake.Snapshot)) {
	w.Helper()
	l, err := lake.View(w.Dir, lake.Options{Now: func() time.Time { return w.now }})
	if err != nil {
		w.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	fn(snap)
}

// days are the days that a reader sees, each behind its store.
func (w *world) days() map[string]bool {
	days := map[string]bool{}
	w.look(func(snap *lake.Snapshot) {
		for _, st := range snap.EveryStore() {
			for _, seg := range append(snap.Segments(st.ID, false), snap.Segments(st.ID, true)...) {
				days[st.ID+" "+seg.Day] = true
			}
		}
	})
	return days
}

// bury takes note of what has expired since.
func (w *world) bury() {
	w.look(func(snap *lake.Snapshot) {
		for _, st := range snap.EveryStore() {
			for _, x := range snap.Expired(st.ID) {
				if w.dead[x.ID] == nil {
					w.dead[x.ID] = &dead{st.ID, x.Day, w.now, w.turn}
				}
			}
		}
	})
}

// segments are the ids of the segments of which all files are on disk, or some.
func (w *world) segments() map[string]bool {
	ids, files := map[string]bool{}, map[string]int{}
	for _, f := range w.Files(w.T) {
		if strings.HasPrefix(f, "segments/") {
			id, _, _ := strings.Cut(path.Base(f), ".")
			ids[id] = true
			files[id]++
		}
	}
	return ids
}

// purgeNow purges; what unlocks files may interrupt it.
func (w *world) purgeNow(unlock func(string) error) error {
	_, err := lake.Purge(w.Context(), w.Dir, lake.PurgeOptions{Key: w.Key, Now: func() time.Time { return w.now }, Unlock: unlock})
	return err
}

// purge purges, and compares the disk with the model.
func (w *world) purge() {
	if err := w.purgeNow(nil); err != nil {
		w.Fatal(err)
	}
	w.compare(true)
}

// interrupt purges, and is interrupted.
func (w *world) interrupt() {
	n, enough := w.chance.IntN(8), errors.New("enough")
	err := w.purgeNow(func(string) error {
		if n--; n < 0 {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		w.Fatal(err)
	}
	w.compare(false)
}

// compare compares the segments on disk with those that must be there, and, if all
// that may go has gone, with those that may.
func (w *world) compare(gone bool) {
	w.Helper()
	there := w.segments()
	w.look(func(snap *lake.Snapshot) {
		for _, st := range snap.EveryStore() {
			for _, seg := range append(snap.Segments(st.ID, false), snap.Segments(st.ID, true)...) {
				if !seg.Hot() && !there[seg.ID] {
					w.Errorf("segment %s, %s, which has not expired, is gone", seg.ID, seg.Day)
				}
			}
		}
	})
	for id, d := range w.dead {
		switch stays := w.stays(d); {
		case stays && d.day != "" && !there[id] && !w.wentBefore(id):
			w.Errorf("at %s segment %s, %s, which expired at %s, is gone", w.now, id, d.day, d.at)
		case !stays && gone && there[id]:
			w.Errorf("at %s segment %s, %s, which expired at %s, is there still", w.now, id, d.day, d.at)
		}
		if !there[id] {
			w.went = append(w.went, id)
		}
	}
	for _, r := range w.readers {
		if got := r.sees(w.T); got != r.first {
			w.Errorf("a reader sees %s; at first it saw %s", got, r.first)
		}
	}
}

// wentBefore reports whether a segment had gone before a hold, or a reader, came.
func (w *world) wentBefore(id string) bool { return slices.Contains(w.went, id) }

func (w *world) sound() {
	w.Helper()
	r, err := lake.Verify(w.Context(), w.Dir, lake.VerifyOptions{Key: w.Key, Now: func() time.Time { return w.now }})
	if err != nil || len(r.Problems)+len(r.Unread) > 0 {
		w.Errorf("Verify: %+v, %v", r, err)
	}
}

// end lets all readers end and all holds go; then everything goes that expired.
func (w *world) end() {
	for len(w.readers) > 0 {
		w.leave()
	}
	for len(w.holds) > 0 {
		w.release()
	}
	w.now = w.now.Add(2 * time.Hour)
	w.apply()
	w.now = w.now.Add(2 * time.Hour)
	w.purge()
	for id := range w.segments() {
		if w.dead[id] != nil {
			w.Errorf("segment %s is there still", id)
		}
	}
	w.sound()
}
