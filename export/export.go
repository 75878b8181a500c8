package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tarn/ingest"
	"tarn/internal/s3"
	"tarn/lake"
)

// Options say what to export, and how. The zero value exports everything, unsigned.
type Options struct {
	// Filter says which events are exported.
	Filter ingest.Filter
	// Keys sign. Without, no digests are written.
	Keys *Keys
	// Trail is what digests call the trail: 3 to 128 letters, digits, ".", "_", "-".
	Trail string
	// As is where in a bucket the files lie, or will: digests name it.
	As s3.URI
	// Now is the time; zero is the system's. Events of the hour that it is in are left
	// for later where an hour has a digest.
	Now time.Time
	// Progress hears of events, and their bytes, as they are written.
	Progress func(events, bytes int64)

	window, file int64 // bytes of events in memory, and in a file; zero is the usual
}

// Count is files: those of the export, and those of them that were not there before.
type Count struct {
	Files    int64 `json:"files"`
	Bytes    int64 `json:"bytes"`
	New      int64 `json:"new_files"`
	NewBytes int64 `json:"new_bytes"`
}

func (c *Count) add(new bool, bytes int64) {
	c.Files++
	c.Bytes += bytes
	if new {
		c.New++
		c.NewBytes += bytes
	}
}

// Result accounts for every event: Exported, Filtered, Unfinished and Late are all.
type Result struct {
	// Exported are the events in the files, Folders where they are. RawBytes is the
	// length of their own bytes.
	Exported int64            `json:"events"`
	RawBytes int64            `json:"raw_bytes"`
	Folders  map[string]int64 `json:"folders"`
	// Filtered are left out by the filter, Unfinished are of the hour that is not over.
	Filtered   int64 `json:"filtered"`
	Unfinished int64 `json:"unfinished"`
	// Late are in no file: the digest of their hour was written by an earlier export,
	// and has no room for them. LateHours names some of these hours.
	Late      int64    `json:"late"`
	LateHours []string `json:"late_hours,omitempty"`
	Logs      Count    `json:"log_files"`
	Digests   Count    `json:"digests"`
}

// shownHours is how many hours with late events are named.
const shownHours = 20

// exporter is one export.
type exporter struct {
	o      Options
	snap   *lake.Snapshot
	store  lake.Store
	to     Place
	takes  func(raw []byte, at int64) bool
	chains map[string]*chain
	hours  map[string]*hour // begun, and not sealed
	packer packer

	mu     sync.Mutex
	result Result
}

func (e *exporter) count(fn func(*Result)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	fn(&e.result)
}

// Run exports the events of a store, its conflicts among them, and says what came of
// each; also where it ends early. The same export again goes on from there.
func Run(ctx context.Context, snap *lake.Snapshot, store lake.Store, to Place, o Options) (*Result, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.window == 0 {
		o.window, o.file = windowBytes, fileBytes
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	e := &exporter{o: o, snap: snap, store: store, to: to, takes: o.Filter.Taker(), chains: map[string]*chain{}, hours: map[string]*hour{},
		result: Result{Folders: map[string]int64{}}}
	err := e.run(ctx)
	slices.Sort(e.result.LateHours)
	return &e.result, err
}

func (e *exporter) run(ctx context.Context) error {
	for _, d := range e.days() {
		windows, err := e.windows(ctx, d)
		if err != nil {
			return err
		}
		for _, w := range windows {
			if err := e.window(ctx, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// Bytes is how long the events are that an export of the store reads, at most.
func Bytes(snap *lake.Snapshot, store lake.Store, f ingest.Filter) (n int64) {
	e := &exporter{o: Options{Filter: f}, snap: snap, store: store}
	for _, d := range e.days() {
		n += d.bytes
	}
	return n
}

// day is a UTC day with events.
type day struct {
	start       time.Time
	rows, bytes int64
}

// days are those that the filter does not leave out, in order.
func (e *exporter) days() []day {
	all := map[string]*day{}
	for _, conflicts := range []bool{false, true} {
		for _, seg := range e.snap.Segments(e.store.ID, conflicts) {
			start, err := time.Parse(time.DateOnly, seg.Day)
			if err != nil {
				continue // the log names no such day
			}
			f := e.o.Filter
			if !f.From.IsZero() && !start.AddDate(0, 0, 1).After(f.From) || !f.To.IsZero() && !start.Before(f.To) {
				e.result.Filtered += seg.Rows
				continue
			}
			d := all[seg.Day]
			if d == nil {
				d = &day{start: start}
				all[seg.Day] = d
			}
			d.rows += seg.Rows
			d.bytes += seg.RawBytes
		}
	}
	days := make([]day, 0, len(all))
	for _, d := range all {
		days = append(days, *d)
	}
	slices.SortFunc(days, func(a, b day) int { return a.start.Compare(b.start) })
	return days
}

// windowBytes is how long the events are, about, that are in memory at a time.
const windowBytes = 96 << 20

// window is a time whose events are in memory at once: some hours, or a part of one.
// Over says that the hour ends with it.
type window struct {
	from, to time.Time
	over     bool
}

// windows cuts a day. It asks nothing but how many events there are at what time, so
// that the same events give the same windows.
func (e *exporter) windows(ctx context.Context, d day) ([]window, error) {
	end := d.start.AddDate(0, 0, 1)
	if d.bytes <= e.o.window {
		return []window{{d.start, end, true}}, nil
	}
	const minutes = 24 * 60
	var rows [minutes]int64
	for _, conflicts := range []bool{false, true} {
		err := e.snap.Times(ctx, e.store.ID, conflicts, d.start.UnixMicro(), end.UnixMicro(), func(at int64) {
			rows[(at-d.start.UnixMicro())/time.Minute.Microseconds()]++
		})
		if err != nil {
			return nil, err
		}
	}
	most := max(1, int64(float64(e.o.window)/float64(d.bytes)*float64(d.rows)))
	var out []window
	cut := func(from, to int) {
		w := window{d.start.Add(time.Duration(from) * time.Minute), d.start.Add(time.Duration(to) * time.Minute), to%60 == 0}
		out = append(out, w)
	}
	from, have := 0, int64(0) // what is not cut off yet
	for h := 0; h < minutes; h += 60 {
		n := sum(rows[h : h+60])
		if have > 0 && have+n > most {
			cut(from, h)
			from, have = h, 0
		}
		if have += n; n <= most {
			continue
		}
		have = 0
		for m := h; m < h+60; m++ {
			if have > 0 && have+rows[m] > most {
				cut(from, m)
				from, have = m, 0
			}
			have += rows[m]
		}
		cut(from, h+60)
		from, have = h+60, 0
	}
	if have > 0 {
		cut(from, minutes)
	}
	return out, nil
}

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}

// window exports the events of a window.
func (e *exporter) window(ctx context.Context, w window) error {
	events, err := e.load(ctx, w)
	if err != nil {
		return err
	}
	if err := e.write(ctx, events); err != nil {
		return err
	}
	if !w.over {
		return nil
	}
	return e.sealAll(ctx)
}

// ErrLate means that events are in no file, because an earlier export has signed
// their hours without them.
var ErrLate = errors.New("events came after their hours were exported")

// Err is what is wrong with an export that came to its end; nil if nothing is.
func (r *Result) Err() error {
	if r.Late == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d", ErrLate, r.Late)
}
