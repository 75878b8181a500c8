package eventgen

// maker writes records. It has no memory of what it wrote before, so any
// number of makers can share a generator's work; one maker serves one
// goroutine.
type maker struct {
	gen    *Generator
	src    source
	rec    record
	caller caller
	key    []byte // of the object the record is about, once it is chosen
	picked uint64 // which kinds of things are chosen for this record
	chosen [len(worldSpec)]uint8
	order  []int
}

// shares says in permille which class a request comes from: of what programs
// do, and of what people do.
var (
	machineShares = [...]share{{app, 540}, {aws, 240}, {linked, 120}, {deploy, 100}}
	peopleShares  = [...]share{{console, 600}, {tool, 398}, {root, 2}}
)

type share struct {
	class    class
	permille int
}

// Real logs come in bursts: for a while the same few callers do the same few
// things. A while is a number of records here, not of minutes, so that a busy
// lane and a quiet one compress alike.
const (
	burst   = 48 // records
	errands = 3  // different things a caller does during a burst
)

// atOnce is how many principals of a class share a burst, by class index.
var atOnce = [classes]int{2, 1, 1, 3, 2, 1, 1}

// denied is how many requests of a thousand are refused, by class index:
// people try things, programs were tried out before.
var denied = [classes]int{60, 50, 15, 12, 12, 0, 0}

// throttledPermille is how many requests of a thousand come too fast.
const throttledPermille = 4

// background writes the lane's record with this rank.
func (m *maker) background(b []byte, l *lane, rank int) []byte {
	at := l.begin(&m.src, rank)
	m.fresh(l, at)
	m.rec.burst = uint64(rank / burst)
	class := m.class()
	if class != aws {
		m.assume(m.someone(class))
	}
	m.rec.call = m.chooseCall(class)
	if class == aws {
		m.invoke(m.rec.call.invokers)
	} else {
		m.connect(class)
	}
	m.fail(class)
	return m.appendRecord(b)
}

// fresh forgets the last record.
func (m *maker) fresh(l *lane, at int64) {
	s := &m.src
	m.rec = record{
		lane: l, at: at,
		id:      [2]uint64{s.Uint64(), s.Uint64()},
		request: [2]uint64{s.Uint64(), s.Uint64()},
	}
	c := &m.caller
	*c = caller{session: c.session[:0], key: c.key[:0], arn: c.arn[:0], address: c.address[:0]}
	m.picked, m.key = 0, m.key[:0]
}

// class draws who acts at this time of the week.
func (m *maker) class() class {
	p := people(m.rec.at / hour)
	shares := machineShares[:]
	if m.src.unit()*(1+p) < p {
		shares = peopleShares[:]
	}
	n := m.src.n(1000)
	for _, s := range shares {
		if n -= s.permille; n < 0 {
			return s.class
		}
	}
	return app
}

// someone draws one of the few callers of a class that are in this burst.
func (m *maker) someone(c class) *principal {
	l := m.rec.lane
	list := l.account.callers[c.index()]
	busy := mix(l.seed+uint64(c), m.rec.burst<<4+uint64(m.src.n(atOnce[c.index()])))
	return list[skew(busy, len(list))]
}

// chooseCall draws what the caller does: a program mostly the same few things
// all its life, people and pipelines a few things at a time.
func (m *maker) chooseCall(c class) *call {
	calls := &m.gen.catalog.choosers[c.index()][m.rec.lane.reports]
	w, draw := m.caller.who, m.src.n(100)
	errand := uint64(m.src.n(errands))
	switch {
	case draw < 8:
		return calls.pick(m.src.Uint64())
	case w == nil:
		return calls.pick(mix(m.rec.lane.seed+m.rec.burst, errand))
	case w.habits && draw < 70:
		return calls.pick(mix(w.seed, errand))
	}
	return calls.pick(mix(w.seed+m.rec.burst, errand))
}

// invoke makes an AWS service, or somebody from outside, the caller.
func (m *maker) invoke(invokers []invoker) {
	c := &m.caller
	i := &invokers[mix(m.rec.burst, uint64(m.src.n(2)))%uint64(len(invokers))]
	c.identity = i.identity
	c.foreign = !m.rec.call.event
	c.address = append(c.address, i.address...)
	c.agent = i.address
	if i.address == "" {
		c.address = appendPublic(c.address, "203.0.113.", m.src.Uint64(), 100)
		c.agent, c.overTLS = sdkAgents[m.src.n(3)], true
	}
}

// connect decides how the caller reaches AWS.
func (m *maker) connect(class class) {
	c := &m.caller
	w := c.who
	if class == linked {
		c.agent = w.service
		return
	}
	c.console = class == console || class == root
	c.overTLS = true
	c.agent = w.agents[w.seed%uint64(len(w.agents))]
	if w.seed%4 == 0 {
		m.rec.tls = 1
	}
	if c.console && !m.rec.call.signIn && m.src.percent(55) {
		c.agent, c.overTLS = consoleAgent, false
	}
}

// fail decides whether the request is refused, and how.
func (m *maker) fail(class class) {
	r := &m.rec
	k, n := r.call, m.src.n(1000)
	switch f := &k.fails; {
	case f.percent > 0 && m.src.percent(f.percent):
		r.code, r.message, r.failed = f.code, k.failMessage, true
	case k.signIn || k.event:
	case n < denied[class.index()]:
		r.code, r.message, r.failed = k.of.denied, m.gen.catalog.refusals[k.of.denied], true
	case n >= 1000-throttledPermille:
		r.code, r.message, r.failed = k.of.throttled, m.gen.catalog.refusals[k.of.throttled], true
	}
}
