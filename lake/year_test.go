package lake_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// year is a lake that lives through hours of imports and live events, beside an
// oracle that knows what was offered.
type year struct {
	p       laketest.Place
	now     time.Time
	chance  *rand.Rand
	total   int
	mostHot int
}

// Hourly imports and a trickle of live events, for days on end: no more than two
// segments a day, no more than 32 files that are not sealed, and readers see
// everything once at any moment. TARN_YEAR_DAYS=365 is a year.
func TestDaysOfHourlyImportsAndLiveEvents(t *testing.T) {
	days := 4
	if text := os.Getenv("TARN_YEAR_DAYS"); text != "" {
		var err error
		if days, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	y := &year{p: laketest.NewPlace(t), now: time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), chance: rand.New(rand.NewPCG(1, 2))}
	o := y.p.Options()
	o.Now = func() time.Time { return y.now }
	for day := range days {
		for hour := range 24 {
			y.p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
				y.live(t, l, st, day*24+hour)
				y.imports(t, l, st, day*24+hour)
			})
			y.check(t, hour == 23)
			y.now = y.now.Add(time.Hour)
		}
	}
	y.p.Sound(t)
	t.Logf("%d days, %d events, at most %d hot files", days, y.total, y.mostHot)
}

// event is one of some minutes ago, now and then of some hours ago.
func (y *year) event(t *testing.T, id string) lake.Event {
	ago := time.Duration(y.chance.IntN(60)) * time.Minute
	if y.chance.IntN(20) == 0 {
		ago += time.Duration(y.chance.IntN(30)) * time.Hour
	}
	y.total++
	return laketest.Event(t, id, y.now.Add(-ago).Format(time.RFC3339), "")
}

// live puts some events one by one, while they are brought into files.
func (y *year) live(t *testing.T, l *lake.Lake, st lake.Store, hour int) {
	for i := range 6 {
		e := y.event(t, fmt.Sprint("live ", hour, " ", i))
		if what, err := l.Put(t.Context(), st, []lake.Event{e}); err != nil || what[0] != lake.Stored {
			t.Fatal(what, err)
		}
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		y.count(t, l.Snapshot(), st)
	}
	if err := l.Tidy(); err != nil {
		t.Fatal(err)
	}
	y.count(t, l.Snapshot(), st)
}

// imports brings the hour's files of 40 accounts and regions.
func (y *year) imports(t *testing.T, l *lake.Lake, st lake.Store, hour int) {
	var objects []laketest.Object
	for place := range 40 {
		if y.chance.IntN(4) > 0 {
			continue
		}
		o := laketest.Object{Key: fmt.Sprint("hour ", hour, " place ", place)}
		for i := range 1 + y.chance.IntN(3) {
			o.Events = append(o.Events, y.event(t, fmt.Sprint(o.Key, " ", i)))
		}
		objects = append(objects, o)
	}
	if len(objects) == 0 {
		return
	}
	laketest.Bring(t, l, st, lake.AppendOptions{}, objects, nil)
	y.count(t, l.Snapshot(), st)
}

func (y *year) count(t *testing.T, s *lake.Snapshot, st lake.Store) {
	t.Helper()
	hot, sealed := 0, map[string]int{}
	for _, seg := range s.Segments(st.ID, false) {
		if seg.Hot() {
			hot++
		} else if sealed[seg.Day]++; sealed[seg.Day] > 2 {
			t.Fatalf("at %s: %d segments of %s", y.now, sealed[seg.Day], seg.Day)
		}
	}
	if y.mostHot = max(y.mostHot, hot); hot > 32 {
		t.Fatalf("at %s: %d files that are not sealed", y.now, hot)
	}
}

// check compares what a reader sees with what was offered: how many, and now and
// then which.
func (y *year) check(t *testing.T, wholly bool) {
	t.Helper()
	y.p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		y.count(t, s, st)
		rows := int64(0)
		for _, seg := range s.Segments(st.ID, false) {
			rows += seg.Rows
		}
		if rows != int64(y.total) {
			t.Fatalf("at %s: %d events; want %d", y.now, rows, y.total)
		}
		if !wholly {
			return
		}
		seen := map[string]bool{}
		for _, raw := range laketest.Texts(t, s, st, false) {
			if seen[raw] {
				t.Fatalf("is there twice: %s", raw)
			}
			seen[raw] = true
		}
		if len(seen) != y.total {
			t.Fatalf("at %s: %d different events; want %d", y.now, len(seen), y.total)
		}
	})
}
