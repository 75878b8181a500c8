// Package imports runs the imports that are asked for over the network: of buckets that
// the server's owner has given as folders.
package imports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tarn/ingest"
	"tarn/ingest/history"
	"tarn/internal/hint"
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
	// Buckets are folders by the names of buckets.
	Buckets map[string]string
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
	place, err := m.place(i.Bucket.URI)
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
	from, err := ingest.List([]string{place.dir})
	if err != nil {
		m.leave(one)
		return i, fmt.Errorf("%w: %s", ErrSource, place.shown(err.Error()))
	}
	job := history.Begin(i, m.o.State, func() error { return nil }, m.o.Warn)
	i = job.Import
	go func() {
		defer m.leave(one)
		m.work(running, job, place, store, from, filter)
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
func (m *Imports) work(ctx context.Context, job *history.Job, p place, store lake.Store, from *ingest.Listing, filter ingest.Filter) {
	result, err := ingest.Import(ctx, m.o.Lake, store, from, ingest.Options{Filter: filter, Progress: job.Progress})
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

// place is a part of a bucket, and where that is.
type place struct {
	bucket, folder string // the bucket, and its folder
	dir            string // the part of it
}

// place finds the folder of an address s3://BUCKET/PREFIX.
func (m *Imports) place(uri string) (place, error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	folder, known := m.o.Buckets[bucket]
	prefix = strings.Trim(prefix, "/")
	switch {
	case !ok || bucket == "":
		return place{}, fmt.Errorf("%w: %q is no address of a bucket", ErrSource, uri)
	case !known:
		return place{}, hint.Add(fmt.Errorf("%w: this server knows no bucket %q", ErrSource, bucket), "the server's owner gives a folder for it: tarn serve --bucket "+bucket+"=FOLDER")
	case prefix != "" && !filepath.IsLocal(filepath.FromSlash(prefix)):
		return place{}, fmt.Errorf("%w: %q leads out of the bucket", ErrSource, uri)
	}
	p := place{bucket, folder, filepath.Join(folder, filepath.FromSlash(prefix))}
	if _, err := os.Stat(p.dir); err != nil {
		return place{}, fmt.Errorf("%w: there is nothing below %s", ErrSource, uri)
	}
	return p, nil
}

// uri is the address of a file of the bucket.
func (p place) uri(path string) string {
	if !filepath.IsAbs(path) { // the key, from AWSLogs/ on
		return "s3://" + p.bucket + "/" + path
	}
	rest, err := filepath.Rel(p.folder, path)
	if err != nil || !filepath.IsLocal(rest) {
		return p.shown(path)
	}
	return "s3://" + p.bucket + "/" + filepath.ToSlash(rest)
}

// shown is a text in which the bucket stands for its folder.
func (p place) shown(text string) string {
	return strings.ReplaceAll(text, p.folder, "s3://"+p.bucket)
}

// failures are what could not be read, or not whole, each object once.
func (p place) failures(r *ingest.Result) (all []statedb.ImportFailure) {
	for _, u := range r.Unread {
		all = append(all, statedb.ImportFailure{Path: p.uri(u.Path), Kind: "Unreadable", Reason: p.shown(u.Err.Error())})
	}
	for _, rej := range r.Rejects {
		if n := len(all); n > 0 && all[n-1].Path == p.uri(rej.Source) {
			continue
		}
		all = append(all, statedb.ImportFailure{Path: p.uri(rej.Source), Kind: "RejectedRecord",
			Reason: fmt.Sprintf("record %d at byte %d: %s", rej.Record, rej.Offset, p.shown(rej.Reason))})
	}
	return all
}
