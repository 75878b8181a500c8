package lake_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// aged is a lake with a week of events of January in a store that keeps them for
// seven days, one of which has conflicts, and one in the hot tier.
func aged(t *testing.T) (laketest.Place, *clock, lake.Store) {
	t.Helper()
	p, c := laketest.NewPlace(t), &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	var st lake.Store
	c.at(t, p, func(l *lake.Lake) {
		st = must(t)(l.UpdateStore(laketest.StoreName, lake.StoreSettings{RetentionDays: 7}))
		for day := 1; day <= 7; day++ {
			at := fmt.Sprintf("2026-01-%02dT12:00:00Z", day)
			o := laketest.Object{Key: at, Events: []lake.Event{laketest.Event(t, fmt.Sprint("a", day), at, ""), laketest.Event(t, fmt.Sprint("b", day), at, "")}}
			if day == 2 {
				o.Events = append(o.Events, laketest.Event(t, "a2", at, "of other bytes"))
			}
			c.now = time.Date(2026, 1, day+3, 0, 0, 0, 0, time.UTC)
			laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{o}, nil)
			put(t, l, st, laketest.Event(t, fmt.Sprint("live", day), at, ""))
		}
	})
	return p, c, st
}

func put(t *testing.T, l *lake.Lake, st lake.Store, events ...lake.Event) {
	t.Helper()
	if _, err := l.Put(t.Context(), st, events); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
}

// daysOf are the days of January of a store.
func januaryOf(st lake.Store) (days []lake.StoreDay) {
	for day := 1; day <= 31; day++ {
		days = append(days, lake.StoreDay{Store: st.ID, Day: fmt.Sprintf("2026-01-%02d", day)})
	}
	return days
}

func expire(t *testing.T, l *lake.Lake, days []lake.StoreDay) (tombs []string) {
	t.Helper()
	done, err := l.Expire(t.Context(), days)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range done {
		for _, s := range x.Segments {
			tombs = append(tombs, s.Day)
		}
	}
	return tombs
}

func purge(t *testing.T, p laketest.Place, now time.Time) *lake.PurgeReport {
	t.Helper()
	r, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{Key: p.Key, FS: p.FS, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// soundAt is Place.Sound at a time.
func soundAt(t *testing.T, p laketest.Place, now time.Time) *lake.Report {
	t.Helper()
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: p.FS, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems)+len(r.Unread) > 0 {
		t.Errorf("Verify: problems %+v, unread %+v; want none", r.Problems, r.Unread)
	}
	return r
}

// sealedFiles are the days of which there are files of segments.
func sealedDays(t *testing.T, p laketest.Place) (days []string) {
	t.Helper()
	for _, f := range p.Files(t) {
		if parts := strings.Split(f, "/"); parts[0] == "segments" {
			days = append(days, parts[2])
		}
	}
	return slices.Compact(days)
}

// A day expires when its time has come: at once for queries, an hour and a quarter
// later for the disk. Doing it again changes nothing.
func TestADayExpiresAndGoes(t *testing.T) {
	p, c, st := aged(t)
	c.now = time.Date(2026, 1, 10, 23, 59, 59, 0, time.UTC)
	january := januaryOf(st)
	c.at(t, p, func(l *lake.Lake) {
		if got := expire(t, l, january); !slices.Equal(slices.Compact(got), []string{"2026-01-01", "2026-01-02"}) {
			t.Errorf("expired are %v", got)
		}
		if got := expire(t, l, january); len(got) > 0 {
			t.Errorf("a second time, %v expired", got)
		}
		snap := l.Snapshot()
		snap.Release() // or it would be a reader
		for _, conflicts := range []bool{false, true} {
			for _, s := range snap.Segments(st.ID, conflicts) {
				if s.Day <= "2026-01-02" {
					t.Errorf("%s is there still", s.Day)
				}
			}
		}
		// It is new to the store now, as anything is that nobody has.
		put(t, l, st, laketest.Event(t, "a1", "2026-01-01T12:00:00Z", ""))
		if got := expire(t, l, january); !slices.Equal(got, []string{"2026-01-01"}) {
			t.Errorf("what came again expired as %v", got)
		}
	})
	if events := p.Events(t); slices.ContainsFunc(events, func(e string) bool { return strings.Contains(e, "2026-01-02") }) || len(events) != 15 {
		t.Errorf("%d events: %q", len(events), events)
	}
	soundAt(t, p, c.now)
	if r := purge(t, p, c.now.Add(74*time.Minute)); r.Files > 0 || len(r.Waiting) == 0 {
		t.Errorf("within the grace: %+v", r)
	}
	if got := sealedDays(t, p); got[0] != "2026-01-01" {
		t.Errorf("there are files of %v", got)
	}
	r := purge(t, p, c.now.Add(76*time.Minute))
	if r.Files != 3*r.Segments || r.Segments < 5 || len(r.Waiting) > 0 {
		t.Errorf("after it: %+v", r)
	}
	if got := sealedDays(t, p); got[0] != "2026-01-03" {
		t.Errorf("there are files of %v", got)
	}
	if r := purge(t, p, c.now.Add(76*time.Minute)); r.Files > 0 || r.Segments > 0 {
		t.Errorf("a second time: %+v", r)
	}
	if notes := strings.Join(soundAt(t, p, c.now.Add(76*time.Minute)).Notes, "\n"); !strings.Contains(notes, "cannot be counted again") {
		t.Errorf("notes: %s", notes)
	}
	for _, dir := range []string{"2026-01-01", "2026-01-02"} {
		if _, err := os.Stat(p.Path("segments/" + st.ID + "/" + dir)); err == nil {
			t.Errorf("the folder of %s is left", dir)
		}
	}
	// The index says the same as the log, whichever it was made of.
	removeAll(t, p, "local/index.db")
	c.at(t, p, func(l *lake.Lake) { must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 8})) })
	soundAt(t, p, c.now)
}

// A hold keeps what it covers, whatever the clock says; also files of what expired
// before it was placed. Released, they go.
func TestHoldsWin(t *testing.T) {
	p, c, st := aged(t)
	c.now = time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC)
	january := januaryOf(st)
	var hold lake.Hold
	c.at(t, p, func(l *lake.Lake) {
		var err error
		if hold, err = l.PlaceHold(st.Name, lake.Hold{From: "2026-01-02", To: "2026-01-03", Reason: "case 4711"}); err != nil {
			t.Fatal(err)
		}
		if got := slices.Compact(expire(t, l, january)); !slices.Equal(got, []string{"2026-01-01", "2026-01-04"}) {
			t.Errorf("expired are %v", got)
		}
		off := false
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{TerminationProtection: &off}))
		_, err = l.DeleteStore(st.ID)
		refuses(t, "DeleteStore of what is held", err, lake.ErrHeld, "tarn hold release "+hold.ID)
		if _, err := l.PlaceHold(st.ID, lake.Hold{From: "2026-01-04", To: "2026-01-04", Reason: "late"}); err != nil {
			t.Fatal(err)
		}
		for _, h := range []lake.Hold{{From: "2026-1-1", Reason: "x"}, {From: "2026-01-02", To: "2026-01-01", Reason: "x"}} {
			_, err := l.PlaceHold(st.ID, h)
			refuses(t, "PlaceHold", err, lake.ErrHoldDays, "")
		}
		_, err = l.PlaceHold(st.ID, lake.Hold{})
		refuses(t, "PlaceHold without a reason", err, lake.ErrReason, "--reason")
		_, err = l.ReleaseHold("zzz", "why")
		refuses(t, "ReleaseHold of none", err, lake.ErrHoldNotFound, "tarn hold list")
	})
	later := c.now.Add(24 * time.Hour)
	r := purge(t, p, later)
	if got := sealedDays(t, p); got[0] != "2026-01-02" || !slices.Contains(got, "2026-01-04") || !strings.Contains(r.Waiting[0].Why, "held by") {
		t.Errorf("there are files of %v; %+v", got, r)
	}
	c.at(t, p, func(l *lake.Lake) {
		snap := l.Snapshot()
		snap.Release()
		for _, h := range snap.Holds() {
			if got, err := l.ReleaseHold(h.ID[:8], "closed"); err != nil || got.ID != h.ID {
				t.Fatal(got, err)
			}
		}
		if got := slices.Compact(expire(t, l, january)); !slices.Equal(got, []string{"2026-01-02", "2026-01-03"}) {
			t.Errorf("expired are %v", got)
		}
	})
	purge(t, p, later)
	if got := sealedDays(t, p); got[0] != "2026-01-05" {
		t.Errorf("there are files of %v", got)
	}
	soundAt(t, p, later)
}

// A clock that is set forward frees nothing: neither at once, nor by vouching for
// itself with entries. Who says that it is right is in the log.
func TestAClockThatJumpsFreesNothing(t *testing.T) {
	p, c, st := aged(t)
	january := januaryOf(st)
	c.now = time.Date(2033, 1, 1, 0, 0, 0, 0, time.UTC)
	c.at(t, p, func(l *lake.Lake) {
		for range 3 {
			_, err := l.Expire(t.Context(), january)
			refuses(t, "Expire with a clock that jumped", err, lake.ErrClock, "--confirm-clock")
			put(t, l, st, laketest.Event(t, "", c.now.Format(time.RFC3339), "")) // an entry with that time
			c.pass(time.Hour)
		}
	})
	// Set right it works as before, although the log has entries of the future.
	c.now = time.Date(2026, 1, 11, 1, 0, 0, 0, time.UTC)
	c.at(t, p, func(l *lake.Lake) {
		if got := slices.Compact(expire(t, l, january)); got[len(got)-1] != "2026-01-03" {
			t.Errorf("expired are %v", got)
		}
	})
	jumped := purge(t, p, time.Date(2033, 1, 1, 0, 0, 0, 0, time.UTC))
	if jumped.Files > 0 || !strings.Contains(jumped.Waiting[0].Why, "clocks do not agree") {
		t.Errorf("with a clock that jumped: %+v", jumped)
	}
	// Nothing was written for a month: somebody says that this is so.
	c.now = c.now.AddDate(0, 1, 0)
	c.at(t, p, func(l *lake.Lake) {
		refuses(t, "ConfirmClock without a reason", l.ConfirmClock(t.Context(), " "), lake.ErrReason, "")
		for range 2 { // the second writes nothing
			if err := l.ConfirmClock(t.Context(), "the machine was off"); err != nil {
				t.Fatal(err)
			}
		}
		if got := slices.Compact(expire(t, l, january)); got[len(got)-1] != "2026-01-07" {
			t.Errorf("expired are %v", got)
		}
		n := 0
		snap := l.Snapshot()
		defer snap.Release()
		err := snap.Log(t.Context(), func(e lake.LogEntry) error {
			if e.Type == "clock_confirm" {
				n++
			}
			return nil
		})
		if n != 1 || err != nil {
			t.Errorf("%d entries confirm the clock, %v; want one", n, err)
		}
	})
	soundAt(t, p, c.now)
}

// Of a store that is gone everything expires; under compliance nobody deletes one.
func TestWhatAStoreLeavesExpires(t *testing.T) {
	p, c, st := aged(t)
	c.at(t, p, func(l *lake.Lake) {
		off := false
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 2557, TerminationProtection: &off}))
		must(t)(l.DeleteStore(st.ID))
		if got := expire(t, l, januaryOf(st)); len(got) > 0 {
			t.Errorf("while it can be restored, %v expired", got)
		}
		for range 7 { // days, each with an entry
			must(t)(l.CreateStore(fmt.Sprint("other-", c.now.Day()), schemas.CloudTrail()))
			c.pass(wholeDay)
		}
		if got := slices.Compact(expire(t, l, januaryOf(st))); len(got) != 7 {
			t.Errorf("%v expired; want seven days", got)
		}
		if _, err := l.PlaceHold(st.ID, lake.Hold{Reason: "too late"}); err != nil {
			t.Errorf("a hold on what is gone: %v", err)
		}
	})
	if r := purge(t, p, c.now.Add(wholeDay)); r.Files > 0 {
		t.Errorf("a hold stands, and %d files were removed", r.Files)
	}
	soundAt(t, p, c.now)
}

// Readers keep what they see, in this process or another, until they are done.
func TestReadersKeepWhatTheySee(t *testing.T) {
	p, c, st := aged(t)
	old, err := lake.View(p.Dir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	before := laketest.Texts(t, old.Snapshot(), st, false)
	c.now = time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC)
	c.at(t, p, func(l *lake.Lake) {
		inside := l.Snapshot()
		expire(t, l, januaryOf(st))
		young, err := lake.View(p.Dir, lake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer young.Close()
		c.pass(3 * wholeDay)
		for _, reader := range []func(){func() { inside.Release() }, func() { old.Close() }} {
			if r := purge(t, p, c.now); r.Files > 0 || !strings.Contains(r.Waiting[0].Why, "read by somebody") {
				t.Errorf("while somebody reads: %+v", r)
			}
			laketest.Same(t, "what the reader sees", before, laketest.Texts(t, old.Snapshot(), st, false))
			reader()
		}
		if r := purge(t, p, c.now); r.Files == 0 {
			t.Errorf("when only those read who came later: %+v", r)
		}
		laketest.Texts(t, young.Snapshot(), st, false)
	})
	soundAt(t, p, c.now)
}
