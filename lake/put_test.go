package lake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// What Put has accepted is there for readers after Flush, once, and for a writer
// that opens the lake after a sudden end.
func TestPutFlushTidy(t *testing.T) {
	p := laketest.NewPlace(t)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	o := p.Options()
	o.Now = func() time.Time { return now }
	var want []string
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		for i := range 40 {
			e := laketest.Event(t, fmt.Sprint("id ", i), fmt.Sprintf("2026-03-%02dT12:00:00Z", 9+i%2), "")
			got, err := l.Put(t.Context(), st, []lake.Event{e, e})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, []lake.Outcome{lake.Stored, lake.Duplicate}) {
				t.Fatalf("%v", got)
			}
			want = append(want, string(e.Raw))
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
			if err := l.Tidy(); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want)
		laketest.Same(t, "events while open", want, p.Events(t))
		p.Sound(t)
	})
	laketest.Same(t, "events", want, p.Events(t))
	p.Sound(t)
	now = now.AddDate(0, 0, 5)
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		if err := l.Tidy(); err != nil {
			t.Fatal(err)
		}
		for _, s := range l.Snapshot().Segments(st.ID, false) {
			if s.Hot() {
				t.Errorf("%s is hot", s.Day)
			}
		}
	})
	laketest.Same(t, "sealed events", want, p.Events(t))
	p.Sound(t)
}
