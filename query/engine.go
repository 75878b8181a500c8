package query

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

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
	options duck.Options
}

//go:embed macros/*.sql
var macros embed.FS

// Open starts an engine. Close it.
func Open(o Options) (*Engine, error) {
	parser, err := duck.NewParser(context.Background())
	if err != nil {
		return nil, err
	}
	statements, err := readMacros()
	if err != nil {
		return nil, errors.Join(err, parser.Close())
	}
	return &Engine{parser, duck.Options{
		Threads: o.Threads, MemoryLimit: o.MemoryLimit, TempDir: o.TempDir, Macros: statements,
	}}, nil
}

// readMacros returns the text of each file of macros.
func readMacros() ([]string, error) {
	files, err := fs.Glob(macros, "macros/*.sql")
	if err != nil {
		return nil, err
	}
	var all []string
	for _, name := range files {
		text, err := macros.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read macros: %w", err)
		}
		all = append(all, string(text))
	}
	return all, nil
}

// Close ends the engine. Results that are still open stay readable.
func (e *Engine) Close() error { return e.parser.Close() }

// Check says whether a statement could run over the snapshot, and on what.
// What is wrong with it is a *SyntaxError, or the lake's error for a store that
// is not there; types are looked at when it runs.
func (e *Engine) Check(ctx context.Context, snap snapshot, sql string) (*Statement, error) {
	return parse(ctx, e.parser, snap, sql)
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
	session, err := duck.NewSession(ctx, e.options, plan.files)
	if err != nil {
		return nil, err
	}
	text := plan.statement()
	columns, err := session.Describe(text)
	if err != nil {
		return nil, errors.Join(translate(plan.src, plan.files, err), session.Close())
	}
	return newResult(plan, text, session, columns), nil
}
