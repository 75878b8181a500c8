// Package imports runs the imports that are asked for over the network: of buckets that
// the server's owner has named, or has given as folders.
package imports

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tarn/ingest"
	"tarn/ingest/history"
	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// Errors that callers tell apart.
var (
	// ErrSource means that nothing can be imported from there.
	ErrSource = errors.New("nothing can be imported from there")
	// ErrOngoing means that an import is under way; there is one at a time.
	ErrOngoing = errors.New("an import is under way")
	// ErrNotResumed means that an import cannot be started again.
	ErrNotResumed = errors.New("the import cannot be started again")
	// ErrEnded means that an import has ended, and cannot be stopped.
	ErrEnded = errors.New("the import has ended")
)

// errStopped and errClosing are why the context of an import ends.
var (
	errStopped = errors.New("somebody stopped it")
	errClosing = errors.New("the server ended before it did; start it again with its ImportId")
)

// Options say what imports work with.
type Options struct {
	Lake  *lake.Lake
	State *statedb.DB
	// Buckets are folders by the names of buckets, empty for one that S3 asks for.
	Buckets map[string]string
	// S3 is the door to those; nil if there are none.
	S3 *s3.Client
	// Keys answers with the public keys of digests in S3; nil asks nobody.
	Keys ingest.KeySource
	// Warn hears of what went wrong where nobody waits for it.
	Warn func(error)
}

// Imports are the imports that run in the server, and those that did. It is safe for
// concurrent use.
type Imports struct {
	o Options

	mu      sync.Mutex
	running *run
	ended   bool
	works   sync.WaitGroup
}

// run is the import that is under way.
type run struct {
	id     string
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// New returns the imports of a lake that is open for writing. Close them before it.
func New(o Options) *Imports { return &Imports{o: o} }

// Close interrupts what runs, and returns when it has ended. What was committed stays.
func (m *Imports) Close() error {
	m.mu.Lock()
	m.ended = true
	if m.running != nil {
		m.running.cancel(errClosing)
	}
	m.mu.Unlock()
	m.works.Wait()
	return nil
}

// Start begins to import a part of a bucket into a store, and returns when that is
// on record. It is ErrSource if there is nothing at that place.
func (m *Imports) Start(ctx context.Context, store lake.Store, from statedb.BucketSource) (statedb.Import, error) {
	now := time.Now().UTC()
	return m.begin(ctx, store, statedb.Import{ID: uuid.NewV7(now), Store: store.ID, Status: statedb.Initializing, Created: now,
		ImportDetails: statedb.ImportDetails{StoreName: store.Name, Sources: []string{from.URI}, Bucket: &from}})
}

// Resume starts an import of a bucket again that has failed or was stopped: it reads
// what is missing.
func (m *Imports) Resume(ctx context.Context, store lake.Store, i statedb.Import) (statedb.Import, error) {
	if i.Bucket == nil {
		return i, hint.Add(fmt.Errorf("%w: it was a command", ErrNotResumed), "run the command again")
	}
	if i.Status != statedb.Failed && i.Status != statedb.Stopped {
		return i, fmt.Errorf("%w: it is %s", ErrNotResumed, i.Status)
	}
	i.Status, i.Reason, i.Failures, i.Errors = statedb.Initializing, "", nil, nil
	return m.begin(ctx, store, i)
}

// Import returns one import, also one that was a command.
func (m *Imports) Import(id string) (statedb.Import, error) { return m.o.State.Import(id) }

// All returns the imports that are known, in order of time.
func (m *Imports) All() ([]statedb.Import, error) { return m.o.State.Imports() }

// Stop ends an import that is under way, and waits for that.
func (m *Imports) Stop(ctx context.Context, id string) error {
	m.mu.Lock()
	one := m.running
	m.mu.Unlock()
	if one == nil || one.id != id {
		return ErrEnded
	}
	one.cancel(errStopped)
	select {
	case <-one.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin lists what is there and runs the import.
func (m *Imports) begin(ctx context.Context, store lake.Store, i statedb.Import) (statedb.Import, error) {
	place, err := m.place(ctx, i.Bucket.URI)
	if err != nil {
		return i, err
	}
	filter := ingest.Filter{From: i.Bucket.From}
	if !i.Bucket.To.IsZero() {
		filter.To = i.Bucket.To.Truncate(time.Second).Add(time.Second) // times of events have whole seconds
	}
	running, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	one, err := m.enter(i.ID, cancel)
	if err != nil {
		cancel(nil)
		return i, err
	}
	list := func(ctx context.Context) (*ingest.Listing, error) { return place.list(ctx, filter) }
	if !place.real() { // what is wrong with a folder is told at once
		from, err := list(ctx)
		if err != nil {
			m.leave(one)
			return i, fmt.Errorf("%w: %s", ErrSource, place.shown(err.Error()))
		}
		list = func(context.Context) (*ingest.Listing, error) { return from, nil }
	}
	job := history.Begin(i, m.o.State, func() error { return nil }, m.o.Warn)
	i = job.Import
	go func() {
		defer m.leave(one)
		m.work(running, job, place, store, list, filter)
	}()
	return i, nil
}

// enter takes the place of the one import that there may be.
func (m *Imports) enter(id string, cancel context.CancelCauseFunc) (*run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return nil, errClosing
	}
	if m.running != nil || m.o.Lake.Importing() {
		return nil, hint.Add(ErrOngoing, "a lake takes one at a time: wait for its end, or stop it")
	}
	m.running = &run{id, cancel, make(chan struct{})}
	m.works.Add(1)
	return m.running, nil
}

func (m *Imports) leave(one *run) {
	one.cancel(nil)
	m.mu.Lock()
	m.running = nil
	m.mu.Unlock()
	close(one.done)
	m.works.Done()
}

// work imports, and keeps what becomes of it.
func (m *Imports) work(ctx context.Context, job *history.Job, p place, store lake.Store, list func(context.Context) (*ingest.Listing, error), filter ingest.Filter) {
	var result *ingest.Result
	from, err := list(ctx)
	if err == nil {
		var digests ingest.Digests
		for _, failed := range digests.AskKeys(ctx, from, m.o.Keys) {
			m.o.Warn(failed)
		}
		result, err = ingest.Import(ctx, m.o.Lake, store, from, ingest.Options{Filter: filter, Digests: digests, Progress: job.Progress})
	}
	if result != nil {
		job.Failures = p.failures(result)
		// What is rejected names its source by the bucket, too: no path of this machine is told.
		for i := range result.Unread {
			result.Unread[i] = ingest.Unread{Path: p.uri(result.Unread[i].Path), Err: errors.New(p.shown(result.Unread[i].Err.Error()))}
		}
	}
	status, reason := statedb.Completed, ""
	switch {
	case ctx.Err() != nil:
		status, reason = statedb.Stopped, context.Cause(ctx).Error()
	case err != nil:
		status, reason = statedb.Failed, p.shown(err.Error())
	case len(job.Failures) > 0:
		status, reason = statedb.Failed, fmt.Sprintf("%d objects could not be read, or not whole", len(job.Failures))
	}
	job.End(result, status, reason)
}
