package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"tarn/internal/progress"
	"tarn/query"
	"tarn/query/result"
)

// watched is an answer that tells a waiting person how far it has come. The
// engine says how far it has read, of what it is not sure; until it does, the time
// is shown.
type watched struct {
	result.Source
	meter  *progress.Meter
	screen bool // the rows go to the same screen
	live   bool
	share  atomic.Uint64 // the bits of the share that is done
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
		Source: res, screen: screen, live: live, stop: make(chan struct{}),
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
				w.meter.Line(what + ", " + howFar(math.Float64frombits(w.share.Load()), now.Sub(start)))
			}
		}
	})
	return w
}

// howFar says how much is done after the given time, and how long the rest will take
// if it goes on like that.
func howFar(share float64, elapsed time.Duration) string {
	took := progress.Duration(elapsed.Round(time.Second))
	if share < 0.01 || share >= 1 {
		return took
	}
	left := time.Duration(float64(elapsed) * (1 - share) / share).Round(time.Second)
	return fmt.Sprintf("%.0f %%, %s, %s left", math.Floor(100*share), took, progress.Duration(max(left, time.Second)))
}

// watching asks the engine to tell how far it has come, where somebody looks.
func (w *watched) watching(ctx context.Context) context.Context {
	if !w.live {
		return ctx
	}
	return query.Watched(ctx, func(share float64) { w.share.Store(math.Float64bits(share)) })
}

// Encode tells how far it has come.
func (w *watched) Encode(ctx context.Context, out io.Writer, format string) (int64, error) {
	return w.Source.Encode(w.watching(ctx), out, format)
}

// Rows counts the rows.
func (w *watched) Rows(ctx context.Context) iter.Seq2[[]query.Value, error] {
	return func(yield func([]query.Value, error) bool) {
		for row, err := range w.Source.Rows(w.watching(ctx)) {
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
