package lake

import (
	"cmp"
	"context"
	"path"
	"slices"
	"time"

	"tarn/lake/internal/needle"
	"tarn/lake/internal/pin"
	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// Snapshot is the lake as it was at one size of the log. It does not change
// while the lake goes on; segments it names stay readable until Release.
type Snapshot struct {
	lake  *Lake
	state *state
	taken time.Time
	pin   *pin.Pin // of a writer's; a reader's is the lake's
}

// Snapshot returns the lake as it is now. Release it after use.
func (l *Lake) Snapshot() *Snapshot {
	s := &Snapshot{lake: l, taken: l.opts.Now()}
	if l.log != nil {
		s.pin = l.pinAt(l.now().pos.Size)
	}
	s.state = l.now()
	return s
}

// Only returns the same snapshot for somebody who may know of those stores alone
// that may says: of others even the errors say nothing. Release the first one.
func (s *Snapshot) Only(may func(Store) bool) *Snapshot {
	seen := *s.state
	seen.stores = slices.DeleteFunc(slices.Clone(seen.stores), func(st Store) bool { return !may(st) })
	return &Snapshot{lake: s.lake, state: &seen, taken: s.taken}
}

// OnlySegments returns the same snapshot with those segments alone that may says, by
// their ids: for a question of which somebody knows where its answer is. Release the
// first one.
func (s *Snapshot) OnlySegments(may func(id string) bool) *Snapshot {
	seen := *s.state
	seen.lists = &lists{}
	only := func(all map[string][]Segment) map[string][]Segment {
		some := map[string][]Segment{}
		for store, segments := range all {
			some[store] = slices.DeleteFunc(slices.Clone(segments), func(seg Segment) bool { return !may(seg.ID) })
		}
		return some
	}
	seen.segments, seen.hot = only(s.state.segments), only(s.state.hot)
	return &Snapshot{lake: s.lake, state: &seen, taken: s.taken}
}

// LogSize is the number of log entries that the snapshot stands on.
func (s *Snapshot) LogSize() int64 { return s.state.pos.Size }

// Stores returns the event data stores, by name; also those that are pending
// deletion, until their days are over.
func (s *Snapshot) Stores() []Store { return s.state.storesAt(s.taken) }

// Store returns the store that ref names: its name, its id or its ARN; also one
// that is pending deletion (Store.Usable tells). The error is ErrStoreNotFound,
// with a hint that lists what there is.
func (s *Snapshot) Store(ref string) (Store, error) { return s.state.find(ref, s.taken) }

// Segments returns the segments of a store in order of day: those that are sealed,
// and those of the hot tier. They are those of conflicting records if conflicts is
// set, else those of events. The list is everybody's: it must not be changed.
func (s *Snapshot) Segments(storeID string, conflicts bool) []Segment {
	return s.state.lists.get(listKey{storeID, conflicts}, func() []Segment { return s.state.list(storeID, conflicts) })
}

// Commits returns what was committed, oldest first, without the segments.
func (s *Snapshot) Commits() []Commit { return s.state.commits }

// Path returns the absolute path of the segment's Parquet file, for readers
// that open files themselves.
func (s *Snapshot) Path(storeID string, seg Segment) string {
	return s.lake.fsys.Path(path.Join(seg.dir(storeID), seg.ID+parquetExt))
}

// Folders returns the absolute paths of the folders that all of the store's
// segments lie below.
func (s *Snapshot) Folders(storeID string) (dirs []string) {
	for dir, some := range map[string][]Segment{segmentsDir: s.state.segments[storeID], hotDir: s.state.hot[storeID]} {
		if len(some) > 0 {
			dirs = append(dirs, s.lake.fsys.Path(path.Join(dir, storeID)))
		}
	}
	if r := s.lake.reach; r != nil {
		dirs = r.folders(dirs, storeID)
	}
	slices.Sort(dirs)
	return dirs
}

// MayHold reports whether the segment may hold an event with that value of the
// kind of needle (schemas.Needle.Name). A false answer is certain. The filter
// is checked against the log when it is loaded; ErrCorrupt if it differs.
func (s *Snapshot) MayHold(storeID string, seg *Segment, kind, value string) (bool, error) {
	filter, err := s.lake.filters.get(seg.ID, kind, func() (*needle.Filter, error) { return s.lake.needles(storeID, *seg, kind) })
	if err != nil {
		return false, err
	}
	return filter.MayHold(value), nil
}

// Raw calls fn with the bytes of every event of the store as they came, in
// order of day and segment, within a segment of time. The bytes are valid until
// fn returns.
func (s *Snapshot) Raw(ctx context.Context, storeID string, conflicts bool, fn func([]byte) error) error {
	var failed error // the caller's own; any other means that a segment is damaged
	for _, seg := range s.Segments(storeID, conflicts) {
		err := s.lake.readSegment(storeID, seg, func(r *segment.Reader) error {
			return r.Raws(func(raw []byte) error {
				if failed = ctx.Err(); failed == nil {
					failed = fn(raw)
				}
				return failed
			})
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

// Provenance calls fn with the id of every event of the store and the key of the
// source object that it came from; empty where none is listed.
func (s *Snapshot) Provenance(ctx context.Context, storeID string, fn func(id, source string) error) error {
	var listed []Source
	for _, c := range s.state.commits {
		if c.Store != storeID || c.Sources == nil {
			continue
		}
		err := readLines(s.lake.fsys, *c.Sources, func(src Source) error { listed = append(listed, src); return nil })
		if err != nil {
			return err
		}
	}
	slices.SortFunc(listed, func(a, b Source) int { return cmp.Compare(a.FirstSeq, b.FirstSeq) })
	for _, seg := range s.Segments(storeID, false) {
		var ids []string
		err := s.lake.readSegment(storeID, seg, func(r *segment.Reader) error {
			return r.Texts(schemas.EventID, func(_ int64, id []byte) error { ids = append(ids, string(id)); return ctx.Err() })
		})
		if err != nil {
			return err
		}
		err = s.lake.readSegment(storeID, seg, func(r *segment.Reader) error {
			return r.Numbers(schemas.Seq, func(_ int, row, seq int64) error { return fn(ids[row], sourceOf(listed, seq)) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sourceOf returns the key of the source whose numbers include seq. Several may
// be listed with one first number: those without records, and those that were
// listed when they were partial.
func sourceOf(listed []Source, seq int64) string {
	i, _ := slices.BinarySearchFunc(listed, seq, func(s Source, seq int64) int {
		if s.FirstSeq <= seq {
			return -1
		}
		return 1
	})
	for i--; i >= 0; i-- {
		if s := listed[i]; seq < s.FirstSeq+s.Counts.Offered {
			return s.Key
		} else if s.Counts.Offered > 0 && !s.Partial {
			break
		}
	}
	return ""
}

// Rejects calls fn with the records that the commit did not take.
func (s *Snapshot) Rejects(c Commit, fn func(Reject) error) error {
	if c.Rejects == nil {
		return nil
	}
	return readLines(s.lake.fsys, *c.Rejects, func(r Reject) error {
		r.Import = c.Import
		return fn(r)
	})
}

// Release lets go of the segments.
func (s *Snapshot) Release() {
	_ = release(s.pin) // the process has it no longer, whatever the system says
	s.pin = nil
}
