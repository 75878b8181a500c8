package main

import (
	"context"
	"errors"
	"fmt"

	"tarn/internal/hint"
)

// checkTimeout refuses a --timeout that is no length of time.
func (a *app) checkTimeout() error {
	if a.timeout < 0 {
		return usage(fmt.Errorf("query: --timeout %s", a.timeout), timeoutForm)
	}
	return nil
}

// timeoutForm is the advice for what cannot be read as a --timeout.
const timeoutForm = "write a number with its unit, such as 30s or 5m"

// inTime lets fn run a statement for as long as --timeout allows. What ends it
// is not the person's ^C: that is the outer context's.
func (a *app) inTime(ctx context.Context, fn func(context.Context) error) error {
	if a.timeout == 0 {
		return fn(ctx)
	}
	bounded, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	err := fn(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		return hint.Add(fmt.Errorf("query: stopped: it took longer than --timeout %s", a.timeout),
			"ask for a shorter time or fewer columns (--explain says what is read), or allow it more")
	}
	return err
}
