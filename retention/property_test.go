package retention_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/retention"
	"tarn/schemas"
)

// world is a lake that lives beside a model of it.
type world struct {
	*testing.T
	laketest.Place
	model
	chance *rand.Rand
	done   map[string]int // how often what was done
	went   []string       // expired segments of which no file is there
	events int
}

// Whatever stores, holds, clocks, readers in other processes and interruptions do:
// nothing is removed before its time, under a hold or under a reader; everything is
// removed after it; the log and verify stay sound.
func TestRetentionKeepsItsPromises(t *testing.T) {
	seeds := number(t, "TARN_RETENTION_SEEDS", 2)
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &world{T: t, Place: laketest.NewPlace(t), chance: rand.New(rand.NewPCG(24, uint64(seed))), done: map[string]int{}}
			w.model = model{now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), stores: map[string]*store{}, holds: map[string]lake.Hold{}, dead: map[string]*dead{}}
			w.write(func(l *lake.Lake, st lake.Store) { w.adopt(st) })
			steps := number(t, "TARN_RETENTION_STEPS", 60)
			for i := range laketest.Few(10, make([]int, steps)) {
				w.step()
				if i%10 == 9 {
					w.sound()
				}
				if t.Failed() {
					t.Fatalf("in step %d, having done %v", i, w.done)
				}
			}
			w.end()
			t.Logf("done: %v; %d segments expired", w.done, len(w.dead))
		})
	}
}

func number(t *testing.T, env string, usual int) int {
	t.Helper()
	if text := os.Getenv(env); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return usual
}

// write opens the lake for writing at the model's time.
func (w *world) write(fn func(*lake.Lake, lake.Store)) {
	w.Helper()
	o := w.Options()
	o.Now = func() time.Time { return w.now }
	w.WriteWith(w.T, o, fn)
}

func (w *world) adopt(st lake.Store) {
	w.stores[st.ID] = &store{id: st.ID, name: st.Name, retention: st.RetentionDays}
}

// step does something.
func (w *world) step() {
	w.turn++
	acts := []struct {
		name string
		odds int
		do   func()
	}{
		{"bring", 6, w.bring}, {"pass", 8, w.pass}, {"apply", 6, w.apply}, {"purge", 5, w.purge}, {"interrupt", 2, w.interrupt},
		{"jump", 2, w.jump}, {"hold", 2, w.hold}, {"release", 2, w.release}, {"period", 2, w.period}, {"create", 1, w.create},
		{"delete", 1, w.delete}, {"restore", 1, w.restore}, {"read", 2, w.read}, {"leave", 2, w.leave},
	}
	sum := 0
	for _, a := range acts {
		sum += a.odds
	}
	n := w.chance.IntN(sum)
	for _, a := range acts {
		if n -= a.odds; n < 0 {
			w.done[a.name]++
			a.do()
			return
		}
	}
}

// some picks a store that is there, or nil.
func (w *world) some(deleted bool) *store {
	ids := slices.Sorted(maps.Keys(w.stores))
	w.chance.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for _, id := range ids {
		st := w.stores[id]
		if over := !st.deleted.IsZero() && !w.now.Before(st.deleted.Add(7*24*time.Hour)); st.deleted.IsZero() != deleted && !over {
			return st
		}
	}
	return nil
}

// event is one of the last weeks.
func (w *world) event() lake.Event {
	w.events++
	at := w.now.Add(-time.Duration(w.chance.IntN(20*24)) * time.Hour).Format(time.RFC3339)
	return laketest.Event(w.T, fmt.Sprint("e", w.events/2), at, fmt.Sprint(w.events)) // some conflict
}

// bring imports some events, and puts one.
func (w *world) bring() {
	to := w.some(false)
	if to == nil {
		return
	}
	w.write(func(l *lake.Lake, _ lake.Store) {
		st, err := l.Store(to.id)
		if err != nil {
			w.Fatal(err)
		}
		o := laketest.Object{Key: fmt.Sprint("object ", w.turn)}
		for range 1 + w.chance.IntN(6) {
			o.Events = append(o.Events, w.event())
		}
		laketest.Bring(w.T, l, st, lake.AppendOptions{}, []laketest.Object{o}, nil)
		if _, err := l.Put(w.Context(), st, []lake.Event{w.event()}); err != nil {
			w.Fatal(err)
		}
	})
}

// pass lets time pass, and something be written.
func (w *world) pass() {
	w.now = w.now.Add(time.Duration(1+w.chance.IntN(70)) * time.Hour)
	w.write(func(l *lake.Lake, _ lake.Store) {
		if err := l.Tidy(); err != nil {
			w.Fatal(err)
		}
		if st := w.some(false); st != nil {
			w.setPeriod(l, st, st.retention+1)
			w.setPeriod(l, st, st.retention-1)
		} else {
			w.make(l)
		}
	})
}

func (w *world) setPeriod(l *lake.Lake, st *store, days int) {
	if _, err := l.UpdateStore(st.id, lake.StoreSettings{RetentionDays: days}); err != nil {
		w.Fatal(err)
	}
	st.retention = days
}

func (w *world) period() {
	if st := w.some(false); st != nil {
		w.write(func(l *lake.Lake, _ lake.Store) { w.setPeriod(l, st, 7+w.chance.IntN(8)) })
	}
}

func (w *world) create() { w.write(func(l *lake.Lake, _ lake.Store) { w.make(l) }) }

func (w *world) make(l *lake.Lake) {
	off := false
	st, err := l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: fmt.Sprint("store-", w.turn), RetentionDays: 10, TerminationProtection: &off})
	if err != nil {
		w.Fatal(err)
	}
	w.adopt(st)
}

func (w *world) delete() {
	st := w.some(false)
	if st == nil || st.name == laketest.StoreName {
		return
	}
	held := slices.ContainsFunc(slices.Collect(maps.Values(w.holds)), func(h lake.Hold) bool { return h.Store == st.id })
	w.write(func(l *lake.Lake, _ lake.Store) {
		switch _, err := l.DeleteStore(st.id); {
		case held && errors.Is(err, lake.ErrHeld):
		case held || err != nil:
			w.Errorf("held: %v; DeleteStore = %v", held, err)
		default:
			st.deleted = w.now
		}
	})
}

func (w *world) restore() {
	if st := w.some(true); st != nil {
		w.write(func(l *lake.Lake, _ lake.Store) {
			if _, err := l.RestoreStore(st.id); err != nil {
				w.Error(err)
			}
			st.deleted = time.Time{}
		})
	}
}

func (w *world) hold() {
	ids := slices.Sorted(maps.Keys(w.stores))
	h := lake.Hold{Reason: "case"}
	day := func() string { return w.now.AddDate(0, 0, -w.chance.IntN(20)).Format("2006-01-02") }
	if w.chance.IntN(3) > 0 {
		h.From = day()
	}
	if to := day(); w.chance.IntN(3) > 0 && to >= h.From {
		h.To = to
	}
	w.write(func(l *lake.Lake, _ lake.Store) {
		placed, err := l.PlaceHold(ids[w.chance.IntN(len(ids))], h)
		if err != nil {
			w.Fatal(err)
		}
		w.holds[placed.ID] = placed
	})
}

func (w *world) release() {
	for _, id := range slices.Sorted(maps.Keys(w.holds)) {
		w.write(func(l *lake.Lake, _ lake.Store) {
			if _, err := l.ReleaseHold(id, "closed"); err != nil {
				w.Error(err)
			}
		})
		delete(w.holds, id)
		return
	}
}

func (w *world) read() { w.reads(w.T, w.Dir) }

func (w *world) leave() {
	if n := len(w.readers); n > 0 {
		w.ends(w.T, w.chance.IntN(n), w.chance.IntN(2) == 0)
	}
}

// apply applies the plan, and compares what is there with the model.
func (w *world) apply() {
	before := w.days()
	w.write(func(l *lake.Lake, _ lake.Store) {
		p, err := retention.Make(w.Context(), l, "")
		if err != nil {
			w.Fatal(err)
		}
		for range 2 { // the second changes nothing
			if _, err := p.Apply(w.Context(), l); err != nil {
				w.Fatal(err)
			}
		}
	})
	w.bury()
	want := map[string]bool{}
	for key := range before {
		storeID, day, _ := strings.Cut(key, " ")
		if !w.due(storeID, day) || w.held(storeID, day) {
			want[key] = true
		}
	}
	if got := w.days(); !maps.Equal(got, want) {
		w.Errorf("at %s there are days %v; want %v", w.now, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// jump sets the clock forward, applies, purges, and sets it back.
func (w *world) jump() {
	w.pass() // so that the log knows the time
	right, days := w.now, w.days()
	files := w.segments()
	w.now = w.now.AddDate(0, 0, 5+w.chance.IntN(4000))
	w.write(func(l *lake.Lake, _ lake.Store) {
		p, err := retention.Make(w.Context(), l, "")
		if err == nil && p.Doubt == "" {
			w.Error("the clock is believed")
		}
		all := []lake.StoreDay{}
		for key := range days {
			storeID, day, _ := strings.Cut(key, " ")
			all = append(all, lake.StoreDay{Store: storeID, Day: day})
		}
		if _, err := l.Expire(w.Context(), all); !errors.Is(err, lake.ErrClock) {
			w.Errorf("Expire = %v", err)
		}
		w.make(l) // an entry with that time
		if _, err := l.Expire(w.Context(), all); !errors.Is(err, lake.ErrClock) {
			w.Errorf("Expire = %v", err)
		}
	})
	w.purgeNow(nil)
	if got := w.days(); !maps.Equal(got, days) || !maps.Equal(w.segments(), files) {
		w.Errorf("a clock that jumped to %s has changed what is there", w.now)
	}
	w.now = right
}
