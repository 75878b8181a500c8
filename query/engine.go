package query

import (
	"context"
	"errors"
	"runtime"
	"time"

	"tarn/query/internal/duck"
	"tarn/query/internal/worker"
)

// Options are what queries may use of the machine. The zero value is good.
type Options struct {
	// Threads is the number of threads of one query; 0 means all cores.
	Threads int
	// MemoryLimit is the memory of one query, such as "4GB"; empty means 60 %
	// of the machine's. What does not fit is written to TempDir.
	MemoryLimit string
	// TempDir is where each query makes its private folder while it runs;
	// empty means the system's folder for temporary files.
	TempDir string
	// Sandbox, if set, has statements run in processes of their own: for SQL
	// that does not come from whoever owns the lake. The program must call
	// [ServeWorker] first of all.
	Sandbox *Sandbox
}

// Sandbox bounds what runs in processes of its own. The zero value is good.
type Sandbox struct {
	// Workers is how many statements run at once that read much or take longer than
	// a second, which others have the cores before; of those, twice as many run. The
	// rest wait in their order, and all share the memory limit. 0 means half the
	// cores, and two at least.
	Workers int
	// Timeout is how long a statement may take; 0 means an hour, as in
	// CloudTrail Lake.
	Timeout time.Duration
	// TempBytes is what a statement may write to TempDir; 0 means 10 GiB.
	TempBytes int64
}

// ServeWorker makes this process a worker of a sandbox if it was started as
// one, and then does not return.
func ServeWorker() { worker.Serve() }

// Wall is something that a statement in a sandbox cannot get past, or could.
type Wall = worker.Wall

// DescribeWalls says in a line what holds, and what is missing and why.
func DescribeWalls(walls []Wall) string { return worker.Describe(walls) }

// Walls says what holds in a sandbox on this machine, and what is missing.
func Walls() []Wall { return worker.Walls() }

// Engine runs statements over snapshots, each a *lake.Snapshot. It is safe for
// concurrent use.
type Engine struct {
	duck   duck.Engine
	macros map[string]macro
	lent   bool
}

// Open starts an engine. Close it.
func Open(o Options) (*Engine, error) {
	macros, err := readMacros()
	if err != nil {
		return nil, err
	}
	engine, err := o.engine()
	if err != nil {
		return nil, err
	}
	return &Engine{duck: engine, macros: macros}, nil
}

// engine starts what runs the SQL.
func (o Options) engine() (duck.Engine, error) {
	limits := duck.Options{Threads: o.Threads, MemoryLimit: o.MemoryLimit, TempDir: o.TempDir}
	if o.Sandbox == nil {
		return duck.NewLocal(context.Background(), limits)
	}
	s := *o.Sandbox
	if s.Workers <= 0 {
		s.Workers = max(2, runtime.NumCPU()/2)
	}
	if s.Timeout <= 0 {
		s.Timeout = time.Hour
	}
	if s.TempBytes <= 0 {
		s.TempBytes = 10 << 30
	}
	return worker.NewPool(worker.Options{Duck: limits, Workers: s.Workers, Timeout: s.Timeout, Temp: s.TempBytes})
}

// Close ends the engine. Results that are still open stay readable.
func (e *Engine) Close() error {
	if e.lent {
		return nil
	}
	return e.duck.Close()
}

// Lent is the same engine for somebody who is not to end it: closing that does nothing.
func (e *Engine) Lent() *Engine { return &Engine{e.duck, e.macros, true} }

// Version returns the version of DuckDB.
func (e *Engine) Version(ctx context.Context) (string, error) {
	_, v, err := e.duck.Eval(ctx, "SELECT version()")
	return v, err
}

// Check says whether a statement could run over the snapshot, and on what.
// What is wrong with it is a *SyntaxError, or the lake's error for a store that
// is not there; types are looked at when it runs.
func (e *Engine) Check(ctx context.Context, snap snapshot, sql string) (*Statement, error) {
	return e.parse(ctx, snap, sql)
}

// Explain returns what Run would do.
func (e *Engine) Explain(ctx context.Context, snap snapshot, sql string) (*Plan, error) {
	stmt, err := e.Check(ctx, snap, sql)
	if err != nil {
		return nil, err
	}
	return makePlan(ctx, e.duck, snap, stmt)
}

// Run starts a statement over the snapshot. The snapshot must not be released
// before the result is closed. Ctx bounds the preparation only: the rows have
// their own, in [Result.Rows].
func (e *Engine) Run(ctx context.Context, snap snapshot, sql string) (*Result, error) {
	plan, err := e.Explain(ctx, snap, sql)
	if err != nil {
		return nil, err
	}
	return e.Start(ctx, plan)
}

// Start is Run for a statement that was planned, which need not be soon after that:
// until then, too, the snapshot must not be released.
func (e *Engine) Start(ctx context.Context, plan *Plan) (*Result, error) {
	e.narrow(ctx, plan)
	return e.begin(ctx, plan)
}

// begin is Start for a plan that is what it will be. Files of a lake in a bucket may be
// let go of on disk at any time: those that went while it began are fetched once more.
func (e *Engine) begin(ctx context.Context, plan *Plan) (*Result, error) {
	res, err := e.open(ctx, plan)
	if err != nil && ctx.Err() == nil && plan.away() {
		return e.open(ctx, plan)
	}
	return res, err
}

// open fetches what is not there, and has the engine look at the statement.
func (e *Engine) open(ctx context.Context, plan *Plan) (*Result, error) {
	if err := plan.fetch(ctx); err != nil {
		return nil, err
	}
	plan.list() // where they are by now
	text := plan.statement()
	session, err := e.duck.Open(ctx, duck.Job{Folders: plan.folders, Files: plan.files, Macros: neededBy(text, e.macros), Bytes: plan.Bytes()})
	if err != nil {
		return nil, translate(ctx, plan.src, plan, err)
	}
	columns, err := session.Describe(ctx, text)
	if err != nil {
		err = errors.Join(scanFault(ctx, session, plan), err)
		return nil, errors.Join(translate(ctx, plan.src, plan, err), session.Close())
	}
	return newResult(plan, text, session, columns), nil
}

// scanFault returns the error of a store that cannot be read at all, for
// whatever a statement does with it: that is not the statement's fault.
func scanFault(ctx context.Context, session duck.Session, plan *Plan) error {
	for _, s := range plan.Scans {
		var from *duck.Error
		if _, err := session.Describe(ctx, s.sql()); errors.As(err, &from) {
			return &duck.Error{Kind: duck.Other, Msg: from.Msg}
		}
	}
	return nil
}
