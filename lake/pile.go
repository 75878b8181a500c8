package lake

import (
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
	runs   []*run
}

// inOrder sorts events by time, and by their numbers where times are one.
func inOrder(events []segment.Event) { slices.SortFunc(events, before) }

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
	var blocks []block
	total := int64(0)
	for _, r := range p.runs {
		blocks = append(blocks, r.blocks...)
	}
	for _, b := range blocks {
		total += b.raw
	}
	n := (total + segmentBytes - 1) / segmentBytes
	if n == 1 && total > sharedBytes {
		n = 2
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.first, b.first) })
	out := []span{{math.MinInt64, math.MaxInt64}}
	cut, sum := blocks[0].first, int64(0) // no span without an event
	for _, b := range blocks {
		if sum >= total*int64(len(out))/n && b.first > cut {
			cut = b.first
			out[len(out)-1].before = cut
			out = append(out, span{cut, math.MaxInt64})
		}
		sum += b.raw
	}
	return out
}

// merge returns the events of the runs in order, as far as they are in the span.
func (p *pile) merge(fsys vfs.FS, s span) iter.Seq2[segment.Event, error] {
	return func(yield func(segment.Event, error) bool) {
		if err := p.mergeTo(fsys, s, yield); err != nil {
			yield(segment.Event{}, err)
		}
	}
}

func (p *pile) mergeTo(fsys vfs.FS, s span, yield func(segment.Event, error) bool) (err error) {
	var q queue
	defer func() { err = errors.Join(err, q.close()) }()
	for _, r := range p.runs {
		in, err := r.open(fsys, s)
		if err != nil {
			return err
		}
		h := &head{runReader: in}
		q.all = append(q.all, h)
		if h.event, err = in.next(); err == nil {
			q.heads = append(q.heads, h)
		} else if !errors.Is(err, io.EOF) {
			return err
		}
	}
	heap.Init(&q)
	for len(q.heads) > 0 {
		first := q.heads[0]
		if !yield(first.event, nil) {
			return nil
		}
		switch first.event, err = first.next(); {
		case err == nil:
			heap.Fix(&q, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&q)
		default:
			return err
		}
	}
	return nil
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
