package lake_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// A clock that jumps back, between imports and within one, costs nothing: no order
// in the lake is the clock's.
func TestTheClockMayJumpBack(t *testing.T) {
	p := laketest.NewPlace(t)
	o := p.Options()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	var mu sync.Mutex // segments are sealed two at a time
	o.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(-37 * time.Hour)
		return now
	}
	var objects []laketest.Object
	for day := 1; day <= 6; day++ {
		at := fmt.Sprintf("2026-01-%02dT12:00:00Z", day)
		objects = append(objects, laketest.Object{Key: at, Events: []lake.Event{
			laketest.Event(t, fmt.Sprint("a", day), at, ""), laketest.Event(t, fmt.Sprint("b", day), at, ""),
		}})
	}
	for n := 2; n <= len(objects); n += 2 {
		p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
			laketest.Bring(t, l, st, lake.AppendOptions{MemoryBytes: 1}, objects[:n], nil)
		})
		laketest.Same(t, "events", rawOf(objects[:n], keysOf(objects[:n]), false), p.Events(t))
		p.Sound(t)
	}
	if first := commitsOf(t, p)[0].Time; !now.Before(first) {
		t.Fatalf("the clock went from %v to %v; want it to go back", first, now)
	}
}
