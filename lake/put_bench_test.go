package lake_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

var _ = eventgen.Options{}
var _ = slices.Sort[[]int]

func BenchmarkPut(b *testing.B) {
	for _, size := range []int{100, 1} {
		b.Run(fmt.Sprint("batches of ", size), func(b *testing.B) {
			_, l, st := laketest.New(b)
			ctx, stop := context.WithCancel(b.Context())
			var running sync.WaitGroup
			running.Go(func() { l.Run(ctx) })
			const writers = 32
			var mu sync.Mutex
			var took []time.Duration
			var wg sync.WaitGroup
			per := b.N/writers/size + 1
			pad := fmt.Sprintf("%01200d", 7)
			now := time.Now().UTC().Format(time.RFC3339)
			start := time.Now()
			for w := range writers {
				wg.Go(func() {
					var mine []time.Duration
					for i := range per {
						var events []lake.Event
						for k := range size {
							events = append(events, laketest.Event(b, fmt.Sprintf("%d-%d-%d", w, i, k), now, pad))
						}
						t := time.Now()
						if _, err := l.Put(ctx, st, events); err != nil {
							b.Error(err)
							return
						}
						mine = append(mine, time.Since(t))
					}
					mu.Lock()
					took = append(took, mine...)
					mu.Unlock()
				})
			}
			wg.Wait()
			elapsed := time.Since(start)
			stop()
			running.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(per*writers*size)/elapsed.Seconds(), "events/s")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		})
	}
}
