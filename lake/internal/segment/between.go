package segment

import (
	"iter"
	"math"

	"github.com/parquet-go/parquet-go"

	"tarn/schemas"
)

// Between returns the events from one time up to another, which is not among them,
// without leaf hashes, in order of time and number. Row groups that have none are not
// read. One that has is in memory at a time; the bytes stay valid.
func (r *Reader) Between(from, to int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for i, g := range r.file.RowGroups() {
			first, last, err := r.times(i)
			if err == nil && (last < from || first >= to) {
				continue
			}
			var events []Event
			if err == nil {
				events, err = r.events(g)
			}
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				if e.Time >= from && e.Time < to && !yield(e, nil) {
					return
				}
			}
		}
	}
}

// times are those of the first and the last event of a row group.
func (r *Reader) times(group int) (first, last int64, err error) {
	first, last = math.MaxInt64, math.MinInt64
	err = r.chunk(r.file.RowGroups()[group], schemas.EventTime, func(v parquet.Value) error {
		first, last = min(first, v.Int64()), max(last, v.Int64())
		return nil
	})
	return first, last, err
}
