package audit

import (
	"slices"
	"strings"
	"time"
)

const (
	// sumEvery is how long acts are summed up.
	sumEvery = time.Minute
	// mostNobody is how many requests of nobody in that time have records of their own,
	// so that nobody can fill a disk who has no credentials.
	mostNobody = 10
	// mostSums is how many sums there are at a time, and mostSources how many addresses
	// one names.
	mostSums    = 1000
	mostSources = 10
	// throttled is the code of what is refused because too much is asked.
	throttled = "ThrottlingException"
)

// sums are acts that have one record together.
type sums struct {
	all    map[kind]*sum
	nobody int       // requests of nobody that had records of their own
	since  time.Time // from then on
}

// kind is what acts have in common that are summed up.
type kind struct{ name, who, store, code string }

// sum is how many there were.
type sum struct {
	first         Act
	from, to      time.Time
	calls, events int64
	counts        map[string]int64
	sources       []string
}

// add returns the record of an act, or takes it into a sum.
func (r *Recorder) add(a Act, at time.Time) (rec record, alone bool) {
	r.mu.Lock()
	nobody := a.Who == Nobody()
	if nobody {
		if r.sums.nobody++; at.Sub(r.sums.since) >= sumEvery {
			r.sums.since, r.sums.nobody = at, 1
		}
	}
	summed := a.Data || a.Code == throttled || nobody && r.sums.nobody > mostNobody
	var over map[kind]*sum
	if summed {
		over = r.sums.take(a, at)
	}
	r.mu.Unlock()
	for _, s := range over {
		r.keep(s)
	}
	if summed {
		return record{}, false
	}
	return r.record(a, at), true
}

// take takes an act into a sum, and returns the sums there were if they are too many.
func (s *sums) take(a Act, at time.Time) (over map[kind]*sum) {
	a.Request = nil // it is of one of them, and has the events
	k := kind{a.Name, a.Who.PrincipalID, strings.Join(a.Stores, " "), a.Code}
	if a.Who == Nobody() {
		k.name, k.store = "", "" // who is nobody chooses them
	}
	one, there := s.all[k]
	if !there && len(s.all) >= mostSums {
		over, s.all = s.all, nil
	}
	if s.all == nil {
		s.all = map[kind]*sum{}
	}
	if !there {
		one = &sum{first: a, from: at, counts: map[string]int64{}}
		s.all[k] = one
	}
	one.to = at
	one.calls++
	one.events += a.Events
	for name, n := range a.Counts {
		one.counts[name] += n
	}
	if len(one.sources) < mostSources && !slices.Contains(one.sources, a.Source) {
		one.sources = append(one.sources, a.Source)
	}
	return over
}

// close makes records of the sums that began before that time.
func (r *Recorder) close(before time.Time) {
	var done []*sum
	r.mu.Lock()
	for k, s := range r.sums.all {
		if s.from.Before(before) {
			done = append(done, s)
			delete(r.sums.all, k)
		}
	}
	r.mu.Unlock()
	for _, s := range done {
		r.keep(s)
	}
}

// keep makes one record of a sum, for the next batch.
func (r *Recorder) keep(s *sum) {
	a := s.first
	a.More = map[string]any{
		"calls": s.calls, "firstCall": s.from.Format(time.RFC3339), "lastCall": s.to.Format(time.RFC3339), "sourceIPAddresses": s.sources,
	}
	if a.Data {
		a.More["events"] = s.events
	}
	for name, n := range s.counts {
		a.More[name] = n
	}
	if s.calls > 1 {
		a.ID = ""
	}
	if a.Who == Nobody() {
		a.Name, a.Agent = "RefusedRequests", ""
	}
	at := now()
	e, err := event(r.record(a, at), at)
	if err != nil {
		r.log.Error().Err(err).Msg("a sum of acts has no record")
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, e)
	r.bytes += len(e.Raw)
}
