package worker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"tarn/query/internal/duck"
)

// Options are what all workers together may use of the machine.
type Options struct {
	// Duck are the options of one process for all: the workers share its memory.
	Duck duck.Options
	// Workers is how many queries run at once that take long; of those that are quick,
	// twice as many do. The others wait in their order.
	Workers int
	// LongAfter is after what time a query goes on in the lane for what takes long; 0
	// means a second.
	LongAfter time.Duration
	// Timeout is how long a query may take, from when it has a worker.
	Timeout time.Duration
	// Temp is how many bytes a worker may have on disk.
	Temp int64
}

const (
	// parseTime is how long a text may be parsed: it has 10,000 characters.
	parseTime = 10 * time.Second
	// parserMemory is what that may take.
	parserMemory = 256 << 20
	// spareMemory is what a worker may take beyond what DuckDB counts: Go's
	// heap, and strings in the middle of being made. threadMemory is what comes
	// to it for each thread: its stack, and what malloc sets aside.
	spareMemory  = 1 << 30
	threadMemory = 96 << 20
	// keptFooters is how many files a worker may have read. It keeps their
	// footers, 60 kB each.
	keptFooters = 4096
)

// Pool runs SQL in workers. It is a duck.Engine.
type Pool struct {
	options Options
	program string // that a worker runs: this one
	// Parsers have no grants; the others run queries.
	parsers, quick, long *lane

	mu     sync.Mutex // guards this, and what is in the lanes
	closed bool
}

// NewPool returns a pool without workers: they are started when they are needed.
func NewPool(o Options) (*Pool, error) {
	total, err := o.Duck.Memory()
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program of the workers: %w", err)
	}
	if o.LongAfter <= 0 {
		o.LongAfter = time.Second
	}
	sweep(o.Duck.TempDir)
	p := &Pool{options: o, program: program}
	memory := total / int64(3*o.Workers)
	runs := func(folders []string) setup { return p.setup(folders, memory) }
	p.quick, p.long = newLane(2*o.Workers, 0, runs), newLane(o.Workers, longNice, runs)
	p.parsers = newLane(o.Workers, 0, func(folders []string) setup {
		s := p.setup(folders, parserMemory)
		s.Duck.Threads = 1
		return s
	})
	return p, nil
}

// setup is what a worker with these grants and that much memory is.
func (p *Pool) setup(folders []string, memory int64) setup {
	o := p.options.Duck
	o.MemoryLimit = strconv.FormatInt(memory>>10, 10) + "KiB"
	o.TempLimit = strconv.FormatInt(p.options.Temp>>10, 10) + "KiB"
	spare := spareMemory + p.threads()*threadMemory
	return setup{folders, o, limits{Memory: uint64(memory) + uint64(spare), File: uint64(p.options.Temp), CPU: uint64(lifetime / time.Second)}}
}

// threads is how many threads of DuckDB a worker has.
func (p *Pool) threads() int {
	if p.options.Duck.Threads > 0 {
		return p.options.Duck.Threads
	}
	return runtime.NumCPU()
}

// Parse is duck.Engine's.
func (p *Pool) Parse(ctx context.Context, sql string) (string, error) {
	texts, err := p.parse(ctx, request{Do: "parse", Text: sql})
	return texts[0], err
}

// Print is duck.Engine's.
func (p *Pool) Print(ctx context.Context, tree string) (string, error) {
	texts, err := p.parse(ctx, request{Do: "print", Text: tree})
	return texts[0], err
}

// Eval is duck.Engine's.
func (p *Pool) Eval(ctx context.Context, sql string, macros ...string) (kind, value string, err error) {
	texts, err := p.parse(ctx, request{Do: "eval", Text: sql, Macros: macros})
	return texts[0], texts[1], err
}

// errLate is the reason of contexts that end because a query took too long.
var errLate = &duck.Error{Kind: duck.Late, Msg: "the time of the query is over"}

// parse has a worker without grants do something.
func (p *Pool) parse(ctx context.Context, r request) (texts [2]string, err error) {
	parser, err := p.take(ctx, p.parsers, nil)
	if err != nil {
		return texts, err
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		err = errors.Join(err, p.give(parser))
	}()
	if err := parser.grantTime(parseTime); err != nil {
		return texts, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, parseTime, errLate)
	defer cancel()
	answer, err := parser.call(ctx, r, nil)
	copy(texts[:], answer.Texts)
	return texts, err
}

// Open is duck.Engine's. It waits for its turn.
func (p *Pool) Open(ctx context.Context, job duck.Job) (duck.Session, error) {
	lane := p.laneOf(job)
	worker, err := p.take(ctx, lane, job.Folders)
	if err != nil {
		return nil, err
	}
	for _, files := range job.Files {
		for _, f := range files {
			worker.files[f] = true
		}
	}
	s := &session{pool: p, worker: worker, job: &job, deadline: time.Now().Add(p.options.Timeout)}
	if err := worker.grantTime((p.options.Timeout + grace) * time.Duration(p.threads())); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if lane == p.quick {
		p.mu.Lock()
		defer p.mu.Unlock()
		s.late = time.AfterFunc(p.options.LongAfter, s.move)
	}
	return s, nil
}

// Load returns how many workers are busy, and how many wait warm.
func (p *Pool) Load() (busy, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.quick.busy + p.long.busy, len(p.quick.warm) + len(p.long.warm)
}

var errClosed = errors.New("the query engine is closed")

// Close is duck.Engine's. Workers of open sessions end with these.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var err error
	for _, l := range []*lane{p.parsers, p.quick, p.long} {
		for _, w := range l.warm {
			err = errors.Join(err, w.end())
		}
		l.warm = nil
	}
	return err
}

// worn reports whether a worker is not to be used again.
func (p *process) worn() bool {
	select {
	case <-p.exited:
		return true
	default:
		return p.broken.Load() || len(p.files) > keptFooters || p.spent > lifetime/2
	}
}

// grantTime lets the worker use that much more processor time.
func (p *process) grantTime(more time.Duration) error {
	spent, err := grantTime(p.cmd.Process.Pid, min(more, math.MaxInt64/4))
	if err != nil {
		p.broken.Store(true)
		return &duck.Error{Kind: duck.Crash, Msg: fmt.Sprintf("the worker is no more: %v", err)}
	}
	p.spent = spent
	return nil
}
