package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tarn/internal/hint"
	"tarn/lake"
)

// ErrNotKept means that the record of an act cannot be written, so that nothing is
// answered until it can.
var ErrNotKept = errors.New("the audit cannot be written")

const (
	// writeEvery is how soon the record of an act that only reads is on disk.
	writeEvery = time.Second
	// mostWaiting is how many of those wait, and mostBytes what they may have in
	// memory; who comes when it is more writes them first.
	mostWaiting = 2000
	mostBytes   = 16 << 20
)

// Recorder writes what was asked. It is safe for concurrent use.
type Recorder struct {
	lake *lake.Lake
	log  zerolog.Logger

	writing sync.Mutex // one batch at a time, so that who waits for the next has the last
	mu      sync.Mutex
	waiting []lake.Event // not on disk yet, or not known to be
	bytes   int
	failed  error // why the last batch is not on disk
	sums    sums
}

// New returns the recorder of a lake that is open for writing. Run writes what waits;
// Close it before the lake.
func New(l *lake.Lake, log zerolog.Logger) *Recorder { return &Recorder{lake: l, log: log} }

// Ready is nil if acts can be recorded, and else an ErrNotKept with the reason: then
// nothing is to be done for anybody.
func (r *Recorder) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		return nil
	}
	return hint.Add(fmt.Errorf("%w, and nothing is answered that is not recorded: %w", ErrNotKept, r.failed), hint.Of(r.failed)...)
}

// Waiting is how many records are not on disk, and whether the last ones could not be
// written.
func (r *Recorder) Waiting() (n int, failing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting), r.failed != nil
}

// Record records an act that is done. What changes something is on disk when it
// returns; the error is an ErrNotKept if it is not, though the act is done: its record
// is written as soon as that is possible.
func (r *Recorder) Record(a Act) error {
	at := now()
	rec, alone := r.add(a, at)
	if !alone {
		return nil
	}
	e, err := event(rec, at)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.waiting = append(r.waiting, e)
	r.bytes += len(e.Raw)
	full := len(r.waiting) >= mostWaiting || r.bytes >= mostBytes
	r.mu.Unlock()
	if a.Changes || full {
		return r.write()
	}
	return nil
}

// write puts what waits on disk.
func (r *Recorder) write() error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	batch := r.waiting
	r.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	// Whoever asked may have gone: that is no reason to lose what they did.
	err := r.lake.Audit(context.Background(), batch)
	r.mu.Lock()
	defer r.mu.Unlock()
	if (err != nil) != (r.failed != nil) {
		r.log.Error().Err(err).Bool("written", err == nil).Msg("the audit")
	}
	r.failed = err
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err) // they wait on: with the same id they are stored once
	}
	r.waiting = r.waiting[len(batch):]
	r.bytes = 0
	for _, e := range r.waiting {
		r.bytes += len(e.Raw)
	}
	return nil
}

// Run writes what waits, again and again until ctx is done.
func (r *Recorder) Run(ctx context.Context) error {
	clock := time.NewTicker(writeEvery)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case at := <-clock.C:
			r.close(at.Add(-sumEvery))
			_ = r.write() // it is logged, and tried again
		}
	}
}

// Close writes what is left.
func (r *Recorder) Close() error {
	r.close(time.Now().Add(time.Hour))
	return r.write()
}
