package duck

import (
	"context"
	"math"
	"sync"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// listener is the key of what Watched puts into a context.
type listener struct{}

// Watched returns a context whose statements tell fn how far they have come, from
// 0 to 1, while they run: the engine's guess, some times a second. A statement
// that is soon over tells nothing. fn is called by one goroutine at a time,
// and not after the statement.
func Watched(ctx context.Context, fn func(share float64)) context.Context {
	return context.WithValue(ctx, listener{}, fn)
}

// Listener is what Watched put into the context, or nil.
func Listener(ctx context.Context) func(share float64) {
	fn, _ := ctx.Value(listener{}).(func(float64))
	return fn
}

// lookEvery is how often the engine is asked.
const lookEvery = 200 * time.Millisecond

// counting makes a connection count how far a statement has come, from its first
// moment. The engine would print that as well.
func counting() []string {
	return []string{"SET enable_progress_bar_print = false", "SET progress_bar_time = 0", "SET enable_progress_bar = true"}
}

// report tells the context's listener how far the connection's statement has come,
// until the returned function is called.
func (c *conn) report(ctx context.Context) (stop func(), err error) {
	tell := Listener(ctx)
	if tell == nil {
		return func() {}, nil
	}
	if err := c.exec(ctx, counting()...); err != nil {
		return nil, err
	}
	over := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		last := 0.0
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			// The engine counts anew for each part of a statement: people see no way back.
			if share := c.share(); share > last {
				last = share
				tell(share)
			}
		}
	})
	return func() { close(over); done.Wait() }, nil
}

// share is how much of its statement the connection has done; 0 if that is not known.
func (c *conn) share() float64 {
	p := bindings.QueryProgress(c.c)
	percent, _, _ := bindings.QueryProgressTypeMembers(&p)
	if math.IsNaN(percent) {
		return 0
	}
	return min(max(percent/100, 0), 1)
}
