package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"tarn/ingest/decode"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// liveEvents are generated events, of which copies with other ids are put.
func liveEvents(b *testing.B) (all []lake.Event) {
	b.Helper()
	g := eventgen.New(eventgen.Options{Events: 5000, Days: 1, NoStory: true, Start: time.Now().UTC().Truncate(24 * time.Hour)})
	var d decode.Decoder
	for o := range g.Objects() {
		_, err := d.File(bytes.NewReader(o.Body), func(r decode.Record) error {
			if i := bytes.Index(r.Raw, []byte(r.ID)); r.Reason == "" && len(r.ID) == 36 && i > 0 {
				all = append(all, lake.Event{Time: r.Time, Raw: bytes.Clone(r.Raw)})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return all
}

// liveEvent is the n-th event of a writer.
func liveEvent(from []lake.Event, writer, n int) lake.Event {
	id := fmt.Sprintf("%08x-0000-4000-8000-%012x", writer, n)
	e := from[n%len(from)]
	raw := bytes.Clone(e.Raw)
	key := []byte(`"eventID":"`)
	if _, after, ok := bytes.Cut(raw, key); ok {
		copy(after, id)
	}
	return lake.Event{ID: id, Time: e.Time, Raw: raw, Leaf: lake.Leaf(raw)}
}

// BenchmarkPut puts events from 32 goroutines as fast as they are acknowledged, in
// batches and one by one, while they are brought into files and merged. It tells
// how long acknowledging took, from when an event was to be put, and how long it took until a reader of its own saw
// an event that was acknowledged. Give it some 300,000 events to see it at rest:
// -benchtime 300000x.
func BenchmarkPut(b *testing.B) {
	// As tarn serve has it.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0)))
	from := liveEvents(b)
	for _, how := range []putting{{100, 0}, {100, 25_000}, {1, 0}, {1, 4_000}} {
		b.Run(how.String(), func(b *testing.B) {
			p := laketest.NewPlace(b)
			p.Write(b, func(l *lake.Lake, st lake.Store) { putAll(b, p, l, st, how, from) })
			p.Sound(b)
		})
	}
}

// putting is how events are put: so many at a time, and so many a second in all; 0
// is as fast as they are acknowledged.
type putting struct{ size, rate int }

func (p putting) String() string {
	if p.rate == 0 {
		return fmt.Sprintf("batches of %d", p.size)
	}
	return fmt.Sprintf("batches of %d, %d a second", p.size, p.rate)
}

// due is when a writer's n-th batch is to be put.
func (p putting) due(start time.Time, n int) time.Time {
	if p.rate == 0 {
		return start
	}
	return start.Add(time.Duration(n) * time.Second * time.Duration(p.size*putters) / time.Duration(p.rate))
}

const putters = 32

func putAll(b *testing.B, p laketest.Place, l *lake.Lake, st lake.Store, how putting, from []lake.Event) {
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	background.Go(func() {
		if err := l.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	var seen []time.Duration
	background.Go(func() { seen = watch(ctx, b, p, l, st, from) })
	times := make([][]time.Duration, putters)
	var writers sync.WaitGroup
	per := b.N/putters/how.size + 1
	b.ResetTimer()
	start := time.Now()
	for w := range putters {
		writers.Go(func() {
			for n := range per {
				events := make([]lake.Event, how.size)
				for i := range events {
					events[i] = liveEvent(from, w, n*how.size+i)
				}
				// Later than it was due counts against us: others would have come meanwhile.
				t := time.Now()
				if due := how.due(start, n); how.rate > 0 {
					time.Sleep(due.Sub(t))
					t = due
				}
				if _, err := l.Put(ctx, st, events); err != nil {
					b.Error(err)
					return
				}
				times[w] = append(times[w], time.Since(t))
			}
		})
	}
	writers.Wait()
	took := time.Since(start)
	stop()
	background.Wait()
	all := slices.Concat(times...)
	slices.Sort(all)
	b.ReportMetric(float64(per*putters*how.size)/took.Seconds(), "events/s")
	b.ReportMetric(all[len(all)*99/100].Seconds()*1e3, "ms-p99")
	b.ReportMetric(all[len(all)-1].Seconds()*1e3, "ms-max")
	if len(seen) > 0 {
		b.ReportMetric(slices.Max(seen).Seconds()*1e3, "ms-visible-max")
	}
}

// watch puts an event now and then, and waits until a reader sees it that opens the
// lake anew, as one in another process would.
func watch(ctx context.Context, b *testing.B, p laketest.Place, l *lake.Lake, st lake.Store, from []lake.Event) (seen []time.Duration) {
	for n := 0; ctx.Err() == nil; n++ {
		e := liveEvent(from, putters, n)
		if _, err := l.Put(ctx, st, []lake.Event{e}); err != nil {
			return seen
		}
		start := time.Now()
		for !visible(b, p, st, e.ID) {
			if ctx.Err() != nil {
				return seen
			}
			time.Sleep(20 * time.Millisecond)
		}
		seen = append(seen, time.Since(start))
	}
	return seen
}

func visible(b *testing.B, p laketest.Place, st lake.Store, id string) bool {
	l, err := lake.View(p.Dir, p.Options())
	if err != nil {
		b.Error(err)
		return true
	}
	defer l.Close()
	s := l.Snapshot()
	defer s.Release()
	for _, seg := range s.Segments(st.ID, false) {
		may, err := s.MayHold(st.ID, &seg, "eventid", id)
		if err != nil {
			b.Error(err)
		}
		if may {
			return true // but for one in 256, which a maximum does not mind
		}
	}
	return false
}
