package eventgen

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
)

const (
	// CloudTrail delivers an object a few minutes after the last event in it.
	// The key is cut to the minute, so this makes two to ten of them.
	deliveredAfter  = 3 * minute
	deliveredWithin = 7 * minute
	// sceneGap ends an object in a region where nothing but the story happens.
	sceneGap = 10 * minute
)

// The streams of a lane's trails, next to those of its records, whose ranks
// are far smaller.
const (
	firstTrail  = 1 << 62
	secondTrail = 1<<62 + 1
)

// plan is one object before it is written: which records it holds, and when
// it is delivered. Plans cost next to nothing and do not depend on each
// other, so a bucket of any size can be written in parallel.
type plan struct {
	lane      *lane
	from, to  int // ranks
	scenes    []*scene
	last      int64 // the time of its last event
	delivered int64
	name      [16]byte
	seed      uint64
}

func (p *plan) records() int { return p.to - p.from + len(p.scenes) }

// key returns the object's key in the bucket.
func (p *plan) key() string {
	a, r := p.lane.account.id, p.lane.region
	b := make([]byte, 0, 160)
	b = append(b, "AWSLogs/"...)
	b = append(append(b, a...), "/CloudTrail/"...)
	b = append(append(b, r...), '/')
	b = append(appendDate(b, p.delivered, '/'), '/')
	b = append(append(b, a...), "_CloudTrail_"...)
	b = append(append(b, r...), '_')
	b = append(appendDate(b, p.delivered, 0), 'T')
	s := int(p.delivered % day)
	b = append(append2(append2(b, s/hour), s%hour/minute), "Z_"...)
	return string(append(append(b, p.name[:]...), ".json.gz"...))
}

// compare puts plans of one lane in the order of their keys.
func (p *plan) compare(q *plan) int {
	return cmp.Or(cmp.Compare(p.delivered/minute, q.delivered/minute), bytes.Compare(p.name[:], q.name[:]))
}

// trail cuts a lane into objects. The second trail of a lane delivers only
// some stretches of it, once more.
type trail struct {
	lane    *lane
	src     source
	size    int // records per object on average
	percent int // of the ranks it takes: 100 for the first trail
	left    int // ranks still to take
	next    int // rank
	scenes  []*scene
	head    *plan // what it delivers next; nil at the end
}

func newTrail(l *lane, o Options, second bool) *trail {
	t := &trail{lane: l, size: o.EventsPerObject, percent: 100, left: l.events, scenes: l.scenes}
	t.src.start(l.seed, firstTrail)
	if second {
		t.src.start(l.seed, secondTrail)
		t.percent = o.DuplicatePercent
		t.left = l.events * t.percent / 100
		t.scenes = nil
	}
	t.advance()
	return t
}

// advance plans the next object.
func (t *trail) advance() {
	t.head = nil
	if t.left == 0 && len(t.scenes) == 0 {
		return
	}
	take := min(t.left, max(1, t.size/2+t.src.n(t.size+1)))
	if t.left-take < t.size/2 {
		take = t.left // rather one larger object than a tiny last one
	}
	p := &plan{lane: t.lane, from: t.next, to: t.next + take}
	t.left -= take
	// What is skipped in between keeps the second trail spread over the whole
	// period. It can not run past the lane's end: it is always ahead of its share.
	t.next += take * 100 / t.percent
	p.scenes = t.scenesUntil(p.to)
	t.scenes = t.scenes[len(p.scenes):]
	if take > 0 {
		var s source
		p.last = t.lane.begin(&s, p.to-1)
	}
	if n := len(p.scenes); n > 0 {
		p.last = max(p.last, p.scenes[n-1].at)
	}
	p.delivered = p.last + deliveredAfter + int64(t.src.n(deliveredWithin))
	p.seed = t.src.Uint64()
	copy(p.name[:], appendFrom(nil, &t.src, base62, len(p.name)))
	t.head = p
}

// scenesUntil returns the part of the story that happens before a rank.
func (t *trail) scenesUntil(rank int) []*scene {
	l := t.lane
	if rank == l.events && l.events > 0 {
		return t.scenes
	}
	n := 0
	for n < len(t.scenes) {
		if l.events > 0 && t.scenes[n].at >= l.rhythm.at(float64(rank)/float64(l.events)) {
			break
		}
		if l.events == 0 && n > 0 && t.scenes[n].at-t.scenes[n-1].at > sceneGap {
			break
		}
		n++
	}
	return t.scenes[:n:n]
}

// desk is what a lane still has to deliver.
type desk struct {
	trails  []*trail
	waiting []*plan // of events before midnight, delivered after it
}

func (d *desk) done() bool {
	for _, t := range d.trails {
		if t.head != nil {
			return false
		}
	}
	return len(d.waiting) == 0
}

// until takes the objects that are delivered before the given midnight, in
// the order of their keys.
func (d *desk) until(midnight int64) []*plan {
	for _, t := range d.trails {
		for t.head != nil && t.head.last < midnight {
			d.waiting = append(d.waiting, t.head)
			t.advance()
		}
	}
	slices.SortFunc(d.waiting, (*plan).compare)
	n := 0
	for n < len(d.waiting) && d.waiting[n].delivered < midnight {
		n++
	}
	today := d.waiting[:n:n]
	d.waiting = slices.Clone(d.waiting[n:])
	return today
}

// plans yields every object of the bucket: day by day, within a day in the
// order of the keys.
func (g *Generator) plans() iter.Seq[*plan] {
	return func(yield func(*plan) bool) {
		var desks []*desk
		for _, l := range g.lanes {
			d := &desk{trails: []*trail{newTrail(l, g.options, false)}}
			if g.options.DuplicatePercent > 0 {
				d.trails = append(d.trails, newTrail(l, g.options, true))
			}
			desks = append(desks, d)
		}
		for midnight := g.options.Start.Unix() + day; len(desks) > 0; midnight += day {
			for _, d := range desks {
				for _, p := range d.until(midnight) {
					if !yield(p) {
						return
					}
				}
			}
			desks = slices.DeleteFunc(desks, (*desk).done)
		}
	}
}
