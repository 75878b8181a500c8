package runner

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/query"
	"tarn/query/samples"
	"tarn/report"
	"tarn/report/control"
)

// Options say what a report is about.
type Options struct {
	// Store is the name, id or ARN of the store that is asked, for events from From on
	// and before To.
	Store    string
	From, To time.Time
	// Params are values of the controls' parameters, by name. Each control takes those
	// that it has.
	Params map[string]string
	// Earlier are the records of earlier reports, the oldest first: their results are
	// shown beside the new ones.
	Earlier []lake.ReportRecord
	// By names the program.
	By string
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Progress, if not nil, hears how many controls are done, of how many.
	Progress func(done, all int)
}

// family is the one that controls know.
const family = "cloudtrail"

// longest is how long a report's period may be.
const longest = 400 * 24 * time.Hour

// maker is a report that is being made.
type maker struct {
	Options
	engine  *query.Engine
	lib     *control.Library
	now     *lake.Snapshot // of the lake; it has all that is proven
	past    *lake.Snapshot // what is asked
	store   lake.Store
	report  *report.Report
	present map[string]int64 // events by their category
	// blind says why the events could not be counted: a segment is damaged. Then each
	// control says for itself what it could not read.
	blind error
}

// Run makes a report. What is wrong with a single control makes that one unknown; the
// error is for what ends all. The snapshot must not be released before Run returns.
func Run(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, lib *control.Library, pack control.Pack, o Options) (*report.Report, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	start := o.Now()
	if !o.From.Before(o.To) || o.To.Sub(o.From) > longest {
		return nil, hint.Add(fmt.Errorf("the period from %s to %s is none of a report", o.From.Format(time.RFC3339), o.To.Format(time.RFC3339)),
			"the end comes after the beginning, and at most 400 days later")
	}
	past, err := snap.At(ctx, snap.LogSize())
	if err != nil {
		return nil, err
	}
	r := &maker{Options: o, engine: engine, lib: lib, now: snap, past: past.Snapshot}
	if r.store, err = snap.Store(o.Store); err != nil {
		return nil, err
	}
	if r.store.Family != family {
		return nil, hint.Add(fmt.Errorf("event data store %s has events of the family %s", r.store.Name, r.store.Family), "controls ask for CloudTrail's events")
	}
	r.report = &report.Report{ID: uuid.NewV7(start), Pack: pack.Pack, From: o.From.UTC(), To: o.To.UTC(), Ran: start.UTC().Round(time.Millisecond), By: o.By}
	if err := r.fill(ctx, pack); err != nil {
		return nil, err
	}
	r.report.Took = o.Now().Sub(start).Round(time.Millisecond)
	return r.report, nil
}

func (r *maker) fill(ctx context.Context, pack control.Pack) error {
	head, err := r.now.Head()
	if err != nil {
		return err
	}
	r.report.Log = report.Log{Lake: head.Origin, Size: r.past.LogSize(), Checkpoint: head.Checkpoint + "\n", PublicKey: head.PublicKey}
	if r.blind = r.cover(ctx); ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var events int64
	for _, n := range r.present {
		events += n
	}
	r.report.Stores = []report.Store{{ID: r.store.ID, Name: r.store.Name, Events: events}}
	if err := r.ask(ctx, pack); err != nil {
		return err
	}
	return r.evidence(ctx)
}

// ask asks the controls, a few at a time.
func (r *maker) ask(ctx context.Context, pack control.Pack) error {
	r.report.Results = make([]report.Result, len(pack.Entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	var done atomic.Int64
	for i, e := range pack.Entries {
		g.Go(func() (err error) {
			c, err := r.lib.Control(e.Control)
			if err == nil {
				r.report.Results[i], err = r.result(ctx, c, pack.References(e))
			}
			if n := done.Add(1); r.Progress != nil && err == nil {
				r.Progress(int(n), len(pack.Entries))
			}
			return err
		})
	}
	return g.Wait()
}

// values are those of a control's statement.
func (r *maker) values() samples.Values {
	return samples.Values{Store: r.store.ID, From: r.From, To: r.To, Params: r.Params}
}
