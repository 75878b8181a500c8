package follow

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"tarn/internal/jetstream"
	"tarn/internal/sqs"
	"tarn/lake/statedb"
)

// Follows are the follows that run in a process. It is safe for concurrent use.
type Follows struct {
	o Options

	mu      sync.Mutex
	running map[string]*running // by source
	works   sync.WaitGroup
	begin   context.Context // of those that are added; nil while none run
}

type running struct {
	*shared
	stop context.CancelFunc
	done chan struct{}
}

// New returns the follows of a lake. Nothing runs yet.
func New(o Options) *Follows {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Follows{o: o, running: map[string]*running{}}
}

// Run runs the follows that state.db has, and those that are added meanwhile, until ctx
// is done.
func (m *Follows) Run(ctx context.Context) error {
	all, err := m.o.State.Follows()
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.begin = ctx
	m.mu.Unlock()
	for _, f := range all {
		if f.Foreground { // of a process that is gone
			err = errors.Join(err, m.o.State.RemoveFollow(f.Source))
			continue
		}
		_, busy := m.enter(ctx, m.o, f)
		err = errors.Join(err, busy)
	}
	if err != nil {
		m.o.Log.Error().Err(err).Msg("follows")
	}
	<-ctx.Done()
	m.mu.Lock()
	m.begin = nil
	m.mu.Unlock()
	m.works.Wait()
	return nil
}

// Add records a follow, which begins at once where follows run.
func (m *Follows) Add(f statedb.Follow) error {
	m.mu.Lock()
	begin, busy := m.begin, m.running[f.Source] != nil
	m.mu.Unlock()
	if busy {
		return statedb.ErrFollowExists
	}
	if err := m.o.State.AddFollow(f); err != nil {
		return err
	}
	if begin == nil {
		return nil
	}
	_, err := m.enter(begin, m.o, f)
	return err
}

// Remove ends a follow and forgets it.
func (m *Follows) Remove(source string) error {
	m.mu.Lock()
	one := m.running[source]
	m.mu.Unlock()
	if one != nil {
		one.stop()
		<-one.done
	}
	return m.o.State.RemoveFollow(source)
}

// Foreground follows until ctx is done, with options of its own, and returns how far
// that came. The follow is recorded, so that it is shown, and stays: the next one of its
// source goes on there.
func (m *Follows) Foreground(ctx context.Context, o Options, f statedb.Follow) (statedb.Follow, error) {
	o.State, o.Now = m.o.State, m.o.Now
	before, err := m.o.State.FollowOf(f.Source)
	switch {
	case errors.Is(err, statedb.ErrNoFollow):
		err = m.o.State.AddFollow(f)
	case err == nil && !before.Foreground:
		err = statedb.ErrFollowExists
	case err == nil && before.Store == f.Store:
		f.ID, f.Created, f.Progress = before.ID, before.Created, before.Progress
		err = m.o.State.PutFollow(f)
	case err == nil: // what is in another store is not in this one
		if err = m.o.State.RemoveFollow(f.Source); err == nil {
			err = m.o.State.AddFollow(f)
		}
	}
	if err != nil {
		return f, err
	}
	one, err := m.enter(ctx, o, f)
	if err != nil {
		return f, err
	}
	<-one.done
	return one.now(), nil
}

// All returns the follows that run, as they are now.
func (m *Follows) All() (all []statedb.Follow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range m.running {
		all = append(all, one.now())
	}
	return all
}

// enter begins a follow, unless there is one of its source.
func (m *Follows) enter(ctx context.Context, o Options, f statedb.Follow) (*running, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running[f.Source] != nil {
		return nil, statedb.ErrFollowExists
	}
	ctx, stop := context.WithCancel(ctx)
	one := &running{&shared{f: f}, stop, make(chan struct{})}
	m.running[f.Source] = one
	m.works.Go(func() {
		defer close(one.done)
		defer stop()
		follow := &follower{o: o, f: one.shared, log: o.Log.With().Str("source", f.Source).Str("store", f.StoreName).Logger(),
			failures: map[string]statedb.FollowFailure{}, waiting: map[string]time.Time{}, same: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
		follow.run(ctx)
		m.mu.Lock()
		delete(m.running, f.Source)
		m.mu.Unlock()
	})
	return one, nil
}

// queue opens the queue of a follow; nil if it has none.
func (o Options) queue(ctx context.Context, f statedb.Follow) (Queue, error) {
	switch {
	case f.Queue != "":
		q, err := sqs.Open(ctx, f.Queue, o.S3)
		if err != nil {
			return nil, err
		}
		return q, nil
	case f.NATS != "":
		q, err := jetstream.Open(ctx, Stream(f, o.NATSCredentials))
		if err != nil {
			return nil, err
		}
		return q, nil
	}
	return nil, nil
}

// Stream is the stream of a follow that has one.
func Stream(f statedb.Follow, credentials string) jetstream.Settings {
	return jetstream.Settings{URL: f.NATS, Stream: f.Stream, Subject: f.Subject, Consumer: "tarn-" + f.ID, Credentials: credentials}
}

// shared is a follow, as the one who runs it and those who look see it.
type shared struct {
	mu sync.Mutex
	f  statedb.Follow
}

func (s *shared) now() statedb.Follow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.f
}

// change changes how far it is, and keeps that.
func (s *shared) change(o Options, fn func(*statedb.FollowProgress)) {
	s.mu.Lock()
	before := s.f.Progress
	fn(&s.f.Progress)
	changed := s.f.Progress != before
	if changed {
		s.f.Progress.Updated = o.Now().UTC()
	}
	f := s.f
	s.mu.Unlock()
	if o.Progress != nil {
		o.Progress(f)
	}
	if !changed {
		return
	}
	if err := o.State.PutFollow(f); err != nil {
		o.Log.Error().Err(err).Str("source", f.Source).Msg("it cannot be kept how far a follow is")
	}
}
