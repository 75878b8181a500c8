package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// texts are the records of a bucket, once each unless all are wanted.
func texts(t *testing.T, dir string, all bool) (texts []string) {
	t.Helper()
	records := recordsIn(t, dir)
	if !all {
		records = firstOfEachID(t, records)
	}
	for _, r := range records {
		texts = append(texts, string(r))
	}
	return texts
}

// bring imports paths into the lake at the place, and closes it.
func bring(t *testing.T, p laketest.Place, o ingest.Options, paths ...string) (r *ingest.Result) {
	t.Helper()
	p.Write(t, func(l *lake.Lake, st lake.Store) { r = importAll(t, l, st, o, paths...) })
	return r
}

// What the receipt says is what the bucket had, and what the lake then holds.
func TestTheReceiptIsWhatTheLakeHolds(t *testing.T) {
	dir := t.TempDir()
	made, err := eventgen.WriteBucket(dir, eventgen.Options{Events: 3000, Days: 5, EventsPerObject: 25, DuplicatePercent: 3})
	if err != nil {
		t.Fatal(err)
	}
	p := laketest.NewPlace(t)
	r := bring(t, p, ingest.Options{}, dir)
	want := lake.Counts{
		Offered: int64(made.Records), Stored: int64(made.DistinctEvents), Duplicates: int64(made.Records - made.DistinctEvents),
	}
	if d := cmp.Diff(want, r.Counts, cmpopts.IgnoreFields(lake.Counts{}, "Older", "Future")); d != "" || r.Read != int64(made.Objects) {
		t.Errorf("%d files read; want %d. Counts (-want +got):\n%s", r.Read, made.Objects, d)
	}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		byID := cmpopts.SortSlices(func(a, b lake.Segment) bool { return a.ID < b.ID })
		if d := cmp.Diff(r.Segments, s.Segments(st.ID, false), byID, cmpopts.IgnoreUnexported(lake.Segment{})); d != "" {
			t.Errorf("segments (-receipt +lake):\n%s", d)
		}
		rows, days := int64(0), map[string]bool{}
		for _, seg := range s.Segments(st.ID, false) {
			rows += seg.Rows
			days[seg.Day] = true
		}
		if rows != r.Counts.Stored || len(days) != len(r.Segments) {
			t.Errorf("%d rows in %d segments of %d days; want %d, one segment a day", rows, len(r.Segments), len(days), r.Counts.Stored)
		}
		var counts lake.Counts
		for _, c := range s.Commits() {
			counts.Add(c.Counts)
		}
		if counts != r.Counts {
			t.Errorf("the commits count %+v; the receipt %+v", counts, r.Counts)
		}
	})
	laketest.Same(t, "events", texts(t, dir, false), p.Events(t))
	p.Sound(t)
}

func TestAFileThatGrewIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	p := laketest.NewPlace(t)
	path := put(t, dir, "a.json", logOf(event("a")))
	put(t, dir, "b.json", logOf(event("b")))
	bring(t, p, ingest.Options{}, dir)
	put(t, dir, "a.json", logOf(event("a"), event("c")))
	if r := bring(t, p, ingest.Options{}, dir); r.Known != 1 || r.Read != 1 || r.Counts.Duplicates != 1 || r.Counts.Stored != 1 {
		t.Errorf("a file that grew: %d known, %d read, %+v; want one of each, one event new", r.Known, r.Read, r.Counts)
	}
	// A file that was only touched is not.
	if err := os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if r := bring(t, p, ingest.Options{}, dir); r.Known != 2 || r.Counts.Offered != 0 {
		t.Errorf("a file that was touched: %d known, %d records; want 2 and none", r.Known, r.Counts.Offered)
	}
	laketest.Same(t, "events", []string{event("a"), event("b"), event("c")}, p.Events(t))
	p.Sound(t)
}

// Two copies of a bucket at once are one bucket, in the ledger too.
func TestACopyBesideTheBucketAddsNothing(t *testing.T) {
	dir, elsewhere := bucket(t, eventgen.Options{Events: 300, Days: 2, EventsPerObject: 20}), t.TempDir()
	if err := os.CopyFS(elsewhere, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	p := laketest.NewPlace(t)
	first := bring(t, p, ingest.Options{}, dir, elsewhere)
	laketest.Same(t, "events", texts(t, dir, false), p.Events(t))
	p.Sound(t)
	if r := bring(t, p, ingest.Options{}, elsewhere, dir); r.Known != first.Read || r.Counts.Offered != 0 {
		t.Errorf("again: %d of %d files known, %d records", r.Known, first.Read, r.Counts.Offered)
	}
	p.Sound(t)
}

// Where duplicates are kept, records come twice and files do not.
func TestKeepingDuplicatesKeepsFilesOnce(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 600, Days: 3, EventsPerObject: 20, DuplicatePercent: 30})
	for _, memory := range laketest.Few(1, []int64{0, 64 << 10}) {
		p := laketest.NewPlace(t)
		o := ingest.Options{KeepDuplicates: true, MemoryBytes: memory}
		first := bring(t, p, o, dir)
		if r := bring(t, p, o, dir); r.Known != first.Read || r.Counts.Offered != 0 {
			t.Errorf("again: %d of %d files known, %d records", r.Known, first.Read, r.Counts.Offered)
		}
		laketest.Same(t, "events", texts(t, dir, true), p.Events(t))
		p.Sound(t)
	}
}

// The first in the order of keys stays the event, whatever order the paths have.
func TestTheFirstOfAConflictStays(t *testing.T) {
	variant := func(n int) string {
		return fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":"a","n":%d}`, n)
	}
	dir := t.TempDir()
	var paths []string
	for n := range 3 {
		paths = append(paths, put(t, dir, fmt.Sprintf("AWSLogs/1/CloudTrail/r/2026/01/02/%d.json", n), logOf(variant(n), event(fmt.Sprint(n)))))
	}
	slices.Reverse(paths)
	p := laketest.NewPlace(t)
	if r := bring(t, p, ingest.Options{}, paths...); r.Counts.Conflicts != 2 || r.Counts.Stored != 4 {
		t.Errorf("%+v; want 4 events and 2 conflicts", r.Counts)
	}
	more := t.TempDir()
	put(t, more, "x.json", logOf(variant(0), variant(2), variant(7)))
	if r := bring(t, p, ingest.Options{}, more); r.Counts.Duplicates != 2 || r.Counts.Conflicts != 1 {
		t.Errorf("another import: %+v; want 2 duplicates and a conflict", r.Counts)
	}
	if r := bring(t, p, ingest.Options{}, more, dir); r.Known != 4 {
		t.Errorf("again: %d files known; want all 4", r.Known)
	}
	laketest.Same(t, "events", []string{variant(0), event("0"), event("1"), event("2")}, p.Events(t))
	laketest.Same(t, "conflicts", []string{variant(1), variant(2), variant(7)}, p.Conflicts(t))
	p.Sound(t)
}

// An import that was cancelled, wherever it was, is completed by the next.
func TestACancelledImportIsCompletedByTheNext(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 1500, Days: 6, EventsPerObject: 20, DuplicatePercent: 20})
	from := list(t, dir)
	for _, o := range laketest.Few(1, []ingest.Options{{}, {MemoryBytes: 128 << 10}, {KeepDuplicates: true, MemoryBytes: 128 << 10}}) {
		for _, at := range []int{1, len(from.Objects) / 2} {
			t.Run(fmt.Sprintf("keep %t, %d bytes, at file %d", o.KeepDuplicates, o.MemoryBytes, at), func(t *testing.T) {
				t.Parallel()
				p := laketest.NewPlace(t)
				p.Write(t, func(l *lake.Lake, st lake.Store) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					stop := o
					stop.Progress = func(now ingest.Progress) {
						if now.Objects >= at {
							cancel()
						}
					}
					r, err := ingest.Import(ctx, l, st, from, stop)
					if !errors.Is(err, context.Canceled) {
						t.Fatalf("Import = %v; want context.Canceled", err)
					}
					snap := l.Snapshot()
					if n := len(laketest.Texts(t, snap, st, false)); int64(n) != r.Counts.Stored {
						t.Errorf("%d events are there; the receipt says %d", n, r.Counts.Stored)
					}
				})
				p.Sound(t)
				bring(t, p, o, dir)
				laketest.Same(t, "events", texts(t, dir, o.KeepDuplicates), p.Events(t))
				p.Sound(t)
			})
		}
	}
}

// A file that cannot be read costs no other; it is read by the next import.
func TestAFileThatCannotBeReadCostsNoOther(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("run as root, who may read every file: a link to nowhere stands for one")
	}
	dir := t.TempDir()
	put(t, dir, "a.json", logOf(event("a")))
	put(t, dir, "c.json", logOf(event("c")))
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "b.json")); err != nil {
		t.Skip(err)
	}
	p := laketest.NewPlace(t)
	r := bring(t, p, ingest.Options{}, dir)
	if r.Read != 2 || len(r.Unread) != 1 || !strings.HasSuffix(r.Unread[0].Path, "b.json") {
		t.Errorf("%d files read, unread %+v; want 2 and b.json", r.Read, r.Unread)
	}
	put(t, dir, "nowhere", logOf(event("b")))
	if r := bring(t, p, ingest.Options{}, dir); r.Read != 1 || r.Known != 2 || len(r.Unread) != 0 {
		t.Errorf("again: %d files read, %d known, unread %+v; want one, 2 and none", r.Read, r.Known, r.Unread)
	}
	laketest.Same(t, "events", []string{event("a"), event("b"), event("c")}, p.Events(t))
}

// A file that vanishes between listing and reading is like one that cannot be read.
func TestAFileThatVanishes(t *testing.T) {
	for _, keep := range []bool{false, true} {
		dir := t.TempDir()
		put(t, dir, "a.json", logOf(event("a")))
		gone := put(t, dir, "b.json", logOf(event("b")))
		put(t, dir, "c.json", logOf(event("c")))
		from := list(t, dir)
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		p := laketest.NewPlace(t)
		p.Write(t, func(l *lake.Lake, st lake.Store) {
			r, err := ingest.Import(t.Context(), l, st, from, ingest.Options{KeepDuplicates: keep})
			if err != nil || r.Read != 2 || len(r.Unread) != 1 || r.Counts.Stored != 2 {
				t.Errorf("Import: %v, %d files read, unread %+v, %+v; want 2 and one", err, r.Read, r.Unread, r.Counts)
			}
		})
		laketest.Same(t, "events", []string{event("a"), event("c")}, p.Events(t))
		p.Sound(t)
	}
}

// What is older than the retention period, or ahead of the clock, is stored and
// remarked upon.
func TestOldAndFutureEventsAreRemarked(t *testing.T) {
	dir := t.TempDir()
	var records []string
	for i, at := range []string{"2018-12-30T00:00:00Z", "2019-01-02T00:00:00Z", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T12:00:01Z", "2031-01-01T00:00:00Z"} {
		records = append(records, fmt.Sprintf(`{"eventTime":%q,"eventID":"%d"}`, at, i))
	}
	put(t, dir, "a.json", logOf(records...))
	p := laketest.NewPlace(t)
	o := p.Options()
	o.Now = func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		r := importAll(t, l, st, ingest.Options{}, dir)
		want := lake.Counts{Offered: 6, Stored: 6, Older: 1, Future: 2}
		if d := cmp.Diff(want, r.Counts); d != "" {
			t.Errorf("counts (-want +got):\n%s", d)
		}
	})
}
