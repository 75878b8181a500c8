package duck

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/duckdb/duckdb-go/v2"
)

// Files names lists of files: the SQL of a session reads them as
// read_parquet(getvariable('name')), so that it stays short however many there
// are.
type Files map[string][]string

// Session is an instance made for one query. It is not safe for concurrent use.
type Session struct {
	instance *instance
	dir      string // private: spilled data and the output of Copy
}

// NewSession starts an instance that may read files and nothing else. Close it.
func NewSession(ctx context.Context, o Options, files Files) (_ *Session, err error) {
	dir, err := os.MkdirTemp(o.TempDir, "tarn-query-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the query: %w", err)
	}
	s := &Session{dir: dir}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.instance, err = open(ctx, o, filepath.Join(dir, "spill")); err != nil {
		return nil, err
	}
	statements := slices.Clone(o.Macros)
	// Footers are read when a statement is bound and again when it runs.
	statements = append(statements, "SET parquet_metadata_cache = true")
	allowed := []string{s.output()}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		statements = append(statements, "SET VARIABLE "+Name(name)+" = "+list(files[name]))
		allowed = append(allowed, files[name]...)
	}
	return s, s.instance.exec(ctx, append(statements, lock(allowed)...)...)
}

// output is the file that Copy writes to.
func (s *Session) output() string { return filepath.Join(s.dir, "result") }

// Close ends the session and removes what it wrote.
func (s *Session) Close() error {
	var err error
	if s.instance != nil {
		err = s.instance.close()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Describe returns the columns of a SELECT without running it. It refuses what
// is not one SELECT.
func (s *Session) Describe(sql string) ([]Column, error) {
	prepared, err := s.instance.conn.Prepare(sql)
	if err != nil {
		return nil, Translate(err)
	}
	stmt := prepared.(*duckdb.Stmt)
	defer stmt.Close()
	if t, err := stmt.StatementType(); err != nil || t != duckdb.STATEMENT_TYPE_SELECT {
		return nil, errors.Join(errors.New("not a SELECT statement"), err)
	}
	n, err := stmt.ColumnCount()
	if err != nil {
		return nil, err
	}
	columns := make([]Column, n)
	for i := range columns {
		if columns[i], err = describe(stmt, i); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// pageRows is how many rows are taken from the engine at once.
const pageRows = 10_000

// Rows runs a SELECT whose columns are all text and yields its rows. The slice
// is used again for the next row; NULL is nil. An error ends the sequence.
//
// The driver holds a whole result in memory that the memory limit does not
// count. So the rows go into a temporary table, which may spill, and are taken
// from there by pages. That costs a small result half a millisecond.
func (s *Session) Rows(ctx context.Context, sql string) iter.Seq2[[]driver.Value, error] {
	return func(yield func([]driver.Value, error) bool) {
		if _, err := s.instance.conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE result AS "+sql, nil); err != nil {
			yield(nil, ended(ctx, err))
			return
		}
		for first := 0; ; first += pageRows {
			n, more := s.page(ctx, first, yield)
			if !more || n < pageRows {
				return
			}
		}
	}
}

// page yields the rows from first on, and returns how many there were and
// whether more are wanted.
func (s *Session) page(ctx context.Context, first int, yield func([]driver.Value, error) bool) (n int, more bool) {
	rows, err := s.instance.conn.QueryContext(ctx,
		fmt.Sprintf("SELECT * FROM temp.result WHERE rowid >= %d AND rowid < %d", first, first+pageRows), nil)
	if err != nil {
		yield(nil, ended(ctx, err))
		return 0, false
	}
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	for ; ; n++ {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return n, true
		} else if err = errors.Join(err, ctx.Err()); err != nil {
			yield(nil, ended(ctx, err))
			return n, false
		}
		if !yield(row, nil) {
			return n, false
		}
	}
}

// groupRows is how many rows a row group of Parquet has. DuckDB's own 122,880
// keep whole events of half a gigabyte in memory for each thread.
const groupRows = 20_480

// Copy writes the rows of a SELECT to w as one Parquet file and returns their
// number.
func (s *Session) Copy(ctx context.Context, w io.Writer, sql string) (int64, error) {
	// The file is written in place: a name made up by DuckDB is not allowed.
	res, err := s.instance.conn.ExecContext(ctx,
		fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, USE_TMP_FILE false)", sql, Quote(s.output()), groupRows), nil)
	if err != nil {
		return 0, ended(ctx, err)
	}
	f, err := os.Open(s.output())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if _, err := io.Copy(w, f); err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ended prefers the context's reason to DuckDB's "interrupted".
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return Translate(err)
}
