package ingest

import (
	"errors"
	"fmt"
	"time"

	"tarn/internal/hint"
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
	Deselect()
	Reject(lake.Reject) error
	Digest(verdict string)
	End(sha256 string, bytes int64) lake.Counts
	Break()
	Advance(time.Time) error
	Finish() (lake.Receipt, error)
	Abandon() (lake.Receipt, error)
}

// ErrKeep means that duplicates cannot be kept, because the files may be read again.
var ErrKeep = errors.New("duplicates cannot be kept")

// open opens the sink that the options ask for.
func (o Options) open(l *lake.Lake, store lake.Store) (sink, error) {
	to := lake.AppendOptions{Import: o.Import, KeepDuplicates: o.KeepDuplicates, MemoryBytes: o.MemoryBytes, Filter: o.Filter.String(), Brief: o.Brief}
	if o.KeepDuplicates && to.Filter != "" {
		return nil, fmt.Errorf("%w: the import has a filter", ErrKeep)
	}
	if o.KeepDuplicates && !store.Selectors.IsZero() {
		return nil, hint.Add(fmt.Errorf("%w: the event data store %s has event selectors", ErrKeep, store.Name),
			"what they leave out of a file is read again when they change, which would store the rest twice; import into a store without")
	}
	if o.DryRun {
		return l.Rehearse(store, to)
	}
	return l.Append(store, to)
}
