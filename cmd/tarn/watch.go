package main

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"tarn/internal/progress"
	"tarn/query"
	"tarn/query/result"
)

// watched is an answer that tells a waiting person how far it has come. The
// engine says nothing until the first row, so the time is shown meanwhile.
type watched struct {
	result.Source
	meter  *progress.Meter
	screen bool // the rows go to the same screen
	stop   chan struct{}
	done   sync.WaitGroup
	once   sync.Once
}

// tick is how often the time is shown.
const tick = 250 * time.Millisecond

// watch starts telling; end it. Off a terminal it is silent.
func (a *app) watch(res *query.Result, screen bool) *watched {
	_, live := terminal(a.err)
	kept, _ := res.Plan().Segments()
	w := &watched{
		Source: res, screen: screen, stop: make(chan struct{}),
		meter: a.meter(progress.Options{Label: "query", Unit: "rows", Live: live}),
	}
	if !live {
		return w
	}
	what := fmt.Sprintf("of %s, %s", counted(int64(kept), "segment"), progress.Bytes(res.Plan().Bytes()))
	start := time.Now()
	w.done.Go(func() {
		clock := time.NewTicker(tick)
		defer clock.Stop()
		for {
			select {
			case <-w.stop:
				return
			case now := <-clock.C:
				w.meter.Line(what + ", " + progress.Duration(now.Sub(start).Round(time.Second)))
			}
		}
	})
	return w
}

// Rows counts the rows.
func (w *watched) Rows(ctx context.Context) iter.Seq2[[]query.Value, error] {
	return func(yield func([]query.Value, error) bool) {
		for row, err := range w.Source.Rows(ctx) {
			if w.screen {
				w.end()
			}
			w.meter.Add(1)
			if !yield(row, err) {
				return
			}
		}
		if w.screen { // without rows, the names of the columns come next
			w.end()
		}
	}
}

// end clears the line. It may be called again.
func (w *watched) end() {
	w.once.Do(func() { close(w.stop) })
	w.done.Wait()
	w.meter.Finish()
}

// perSecond is a rate, for a meter that counts something else.
func perSecond(n int64, since time.Time) string {
	return progress.Count(int64(float64(n)/max(time.Since(since).Seconds(), 0.001))) + "/s"
}
