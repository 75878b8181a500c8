package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query"
)

// Bounds that CloudTrail Lake has, too.
const (
	// EachAtOnce is how many queries of one credential are queued or running.
	EachAtOnce = 10
	// Days is how long results are kept.
	Days = 7 * 24 * time.Hour
)

// allAtOnce is how many queries are queued or running in all.
const allAtOnce = 64

// Options say what jobs work with. State and Engine must be there.
type Options struct {
	// Lake is the lake's folder: results lie below lake.QueriesDir in it.
	Lake   string
	State  *statedb.DB
	Engine *query.Engine
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// ResultBytes is what the results of one query may take, KeptBytes those of all; 0
	// means 1 GiB and 10 GiB. Beyond that the oldest go before their time.
	ResultBytes, KeptBytes int64
	// Warn hears of what went wrong where nobody waits for it.
	Warn func(error)
	// Deliver brings the results of a query to where it wants them, and says how that
	// went. It is set if a Question ever has DeliverTo.
	Deliver func(context.Context, statedb.Query, *Rows) string
}

// Errors that callers tell apart.
var (
	// ErrNone means that there is no such query for whoever asks.
	ErrNone = errors.New("there is no such query")
	// ErrMany means that too many queries are queued or running.
	ErrMany = errors.New("too many queries are queued or running")
	// ErrEnded means that a query has ended, and cannot be cancelled.
	ErrEnded = errors.New("the query has ended")
	// ErrNoResults means that a query has no results that could be read.
	ErrNoResults = errors.New("the query has no results")
)

// errCancelled and errClosed are why the context of a query ends.
var (
	errCancelled = errors.New("somebody cancelled the query")
	errClosed    = errors.New("the server ended before the query did; ask again")
)

// Jobs are the queries that run by themselves, and those that did. It is safe for
// concurrent use.
type Jobs struct {
	o    Options
	fsys *vfs.OS

	mu    sync.Mutex
	known map[string]*job // what is under way, and what could not be recorded
	kept  int64           // bytes
	ended bool
	works sync.WaitGroup

	days sync.Mutex
	day  string // whose folder is there
}

// job is a query that is under way.
type job struct {
	facts   statedb.Query // Jobs.mu guards it
	cancel  context.CancelCauseFunc
	release func()
	plan    *query.Plan
	done    chan struct{} // closed when it has ended
}

// Open returns the jobs of a lake, which its caller holds the lock of. Close them.
func Open(o Options) (*Jobs, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ResultBytes == 0 {
		o.ResultBytes = 1 << 30
	}
	if o.KeptBytes == 0 {
		o.KeptBytes = 10 << 30
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	dir := filepath.Join(o.Lake, filepath.FromSlash(lake.QueriesDir))
	err := os.MkdirAll(dir, 0o700)
	var fsys *vfs.OS
	if err == nil {
		fsys, err = vfs.OpenSecret(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the results of queries: %w", err)
	}
	j := &Jobs{o: o, fsys: fsys, known: map[string]*job{}}
	n, bytes, err := o.State.QueryBytes()
	if err != nil {
		return nil, errors.Join(err, fsys.Close())
	}
	j.kept = bytes + n*leastBytes
	return j, nil
}

// Close interrupts what runs, and returns when it has ended.
func (j *Jobs) Close() error {
	j.mu.Lock()
	j.ended = true
	for _, one := range j.known {
		one.cancel(errClosed)
	}
	j.mu.Unlock()
	j.works.Wait()
	return j.fsys.Close()
}

// enter takes a place for a query of somebody.
func (j *Jobs) enter(one *job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	all, theirs := 0, 0
	for _, other := range j.known {
		if other.facts.Status.UnderWay() {
			all++
			if other.facts.By == one.facts.By {
				theirs++
			}
		}
	}
	switch {
	case j.ended:
		return errClosed
	case theirs >= EachAtOnce:
		return hint.Add(fmt.Errorf("%w: %d of the same caller, which is the most", ErrMany, theirs), "wait for one to end, or cancel one")
	case all >= allAtOnce:
		return hint.Add(fmt.Errorf("%w: %d in all, which is the most", ErrMany, all), "ask again in a second")
	}
	j.known[one.facts.ID] = one
	j.works.Add(1)
	return nil
}

// leave gives the place back.
func (j *Jobs) leave(one *job) {
	j.mu.Lock()
	delete(j.known, one.facts.ID)
	j.mu.Unlock()
	j.works.Done()
}

// change changes what is known of a query that is under way.
func (j *Jobs) change(one *job, how func(*statedb.Query)) statedb.Query {
	j.mu.Lock()
	defer j.mu.Unlock()
	how(&one.facts)
	return one.facts
}
