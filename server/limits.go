package server

import (
	"sync"
	"sync/atomic"
	"time"

	"tarn/server/fault"
	"tarn/server/metrics"
)

// Limits bound what is asked with one credential; zero is no bound.
type Limits struct {
	// PerSecond is how many requests may come a second. Twice as many may come at once
	// where none came before.
	PerSecond int
	// AtOnce is how many are answered at a time.
	AtOnce int
}

// mostUses is how many credentials are remembered that ask nothing any more.
const mostUses = 1000

// limiter counts what is asked with each credential. The zero value is ready.
type limiter struct {
	mu   sync.Mutex
	uses map[string]*uses

	byRate, byNumber, byStreams atomic.Int64 // how many were refused, by what
}

// uses is what is asked with a credential.
type uses struct {
	running int
	left    float64 // how many more may come now
	at      time.Time
}

// enter counts a request that comes now, until leave is called, or refuses it.
func (l *limiter) enter(most Limits, id string, now time.Time) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(most, id, now)
	if most.PerSecond > 0 && u.left < 1 {
		l.byRate.Add(1)
		return func() {}, fault.New(fault.Throttled, "more than %d requests a second come with this credential", most.PerSecond).With("send it again in a second")
	}
	if most.AtOnce > 0 && u.running >= most.AtOnce {
		l.byNumber.Add(1)
		return func() {}, fault.New(fault.Throttled, "%d requests with this credential are being answered", u.running).With("send it again when one of them is done")
	}
	u.left--
	u.running++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		u.running--
	}), nil
}

// of is what is asked with a credential, as it is now. The caller holds the mutex.
func (l *limiter) of(most Limits, id string, now time.Time) *uses {
	burst := 2 * float64(most.PerSecond)
	u := l.uses[id]
	if u == nil {
		l.forget(now)
		u = &uses{left: burst, at: now}
		l.uses[id] = u
	}
	if passed := now.Sub(u.at); passed > 0 {
		u.left = min(burst, u.left+passed.Seconds()*float64(most.PerSecond))
		u.at = now
	}
	return u
}

// forget makes room for one more credential: of those that ask nothing, after two
// seconds nothing is left to know.
func (l *limiter) forget(now time.Time) {
	if l.uses == nil {
		l.uses = map[string]*uses{}
	}
	if len(l.uses) < mostUses {
		return
	}
	for id, u := range l.uses {
		if u.running == 0 && now.Sub(u.at) > 2*time.Second {
			delete(l.uses, id)
		}
	}
}

// measure adds to a page how many requests were refused.
func (l *limiter) measure(p *metrics.Page) {
	for _, by := range []struct {
		name string
		n    *atomic.Int64
	}{{"rate", &l.byRate}, {"requests", &l.byNumber}, {"streams", &l.byStreams}} {
		p.Counter("tarn_throttled_total", "Requests that were refused because too much was asked, by what there was too much of.",
			float64(by.n.Load()), metrics.Label{Name: "limit", Value: by.name})
	}
}
