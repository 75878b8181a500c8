package lake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/crashtest"
	"tarn/lake/laketest"
)

// liveStory is a life in which events come one by one, some twice, some with other
// bytes, while they are brought into files, merged and sealed, and an import brings
// others. brief leaves out what repeats.
func liveStory(t testing.TB, brief bool) (story crashtest.Story) {
	at := func(day int, id string) lake.Event {
		return laketest.Event(t, id, fmt.Sprintf("2026-01-%02dT12:00:00Z", day), "of "+id)
	}
	other := laketest.Event(t, "1a", "2026-01-01T12:00:00Z", "of somebody else")
	batches := [][]lake.Event{
		{at(1, "1a"), at(1, "1b")}, {at(2, "2a"), at(1, "1a")}, {other}, {at(2, "2b"), at(1, "1c")}, {at(3, "3b")},
	}
	if brief {
		batches = batches[:2]
	}
	imported := laketest.Object{Key: "1", Events: []lake.Event{at(1, "1b"), at(1, "1d"), at(3, "3b")}}
	type putting func(*lake.Lake, lake.Store, ...lake.Event) error
	bring := func(put putting, each bool, wait func(days int)) func(*lake.Lake, lake.Store) error {
		return func(l *lake.Lake, st lake.Store) error {
			for i, b := range batches {
				if err := put(l, st, b...); err != nil {
					return err
				}
				if !each {
					continue
				}
				if err := l.Flush(); err != nil {
					return err
				}
				if i == 3 {
					wait(3)
				}
				if err := l.Tidy(); err != nil {
					return err
				}
			}
			_, err := laketest.Import(l, st, lake.AppendOptions{}, []laketest.Object{imported}, nil)
			if err != nil {
				return err
			}
			wait(9)
			return l.Tidy()
		}
	}
	story.Puts = true
	story.Live = func(w *crashtest.World) error {
		now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
		w.Now = func() time.Time { return now }
		wait := func(days int) { now = now.AddDate(0, 0, days) }
		if err := w.Session(crashtest.Persist(bring(w.Put, true, wait))); err != nil {
			return err
		}
		return w.Session(func(*lake.Lake, lake.Store) error { return nil })
	}
	story.Again = bring(func(l *lake.Lake, st lake.Store, events ...lake.Event) error {
		_, err := l.Put(t.Context(), st, events)
		return err
	}, false, func(int) {})
	seen := map[string]string{}
	for _, e := range append(slices.Concat(batches...), imported.Events...) {
		switch was, ok := seen[e.ID]; {
		case !ok:
			seen[e.ID] = string(e.Raw)
			story.Events = append(story.Events, string(e.Raw))
		case was != string(e.Raw):
			story.Conflicts = append(story.Conflicts, string(e.Raw))
		}
	}
	slices.Sort(story.Events)
	slices.Sort(story.Conflicts)
	return story
}

// Whatever a power cut leaves at any moment: live events that were acknowledged are
// there, once, and the lake verifies.
func TestThePowerMayFailWhileEventsCome(t *testing.T) {
	w := crashtest.NewWorld(t, nil)
	w.Brief, w.Sparse = seeds(t) == 1, seeds(t) == 1
	powerFails(t, liveStory(t, false), w)
}

// Syncs that the hot tier cannot do without: each left out is found.
func TestEverySyncOfTheHotTierThatIsForgottenIsFound(t *testing.T) {
	for _, tt := range laketest.Few(0, []struct {
		name      string
		forgotten func(crashfs.Op) bool
	}{
		{"of the journal", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasPrefix(op.Name, "hot/journal/")
		}},
		{"of the journal's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && op.Name == "hot/journal"
		}},
		{"of the manifest", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasPrefix(op.Name, "hot/MANIFEST")
		}},
		{"of the manifest's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && op.Name == "hot"
		}},
		{"of a hot file", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasPrefix(op.Name, "tmp/") && strings.HasSuffix(op.Name, ".parquet")
		}},
		{"of a hot day's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && strings.HasPrefix(op.Name, "hot/") && strings.Count(op.Name, "/") == 2
		}},
	}) {
		t.Run(tt.name, func(t *testing.T) {
			story := liveStory(t, true)
			w := crashtest.NewWorld(t, func(op crashfs.Op) error {
				if tt.forgotten(op) {
					return crashfs.ErrSkip
				}
				return nil
			})
			w.Brief = true
			if err := story.Live(w); err != nil {
				t.Fatal(err)
			}
			figures, wrong := w.Crash(story, 1, 1)
			if len(wrong) == 0 {
				t.Errorf("%+v, and nothing wrong was found", figures)
			}
			t.Log(errors.Join(wrong...))
		})
	}
}

// Whatever operation fails while events come: the answer is an error, or what was
// asked for is there; and the lake goes on.
func TestAnyOperationMayFailWhileEventsCome(t *testing.T) {
	story := liveStory(t, true)
	faults, operations := crashtest.Faults(t, story, seeds(t) > 1)
	if seeds(t) == 1 { // each third, in which both kinds take turns
		some := faults[:0:0]
		for i := 0; i < len(faults); i += 3 {
			some = append(some, faults[i])
		}
		faults = some
	}
	faults = laketest.Few(3, faults)
	wrong := crashtest.Fail(t, story, faults)
	t.Logf("%d operations, %d faults", operations, len(faults))
	for _, err := range wrong {
		t.Error(err)
	}
}
