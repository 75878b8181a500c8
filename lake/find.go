package lake

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// Place is where an event stands.
type Place struct {
	Store   Store
	Segment Segment
	// Row is its place in the segment, counted from 0.
	Row int64
}

// Find returns where the events of an id stand: in the store that ref names, or in
// all of them if it is empty; first events, then conflicts, of each in order of
// store, day and row. The id is the event's own, or, of an event without one,
// sha256: and the base64 of its leaf hash. No place is no error. The needle filters
// say which segments have to be read.
func (s *Snapshot) Find(ctx context.Context, id, ref string) ([]Place, error) {
	stores := s.Stores()
	if ref != "" {
		st, err := s.Store(ref)
		if err != nil {
			return nil, err
		}
		stores = []Store{st}
	}
	var all []Place
	for _, conflicts := range []bool{false, true} {
		for _, st := range stores {
			some, err := s.findIn(ctx, st, conflicts, id)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

// findIn is Find in the events, or the conflicts, of one store.
func (s *Snapshot) findIn(ctx context.Context, st Store, conflicts bool, id string) ([]Place, error) {
	segments := s.Segments(st.ID, conflicts)
	found := make([][]Place, len(segments))
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers { // not one for each segment: there are thousands, of 20 µs each
		g.Go(func() (err error) {
			for i := w; i < len(segments) && err == nil; i += workers {
				found[i], err = s.findAt(ctx, st, segments[i], id)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// findAt is Find in one segment.
func (s *Snapshot) findAt(ctx context.Context, st Store, seg Segment, id string) (all []Place, err error) {
	may, err := s.MayHold(st.ID, &seg, schemas.EventID, id)
	if err != nil || !may {
		return nil, errors.Join(err, ctx.Err())
	}
	rows, err := s.lake.rowsOf(ctx, st.ID, seg, id)
	for _, row := range rows {
		all = append(all, Place{st, seg, row})
	}
	return all, err
}

// nameless begins the identity of an event without id.
const nameless = "sha256:"

// rowsOf returns the rows of a segment that hold events of the id.
func (l *Lake) rowsOf(ctx context.Context, storeID string, seg Segment, id string) (rows []int64, err error) {
	err = l.readSegment(storeID, seg, func(r *segment.Reader) error {
		if rows, err = r.Find(ctx, schemas.EventID, []byte(id)); err != nil || len(rows) > 0 || !strings.HasPrefix(id, nameless) {
			return err
		}
		without, err := r.Find(ctx, schemas.EventID, nil)
		if err != nil {
			return err
		}
		return r.Texts(schemas.Raw, func(row int64, raw []byte) error {
			if _, ok := slices.BinarySearch(without, row); ok && segment.Identity(proof.Leaf(raw)) == id {
				rows = append(rows, row)
			}
			return ctx.Err()
		})
	})
	return rows, err
}
