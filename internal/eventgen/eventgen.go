// Package eventgen makes up CloudTrail events: a bucket of log objects as a
// small company's trail would leave it, with an intrusion hidden in it.
//
// The events are invented, but they look like CloudTrail's own: the fields
// and their order, the mix of services, callers and errors, the rhythm of
// the week, the sizes and how well they compress. The same options give the
// same bytes, on any machine, so that tests can count on them and benchmarks
// can be compared. Names, keys and addresses can not be mistaken for real
// ones: accounts are from AWS's examples, every key id has EXAMPLE in it, and
// addresses are from the ranges reserved for documentation.
//
// A bucket is first planned, then written. A plan says which records go into
// an object; a record follows from its rank alone. Neither needs what was
// made before, so objects can be written in any order and on all cores.
package eventgen

import (
	"iter"
	"math"
	"time"
)

// Options says what to generate. The zero value is the demo's month.
type Options struct {
	Seed    uint64    // same seed, same bytes
	Start   time.Time // the first day; cut to midnight UTC; default 2026-10-01
	Days    int       // default 30
	Events  int       // in the background, the story comes on top; default 20,000
	Regions int       // per account, at most 16; default 3

	// Accounts is how many accounts the company has, at most 10,000;
	// default 2. The story takes place in the first.
	Accounts int

	// EventsPerObject is how many records an object holds on average;
	// default 167. With few events an object covers hours or days.
	EventsPerObject int

	// DuplicatePercent is the share of the background's records that are
	// delivered a second time in another object, as by two trails; default 0,
	// at most 100.
	DuplicatePercent int

	NoStory bool // leave the intrusion out

	// Incidents tells more: what else the attacker does, and what a company
	// does that somebody asks about. The rest is the same with it and without.
	Incidents bool
}

// The month of the demo.
const (
	defaultDays            = 30
	defaultEvents          = 20_000
	defaultAccounts        = 2
	defaultRegions         = 3
	defaultEventsPerObject = 167
	maxAccounts            = 10_000
	maxDays                = 3660
)

// withDefaults fills in what is not set and cuts off what is out of range.
func (o Options) withDefaults() Options {
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	}
	o.Start = o.Start.UTC().Truncate(24 * time.Hour)
	set := func(value *int, standard, most int) {
		if *value <= 0 {
			*value = standard
		}
		*value = min(*value, most)
	}
	set(&o.Days, defaultDays, maxDays)
	set(&o.Events, defaultEvents, math.MaxInt32)
	set(&o.Accounts, defaultAccounts, maxAccounts)
	set(&o.Regions, defaultRegions, len(regions))
	set(&o.EventsPerObject, defaultEventsPerObject, math.MaxInt32)
	set(&o.DuplicatePercent, 0, 100)
	return o
}

// Generator makes the events of one bucket. It does not change after New and
// may be used from several goroutines.
type Generator struct {
	options Options
	catalog *catalog
	lanes   []*lane
	story   Story
}

// New prepares a generator. Values out of range are brought into it.
func New(o Options) *Generator {
	o = o.withDefaults()
	g := &Generator{options: o, catalog: newCatalog()}
	g.lanes = newLanes(o, newRhythm(o.Start.Unix(), o.Days))
	if !o.NoStory {
		g.tellStory()
	}
	return g
}

// Object is one object of the bucket.
type Object struct {
	Key     string
	Body    []byte // the records as {"Records":[…]}, not compressed
	Records int
}

// Objects yields the bucket's objects: day by day of delivery, and within a
// day in the order of their keys. A Body is valid until the next object.
func (g *Generator) Objects() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		m := &maker{gen: g}
		var body []byte
		for p := range g.plans() {
			body = m.object(body[:0], p)
			if !yield(Object{Key: p.key(), Body: body, Records: p.records()}) {
				return
			}
		}
	}
}

// object writes the body of a planned object.
func (m *maker) object(b []byte, p *plan) []byte {
	m.line(p)
	b = append(b, `{"Records":[`...)
	for i, n := range m.order {
		if i > 0 {
			b = append(b, ',')
		}
		if n < 0 {
			b = m.perform(b, p.scenes[-n-1])
		} else {
			b = m.background(b, p.lane, n)
		}
	}
	return append(b, `]}`...)
}

// line puts the records of an object in order: background records by rank,
// scenes (as negative numbers) where their time is. Half of the larger
// objects are then a little out of order, as CloudTrail's are.
func (m *maker) line(p *plan) {
	m.order = m.order[:0]
	scene := 0
	for rank := p.from; rank < p.to; rank++ {
		for scene < len(p.scenes) && p.scenes[scene].at < p.lane.begin(&m.src, rank) {
			scene++
			m.order = append(m.order, -scene)
		}
		m.order = append(m.order, rank)
	}
	for ; scene < len(p.scenes); scene++ {
		m.order = append(m.order, -scene-1)
	}
	m.src.start(p.seed, 0)
	if m.src.percent(50) {
		return
	}
	for i := range m.order {
		if m.src.percent(30) {
			j := min(i+1+m.src.n(4), len(m.order)-1)
			m.order[i], m.order[j] = m.order[j], m.order[i]
		}
	}
}

// Story returns the planted facts. It is empty with Options.NoStory.
func (g *Generator) Story() Story { return g.story }
