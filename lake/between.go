package lake

import (
	"context"
	"slices"

	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// Between calls fn with the events of a store from one time, in microseconds since
// 1970, up to another, which is not among them: segment by segment, in order of day,
// and within a segment in order of time. The bytes stay valid.
func (s *Snapshot) Between(ctx context.Context, storeID string, conflicts bool, from, to int64, fn func(raw []byte, at int64) error) error {
	return s.overlapping(ctx, storeID, conflicts, from, to, func(seg Segment, r *segment.Reader) (failed, err error) {
		for e, err := range r.Between(from, to) {
			if err != nil {
				return nil, err
			}
			if seg.lacks(e.Seq) {
				continue
			}
			if failed = ctx.Err(); failed == nil {
				failed = fn(e.Raw, e.Time)
			}
			if failed != nil {
				break
			}
		}
		return failed, nil
	})
}

// Times calls fn with the times of the events between, in no order, to plan by: in a
// snapshot of the past some may be among them that Between leaves out.
func (s *Snapshot) Times(ctx context.Context, storeID string, conflicts bool, from, to int64, fn func(at int64)) error {
	return s.overlapping(ctx, storeID, conflicts, from, to, func(_ Segment, r *segment.Reader) (failed, err error) {
		err = r.Numbers(schemas.EventTime, func(_ int, _, at int64) error {
			if at >= from && at < to {
				fn(at)
			}
			return nil
		})
		return ctx.Err(), err
	})
}

// overlapping reads the segments that have events of a time. fn tells its caller's
// errors from those that mean damage.
func (s *Snapshot) overlapping(ctx context.Context, storeID string, conflicts bool, from, to int64, fn func(Segment, *segment.Reader) (failed, err error)) error {
	for _, seg := range s.Segments(storeID, conflicts) {
		if seg.MaxTime.UnixMicro() < from || seg.MinTime.UnixMicro() >= to {
			continue
		}
		failed := ctx.Err()
		if failed != nil {
			return failed
		}
		err := s.lake.readSegment(storeID, seg, func(r *segment.Reader) (err error) {
			failed, err = fn(seg, r)
			return err
		})
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lacks reports whether an event of the segment's file is not of the snapshot.
func (s Segment) lacks(seq int64) bool {
	return slices.ContainsFunc(s.without, func(n Numbers) bool { return n.First <= seq && seq <= n.Last })
}
