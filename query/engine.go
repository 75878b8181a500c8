package query

import (
	"context"
	"errors"

	"tarn/query/internal/duck"
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
}

// Engine runs statements over snapshots, each a *lake.Snapshot. It is safe for
// concurrent use; each query has its own instance of DuckDB.
type Engine struct {
	parser  *duck.Parser
	macros  map[string]macro
	options duck.Options
}

// Open starts an engine. Close it.
func Open(o Options) (*Engine, error) {
	macros, err := readMacros()
	if err != nil {
		return nil, err
	}
	parser, err := duck.NewParser(context.Background())
	if err != nil {
		return nil, err
	}
	return &Engine{parser, macros, duck.Options{Threads: o.Threads, MemoryLimit: o.MemoryLimit, TempDir: o.TempDir}}, nil
}

// Close ends the engine. Results that are still open stay readable.
func (e *Engine) Close() error { return e.parser.Close() }

// Version returns the version of DuckDB.
func (e *Engine) Version(ctx context.Context) (string, error) {
	_, v, err := e.parser.Eval(ctx, "SELECT version()")
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
	return makePlan(ctx, e.parser, snap, stmt)
}

// Run starts a statement over the snapshot. The snapshot must not be released
// before the result is closed. Ctx bounds the preparation only: the rows have
// their own, in [Result.Rows].
func (e *Engine) Run(ctx context.Context, snap snapshot, sql string) (*Result, error) {
	plan, err := e.Explain(ctx, snap, sql)
	if err != nil {
		return nil, err
	}
	text := plan.statement()
	options := e.options
	options.Macros = neededBy(text, e.macros)
	session, err := duck.NewSession(ctx, options, plan.files)
	if err != nil {
		return nil, err
	}
	columns, err := session.Describe(text)
	if err != nil {
		err = errors.Join(scanFault(session, plan), err)
		return nil, errors.Join(translate(ctx, plan.src, plan, err), session.Close())
	}
	return newResult(plan, text, session, columns), nil
}

// scanFault returns the error of a store that cannot be read at all, for
// whatever a statement does with it: that is not the statement's fault.
func scanFault(session *duck.Session, plan *Plan) error {
	for _, s := range plan.Scans {
		var from *duck.Error
		if _, err := session.Describe(s.sql); errors.As(err, &from) {
			return &duck.Error{Kind: duck.Other, Msg: from.Msg}
		}
	}
	return nil
}
