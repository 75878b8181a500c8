package export

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/ingest/digest"
)

// event is one in memory.
type event struct {
	whose
	at  int64
	n   int64 // of its hour, counted from 1970
	raw []byte
}

func hourNumber(at int64) int64 {
	n := at / time.Hour.Microseconds()
	if at%time.Hour.Microseconds() < 0 {
		n--
	}
	return n
}

// hour is the one in which it is.
func (e event) hour() time.Time { return time.UnixMicro(e.n * time.Hour.Microseconds()).UTC() }

// load reads the events of a window, in the order in which they are written: it is one
// of the events alone, however they lie in the lake.
func (e *exporter) load(ctx context.Context, w window) ([]event, error) {
	var all []event
	now := hourNumber(e.o.Now.UnixMicro())
	known := map[whose]whose{} // the texts are shared
	cloudTrails := fromAWS(e.store.Schema())
	for _, conflicts := range []bool{false, true} {
		err := e.snap.Between(ctx, e.store.ID, conflicts, w.from.UnixMicro(), w.to.UnixMicro(), func(raw []byte, at int64) error {
			if !e.takes(raw, at) {
				e.result.Filtered++
				e.o.Progress(0, int64(len(raw)))
				return nil
			}
			ev := event{place(cloudTrails, raw, conflicts), at, hourNumber(at), raw}
			if e.o.Keys != nil && ev.n == now {
				e.result.Unfinished++
				e.o.Progress(0, int64(len(raw)))
				return nil
			}
			if same, ok := known[ev.whose]; ok {
				ev.whose = same
			} else {
				known[ev.whose] = ev.whose
			}
			all = append(all, ev)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.n, b.n), cmp.Compare(a.folder, b.folder),
			cmp.Compare(a.at, b.at), bytes.Compare(a.raw, b.raw))
	})
	return all, nil
}

const (
	// fileBytes is how long a log file is before it is gzipped, about: CloudTrail's are
	// up to 50 MB.
	fileBytes = 16 << 20
	// filesAtOnce is how many are written at a time: a disk syncs them together, and
	// a bucket is far away.
	filesAtOnce = 8
)

// write writes log files of events.
func (e *exporter) write(ctx context.Context, events []event) error {
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(filesAtOnce, runtime.GOMAXPROCS(0)))
	for len(events) > 0 && within.Err() == nil {
		some := fileOf(events, e.o.file)
		events = events[len(some):]
		h, err := e.hourOf(within, some[0])
		if err != nil {
			g.Go(func() error { return err })
			break
		}
		g.Go(func() error { return e.file(within, h, some) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// fileOf are the first of the events that belong in one file.
func fileOf(events []event, most int64) []event {
	first, size := events[0], int64(0)
	for i, ev := range events {
		if ev.whose != first.whose || ev.n != first.n || size > 0 && size+int64(len(ev.raw)) > most {
			return events[:i]
		}
		size += int64(len(ev.raw))
	}
	return events
}

// hourOf returns the hour of an event.
func (e *exporter) hourOf(ctx context.Context, ev event) (*hour, error) {
	id := ev.account + " " + ev.region + " " + ev.hour().Format(digestTime)
	if h := e.hours[id]; h != nil {
		return h, nil
	}
	h, err := e.begin(ctx, ev.whose, ev.hour())
	e.hours[id] = h
	return h, err
}

// file writes one log file.
func (e *exporter) file(ctx context.Context, h *hour, events []event) error {
	parts := [][]byte{[]byte(`{"Records":[`)}
	raw := int64(0)
	for i, ev := range events {
		if i > 0 {
			parts = append(parts, []byte(","))
		}
		parts = append(parts, ev.raw)
		raw += int64(len(ev.raw))
	}
	parts = append(parts, []byte("]}"))
	h256 := sha256.New()
	for _, p := range parts {
		h256.Write(p)
	}
	hash := [sha256.Size]byte(h256.Sum(nil))
	n := int64(len(events))
	oldest, newest := time.UnixMicro(events[0].at).UTC(), time.UnixMicro(events[n-1].at).UTC()
	key := logKey(events[0].whose, newest, hash)
	as := e.o.As.Join(key)
	log := digest.LogOf(as.Bucket, as.Key, hash)
	log.Oldest, log.Newest = new(oldest.Format(time.RFC3339)), new(newest.Format(time.RFC3339))
	if !h.takes(log) {
		return e.tellApart(ctx, h, events, raw)
	}
	packed, err := e.packer.zipped(parts...)
	if err != nil {
		return err
	}
	wrote, err := e.to.Put(ctx, key, packed, "")
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.logs = append(h.logs, log)
	h.mu.Unlock()
	e.count(func(r *Result) {
		r.Exported += n
		r.RawBytes += raw
		r.Folders[events[0].folder] += n
		r.Logs.add(wrote, int64(len(packed)))
	})
	e.o.Progress(n, raw)
	return nil
}

// sealAll writes the digests of the hours that were begun: of one chain one after the
// other, and several chains at once.
func (e *exporter) sealAll(ctx context.Context) error {
	by := map[*chain][]*hour{}
	for _, h := range e.hours {
		by[h.chain] = append(by[h.chain], h)
		if h.late > 0 {
			e.result.Late += h.late
			if len(e.result.LateHours) < shownHours {
				e.result.LateHours = append(e.result.LateHours, h.chain.account+" "+h.chain.region+" "+h.at.Format(time.RFC3339))
			}
		}
	}
	clear(e.hours)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(filesAtOnce)
	for _, hours := range by {
		slices.SortFunc(hours, func(a, b *hour) int { return a.at.Compare(b.at) })
		g.Go(func() error {
			for _, h := range hours {
				if err := e.seal(ctx, h); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
