package lake

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"io"
	"iter"
	"math"
	"slices"

	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
)

// pile is what an open day has of one kind, events or conflicts: some in memory,
// the others in runs.
type pile struct {
	events []segment.Event
	owned  int // how many of the events share their memory with no other day's
	runs   []*run
	// dropped are numbers of events in runs that do not count any more.
	dropped []numbers
}

// own copies the events that are in memory out of what they share with events
// around them: of an archive, in which days are mixed, a few events would keep
// the memory of all.
func (p *pile) own() {
	for i := p.owned; i < len(p.events); i++ {
		p.events[i].Raw = bytes.Clone(p.events[i].Raw)
	}
	p.owned = len(p.events)
}

// numbers are the events' numbers from a first one to before another.
type numbers struct{ from, before int64 }

func (p *pile) drops(e segment.Event) bool {
	return slices.ContainsFunc(p.dropped, func(n numbers) bool { return n.from <= e.Seq && e.Seq < n.before })
}

// before orders events by time, and by their numbers where times are one.
func before(a, b segment.Event) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

const (
	// segmentBytes is how many bytes of events a segment holds, about. Its file
	// is a sixth of that or less.
	segmentBytes = 640 << 20
	// A pile of more than sharedBytes is two segments, so that two processors
	// have something to do.
	sharedBytes = 256 << 20
)

// spans cuts the day into spans of time for a segment each.
func (p *pile) spans() []span {
	// Where in the day the bytes are: a block's are spread over its times.
	type point struct{ time, raw int64 }
	var points []point
	total := int64(0)
	const steps = 16
	for _, r := range p.runs {
		for _, b := range r.blocks {
			total += b.raw
			for i := range int64(steps) {
				points = append(points, point{b.first + (b.last-b.first)/steps*i, b.raw / steps})
			}
		}
	}
	n := (total + segmentBytes - 1) / segmentBytes
	if n == 1 && total > sharedBytes {
		n = 2
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.time, b.time) })
	out := []span{{math.MinInt64, math.MaxInt64}}
	cut, sum := points[0].time, int64(0)
	for _, at := range points {
		if n > 1 && sum >= total*int64(len(out))/n && at.time > cut {
			cut = at.time
			out[len(out)-1].before = cut
			out = append(out, span{cut, math.MaxInt64})
		}
		sum += at.raw
	}
	return out
}

// merge returns the events of the runs in order, as far as they are in the span.
func (p *pile) merge(fsys vfs.FS, s span) iter.Seq2[segment.Event, error] {
	return func(yield func(segment.Event, error) bool) {
		var q queue
		more, err := p.mergeTo(fsys, s, &q, yield)
		if err = errors.Join(err, q.close()); err != nil && more {
			yield(segment.Event{}, err)
		}
	}
}

// mergeTo yields the events, and reports whether more are wanted.
func (p *pile) mergeTo(fsys vfs.FS, s span, q *queue, yield func(segment.Event, error) bool) (more bool, err error) {
	for _, r := range p.runs {
		in, err := r.open(fsys, s)
		if err != nil {
			return true, err
		}
		h := &head{runReader: in}
		q.all = append(q.all, h)
		if h.event, err = in.next(); err == nil {
			q.heads = append(q.heads, h)
		} else if !errors.Is(err, io.EOF) {
			return true, err
		}
	}
	heap.Init(q)
	for len(q.heads) > 0 {
		first := q.heads[0]
		if !p.drops(first.event) && !yield(first.event, nil) {
			return false, nil
		}
		switch first.event, err = first.next(); {
		case err == nil:
			heap.Fix(q, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(q)
		default:
			return true, err
		}
	}
	return true, nil
}

// head is a run with its next event.
type head struct {
	*runReader
	event segment.Event
}

// queue is a heap of runs by their next events.
type queue struct {
	heads []*head
	all   []*head // also those that are at their end
}

func (q *queue) Len() int           { return len(q.heads) }
func (q *queue) Less(i, j int) bool { return before(q.heads[i].event, q.heads[j].event) < 0 }
func (q *queue) Swap(i, j int)      { q.heads[i], q.heads[j] = q.heads[j], q.heads[i] }
func (q *queue) Push(x any)         { q.heads = append(q.heads, x.(*head)) }
func (q *queue) Pop() any {
	last := q.heads[len(q.heads)-1]
	q.heads = q.heads[:len(q.heads)-1]
	return last
}

func (q *queue) close() error {
	var errs []error
	for _, h := range q.all {
		errs = append(errs, h.file.Close())
	}
	return errors.Join(errs...)
}
