package lake

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/proof"
	"tarn/schemas"
)

// counting counts the files that are made.
type counting struct {
	vfs.FS
	runs *atomic.Int64 // files are made by several goroutines
}

func (c counting) Create(name string) (vfs.File, error) {
	if strings.HasSuffix(name, ".run") {
		c.runs.Add(1)
	}
	return c.FS.Create(name)
}

func newAppender(t *testing.T, o AppendOptions) (a *Appender, runs *atomic.Int64) {
	t.Helper()
	dir := t.TempDir()
	disk, err := vfs.OpenOS(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	runs = new(atomic.Int64)
	l, err := Create(filepath.Join(dir, "lake"), Options{Key: filepath.Join(dir, "key"), FS: counting{disk, runs}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	st, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	if a, err = l.Append(st, o); err != nil {
		t.Fatal(err)
	}
	return a, runs
}

func offer(t *testing.T, a *Appender, id string, at time.Time, size int) {
	t.Helper()
	raw := fmt.Appendf(nil, `{"eventID":%q,"eventTime":%q,"x":"%s"}`, id, at.Format(time.RFC3339), strings.Repeat("x", size))
	e := Event{ID: id, Time: at.UnixMicro(), Raw: raw, Leaf: sha256.Sum256(append([]byte{0}, raw...))}
	if _, err := a.Offer(e); err != nil {
		t.Fatal(err)
	}
}

var firstDay = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Where small days fill the memory, they go to disk together: a large day among
// them does not get a run for every few events.
func TestSmallDaysGoToDiskTogether(t *testing.T) {
	a, runs := newAppender(t, AppendOptions{MemoryBytes: 400 << 10})
	a.Begin(Source{Key: "all"})
	for day := range 210 {
		offer(t, a, fmt.Sprint("small-", day), firstDay.AddDate(0, 0, day), 900)
	}
	for i := range 3000 {
		offer(t, a, fmt.Sprint("large-", i), firstDay.AddDate(1, 0, 0).Add(time.Duration(i*7919%86400)*time.Second), 900)
	}
	a.End("", 0)
	r, err := a.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if runs.Load() > 40 || len(r.Segments) != 211 || r.Counts.Stored != 3210 {
		t.Errorf("%d files of runs, %d segments, %d events; want at most 40, 211 and 3210", runs.Load(), len(r.Segments), r.Counts.Stored)
	}
}

// An event that is days late keeps its own id in memory, not those of its day.
func TestLateEventsDoNotKeepTheirDaysIDs(t *testing.T) {
	a, _ := newAppender(t, AppendOptions{})
	for day := range 20 {
		today := firstDay.AddDate(0, 0, day)
		if err := a.Advance(today.AddDate(0, 0, -1)); err != nil {
			t.Fatal(err)
		}
		a.Begin(Source{Key: fmt.Sprint(day)})
		for i := range 50 {
			at := today
			if i == 7 {
				at = today.AddDate(0, 0, -4)
			}
			offer(t, a, fmt.Sprintf("%d-%d", day, i), at, 10)
		}
		a.End("", 0)
		a.seals.Wait()
	}
	ids := 0
	for _, day := range a.ids.days {
		ids += len(day)
	}
	if ids > 5*50 {
		t.Errorf("%d ids of days are in memory; want those of five days of 50", ids)
	}
	if r, err := a.Finish(); err != nil || r.Counts.Stored != 1000 {
		t.Errorf("%d events, %v; want 1000", r.Counts.Stored, err)
	}
}

// A source that breaks is taken back from disk too, where duplicates are kept.
func TestABrokenSourceIsTakenBackFromDisk(t *testing.T) {
	a, _ := newAppender(t, AppendOptions{KeepDuplicates: true, MemoryBytes: 1})
	for _, key := range []string{"good", "broken", "good too"} {
		a.Begin(Source{Key: key})
		for i := range 5 {
			offer(t, a, fmt.Sprint(key, i), firstDay.Add(time.Duration(i)*time.Hour), 10)
		}
		if key == "broken" { // also with a day that it has alone
			offer(t, a, "alone", firstDay.AddDate(0, 0, 7), 10)
			a.Break()
		} else {
			a.End(key, 1)
		}
	}
	r, err := a.Finish()
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for _, s := range r.Segments {
		rows += s.Rows
	}
	if rows != 10 || len(r.Segments) != 1 || r.Counts.Stored != 10 {
		t.Errorf("%d rows in %d segments, %d counted; want 10 of the good sources in one", rows, len(r.Segments), r.Counts.Stored)
	}
}

// A day is cut where its bytes are, whatever pieces it lies in.
func TestSpansHoldAboutTheSame(t *testing.T) {
	var p pile
	for range 30 {
		p.runs = append(p.runs, &run{blocks: []block{{first: 0, last: microsPerDay, raw: 100 << 20}}})
	}
	spans := p.spans()
	if len(spans) != 5 {
		t.Fatalf("%d spans of 3 GB; want 5", len(spans))
	}
	for i, s := range spans[:4] {
		if at, want := s.before, int64(i+1)*microsPerDay/5; at < want-microsPerDay/15 || at > want+microsPerDay/15 {
			t.Errorf("span %d ends at %d of %d; want about %d", i, at, int64(microsPerDay), want)
		}
	}
}

// Events share the memory that they were read into. Rare days among many events
// of others, as in an archive, do not keep all of that.
func TestRareDaysDoNotHoldTheirNeighboursMemory(t *testing.T) {
	const chunk, chunks = 256 << 10, 400
	a, _ := newAppender(t, AppendOptions{MemoryBytes: 4 << 20})
	a.Begin(Source{Key: "archive"})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for c := range chunks {
		shared := make([]byte, 0, chunk)
		for i := 0; cap(shared)-len(shared) > 1100; i++ {
			at := firstDay
			if i == 0 {
				at = firstDay.AddDate(0, 0, 1+c%40)
			}
			from := len(shared)
			shared = fmt.Appendf(shared, `{"eventID":"%d-%d","eventTime":%q,"x":"%s"}`, c, i, at.Format(time.RFC3339), strings.Repeat("x", 900))
			raw := shared[from:len(shared):len(shared)]
			e := Event{ID: fmt.Sprint(c, "-", i), Time: at.UnixMicro(), Raw: raw, Leaf: sha256.Sum256(append([]byte{0}, raw...))}
			if _, err := a.Offer(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > chunks*chunk/3 {
		t.Errorf("%d MB are in use with %d chunks of %d KB read; want less", held>>20, chunks, chunk>>10)
	} else {
		t.Logf("%d MB are in use", held>>20)
	}
	if _, err := a.Abandon(); err != nil {
		t.Fatal(err)
	}
}

// Days with imports have low numbers beside those of live events: what is counted
// again is let go of all the same, as soon as it is complete.
func TestCountingAgainHoldsWhatIsNotComplete(t *testing.T) {
	const days, each = 50, 10
	c := &recount{next: firstLive}
	var all []Segment
	var leaves [][]proof.Hash
	var seqs [][]int64
	for day := range int64(days) {
		var imported, live tally
		var hashes []proof.Hash
		var numbers []int64
		for i := range int64(each) {
			low, high := day*100+3*i, firstLive+day*each+i
			for _, n := range []int64{low, high} {
				hashes, numbers = append(hashes, proof.Leaf(fmt.Append(nil, n))), append(numbers, n)
			}
			imported.add(low, hashes[2*i])
			live.add(high, hashes[2*i+1])
		}
		for _, p := range []Accepted{imported.accepted("s", "import"), live.accepted("s", "")} {
			if err := c.add(p); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, Segment{ID: fmt.Sprint(day), MinSeq: numbers[0], MaxSeq: live.last, accepted: true})
		leaves, seqs = append(leaves, hashes), append(seqs, numbers)
	}
	c.expect(all)
	for i, at := range rand.Perm(days) {
		c.deliver(all[at], leaves[at], seqs[at])
		if len(c.events) > 0 {
			t.Fatalf("%d events are in memory after %d segments", len(c.events), i+1)
		}
	}
	if c.rest(); len(c.parts)+len(c.wrong) > 0 {
		t.Errorf("%d parts are left, and wrong is %q", len(c.parts), c.wrong)
	}
}
