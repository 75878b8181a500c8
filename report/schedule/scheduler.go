package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake/statedb"
	"tarn/report/deliver"
)

// Make makes the report of a schedule that is due, about events from From on and before
// To. Asked again for the same schedule (its ID) and due time, it returns the report
// that it made before.
type Make func(ctx context.Context, s statedb.Schedule, due, from, to time.Time) (deliver.Parcel, error)

// Options are what a scheduler needs.
type Options struct {
	// State is open for writing: its lake's lock keeps other processes away.
	State *statedb.DB
	Make  Make
	// Deliver brings a report to an address: that of a deliver.Courier.
	Deliver func(ctx context.Context, to string, p deliver.Parcel) error
	Log     zerolog.Logger
	// Now is the clock; nil is the machine's.
	Now func() time.Time
}

// Scheduler makes reports when they are due. There is one of a process: it does one
// thing at a time, whoever asks.
type Scheduler struct {
	o     Options
	mu    sync.Mutex
	write func(func() error) error // makes a change of the state
}

// NewScheduler returns a scheduler. What another has begun, it goes on with.
func NewScheduler(o Options) *Scheduler {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Scheduler{o: o, write: func(change func() error) error { return change() }}
}

const (
	// lookEvery is how long a clock is believed that may be set.
	lookEvery = time.Minute
	// soon is the least time between two looks.
	soon = time.Second
	// firstWait is how long one waits before the second attempt, longestWait before any.
	firstWait, longestWait = time.Minute, 6 * time.Hour
)

// Run makes what is due, whenever it is, until ctx is done.
func (s *Scheduler) Run(ctx context.Context) error {
	for {
		wait := lookEvery
		pass, err := s.RunDue(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.o.Log.Error().Err(err).Msg("a look at the schedules; there is another in a minute")
		case !pass.Next.IsZero():
			wait = min(max(pass.Next.Sub(s.o.Now()), soon), lookEvery)
		}
		clock := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			clock.Stop()
			return nil
		case <-clock.C:
		}
	}
}

// Pass is what came of one look at the schedules.
type Pass struct {
	// Runs are those that something was done for, as they are now.
	Runs []statedb.Run
	// Next is when there is something to do again; zero is never.
	Next time.Time
}

// RunDue records what is due now, makes and delivers it, and what is left of earlier
// times.
func (s *Scheduler) RunDue(ctx context.Context) (p Pass, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedules, err := s.o.State.Schedules()
	if err != nil {
		return p, err
	}
	byID := map[string]statedb.Schedule{}
	var failed []error // one that is wrong keeps none from the others
	for _, one := range schedules {
		if one.Paused {
			continue
		}
		byID[one.ID] = one
		skipped, next, err := s.note(one)
		p.Runs = append(p.Runs, skipped...)
		p.soon(next)
		if err != nil {
			failed = append(failed, fmt.Errorf("schedule %s: %w", one.Name, err))
		}
	}
	open, err := s.o.State.OpenRuns()
	failed = append(failed, err)
	for _, r := range open {
		one, active := byID[r.Schedule]
		if !active {
			continue
		}
		if !soonest(r).After(s.o.Now()) {
			if r, err = s.work(ctx, one, r); err != nil {
				failed = append(failed, fmt.Errorf("schedule %s: %w", one.Name, err))
			}
			p.Runs = append(p.Runs, r)
		}
		if r.Ended.IsZero() {
			p.soon(soonest(r))
		}
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
	}
	return p, errors.Join(failed...)
}

// soon says that there is something to do then.
func (p *Pass) soon(at time.Time) {
	if !at.IsZero() && (p.Next.IsZero() || at.Before(p.Next)) {
		p.Next = at
	}
}

// note records what is due of a schedule, and returns what of it is not made, and when
// there is more.
func (s *Scheduler) note(one statedb.Schedule) (skipped []statedb.Run, next time.Time, err error) {
	runs, upTo, err := Due(one, s.o.Now())
	if err != nil {
		return nil, next, err
	}
	for _, r := range runs {
		if r.Status == statedb.RunSkipped {
			skipped = append(skipped, r)
		}
	}
	if len(runs) > 0 || upTo.Before(one.Seen) {
		if err := s.write(func() error { return s.o.State.NoteRuns(one, upTo, runs) }); err != nil {
			return nil, next, err
		}
	}
	if len(skipped) > 0 {
		s.o.Log.Warn().Str("schedule", one.Name).Int("reports", len(skipped)).Time("newest", skipped[len(skipped)-1].Due).Msg("reports were missed and are not made")
	}
	after, err := Upcoming(one, upTo, 1)
	if err == nil {
		next = starts(one, after[0]).UTC()
	}
	return skipped, next, err
}

// soonest is when something is to be done for a run that is not over.
func soonest(r statedb.Run) (at time.Time) {
	if r.Status == statedb.RunDue {
		return r.Next
	}
	p := Pass{}
	for _, d := range r.Deliveries {
		if over(d) {
			continue
		}
		if d.Next.IsZero() {
			return time.Time{}
		}
		p.soon(d.Next)
	}
	return p.Next
}

// over reports whether a delivery has ended, in one way or the other.
func over(d statedb.Delivery) bool { return d.GaveUp || !d.Done.IsZero() }

func (s *Scheduler) put(r statedb.Run) error {
	return s.write(func() error { return s.o.State.PutRun(r) })
}

// work takes a run on as far as it comes now.
func (s *Scheduler) work(ctx context.Context, one statedb.Schedule, r statedb.Run) (statedb.Run, error) {
	var err error
	if r.Status == statedb.RunDue {
		r, err = s.make(ctx, one, r)
	}
	if err == nil && r.Status == statedb.RunMade {
		r, err = s.deliver(ctx, one, r)
	}
	return r, err
}

// make makes a report. That it is begun is recorded before: a report that ends the
// process is not begun for ever.
func (s *Scheduler) make(ctx context.Context, one statedb.Schedule, r statedb.Run) (statedb.Run, error) {
	log := s.o.Log.With().Str("schedule", one.Name).Time("due", r.Due).Logger()
	if r.Attempts >= one.Tries {
		r.Status, r.Ended = statedb.RunFailed, s.o.Now().UTC()
		if r.Reason == "" {
			r.Reason = fmt.Sprintf("the process ended while it was made, %d times", r.Attempts)
		}
		log.Error().Str("reason", r.Reason).Msg("a report is given up")
		return r, s.put(r)
	}
	begun := r
	begun.Attempts++
	begun.Next = s.again(begun.Attempts, nil)
	if err := s.put(begun); err != nil {
		return r, err
	}
	working, cancel := context.WithTimeout(ctx, one.Timeout)
	defer cancel()
	parcel, err := s.o.Make(working, one, r.Due, r.From, r.To)
	if ctx.Err() != nil { // somebody ends the process: that is nobody's failure
		return r, errors.Join(ctx.Err(), s.put(r))
	}
	if err == nil {
		begun.Parcel, err = json.Marshal(parcel)
	} else if working.Err() != nil {
		err = fmt.Errorf("it took longer than %s: %w", one.Timeout, err)
	}
	r = begun
	if err != nil {
		r.Reason = err.Error()
		log.Error().Err(err).Int("attempt", r.Attempts).Msg("a report could not be made")
		if r.Attempts >= one.Tries {
			r.Status, r.Ended, r.Next = statedb.RunFailed, s.o.Now().UTC(), time.Time{}
		}
		return r, s.put(r)
	}
	r.Status, r.Report, r.Next, r.Reason = statedb.RunMade, parcel.ID, time.Time{}, ""
	for _, to := range one.To {
		r.Deliveries = append(r.Deliveries, statedb.Delivery{To: to})
	}
	s.end(&r)
	log.Info().Str("report", r.Report).Msg("a report is made")
	return r, s.put(r)
}

// again is when something is tried again that has failed so often, the last time with
// err.
func (s *Scheduler) again(attempts int, err error) time.Time {
	wait := longestWait
	if attempts < 10 {
		wait = min(firstWait<<(attempts-1), longestWait)
	}
	return s.o.Now().Add(max(wait, deliver.After(err))).UTC()
}

// end ends a run of which all deliveries are over.
func (s *Scheduler) end(r *statedb.Run) {
	status := statedb.RunDone
	for _, d := range r.Deliveries {
		if !over(d) {
			return
		}
		if d.GaveUp {
			status = statedb.RunFailed
		}
	}
	r.Status, r.Ended, r.Parcel = status, s.o.Now().UTC(), nil
}

// deliver brings a report to all addresses whose time it is, at the same time: one that
// is slow keeps none from the others.
func (s *Scheduler) deliver(ctx context.Context, one statedb.Schedule, r statedb.Run) (statedb.Run, error) {
	var p deliver.Parcel
	if err := json.Unmarshal(r.Parcel, &p); err != nil {
		return r, err
	}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards r and failed
	var failed error
	now := s.o.Now()
	for i, d := range r.Deliveries {
		if over(d) || d.Next.After(now) {
			continue
		}
		wg.Go(func() {
			err := s.o.Deliver(ctx, d.To, p)
			if err != nil && ctx.Err() != nil {
				return // somebody ends the process
			}
			mu.Lock()
			defer mu.Unlock()
			r.Deliveries[i] = s.delivered(one, d, err)
			s.end(&r)
			failed = errors.Join(failed, s.put(r))
		})
	}
	wg.Wait()
	return r, failed
}

// delivered is a delivery after one more attempt.
func (s *Scheduler) delivered(one statedb.Schedule, d statedb.Delivery, err error) statedb.Delivery {
	d.Attempts++
	d.Next, d.Reason = time.Time{}, ""
	log := s.o.Log.With().Str("schedule", one.Name).Str("to", deliver.Shown(d.To)).Int("attempt", d.Attempts).Logger()
	if err == nil {
		d.Done = s.o.Now().UTC()
		log.Info().Msg("a report is delivered")
		return d
	}
	d.Reason = err.Error()
	if d.GaveUp = errors.Is(err, deliver.ErrFinal) || d.Attempts >= one.Tries; d.GaveUp {
		log.Error().Err(err).Msg("a delivery is given up")
		return d
	}
	d.Next = s.again(d.Attempts, err)
	log.Warn().Err(err).Time("next", d.Next).Msg("a report could not be delivered; it is tried again")
	return d
}
