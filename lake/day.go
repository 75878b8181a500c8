package lake

import (
	"cmp"
	"path"
	"slices"
	"time"

	"tarn/internal/uuid"
	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
	"tarn/schemas/columns"
)

// maxOpenDays bounds the number of days held open. A bucket's layout needs
// three; a folder of odds and ends may touch any.
const maxOpenDays = 4096

const microsPerDay = 24 * 60 * 60 * 1_000_000

// dayOf returns the UTC day of a time in microseconds, counted from 1970.
func dayOf(micros int64) int64 {
	d := micros / microsPerDay
	if micros%microsPerDay < 0 {
		d--
	}
	return d
}

func dayName(day int64) string {
	return time.UnixMicro(day * microsPerDay).UTC().Format(time.DateOnly)
}

// dayNumber is the inverse of dayName.
func dayNumber(name string) int64 {
	t, err := time.Parse(time.DateOnly, name)
	if err != nil {
		return 0
	}
	return dayOf(t.UnixMicro())
}

// openDay is a UTC day of events that are not sealed yet.
type openDay struct {
	number    int64
	events    []segment.Event
	conflicts []segment.Event
	sources   []*source // those that are not complete without it
	bytes     int64
}

func (a *Appender) day(day int64) *openDay {
	d := a.days[day]
	if d == nil {
		d = &openDay{number: day}
		a.days[day] = d
		a.unsealed[day] = append(a.unsealed[day], d)
	}
	return d
}

func (d *openDay) add(e Event, seq int64, conflict bool, from *source) {
	row := segment.Event{Raw: e.Raw, Time: e.Time, Seq: seq, Leaf: e.Leaf}
	if conflict {
		d.conflicts = append(d.conflicts, row)
	} else {
		d.events = append(d.events, row)
	}
	d.bytes += int64(len(e.Raw))
	d.from(from)
}

// from notes that the source has an event in the day.
func (d *openDay) from(s *source) {
	// Sources come one after the other, so the last one tells.
	if n := len(d.sources); n == 0 || d.sources[n-1] != s {
		d.sources = append(d.sources, s)
		s.pending++
	}
}

// seal writes the day's segments: one of its events, one of its conflicts.
func (d *openDay) seal(l *Lake, store Store) ([]Segment, error) {
	var out []Segment
	for _, part := range []struct {
		events    []segment.Event
		conflicts bool
	}{{d.events, false}, {d.conflicts, true}} {
		if len(part.events) == 0 {
			continue
		}
		s, err := l.sealSegment(store, part.events, part.conflicts)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	d.events, d.conflicts = nil, nil
	return out, nil
}

// The files of a segment: the id and these endings.
const (
	parquetExt = ".parquet"
	needlesExt = ".needles"
	treeExt    = ".tree"
)

func segmentDir(storeID, day string) string { return path.Join(segmentsDir, storeID, day) }

// sealSegment sorts the events, writes the segment's files in tmp, makes them
// durable and renames them to their place. They are sealed now, and do not
// exist until a commit names them.
func (l *Lake) sealSegment(store Store, events []segment.Event, conflicts bool) (Segment, error) {
	slices.SortFunc(events, func(a, b segment.Event) int {
		if c := cmp.Compare(a.Time, b.Time); c != 0 {
			return c
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	id := uuid.NewV7(l.opts.Now())
	day := dayName(dayOf(events[0].Time))
	sum, err := l.writeSegment(store, id, events)
	if err != nil {
		return Segment{}, err
	}
	dir := segmentDir(store.ID, day)
	if err := l.fsys.MkdirAll(dir); err != nil {
		return Segment{}, err
	}
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		if err := l.fsys.Rename(path.Join(tmpDir, id+ext), path.Join(dir, id+ext)); err != nil {
			return Segment{}, err
		}
	}
	// From the leaf up: a name is durable when its folder is, and so on.
	for d := dir; ; d = path.Dir(d) {
		if err := l.fsys.SyncDir(d); err != nil {
			return Segment{}, err
		}
		if d == "." {
			break
		}
	}
	s := newSegment(id, day, conflicts, sum)
	if l.opts.Events.SegmentSealed != nil {
		l.opts.Events.SegmentSealed(store, s)
	}
	return s, nil
}

func (l *Lake) writeSegment(store Store, id string, events []segment.Event) (segment.Summary, error) {
	if err := l.fsys.MkdirAll(tmpDir); err != nil {
		return segment.Summary{}, err
	}
	var files []vfs.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		f, err := l.fsys.Create(path.Join(tmpDir, id+ext))
		if err != nil {
			return segment.Summary{}, err
		}
		files = append(files, f)
	}
	to := segment.Files{Parquet: files[0], Needles: files[1], Tree: files[2]}
	sum, err := segment.Write(store.Schema(), events, to)
	if err != nil {
		return sum, err
	}
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func newSegment(id, day string, conflicts bool, s segment.Summary) Segment {
	return Segment{
		ID: id, Format: segment.Format, Columns: columns.Rules, By: segment.By, Day: day, Conflicts: conflicts,
		Rows: s.Rows, RawBytes: s.RawBytes,
		MinTime: time.UnixMicro(s.MinTime).UTC(), MaxTime: time.UnixMicro(s.MaxTime).UTC(),
		MinSeq: s.MinSeq, MaxSeq: s.MaxSeq, Root: encodeHash(s.Root),
		Parquet: newFile(s.Parquet), Needles: newFile(s.Needles), Tree: newFile(s.Tree),
		Stats: Stats{Accounts: s.Accounts, Regions: s.Regions},
	}
}

func newFile(f segment.File) File { return File{Bytes: f.Bytes, SHA256: encodeHash(f.SHA256)} }
