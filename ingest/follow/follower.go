package follow

import (
	"context"
	"errors"
	"hash/maphash"
	"time"

	"github.com/rs/zerolog"

	"tarn/ingest"
	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/statedb"
)

// Options are what follows work with.
type Options struct {
	// Lake and State are open for writing.
	Lake  *lake.Lake
	State *statedb.DB
	// S3 says which buckets and queues are asked, and as whom; NATSCredentials is the
	// file of credentials for NATS.
	S3              s3.Settings
	NATSCredentials string
	Log             zerolog.Logger
	// Progress, if not nil, hears how far a follow is, often. It is called by one
	// goroutine of a follow at a time.
	Progress func(statedb.Follow)
	// Now is the clock; nil is the machine's.
	Now func() time.Time
}

// Queue is where messages about new objects come from.
type Queue interface {
	// Receive returns messages by what acknowledges them; none, if none came in so long.
	Receive(ctx context.Context, wait time.Duration) (map[string][]byte, error)
	// Done says that messages are done with. The others come again.
	Done(ctx context.Context, receipts []string) error
	// Close lets go of it. What is not done with comes again.
	Close() error
}

const (
	// batchObjects and batchBytes bound what is imported at a time: others who want to
	// import wait for that long.
	batchObjects = 1024
	batchBytes   = 64 << 20
	// gather is how long further messages are waited for, to be imported together.
	gather = 500 * time.Millisecond
	// listenFor is how long a queue is asked at a time.
	listenFor = 20 * time.Second
	// firstPause and longestPause are how long one waits after trouble with all objects,
	// firstTry and longestTry after trouble with one.
	firstPause, longestPause = time.Second, time.Minute
	firstTry, longestTry     = 30 * time.Second, 30 * time.Minute
	// mostFailures is how many objects are remembered that could not be read.
	mostFailures = 10_000
	// mostSame is how many objects are remembered that are in under another time.
	mostSame = 1 << 20
)

// follower is a follow while it runs. One goroutine runs it.
type follower struct {
	o     Options
	f     *shared
	place place
	queue Queue // nil until it is open, or if there is none
	log   zerolog.Logger

	failures map[string]statedb.FollowFailure // by path
	waiting  map[string]time.Time             // objects that were seen and are not in, with their time of change
	same     map[uint64]struct{}              // objects that are in under another time of change
	seed     maphash.Seed

	nextList time.Time
	trouble  pauses // with the source, or with the lake
	deaf     pauses // with the queue
	heard    time.Time
}

// pauses grow while something fails.
type pauses struct {
	last  time.Duration
	until time.Time
	why   error
}

func (p *pauses) failed(now time.Time, why error) {
	p.last = min(max(2*p.last, firstPause), longestPause)
	p.until, p.why = now.Add(p.last), why
}

// run follows until ctx is done.
func (f *follower) run(ctx context.Context) {
	defer f.end()
	f.tell()
	for ctx.Err() == nil {
		now := f.o.Now()
		switch {
		case f.trouble.until.After(now):
			sleep(ctx, f.trouble.until.Sub(now))
			f.trouble.until = time.Time{}
			f.nextList = time.Time{} // whether it is over, a list tells
		default:
			f.judge(ctx, f.step(ctx))
		}
	}
}

// step does what is to be done next.
func (f *follower) step(ctx context.Context) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	now := f.o.Now()
	if !now.Before(f.nextList) {
		return f.relist(ctx)
	}
	next, due := f.nextList, f.due(now)
	if len(due) > 0 {
		return f.again(ctx, due)
	}
	for _, failure := range f.failures {
		if failure.Next.Before(next) {
			next = failure.Next
		}
	}
	wait := next.Sub(now)
	if f.queue != nil {
		return f.hear(ctx, min(wait, listenFor))
	}
	if f.deaf.why != nil {
		wait = min(wait, f.deaf.until.Sub(now))
	}
	sleep(ctx, wait)
	return nil
}

// open opens what is not open yet.
func (f *follower) open(ctx context.Context) (err error) {
	if f.place == nil {
		var client *s3.Client
		if s3.IsURI(f.f.now().Source) {
			if client, err = s3.Open(ctx, f.o.S3); err != nil {
				return err
			}
		}
		if f.place, err = newPlace(f.f.now().Source, client, f.o.Now); err != nil {
			return err
		}
		failures, err := f.o.State.Failures(f.f.now().ID)
		if err != nil {
			f.place = nil
			return err
		}
		for _, one := range failures {
			f.failures[one.Key] = one
		}
	}
	if f.queue == nil && !f.deaf.until.After(f.o.Now()) {
		// That it is open tells nothing yet: an answer does.
		if f.queue, err = f.o.queue(ctx, f.f.now()); err != nil {
			f.listened(err)
		}
	}
	return nil
}

// listened hears how it went with the queue, which is no reason not to list.
func (f *follower) listened(err error) {
	switch {
	case err == nil && f.deaf.why != nil:
		f.log.Info().Msg("the queue answers again")
		f.deaf = pauses{}
		f.tell()
	case err != nil && !errors.Is(err, context.Canceled):
		if f.deaf.why == nil {
			f.log.Warn().Err(err).Msg("the queue cannot be asked; new objects are found by lists until it can")
		}
		f.deaf.failed(f.o.Now(), err)
		if f.queue != nil {
			_ = f.queue.Close() // it is opened anew
			f.queue = nil
		}
		f.tell()
	}
}

// judge hears what came of a step, and decides on a pause.
func (f *follower) judge(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if f.trouble.why == nil || f.trouble.why.Error() != err.Error() {
			f.log.Warn().Err(err).Strs("hints", hint.Of(err)).Msg("it cannot be followed; it is tried again")
		}
		f.trouble.failed(f.o.Now(), err)
		f.tell()
	case f.trouble.why != nil:
		f.log.Info().Msg("it goes on")
		f.trouble = pauses{}
		for path, failure := range f.failures { // what failed may have failed of the same
			failure.Next = f.o.Now()
			f.failures[path] = failure
		}
		f.tell()
	}
}

// tell keeps how far it is, and what is wrong.
func (f *follower) tell() {
	f.f.change(f.o, func(p *statedb.FollowProgress) {
		p.State, p.Reason = statedb.FollowRunning, ""
		switch {
		case f.trouble.why != nil:
			p.State, p.Reason = statedb.FollowFailing, f.trouble.why.Error()
		case f.deaf.why != nil:
			p.State, p.Reason = statedb.FollowFailing, "new objects are found by lists alone: "+f.deaf.why.Error()
		}
		p.Failures, p.Waiting, p.Oldest = len(f.failures), len(f.waiting), time.Time{}
		for _, at := range f.waiting {
			if p.Oldest.IsZero() || at.Before(p.Oldest) {
				p.Oldest = at
			}
		}
	})
}

// end lets go of the queue.
func (f *follower) end() {
	if f.queue != nil {
		_ = f.queue.Close() // what is not acknowledged comes again
	}
	f.tell()
	f.f.change(f.o, func(p *statedb.FollowProgress) { p.State = statedb.FollowIdle })
}

func sleep(ctx context.Context, d time.Duration) {
	clock := time.NewTimer(d)
	defer clock.Stop()
	select {
	case <-ctx.Done():
	case <-clock.C:
	}
}

// version is a hash of what tells one version of an object from others.
func (f *follower) version(o ingest.Object) uint64 {
	return maphash.Comparable(f.seed, struct {
		path     string
		bytes    int64
		modified int64
	}{o.Path, o.Bytes, o.Modified.UnixMicro()})
}
