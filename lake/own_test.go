package lake_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// However many records come first, the lake's own store is made once, with nothing
// lost, and nobody else puts anything in.
func TestOwnStore(t *testing.T) {
	p := laketest.NewPlace(t)
	const many = 20
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		var all sync.WaitGroup
		for i := range many {
			e := laketest.Event(t, fmt.Sprint("audit ", i), "2026-05-01T12:00:00Z", "")
			all.Go(func() {
				if err := l.Audit(t.Context(), []lake.Event{e}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		st, err := l.Store(lake.OwnStoreName)
		if err != nil || !st.Own() || st.Deletable() == nil {
			t.Fatalf("%+v, %v", st, err)
		}
		e := laketest.Event(t, "forged", "2026-05-01T12:00:00Z", "")
		_, put := l.Put(t.Context(), st, []lake.Event{e})
		_, imported := l.Append(st, lake.AppendOptions{})
		for _, err := range []error{put, imported} {
			if !errors.Is(err, lake.ErrOwnStore) {
				t.Errorf("others put events in: %v", err)
			}
		}
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := len(laketest.Raw(t, l, st, false)); got != many {
			t.Errorf("%d records; want %d", got, many)
		}
	})
	p.Sound(t)
}
