package lake_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// offer appends an event with that id, day of January 2026 and payload.
func offer(t *testing.T, a *lake.Appender, id string, day int, payload string) lake.Outcome {
	t.Helper()
	at := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC)
	raw := fmt.Appendf(nil, `{"eventTime":%q,"x":%q}`, at.Format(time.RFC3339), payload)
	if id != "" {
		raw = fmt.Appendf(nil, `{"eventTime":%q,"eventID":%q,"x":%q}`, at.Format(time.RFC3339), id, payload)
	}
	what, err := a.Offer(lake.Event{ID: id, Time: at.UnixMicro(), Raw: raw, Leaf: lake.Leaf(raw)})
	if err != nil {
		t.Fatal(err)
	}
	return what
}

// begin starts an import with one source.
func begin(t *testing.T, l *lake.Lake, store lake.Store, key string) *lake.Appender {
	t.Helper()
	a, err := l.Append(store, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a.Begin(lake.Source{Key: key})
	return a
}

func finish(t *testing.T, a *lake.Appender) lake.Receipt {
	t.Helper()
	a.End("hash", 1)
	r, err := a.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDuplicatesAndConflicts(t *testing.T) {
	dir, l, store := laketest.New(t)
	type step struct {
		id      string
		day     int
		payload string
		want    lake.Outcome
	}
	imports := [][]step{
		{
			{"a", 2, "one", lake.Stored}, {"a", 2, "one", lake.Duplicate}, {"a", 2, "two", lake.Conflict},
			{"a", 2, "two", lake.Duplicate}, {"a", 3, "next day", lake.Conflict}, {"a", 9, "next week", lake.Stored},
			{"", 2, "nameless", lake.Stored}, {"", 2, "nameless", lake.Duplicate}, {"", 2, "other", lake.Stored},
		},
		{ // the same against what is sealed
			{"a", 2, "one", lake.Duplicate}, {"a", 2, "two", lake.Duplicate}, {"a", 2, "three", lake.Conflict},
			{"a", 1, "day before", lake.Conflict}, {"", 2, "nameless", lake.Duplicate}, {"", 2, "third", lake.Stored},
			{"b", 2, "late", lake.Stored},
		},
	}
	for i, steps := range imports {
		a := begin(t, l, store, fmt.Sprint("source ", i))
		for k, s := range steps {
			if got := offer(t, a, s.id, s.day, s.payload); got != s.want {
				t.Errorf("import %d, record %d (%+v) is %d; want %d", i, k, s, got, s.want)
			}
		}
		finish(t, a)
	}
	if n := len(laketest.Raw(t, l, store, false)); n != 6 {
		t.Errorf("%d events; want 6", n)
	}
	if n := len(laketest.Raw(t, l, store, true)); n != 4 {
		t.Errorf("%d conflicts; want 4", n)
	}
	laketest.Clean(t, dir)
}

// An event whose conflict was committed, while it was not, is still to come.
func TestAConflictDoesNotOwnItsID(t *testing.T) {
	_, l, store := laketest.New(t)
	a := begin(t, l, store, "first")
	offer(t, a, "a", 3, "the event")
	offer(t, a, "a", 2, "the conflict")
	if err := a.Advance(time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Abandon(); err != nil { // day 2 is sealed, day 3 is forgotten
		t.Fatal(err)
	}
	a = begin(t, l, store, "again")
	if got := offer(t, a, "a", 3, "the event"); got != lake.Stored {
		t.Errorf("the event is %d; want stored", got)
	}
	if got := offer(t, a, "a", 2, "the conflict"); got != lake.Duplicate {
		t.Errorf("the conflict is %d; want a duplicate", got)
	}
	finish(t, a)
}

// Whatever happens to an import, an event's number tells its source.
func TestNumbersTellTheSourceAfterAnInterruption(t *testing.T) {
	dir, l, store := laketest.New(t)
	a, err := l.Append(store, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		a.Begin(lake.Source{Key: fmt.Sprint("object ", i)})
		offer(t, a, fmt.Sprint("early ", i), 2, fmt.Sprint("object ", i))
		offer(t, a, fmt.Sprint("late ", i), 5, fmt.Sprint("object ", i))
		a.End("hash", 1)
	}
	if err := a.Advance(time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	r, err := a.Abandon()
	if err != nil || r.Counts.Stored != 5 {
		t.Fatalf("Abandon = %+v, %v; want 5 stored", r.Counts, err)
	}
	for i := range 5 {
		if known, _, err := l.Imported(store, lake.Source{Key: fmt.Sprint("object ", i), SHA256: "hash"}); known || err != nil {
			t.Errorf("object %d is taken for imported (%v), half of it is missing", i, err)
		}
		a = begin(t, l, store, fmt.Sprint("object ", i))
		offer(t, a, fmt.Sprint("early ", i), 2, fmt.Sprint("object ", i))
		offer(t, a, fmt.Sprint("late ", i), 5, fmt.Sprint("object ", i))
		finish(t, a)
	}
	got, want := map[string]string{}, map[string]string{}
	for i := range 5 {
		want[fmt.Sprint("early ", i)], want[fmt.Sprint("late ", i)] = fmt.Sprint("object ", i), fmt.Sprint("object ", i)
	}
	snap := l.Snapshot()
	err = snap.Provenance(t.Context(), store.ID, func(id, source string) error { got[id] = source; return nil })
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("sources of events: %v (-want +got):\n%s", err, d)
	}
	laketest.Clean(t, dir)
}

func TestLakesThatCannotBeOpened(t *testing.T) {
	dir, l, _ := laketest.New(t)
	o := laketest.Options(filepath.Dir(dir))
	if _, err := lake.Open(dir, o); !errors.Is(err, lake.ErrLocked) {
		t.Errorf("a second writer: %v; want ErrLocked", err)
	}
	if _, err := lake.Create(dir, lake.Options{Key: filepath.Join(t.TempDir(), "k")}); !errors.Is(err, lake.ErrLakeExists) {
		t.Errorf("Create over a lake: %v; want ErrLakeExists", err)
	}
	l.Close()
	other, _, _ := laketest.New(t)
	otherKey := laketest.Options(filepath.Dir(other))
	if _, err := lake.Open(dir, otherKey); !errors.Is(err, lake.ErrNoKey) {
		t.Errorf("with another lake's key: %v; want ErrNoKey", err)
	}
	r, err := lake.Verify(t.Context(), dir, lake.VerifyOptions{Key: otherKey.Key})
	if err != nil || len(r.Problems) == 0 {
		t.Errorf("Verify with another lake's key = %+v, %v; want a problem", r, err)
	}
	if _, err := lake.View(dir, lake.Options{Key: "nowhere"}); err != nil {
		t.Errorf("reading needs no key: %v", err)
	}
	if _, err := lake.Create(t.TempDir(), o); err == nil {
		t.Error("two lakes were made with one key")
	}
}

func TestNamesOfStores(t *testing.T) {
	_, l, store := laketest.New(t)
	for _, name := range []string{"ab", "a b", "x.conflicts", "X.Conflicts", store.ID} {
		if _, err := l.CreateStore(name, schemas.CloudTrail()); !errors.Is(err, lake.ErrStoreName) {
			t.Errorf("CreateStore(%q) = %v; want ErrStoreName", name, err)
		}
	}
	if _, err := l.CreateStore("CLOUDTRAIL", schemas.CloudTrail()); !errors.Is(err, lake.ErrStoreExists) {
		t.Errorf("CreateStore of a name that is taken = %v", err)
	}
	for _, ref := range []string{"cloudtrail", store.ID, store.ARN()} {
		if got, err := l.Store(ref); err != nil || got.ID != store.ID {
			t.Errorf("Store(%q) = %v, %v", ref, got, err)
		}
	}
}
