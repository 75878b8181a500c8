package lake

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"path"
	"slices"
	"sync"
	"time"

	"tarn/internal/uuid"
	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
	"tarn/schemas/columns"
)

// maxOpenDays bounds the number of days held open. A bucket's layout needs
// two; a folder of odds and ends may touch any.
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
	late      bool       // Advance has passed it
	hot       bool       // its events go to the hot tier
	accepted  []numbered // those, then
	events    pile
	conflicts pile
	sources   []*source // those that are not complete without it
	latest    int       // events of the last source
	bytes     int64     // of events in memory
	spilled   int64     // of events in runs

	spills   sync.WaitGroup // runs being written
	mu       sync.Mutex
	segments []Segment
	failed   error
}

func (a *Appender) day(day int64) *openDay {
	d := a.days[day]
	if d == nil {
		d = &openDay{number: day, late: day < a.passed}
		a.days[day] = d
		a.unsealed[day] = append(a.unsealed[day], d)
	}
	return d
}

func (d *openDay) add(e Event, seq int64, conflict bool, from *source) {
	if d.late {
		// It may wait for long, and shares its memory with events around it.
		e.Raw = bytes.Clone(e.Raw)
	}
	row := segment.Event{Raw: e.Raw, Time: e.Time, Seq: seq, Leaf: e.Leaf}
	if conflict {
		d.conflicts.events = append(d.conflicts.events, row)
	} else {
		d.events.events = append(d.events.events, row)
	}
	d.bytes += int64(len(e.Raw))
	d.from(from)
	d.latest++
}

// from notes that the source has an event in the day.
func (d *openDay) from(s *source) {
	// Sources come one after the other, so the last one tells.
	if n := len(d.sources); n == 0 || d.sources[n-1] != s {
		d.sources = append(d.sources, s)
		d.latest = 0
		s.pending++
	}
}

// part is what becomes one segment of a day.
type part struct {
	events    iter.Seq2[segment.Event, error]
	conflicts bool
	hot       bool
}

// parts cuts the day into segments to be: one of its events, or of each span of
// them, and likewise of its conflicts. What is not in memory is all in runs.
func (d *openDay) parts(fsys vfs.FS) (out []part) {
	for _, p := range []*pile{&d.events, &d.conflicts} {
		conflicts := p == &d.conflicts
		if len(p.events) > 0 {
			out = append(out, part{events: sorted(p.events), conflicts: conflicts, hot: d.hot})
		}
		if len(p.runs) == 0 {
			continue
		}
		for _, s := range p.spans() {
			out = append(out, part{events: p.merge(fsys, s), conflicts: conflicts})
		}
	}
	return out
}

// sorted sorts the events when they are asked for.
func sorted(events []segment.Event) iter.Seq2[segment.Event, error] {
	return func(yield func(segment.Event, error) bool) {
		slices.SortFunc(events, before)
		segment.InOrder(events)(yield)
	}
}

// accept takes down the numbers of the events, which go to the hot tier.
func (d *openDay) accept() {
	for _, p := range []*pile{&d.events, &d.conflicts} {
		for _, e := range p.events {
			d.accepted = append(d.accepted, numbered{e.Seq, e.Leaf})
		}
	}
}

// done notes a segment of the day, or why there is none.
func (d *openDay) done(s Segment, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case errors.Is(err, segment.ErrEmpty): // all of its events were taken back
	case err != nil:
		d.failed = errors.Join(d.failed, err)
	default:
		d.segments = append(d.segments, s)
	}
}

// takeBack forgets what the last source has in the day, and returns how many
// events that were and their bytes in memory. next is the next event's number.
func (d *openDay) takeBack(s *source, next int64) (events int, bytes int64) {
	if n := len(d.sources); n == 0 || d.sources[n-1] != s {
		return 0, 0
	}
	p := &d.events
	for n := len(p.events) - 1; n >= 0 && p.events[n].Seq >= s.FirstSeq; n-- {
		bytes += int64(len(p.events[n].Raw))
		p.events = p.events[:n]
		p.owned = min(p.owned, n)
	}
	if len(p.runs) > 0 {
		p.dropped = append(p.dropped, numbers{s.FirstSeq, next})
	}
	d.bytes -= bytes
	return d.latest, bytes
}

// forget lets go of the events.
func (d *openDay) forget(fsys vfs.FS) error {
	return errors.Join(d.events.remove(fsys), d.conflicts.remove(fsys))
}

// remove empties the pile.
func (p *pile) remove(fsys vfs.FS) error {
	var errs []error
	for _, r := range p.runs {
		errs = append(errs, r.file.remove(fsys))
	}
	*p = pile{}
	return errors.Join(errs...)
}

// The files of a segment: the id and these endings.
const (
	parquetExt = ".parquet"
	needlesExt = ".needles"
	treeExt    = ".tree"
)

func segmentDir(storeID, day string) string { return path.Join(segmentsDir, storeID, day) }

// sealSegment writes the files of a segment of the day in tmp, makes them durable
// and renames them to their place. They are sealed now, and do not exist until a
// commit names them.
func (l *Lake) sealSegment(store Store, number int64, p part) (Segment, error) {
	s, err := l.placeSegment(store, number, p)
	if err == nil && !p.hot && l.opts.Events.SegmentSealed != nil {
		l.opts.Events.SegmentSealed(store, s)
	}
	return s, err
}

// placeSegment is sealSegment for segments of the hot tier too.
func (l *Lake) placeSegment(store Store, number int64, p part) (Segment, error) {
	id := uuid.NewV7(l.opts.Now())
	day := dayName(number)
	sum, err := l.writeSegment(store, id, p.events)
	if err != nil {
		return Segment{}, errors.Join(err, l.sweep(id))
	}
	s := newSegment(id, day, p.conflicts, sum)
	s.hot, s.accepted = p.hot, p.hot
	dir := s.dir(store.ID)
	if err := l.fsys.MkdirAll(dir); err != nil {
		return Segment{}, err
	}
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		if err := l.moveInto(dir, id+ext); err != nil {
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
	return s, nil
}

// moveInto renames a file from tmp into a folder, which is made again should Purge
// have removed it meanwhile because it was empty.
func (l *Lake) moveInto(dir, name string) error {
	for tries := 0; ; tries++ {
		err := l.fsys.Rename(path.Join(tmpDir, name), path.Join(dir, name))
		if !errors.Is(err, fs.ErrNotExist) || tries == 10 {
			return err
		}
		if err := l.fsys.MkdirAll(dir); err != nil {
			return err
		}
	}
}

func (l *Lake) writeSegment(store Store, id string, events iter.Seq2[segment.Event, error]) (segment.Summary, error) {
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

// sweep removes what was written of a segment that is none.
func (l *Lake) sweep(id string) error {
	for _, ext := range []string{parquetExt, needlesExt, treeExt} {
		if err := l.fsys.Remove(path.Join(tmpDir, id+ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
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
