package duck

import (
	"context"
	"io"
	"iter"
)

// Engine is where SQL runs: in this process ([Local]), or in processes of
// their own (package worker). It is safe for concurrent use. Only strings go in
// and come out, so that there may be a pipe between.
type Engine interface {
	// Parse returns the tree of the statements in sql as JSON. What DuckDB's
	// grammar refuses is told in the JSON too, as "error".
	Parse(ctx context.Context, sql string) (string, error)
	// Print returns the SQL of a tree that Parse gave, changed or not.
	Print(ctx context.Context, tree string) (string, error)
	// Eval returns the type and the text of what a SELECT of one value gives;
	// NULL has no text. It runs the SELECT: give it none that reads or takes
	// long. Macros are the statements that define those of the SELECT.
	Eval(ctx context.Context, sql string, macros ...string) (kind, value string, err error)
	// Open begins a query. Ctx bounds its beginning only.
	Open(ctx context.Context, job Job) (Session, error)
	// Close ends the engine, when its sessions have ended.
	Close() error
}

// Job is what a query needs beside its SQL.
type Job struct {
	// Folders are the grants: nothing outside of them can be read.
	Folders []string
	// Files are those that the SQL reads.
	Files Files
	// Macros are the statements that define the dialect's functions in the SQL.
	Macros []string
	// Bytes is how much is in the files.
	Bytes int64
}

// Files names lists of files: the SQL of a session reads them as
// read_parquet(getvariable('name')), so that it stays short however many there
// are.
type Files map[string][]string

// Format is one that the engine writes, with the columns' own types.
type Format string

// The formats.
const (
	Parquet Format = "parquet" // a file
	Arrow   Format = "arrow"   // an IPC stream
)

// Session runs the SQL of one query. It is not safe for concurrent use.
type Session interface {
	// Describe returns the columns of a SELECT without running it. It refuses
	// what is not one SELECT: ask it first.
	Describe(ctx context.Context, sql string) ([]Column, error)
	// Rows runs a SELECT whose columns are all text, or plain (Column.Plain), and
	// yields its rows while it runs. An error ends the sequence.
	Rows(ctx context.Context, sql string) iter.Seq2[Batch, error]
	// Copy writes the rows of a SELECT to w in a format and returns their number.
	Copy(ctx context.Context, w io.Writer, format Format, sql string) (int64, error)
	// Close ends the query.
	Close() error
}
