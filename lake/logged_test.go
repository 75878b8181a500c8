package lake_test

import (
	"fmt"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// The entry of an event is found wherever it stands in a log of several bundles, also
// when the lake's clock was set back in between.
func TestEntriesAreFoundInLongLogs(t *testing.T) {
	p := laketest.NewPlace(t)
	p.FS = crashfs.New(p.Dir)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	o := p.Options()
	o.Now = func() time.Time { now = now.Add(time.Second); return now }
	ids := map[string][]byte{}
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		for i := range 800 {
			switch {
			case i == 300:
				now = now.Add(-time.Hour)
			case i == 500:
				now = now.AddDate(1, 0, 0)
			}
			if i%90 != 7 {
				if _, err := l.UpdateStore(st.Name, lake.StoreSettings{RetentionDays: 100 + i%2}); err != nil {
					t.Fatal(err)
				}
				continue
			}
			e := laketest.Event(t, fmt.Sprint(i), fmt.Sprintf("2026-01-%02dT00:00:00Z", 1+i/90), "")
			laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: e.ID, Events: []lake.Event{e}}}, nil)
			live := laketest.Event(t, fmt.Sprint("live ", i), now.Format(time.RFC3339), "")
			if _, err := l.Put(t.Context(), st, []lake.Event{live}); err != nil {
				t.Fatal(err)
			}
			if err := l.Count(); err != nil {
				t.Fatal(err)
			}
			ids[e.ID], ids[live.ID] = e.Raw, live.Raw
		}
		s := l.Snapshot()
		defer s.Release()
		head, err := s.Head()
		if err != nil {
			t.Fatal(err)
		}
		bundles := map[int64]bool{}
		for id, raw := range ids {
			all := proveAll(t, s, id, st.Name)
			if len(all) != 1 {
				t.Fatalf("%s: %d proven", id, len(all))
			}
			bundles[holds(t, head.PublicKey, all[0].Proof, raw).Entry/256] = true
		}
		if len(bundles) < 3 {
			t.Errorf("the entries are in %d bundles; want 3", len(bundles))
		}
	})
}
