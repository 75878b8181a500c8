package lake_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// liveLake is a lake on a disk that can fail, with a clock that passes when told to.
type liveLake struct {
	laketest.Place
	disk  *crashfs.FS
	clock *ticking
	l     *lake.Lake
	st    lake.Store
	heard lake.Events
}

// newLiveLake makes one on the second of January at noon, and opens it.
func newLiveLake(t *testing.T) *liveLake {
	t.Helper()
	p := laketest.NewPlace(t)
	if err := os.Mkdir(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	x := &liveLake{Place: p, disk: crashfs.New(p.Dir), clock: &ticking{}}
	x.clock.pass(time.Duration(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC).UnixNano()))
	x.FS = x.disk
	o := x.Options()
	o.Now = x.clock.now
	x.WriteWith(t, o, func(*lake.Lake, lake.Store) {})
	x.open(t)
	return x
}

func (x *liveLake) open(t *testing.T) {
	t.Helper()
	if err := x.tryOpen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.l.Close() }) // again, where the test has done so
}

func (x *liveLake) tryOpen() (err error) {
	o := x.Options()
	o.Now, o.Events = x.clock.now, x.heard
	if x.l, err = lake.Open(x.Dir, o); err == nil {
		x.st, err = x.l.Store(laketest.StoreName)
	}
	return err
}

// killed is what lies on the disk where the writer comes to a sudden end; nobody has
// opened it yet.
func (x *liveLake) killed(t *testing.T) *liveLake {
	t.Helper()
	y := &liveLake{Place: x.Place, clock: x.clock, heard: x.heard}
	y.Dir = t.TempDir()
	y.disk = x.disk.Crash(100, rand.New(rand.NewPCG(1, 1)), y.Dir)
	y.FS = y.disk
	return y
}

// fail fails the operations that are of that kind, on files of that prefix.
func (x *liveLake) fail(err error, kind, prefix string) {
	x.disk.Watch(func(op crashfs.Op) error {
		if op.Kind == kind && strings.HasPrefix(op.Name, prefix) {
			return err
		}
		return nil
	}, nil)
}

func (x *liveLake) repair() { x.disk.Watch(nil, nil) }

func (x *liveLake) put(t *testing.T, want lake.Outcome, events ...lake.Event) {
	t.Helper()
	for _, e := range events {
		if got, err := x.l.Put(t.Context(), x.st, []lake.Event{e}); err != nil || got[0] != want {
			t.Fatalf("%s is %s (%v); want %s", e.Raw, words[append(got, -1)[0]], err, words[want])
		}
	}
}

func (x *liveLake) must(t *testing.T, do func() error) {
	t.Helper()
	if err := do(); err != nil {
		t.Fatal(err)
	}
}

// has checks what readers see, and that the lake verifies.
func (x *liveLake) has(t *testing.T, events ...lake.Event) {
	t.Helper()
	var want []string
	for _, e := range events {
		want = append(want, string(e.Raw))
	}
	slices.Sort(want)
	laketest.Same(t, "events", want, x.Events(t))
	x.Sound(t)
}

func on(t *testing.T, day, id string) lake.Event {
	return laketest.Event(t, id, "2026-01-"+day+"T12:00:00Z", "")
}

// What a writer brought into files and did not live to count in the log is counted
// by the next one, before its days are sealed.
func TestWhatWasNotCountedIsCountedByTheNextWriter(t *testing.T) {
	for name, days := range map[string]time.Duration{"one day is sealed": 72 * time.Hour, "both are": 96 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			x := newLiveLake(t)
			a, b, c := on(t, "01", "a"), on(t, "02", "b"), on(t, "06", "c")
			x.put(t, lake.Stored, a, b)
			x.must(t, x.l.Flush)
			x = x.killed(t)
			x.clock.pass(days)
			x.open(t)
			x.must(t, x.l.Tidy)
			x.put(t, lake.Stored, c)
			x.must(t, x.l.Close)
			x.has(t, a, b, c)
		})
	}
}

// Who cannot read the whole journal leaves it as it is: what is behind the place
// that could not be read was acknowledged too.
func TestAJournalThatCannotBeReadIsKept(t *testing.T) {
	x := newLiveLake(t)
	a, b, c := on(t, "01", "a"), on(t, "02", "b"), on(t, "02", "c")
	x.put(t, lake.Stored, a, b, c)
	x = x.killed(t)
	reads := 0
	x.disk.Watch(func(op crashfs.Op) error {
		if op.Kind == crashfs.Read && strings.HasPrefix(op.Name, "hot/journal/") {
			if reads++; reads == 4 { // the magic, a frame's head, its payload, the next head
				return syscall.EIO
			}
		}
		return nil
	}, nil)
	if err := x.tryOpen(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Open = %v; want EIO", err)
	}
	x.repair()
	x.open(t)
	x.must(t, x.l.Close)
	x.has(t, a, b, c)
}

// The same where it is read again because writing to it has failed.
func TestAJournalThatCannotBeReadAgainIsKept(t *testing.T) {
	x := newLiveLake(t)
	a, b, c := on(t, "01", "a"), on(t, "02", "b"), on(t, "02", "c")
	x.put(t, lake.Stored, a, b)
	full, reads := true, 0
	x.disk.Watch(func(op crashfs.Op) error {
		switch {
		case !strings.HasPrefix(op.Name, "hot/journal/"):
		case op.Kind == crashfs.Write && full:
			full = false
			return syscall.ENOSPC
		case op.Kind == crashfs.Read:
			if reads++; reads == 4 {
				return syscall.EIO
			}
		}
		return nil
	}, nil)
	if _, err := x.l.Put(t.Context(), x.st, []lake.Event{c}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := x.l.Flush(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Flush = %v; want why nothing goes on", err)
	}
	if err := x.l.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Close = %v; want why nothing goes on", err)
	}
	x.repair()
	x.open(t)
	x.must(t, x.l.Flush)
	x.has(t, a, b)
	x.put(t, lake.Stored, c)
	x.must(t, x.l.Close)
	x.has(t, a, b, c)
}

// A log that failed may have, on disk, the entry that it was not known to have: no
// file of the hot tier goes with that one.
func TestNothingGoesWithAnEntryOfALogThatFailed(t *testing.T) {
	x := newLiveLake(t)
	x.must(t, x.l.Close)
	x.heard.SegmentSealed = func(lake.Store, lake.Segment) {
		x.fail(syscall.ENOSPC, crashfs.Write, "log/checkpoint.tmp")
		if _, err := x.l.CreateStore("other", x.st.Schema()); !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
		x.repair()
	}
	x.open(t)
	a, b := on(t, "01", "a"), on(t, "02", "b")
	x.put(t, lake.Stored, a)
	x.must(t, x.l.Close) // and counts it
	x.open(t)
	x.clock.pass(72 * time.Hour)
	if err := x.l.Tidy(); err == nil {
		t.Error("a day was sealed although the log had failed")
	}
	x.heard.SegmentSealed = nil
	x.put(t, lake.Stored, b)
	x.must(t, x.l.Flush)
	x.has(t, a, b)
	x.must(t, x.l.Close)
	x.has(t, a, b)
}

// A commit that turns out to be in the log after all brings its sources along.
func TestACommitThatWasNotAnsweredHasItsSources(t *testing.T) {
	x := newLiveLake(t)
	a, b := on(t, "02", "a"), on(t, "02", "b")
	x.put(t, lake.Stored, a)
	x.must(t, x.l.Flush)
	object := laketest.Object{Key: "k", Events: []lake.Event{b}}
	x.fail(syscall.ENOSPC, crashfs.Write, "log/checkpoint.tmp")
	if _, err := laketest.Import(x.l, x.st, lake.AppendOptions{}, []laketest.Object{object}, nil); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	x.repair()
	x.must(t, x.l.Flush)
	for _, when := range []string{"then", "when it is opened again"} {
		x.put(t, lake.Duplicate, a, b)
		if known, _, err := x.l.Imported(x.st, object.Source()); err != nil || !known {
			t.Errorf("%s the object is not known (%v)", when, err)
		}
		x.must(t, x.l.Close)
		x.has(t, a, b)
		x.open(t)
	}
}

// What a full disk let nobody finish takes no room for ever.
func TestWhatCouldNotBeBroughtIntoFilesLeavesNone(t *testing.T) {
	x := newLiveLake(t)
	a, b := on(t, "01", "a"), on(t, "02", "b")
	x.put(t, lake.Stored, a, b)
	for range 3 {
		files := 0
		x.disk.Watch(func(op crashfs.Op) error {
			if op.Kind == crashfs.Create && strings.HasPrefix(op.Name, "tmp/") {
				if files++; files > 3 { // the second day's
					return syscall.EMFILE
				}
			}
			return nil
		}, nil)
		if err := x.l.Flush(); !errors.Is(err, syscall.EMFILE) {
			t.Fatal(err)
		}
	}
	x.repair()
	x.must(t, x.l.Flush)
	x.has(t, a, b)
	n := 0
	err := vfs.Walk(x.disk, "hot/"+x.st.ID, func(name string, _ fs.DirEntry) error {
		if strings.HasSuffix(name, ".parquet") {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != 2 {
		t.Errorf("%d files of two days", n)
	}
}

// Live events that an import met and that turn out not to be on disk are no reason
// to take a source for complete.
func TestAnImportDoesNotRelyOnEventsThatWereLost(t *testing.T) {
	x := newLiveLake(t)
	a, b := on(t, "02", "a"), on(t, "02", "b")
	x.put(t, lake.Stored, a)
	object := laketest.Object{Key: "k", Events: []lake.Event{b}}
	app, err := x.l.Append(x.st, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x.disk.Watch(func(op crashfs.Op) error {
		if op.Kind == crashfs.Write && strings.HasPrefix(op.Name, "hot/journal/") {
			if what := laketest.Put(t, app, object); what[0] != lake.Duplicate {
				t.Errorf("%v", what)
			}
			return syscall.ENOSPC
		}
		return nil
	}, nil)
	if _, err := x.l.Put(t.Context(), x.st, []lake.Event{b}); !errors.Is(err, lake.ErrBehind) {
		t.Error(err)
	}
	x.repair()
	if _, err := app.Finish(); !errors.Is(err, lake.ErrBehind) {
		t.Errorf("Finish = %v; want ErrBehind", err)
	}
	_, _ = app.Abandon() // says the same
	laketest.Bring(t, x.l, x.st, lake.AppendOptions{}, []laketest.Object{object}, nil)
	x.must(t, x.l.Close)
	x.has(t, a, b)
}

// A full disk is a reason to come again later, whatever meets it.
func TestAJournalThatCannotBeBegunIsBehind(t *testing.T) {
	x := newLiveLake(t)
	a := on(t, "02", "a")
	for _, prefix := range []string{"log/", "hot/journal/"} {
		x.fail(syscall.ENOSPC, crashfs.Write, prefix)
		if _, err := x.l.Put(t.Context(), x.st, []lake.Event{a}); !errors.Is(err, lake.ErrBehind) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v; want ErrBehind", prefix, err)
		}
		x.repair()
	}
	x.put(t, lake.Stored, a)
	x.must(t, x.l.Close)
	x.has(t, a)
}

// A lake that is closed accepts nothing: another may write to it.
func TestAClosedLakeAcceptsNothing(t *testing.T) {
	x := newLiveLake(t)
	a := on(t, "02", "a")
	x.put(t, lake.Stored, a)
	x.must(t, x.l.Close)
	x.disk.Watch(nil, func(op crashfs.Op) {
		if op.Changes() {
			t.Errorf("%s on a closed lake", op)
		}
	})
	for range 2 {
		if got, err := x.l.Put(t.Context(), x.st, []lake.Event{on(t, "02", "b")}); err == nil {
			t.Errorf("a closed lake has %v", got)
		}
	}
	x.repair()
	x.has(t, a)
}
