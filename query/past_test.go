package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/query"
)

// moment is what a lake answered at a size of its log.
type moment struct {
	size int64
	ids  []string
}

// life is a lake that lives through days of imports and live events, at some moments of
// which it is asked what it has.
type life struct {
	t       *testing.T
	p       laketest.Place
	engine  *query.Engine
	now     time.Time
	chance  *rand.Rand
	made    int
	moments []moment
}

// What a lake answered is what it answers for that size of its log for ever, whatever
// comes to it, is merged and is sealed.
func TestPastOfALakeStandsStill(t *testing.T) {
	y := &life{t: t, p: laketest.NewPlace(t), engine: openEngine(t), now: time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), chance: rand.New(rand.NewPCG(7, 1))}
	o := y.p.Options()
	o.Now = func() time.Time { return y.now }
	for range 40 {
		y.p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
			for range 1 + y.chance.IntN(6) {
				y.step(l, st)
			}
			y.remember(l)
			y.lookBack(l.Snapshot())
		})
		y.now = y.now.Add(time.Duration(1+y.chance.IntN(9)) * time.Hour)
	}
	y.p.Read(t, func(s *lake.Snapshot, _ lake.Store) { y.lookBack(s) })
	y.p.Sound(t)
	if last := y.moments[len(y.moments)-1]; len(last.ids) < 200 {
		t.Errorf("only %d events", len(last.ids))
	}
}

// event is one of some hours ago, now and then of days ago.
func (y *life) event() lake.Event {
	y.made++
	ago := time.Duration(y.chance.IntN(20)) * time.Hour
	if y.chance.IntN(5) == 0 {
		ago += 72 * time.Hour
	}
	return laketest.Event(y.t, fmt.Sprint("e", y.made), y.now.Add(-ago).Format(time.RFC3339), "")
}

func (y *life) step(l *lake.Lake, st lake.Store) {
	var some []lake.Event
	for range 1 + y.chance.IntN(4) {
		some = append(some, y.event())
	}
	var err error
	switch y.chance.IntN(5) {
	case 0, 1:
		_, err = l.Put(y.t.Context(), st, some)
	case 2:
		laketest.Bring(y.t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: fmt.Sprint("file ", y.made), Events: some}}, nil)
	case 3:
		err = l.Tidy()
	case 4:
		err = l.Flush()
	}
	if err != nil {
		y.t.Fatal(err)
	}
}

// remember has everything counted, asks what is there, and brings more that is not
// counted.
func (y *life) remember(l *lake.Lake) {
	if err := l.Count(); err != nil {
		y.t.Fatal(err)
	}
	snap := l.Snapshot()
	defer snap.Release()
	y.moments = append(y.moments, moment{snap.LogSize(), y.ids(snap)})
	st, err := snap.Store(laketest.StoreName)
	if err != nil {
		y.t.Fatal(err)
	}
	if _, err = l.Put(y.t.Context(), st, []lake.Event{y.event()}); err == nil {
		err = l.Flush()
	}
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *life) ids(s *lake.Snapshot) (ids []string) {
	y.t.Helper()
	res, err := y.engine.Run(y.t.Context(), s, "SELECT eventID FROM "+laketest.StoreName+" ORDER BY eventID")
	if err != nil {
		y.t.Fatal(err)
	}
	defer res.Close()
	for row, err := range res.Rows(y.t.Context()) {
		if err != nil {
			y.t.Fatal(err)
		}
		ids = append(ids, row[0].Text)
	}
	return ids
}

// lookBack asks some of the moments again, and the last.
func (y *life) lookBack(now *lake.Snapshot) {
	defer now.Release()
	for _, i := range append(y.chance.Perm(len(y.moments))[:min(5, len(y.moments))], len(y.moments)-1) {
		m := y.moments[i]
		past, err := now.At(y.t.Context(), m.size)
		if err != nil {
			y.t.Fatal(err)
		}
		if d := cmp.Diff(m.ids, y.ids(past.Snapshot)); d != "" {
			y.t.Fatalf("log of %d entries, %d of them at that moment (-then +now):\n%s", now.LogSize(), m.size, d)
		}
		if past.LogSize() != m.size {
			y.t.Error(past.LogSize(), m.size)
		}
	}
	if _, err := now.At(y.t.Context(), now.LogSize()+1); err == nil || !strings.Contains(err.Error(), "no such moment") {
		y.t.Error(err)
	}
}
