package ingest

import (
	"errors"
	"time"

	"tarn/lake"
)

// sink is where records go: a store (lake.Appender) or its rehearsal
// (lake.Rehearsal).
type sink interface {
	Store() lake.Store
	Begin(lake.Source)
	Offer(lake.Event) (lake.Outcome, error)
	Filter()
	LeaveOut()
	Reject(lake.Reject) error
	End(sha256 string, bytes int64) lake.Counts
	Break()
	Advance(time.Time) error
	Finish() (lake.Receipt, error)
	Abandon() (lake.Receipt, error)
}

// open opens the sink that the options ask for.
func (o Options) open(l *lake.Lake, store lake.Store) (sink, error) {
	to := lake.AppendOptions{Import: o.Import, KeepDuplicates: o.KeepDuplicates, MemoryBytes: o.MemoryBytes, Filter: o.Filter.String()}
	if o.KeepDuplicates && to.Filter != "" {
		return nil, errors.New("a filter does not go with keeping duplicates")
	}
	if o.DryRun {
		return l.Rehearse(store, to)
	}
	return l.Append(store, to)
}
