package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/result"
)

// Question is what somebody asks.
type Question struct {
	Statement string
	// Alias is the name under which it is asked for, if it has one.
	Alias string
	// Refresh is that of a dashboard that it belongs to, if it does.
	Refresh string
	// By is the id of the credential that asks.
	By string
	// Snapshot is the lake as its asker may see it. Release is called when nobody needs
	// that any more, whatever Start returns.
	Snapshot *lake.Snapshot
	Release  func()
	// Format is result.Binary, or empty for rows that can be had in pages and as text.
	Format string
	// DeliverTo is where results that can be had in pages are to be brought; empty is
	// nowhere. Pending is what is said of that until it is done.
	DeliverTo, Pending string
}

// Start takes a question, and returns when that is on disk. What is wrong with the
// statement is a *query.SyntaxError, or the lake's error for a store that is not there.
func (j *Jobs) Start(ctx context.Context, q Question) (statedb.Query, error) {
	now := j.o.Now().UTC()
	one := &job{release: q.Release, done: make(chan struct{}), cancel: func(error) {}}
	one.facts = statedb.Query{ID: uuid.NewV7(now), Created: now, Status: statedb.QueryQueued, Alias: q.Alias, QueryDetails: statedb.QueryDetails{
		Statement: q.Statement, Refresh: q.Refresh, By: q.By, Format: q.Format, DeliverTo: q.DeliverTo, Delivery: q.Pending}}
	running, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	one.cancel = cancel
	err := j.enter(one)
	if err != nil {
		cancel(nil)
		q.Release()
		return one.facts, err
	}
	facts, err := j.admit(ctx, one, q)
	if err != nil {
		j.leave(one)
		cancel(nil)
		q.Release()
		return one.facts, err
	}
	go func() {
		defer j.works.Done()
		defer cancel(nil)
		j.work(running, one)
	}()
	return facts, nil
}

// Check says what is wrong with a statement, as Start does, and asks nothing.
func (j *Jobs) Check(ctx context.Context, seen *lake.Snapshot, statement string) error {
	_, err := j.o.Engine.Explain(ctx, seen, statement)
	return err
}

// admit plans a question and records it.
func (j *Jobs) admit(ctx context.Context, one *job, q Question) (facts statedb.Query, err error) {
	if one.plan, err = j.o.Engine.Explain(ctx, q.Snapshot, q.Statement); err != nil {
		return facts, err
	}
	facts = j.change(one, func(f *statedb.Query) {
		f.Stores, f.BytesScanned, f.EventsScanned = one.plan.Stores(), one.plan.Bytes(), one.plan.Events()
	})
	return facts, j.o.State.AddQuery(facts)
}

// work takes a query through its states, and records how it ended.
func (j *Jobs) work(ctx context.Context, one *job) {
	defer close(one.done)
	start := time.Now()
	out := j.output(one.facts)
	rows, err := j.results(ctx, one, out, func() {
		start = time.Now()
		j.change(one, func(f *statedb.Query) { f.Status = statedb.QueryRunning })
	})
	took := time.Since(start)
	one.release()
	end := one.facts // nobody else writes it
	end.Rows, end.Bytes, end.Millis = rows, out.n, took.Milliseconds()
	end.Status, end.Reason = ending(ctx, err)
	if err := j.record(one, end, out.small); err != nil {
		return
	}
	if end.DeliverTo != "" {
		if err := j.record(one, j.delivered(ctx, end), nil); err != nil {
			return
		}
	}
	j.mu.Lock()
	delete(j.known, end.ID)
	j.kept += end.Bytes + leastBytes
	full := j.kept > j.o.KeptBytes
	j.mu.Unlock()
	if full {
		j.tell(j.trim())
	}
}

// delivered is a query whose results were brought where it wants them.
func (j *Jobs) delivered(ctx context.Context, q statedb.Query) statedb.Query {
	rows, err := j.Rows(q)
	if err != nil {
		q.Delivery = "CANCELLED" // there are none
		return q
	}
	defer rows.Close()
	q.Delivery = j.o.Deliver(ctx, q, rows)
	return q
}

// hasResults reports whether there is a file with results of a query.
func hasResults(q statedb.Query) bool { return q.Bytes > 0 }

// record writes how a query ended, and then says so to whoever asks. What cannot be
// recorded stays in memory as a failure: nobody was promised anything else.
func (j *Jobs) record(one *job, end statedb.Query, results []byte) error {
	err := j.o.State.EndQuery(end, results)
	if err != nil {
		j.tell(fmt.Errorf("record query %s: %w", end.ID, err))
		end.Status, end.Reason = statedb.QueryFailed, "its end could not be recorded; the server's log says why"
	}
	j.change(one, func(f *statedb.Query) { *f = end })
	return err
}

func (j *Jobs) tell(err error) {
	if err != nil {
		j.o.Warn(err)
	}
}

// ending is what became of a query, and why, in words for whoever asked.
func ending(ctx context.Context, err error) (statedb.QueryStatus, string) {
	switch cause := context.Cause(ctx); {
	case err == nil:
		return statedb.QueryFinished, ""
	case errors.Is(cause, errCancelled):
		return statedb.QueryCancelled, ""
	case errors.Is(cause, errClosed):
		return statedb.QueryFailed, errClosed.Error()
	case errors.Is(err, query.ErrLate):
		return statedb.QueryTimedOut, err.Error()
	case errors.Is(err, errLarge):
		return statedb.QueryFailed, "Query response is too large" // CloudTrail Lake's words
	case errors.Is(err, query.ErrMemory):
		return statedb.QueryFailed, "Query exhausted resources at this scale factor" // theirs, too
	}
	return statedb.QueryFailed, joined(err)
}

// joined is an error with what to do, in one text.
func joined(err error) string {
	return strings.Join(append([]string{err.Error()}, hint.Of(err)...), "; ")
}

// results runs a query and writes its results. Of one that fails nothing is left.
func (j *Jobs) results(ctx context.Context, one *job, out *output, running func()) (rows int64, err error) {
	res, err := j.o.Engine.Start(ctx, one.plan)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	running()
	if one.facts.Format != "" {
		rows, err = res.Encode(ctx, out, one.facts.Format)
	} else {
		rows, err = writeRows(ctx, out, res)
	}
	if err == nil || errors.Is(err, query.ErrLate) && one.facts.Format == "" {
		kept := out.keep()
		if kept == nil {
			return rows, err
		}
		err = errors.Join(err, kept)
	}
	return 0, errors.Join(err, out.discard())
}

// writeRows writes all rows of a result, or those until it took too long.
func writeRows(ctx context.Context, out *output, res result.Source) (int64, error) {
	w := &writer{out: out}
	var failed error
	for values, err := range res.Rows(ctx) {
		if err == nil {
			err = w.row(values)
		}
		if failed = err; err != nil {
			break
		}
	}
	if failed != nil && !errors.Is(failed, query.ErrLate) {
		return 0, failed
	}
	return w.rows, errors.Join(failed, w.end(res.Columns()))
}
