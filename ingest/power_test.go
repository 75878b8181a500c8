package ingest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/crashtest"
	"tarn/lake/laketest"
)

// importing imports what lies below the paths.
func importing(t *testing.T, paths ...string) func(*lake.Lake, lake.Store) error {
	from := list(t, paths...)
	return func(l *lake.Lake, st lake.Store) error {
		_, err := ingest.Import(context.Background(), l, st, from, ingest.Options{})
		return err
	}
}

// bucketStory is a bucket that is imported, grows, and is imported again: files of
// three days with records that are none, and a file that repeats another's events.
func bucketStory(t *testing.T) crashtest.Story {
	t.Helper()
	first, second := t.TempDir(), t.TempDir()
	var s crashtest.Story
	record := func(day int, id string) string {
		return fmt.Sprintf(`{"eventTime":"2026-01-%02dT12:00:00Z","eventID":%q}`, day, id)
	}
	for day := 1; day <= 3; day++ {
		a, b, bad := record(day, fmt.Sprint("a", day)), record(day, fmt.Sprint("b", day)), fmt.Sprintf(`{"day":%d}`, day)
		path := fmt.Sprintf("AWSLogs/1/CloudTrail/eu-west-1/2026/01/%02d/", day)
		put(t, first, path+"1.json", logOf(a, bad))
		put(t, second, path+"2.json.gz", zipped(logOf(a, b)))
		s.Events = append(s.Events, a, b)
		s.Rejects = append(s.Rejects, bad)
	}
	slices.Sort(s.Events)
	slices.Sort(s.Rejects)
	s.Live = func(w *crashtest.World) error {
		for _, paths := range [][]string{{first}, {first, second}} {
			if err := w.Session(importing(t, paths...)); err != nil {
				return err
			}
		}
		return nil
	}
	s.Again = importing(t, first, second)
	return s
}

// The power may fail at any moment of an import, and the same import completes it.
func TestThePowerMayFailWhileABucketIsImported(t *testing.T) {
	story := bucketStory(t)
	w := crashtest.NewWorld(t, nil)
	w.Brief = true // the lake's own test tries every index
	if err := story.Live(w); err != nil {
		t.Fatal(err)
	}
	if err := story.Whole(w.Place); err != nil {
		t.Fatal(err)
	}
	figures, wrong := w.Crash(story, 1, 5)
	t.Logf("%+v", figures)
	for _, err := range wrong {
		t.Error(err)
	}
}

// A disk that fails or is full at any moment of an import costs no record.
func TestTheDiskMayFailWhileABucketIsImported(t *testing.T) {
	story := bucketStory(t)
	faults, operations := crashtest.Faults(t, story, false)
	// Every operation of a lake's life fails in the lake's own test; here it is
	// what an import does about it.
	var some []crashtest.Fault
	for i := 0; i < len(faults); i += 9 {
		some = append(some, faults[i])
	}
	t.Logf("%d operations, %d faults", operations, len(some))
	for _, err := range crashtest.Fail(t, story, laketest.Few(3, some)) {
		t.Error(err)
	}
}
