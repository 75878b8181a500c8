package lake_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/crashtest"
	"tarn/lake/laketest"
)

// fewDays are two sessions' objects: events of five days, some of them delivered
// twice, one of them with other bytes, and records that are none.
func fewDays(t testing.TB) [][]laketest.Object {
	at := func(day, id string) lake.Event { return laketest.Event(t, id, day+"T12:00:00Z", "of "+id) }
	other := laketest.Event(t, "1a", "2026-01-01T12:00:00Z", "of somebody else")
	first := []laketest.Object{
		{Key: "1", Events: []lake.Event{at("2026-01-01", "1a"), at("2026-01-01", "1b"), at("2026-01-02", "2a")}, Bad: []string{"bad 1"}},
		{Key: "2", Events: []lake.Event{at("2026-01-02", "2a"), at("2026-01-02", "2b"), other}},
		{Key: "3", Events: []lake.Event{at("2026-01-03", "3a")}},
		{Key: "4", Events: []lake.Event{at("2026-01-04", "4a")}, Bad: []string{"bad 4", "bad 4 too"}},
		{Key: "5", Events: []lake.Event{at("2026-01-05", "5a")}},
	}
	second := []laketest.Object{
		{Key: "5 again", Events: []lake.Event{at("2026-01-05", "5a"), at("2026-01-05", "5b")}, Bad: []string{"bad 5"}},
		{Key: "6", Events: []lake.Event{at("2026-01-06", "6a")}},
	}
	return [][]laketest.Object{first, second}
}

func storyOf(sessions [][]laketest.Object, o lake.AppendOptions) crashtest.Story {
	var story crashtest.Story
	bring := func(objects []laketest.Object) func(*lake.Lake, lake.Store) error {
		return func(l *lake.Lake, st lake.Store) error {
			_, err := laketest.Import(l, st, o, objects, nil)
			return err
		}
	}
	story.Live = func(w *crashtest.World) error {
		for _, objects := range sessions {
			if err := w.Session(crashtest.Persist(bring(objects))); err != nil {
				return err
			}
		}
		return nil
	}
	all := slices.Concat(sessions...)
	story.Again = bring(all)
	first := map[string]string{}
	for _, object := range all {
		for _, e := range object.Events {
			switch was, ok := first[e.ID]; {
			case !ok || o.KeepDuplicates:
				first[e.ID] = string(e.Raw)
				story.Events = append(story.Events, string(e.Raw))
			case was != string(e.Raw):
				story.Conflicts = append(story.Conflicts, string(e.Raw))
			}
		}
		story.Rejects = append(story.Rejects, object.Bad...)
	}
	for _, list := range [][]string{story.Events, story.Conflicts, story.Rejects} {
		slices.Sort(list)
	}
	return story
}

// seeds is how many throws of the dice decide what survives a crash: TARN_CRASH_SEEDS.
func seeds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TARN_CRASH_SEEDS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whatever a power cut leaves, at any moment of a lake's life: what was
// acknowledged is there, nothing is there by half, and the same import completes it.
func TestThePowerMayFailAtAnyMoment(t *testing.T) {
	days := fewDays(t)
	type told struct {
		name  string
		story crashtest.Story
	}
	// The first session brings nothing, so that there is an index of an early time.
	stories := []told{
		{"duplicates kept", storyOf([][]laketest.Object{nil, days[0][:3], days[1][:1], nil}, lake.AppendOptions{KeepDuplicates: true})},
		{"duplicates dropped", storyOf([][]laketest.Object{nil, days[0], days[1], nil}, lake.AppendOptions{})},
	}
	if seeds(t) > 1 {
		// Takes minutes: more segments than one entry of the log has room for.
		object := laketest.Object{Key: "18 days"}
		for day := 1; day <= 18; day++ {
			at := fmt.Sprintf("2026-01-%02dT12:00:00Z", day)
			object.Events = append(object.Events, laketest.Event(t, at, at, ""))
		}
		stories = append(stories, told{"a commit of two entries", storyOf([][]laketest.Object{nil, {object}, nil}, lake.AppendOptions{})})
	}
	for _, tt := range laketest.Few(1, stories) {
		t.Run(tt.name, func(t *testing.T) {
			powerFails(t, tt.story, crashtest.NewWorld(t, nil))
		})
	}
}

// powerFails lives the story, and cuts the power at every moment of it, and at every
// moment of opening what some of these cuts leave.
func powerFails(t *testing.T, story crashtest.Story, w *crashtest.World) {
	t.Helper()
	if err := story.Live(w); err != nil {
		t.Fatal(err)
	}
	if err := story.Whole(w.Place); err != nil {
		t.Fatal(err)
	}
	for seed := range seeds(t) {
		again, wrong := w.CrashAgain(t, story, uint64(seed), 6)
		t.Logf("seed %d, crashed twice: %+v", seed, again)
		for _, err := range wrong {
			t.Errorf("seed %d, crashed twice: %v", seed, err)
		}
		start := time.Now()
		figures, wrong := w.Crash(story, uint64(seed), 5)
		t.Logf("seed %d: %+v in %v", seed, figures, time.Since(start).Round(time.Second))
		for _, err := range wrong {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// A harness that finds nothing may be blind. These are the three syncs that a lake
// cannot do without; each left out is found.
func TestEverySyncThatIsForgottenIsFound(t *testing.T) {
	story := storyOf([][]laketest.Object{fewDays(t)[0][2:3]}, lake.AppendOptions{})
	// None where the race detector watches: it sees all of this in the other tests.
	for _, tt := range laketest.Few(0, []struct {
		name      string
		forgotten func(crashfs.Op) bool
	}{
		{"of a segment", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasSuffix(op.Name, ".parquet")
		}},
		{"of a segment's filters", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasSuffix(op.Name, ".needles")
		}},
		{"of a day's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && strings.Count(op.Name, "/") == 2 && strings.HasPrefix(op.Name, "segments/")
		}},
		{"of a store's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && strings.Count(op.Name, "/") == 1 && strings.HasPrefix(op.Name, "segments/")
		}},
		{"of a list of sources", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && strings.HasPrefix(op.Name, "tmp/sources")
		}},
		{"of the log's entries", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && op.Name == "log/entries"
		}},
		{"of the log's checkpoints", func(op crashfs.Op) bool {
			return op.Kind == crashfs.Sync && op.Name == "log/checkpoints"
		}},
		{"of the log's folder", func(op crashfs.Op) bool {
			return op.Kind == crashfs.SyncDir && op.Name == "log"
		}},
	}) {
		t.Run(tt.name, func(t *testing.T) {
			w := crashtest.NewWorld(t, func(op crashfs.Op) error {
				if tt.forgotten(op) {
					return crashfs.ErrSkip
				}
				return nil
			})
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
