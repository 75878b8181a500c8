package bench_test

import (
	"context"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/server/access"
	"tarn/server/audit"
)

// BenchmarkAudit records what somebody asked: a statement, which is on disk within a
// second, and a change, which is before it is answered, by one client and by 32 for each processor.
func BenchmarkAudit(b *testing.B) {
	asked := map[string]any{"queryStatement": "SELECT eventName, count(*) FROM cloudtrail WHERE eventTime > '2026-10-01 00:00:00' GROUP BY 1", "format": "ndjson"}
	for _, kind := range []struct {
		name    string
		changes bool
		clients int
	}{{"statement", false, 1}, {"change", true, 1}, {"change of many", true, 32}} {
		b.Run(kind.name, func(b *testing.B) {
			_, l, store := laketest.New(b)
			ctx, stop := context.WithCancel(b.Context())
			var running sync.WaitGroup
			running.Go(func() {
				if err := l.Run(ctx); err != nil {
					b.Error(err)
				}
			})
			defer running.Wait()
			defer stop()
			r := audit.New(l, zerolog.Nop())
			a := audit.Act{Name: "RunSQL", Who: audit.Holder(access.Principal{ID: "TARNBENCH", Name: "bench"}), Source: "127.0.0.1", Request: asked,
				Changes: kind.changes, Stores: []string{store.ID}}
			b.SetParallelism(kind.clients)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := r.Record(a); err != nil {
						b.Error(err)
					}
				}
			})
			if err := r.Close(); err != nil {
				b.Error(err)
			}
			b.StopTimer()
			if st, err := l.Store(lake.OwnStoreName); err != nil || !st.Own() {
				b.Error(st, err)
			}
		})
	}
}
