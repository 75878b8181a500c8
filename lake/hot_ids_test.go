package lake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// What comes while its day is sealed is known when it comes again, whether it was
// in a file by then or not.
func TestWhatComesWhileItsDayIsSealedIsKnown(t *testing.T) {
	for _, flushed := range []bool{false, true} {
		t.Run(fmt.Sprint("in a file: ", flushed), func(t *testing.T) {
			x := newLiveLake(t)
			a, b, c, d := on(t, "01", "a"), on(t, "01", "b"), on(t, "01", "c"), on(t, "01", "d")
			other := laketest.Event(t, "b", "2026-01-01T12:00:00Z", "other")
			x.must(t, x.l.Close)
			x.heard.SegmentSealed = func(lake.Store, lake.Segment) {
				x.put(t, lake.Stored, b)
				if flushed {
					x.must(t, x.l.Flush)
				}
				x.put(t, lake.Stored, c)
			}
			x.open(t)
			x.put(t, lake.Stored, a)
			x.must(t, x.l.Flush)
			x.clock.pass(72 * time.Hour)
			x.must(t, x.l.Tidy)
			x.put(t, lake.Duplicate, a, b, c)
			x.put(t, lake.Stored, d)
			x.put(t, lake.Duplicate, a, b, c, d)
			x.must(t, x.l.Flush)
			x.put(t, lake.Duplicate, a, b, c, d)
			x.put(t, lake.Conflict, other)
			x.put(t, lake.Duplicate, other)
			x.must(t, x.l.Close)
			x.has(t, a, b, c, d)
		})
	}
}

// What was forgotten because the journal failed is looked for in the files, also
// when these are merged.
func TestWhatIsMergedAfterTheJournalFailedIsKnown(t *testing.T) {
	x := newLiveLake(t)
	var all []lake.Event
	for i := range 12 {
		e := on(t, "02", fmt.Sprint(i))
		all = append(all, e)
		x.put(t, lake.Stored, e)
		x.must(t, x.l.Flush)
		x.fail(syscall.ENOSPC, crashfs.Write, "hot/journal/")
		if _, err := x.l.Put(t.Context(), x.st, []lake.Event{on(t, "02", "lost")}); !errors.Is(err, lake.ErrBehind) {
			t.Fatal(err)
		}
		x.repair()
	}
	x.must(t, x.l.Tidy)
	e := on(t, "02", "new")
	x.put(t, lake.Stored, e)
	x.put(t, lake.Duplicate, all...)
	x.must(t, x.l.Close)
	x.has(t, append(all, e)...)
}

// passing is a context that is over at the second look.
type passing struct {
	context.Context
	looked bool
}

func (p *passing) Err() error {
	if !p.looked {
		p.looked = true
		return nil
	}
	return context.Canceled
}

func (p *passing) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// A live event that an import has sealed, and not committed, waits like one that it
// has in memory.
func TestAnEventThatAnImportHasSealedWaits(t *testing.T) {
	x := newLiveLake(t)
	a, late := laketest.Event(t, "a", "2025-11-01T12:00:00Z", ""), on(t, "02", "late")
	app, err := x.l.Append(x.st, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	laketest.Put(t, app, laketest.Object{Key: "1", Events: []lake.Event{a}})
	for range 2 { // hands the day over, then forgets it
		if err := app.Advance(x.clock.now()); err != nil {
			t.Fatal(err)
		}
		lake.WaitSealed(app)
	}
	if got, err := x.l.Put(&passing{Context: t.Context()}, x.st, []lake.Event{a}); !errors.Is(err, context.Canceled) || len(got) > 0 {
		t.Errorf("the event is %v (%v); want that it waits", got, err)
	}
	x.put(t, lake.Stored, late)
	if _, err := app.Finish(); err != nil {
		t.Fatal(err)
	}
	x.put(t, lake.Duplicate, a, late)
	x.must(t, x.l.Close)
	x.has(t, a, late)
}

// Events in the hot tier that nobody accepted are found: the manifest is not signed.
func TestForeignEventsInTheHotTierAreFound(t *testing.T) {
	for name, seq := range map[string]int64{"of an import": 7, "counted before": 1 << 62, "behind a gap": 1<<62 + 2} {
		t.Run(name, func(t *testing.T) {
			x := newLiveLake(t)
			x.put(t, lake.Stored, on(t, "02", "a"))
			x.must(t, x.l.Close)
			x.open(t)
			if err := lake.PlantHot(x.l, x.st, on(t, "02", "foreign"), seq); err != nil {
				t.Fatal(err)
			}
			x.must(t, x.l.Close)
			r := x.Verify(t)
			if len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0].Path, "hot") {
				t.Errorf("problems: %+v", r.Problems)
			}
		})
	}
}

// Events of many days, who knows of which years, are sealed as they come: the hot
// tier does not become a file for each.
func TestEventsOfManyDaysDoNotCrowdTheHotTier(t *testing.T) {
	x := newLiveLake(t)
	var all []lake.Event
	for i := range 60 {
		at := time.Date(1971+i, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		all = append(all, laketest.Event(t, fmt.Sprint(i), at.Format(time.RFC3339), ""))
	}
	got, err := x.l.Put(t.Context(), x.st, slices.Concat(all, all[50:]))
	if err != nil || len(got) != 70 || got[59] != lake.Stored || got[60] != lake.Duplicate {
		t.Fatal(got, err)
	}
	x.must(t, x.l.Flush)
	hot := 0
	for _, seg := range x.l.Snapshot().Segments(x.st.ID, false) {
		if seg.Hot() {
			hot++
		}
	}
	if hot > 32 {
		t.Errorf("%d files that are not sealed", hot)
	}
	x.put(t, lake.Duplicate, all...)
	x.must(t, x.l.Close)
	x.has(t, all...)
}

// A clock that is set back does not keep the log from counting.
func TestWhatIsAcceptedIsCountedWhateverTheClock(t *testing.T) {
	x := newLiveLake(t)
	x.put(t, lake.Stored, on(t, "02", "a"))
	x.must(t, x.l.Close)
	if lake.CountNow(x.l) {
		t.Error("it is counted all the time")
	}
	for _, d := range []time.Duration{-time.Hour, time.Hour + time.Minute} {
		if x.clock.pass(d); !lake.CountNow(x.l) {
			t.Errorf("it is not counted after %v", d)
		}
	}
}
