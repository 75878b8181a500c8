package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// session is a connection made for one query. It is a Session.
type session struct {
	instance *Instance
	conn     *conn
	output   string // the file that Copy writes to

	described string // the statement that is ready to run; empty if there is none
	ready     bindings.PreparedStatement
}

// Open begins a query on a fresh connection. Close it before the instance.
func (i *Instance) Open(ctx context.Context, files Files, macros []string) (Session, error) {
	if err := i.define(ctx, macros); err != nil {
		return nil, err
	}
	c, err := i.connect()
	if err != nil {
		return nil, err
	}
	output := filepath.Join(i.dir, "result-"+strconv.FormatInt(i.outputs.Add(1), 10))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := c.setList(ctx, name, files[name]); err != nil {
			c.close()
			return nil, fmt.Errorf("prepare the query engine: %w", err)
		}
	}
	return &session{instance: i, conn: c, output: output}, nil
}

// Close is Session's.
func (s *session) Close() error {
	s.forget()
	s.conn.close()
	if err := os.Remove(s.output); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Describe is Session's.
func (s *session) Describe(ctx context.Context, sql string) ([]Column, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.conn.guard(ctx)()
	s.forget()
	p, err := s.conn.prepare(sql)
	if err != nil {
		return nil, ended(ctx, err)
	}
	s.described, s.ready = sql, p
	if bindings.PreparedStatementType(p) != bindings.StatementTypeSelect {
		return nil, &Error{Kind: Statement, Msg: "not a SELECT statement"}
	}
	columns := make([]Column, bindings.PreparedStatementColumnCount(p))
	for i := range columns {
		columns[i] = describe(p, bindings.IdxT(i))
	}
	return columns, nil
}

// forget lets go of the statement that was described.
func (s *session) forget() {
	if s.described != "" {
		bindings.DestroyPrepare(&s.ready)
		s.described = ""
	}
}

// run is the connection's, which need not prepare what was described.
func (s *session) run(ctx context.Context, sql string, each func(bindings.DataChunk) error) error {
	if sql != s.described || ctx.Err() != nil {
		_, err := s.conn.run(ctx, sql, each)
		return err
	}
	defer s.conn.guard(ctx)()
	_, err := s.conn.execute(ctx, s.ready, each)
	return err
}

// errStop ends a statement whose rows nobody wants any more.
var errStop = errors.New("no more rows are wanted")

// Rows is Session's.
func (s *session) Rows(ctx context.Context, sql string) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		stop, err := s.conn.report(ctx)
		if err != nil {
			yield(Batch{}, err)
			return
		}
		defer stop()
		stopped := false // the error may be that of a context that ended meanwhile
		err = s.run(ctx, sql, func(chunk bindings.DataChunk) error {
			for from, n := 0, int(bindings.DataChunkGetSize(chunk)); from < n; {
				b, err := batchOf(chunk, from, n)
				if err != nil {
					return err
				}
				if stopped = !yield(b, nil); stopped {
					return errStop
				}
				from += b.Rows()
			}
			return ctx.Err()
		})
		if err != nil && !stopped {
			yield(Batch{}, err)
		}
	}
}

// groupRows is how many rows a row group of Parquet has. DuckDB's own 122,880
// keep whole events of half a gigabyte in memory for each thread.
const groupRows = 20_480

// Copy is Session's. Arrow is the Parquet file read again: so one place decides
// about types.
func (s *session) Copy(ctx context.Context, w io.Writer, format Format, sql string) (int64, error) {
	compression := "zstd"
	if format == Arrow {
		compression = "uncompressed"
	}
	// The file is written in place: nobody sees it before it is whole.
	stop, err := s.conn.report(ctx)
	if err != nil {
		return 0, err
	}
	defer stop()
	n, err := s.conn.run(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION %s, ROW_GROUP_SIZE %d, USE_TMP_FILE false)",
		sql, Quote(s.output), compression, groupRows), nil)
	if err != nil {
		return 0, err
	}
	f, err := os.Open(s.output)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if format == Arrow {
		return n, toArrow(ctx, w, f)
	}
	_, err = io.Copy(w, f)
	return n, err
}
