package duck

import (
	"context"
	"strings"
	"sync"
)

// Parser turns SQL into DuckDB's tree and back. It reads no files and keeps
// nothing but macros; it is safe for concurrent use.
type Parser struct {
	mu       sync.Mutex
	instance *instance
	macros   map[string]bool // those that Eval has defined
}

// parserOptions: a parser needs next to nothing.
var parserOptions = Options{Threads: 1, MemoryLimit: "512MB"}

// NewParser starts a parser. Close it.
func NewParser(ctx context.Context) (*Parser, error) {
	i, err := open(ctx, parserOptions, "")
	if err != nil {
		return nil, err
	}
	if err := i.exec(ctx, lock(nil)...); err != nil {
		_ = i.close()
		return nil, err
	}
	return &Parser{instance: i, macros: map[string]bool{}}, nil
}

// Parse returns the tree of the statements in sql as JSON. What DuckDB's
// grammar refuses is told in the JSON too, as "error".
func (p *Parser) Parse(ctx context.Context, sql string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.instance.scalar(ctx, "SELECT CAST(json_serialize_sql(?::VARCHAR, skip_null := true) AS VARCHAR)", sql)
}

// Print returns the SQL of a tree that Parse gave, changed or not.
func (p *Parser) Print(ctx context.Context, tree string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.instance.scalar(ctx, "SELECT json_deserialize_sql(?::JSON)", tree)
}

// Eval returns the type and the text of what a SELECT of one value gives; NULL
// has no text. It runs the SELECT: give it none that reads or takes long.
// Macros are the statements that define those of the SELECT.
func (p *Parser) Eval(ctx context.Context, sql string, macros ...string) (kind, value string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range macros {
		if p.macros[m] {
			continue
		}
		if err := p.instance.exec(ctx, m); err != nil {
			return "", "", err
		}
		p.macros[m] = true
	}
	// The argument only keeps the two apart.
	both, err := p.instance.scalar(ctx, "SELECT system.main.typeof(v) || ?::VARCHAR || coalesce(CAST(v AS VARCHAR), '') FROM ("+sql+") AS t(v)", "\n")
	kind, value, _ = strings.Cut(both, "\n")
	return kind, value, err
}

// Close ends the parser.
func (p *Parser) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.instance.close()
}
