package duck

import (
	"context"
	"errors"
	"strings"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// conn is a connection to an instance, for one statement at a time.
type conn struct {
	c    bindings.Connection
	kept map[string]bindings.PreparedStatement // those that are used again
}

func (i *Instance) connect() (*conn, error) {
	c := &conn{}
	if bindings.Connect(i.db, &c.c) != bindings.StateSuccess {
		return nil, errors.New("connect to the query engine: it refuses")
	}
	return c, nil
}

func (c *conn) close() {
	for _, p := range c.kept {
		bindings.DestroyPrepare(&p)
	}
	bindings.Disconnect(&c.c)
}

// keep prepares a statement once and for all.
func (c *conn) keep(sql string) (bindings.PreparedStatement, error) {
	if p, ok := c.kept[sql]; ok {
		return p, nil
	}
	p, err := c.prepare(sql)
	if err == nil {
		if c.kept == nil {
			c.kept = map[string]bindings.PreparedStatement{}
		}
		c.kept[sql] = p
	}
	return p, err
}

// again is how long an interrupt is given to be noticed: one that comes before
// the engine has begun is lost.
const again = 5 * time.Millisecond

// guard interrupts what the connection does when ctx ends, until the returned
// function is called.
func (c *conn) guard(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	over, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		ticker := time.NewTicker(again)
		defer ticker.Stop()
		for {
			bindings.Interrupt(c.c)
			select {
			case <-over:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() { close(over); <-left }
}

// prepare makes a statement ready; destroy it.
func (c *conn) prepare(sql string) (bindings.PreparedStatement, error) {
	var p bindings.PreparedStatement
	if strings.ContainsRune(sql, 0) {
		return p, &Error{Kind: Statement, Msg: "a statement has no character of code 0"}
	}
	if bindings.Prepare(c.c, sql, &p) != bindings.StateSuccess {
		defer bindings.DestroyPrepare(&p)
		return p, failure(bindings.PrepareError(p))
	}
	return p, nil
}

// run executes one statement and calls each with its rows as they come. Of a
// statement that changes rows it returns how many.
func (c *conn) run(ctx context.Context, sql string, each func(bindings.DataChunk) error) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer c.guard(ctx)()
	p, err := c.prepare(sql)
	if err != nil {
		return 0, ended(ctx, err)
	}
	defer bindings.DestroyPrepare(&p)
	return c.execute(ctx, p, each)
}

// execute is run for a statement that is ready, and guarded.
func (c *conn) execute(ctx context.Context, p bindings.PreparedStatement, each func(bindings.DataChunk) error) (int64, error) {
	var pending bindings.PendingResult
	defer bindings.DestroyPending(&pending)
	if bindings.PendingPreparedStreaming(p, &pending) != bindings.StateSuccess {
		return 0, ended(ctx, failure(bindings.PendingError(pending)))
	}
	var res bindings.Result
	defer bindings.DestroyResult(&res)
	if bindings.ExecutePending(pending, &res) != bindings.StateSuccess {
		return 0, ended(ctx, failure(bindings.ResultError(&res)))
	}
	var changed int64
	if bindings.ResultReturnType(res) != bindings.ResultTypeQueryResult {
		each = func(chunk bindings.DataChunk) error {
			if bindings.ResultReturnType(res) == bindings.ResultTypeChangedRows {
				changed = *(*int64)(bindings.VectorGetData(bindings.DataChunkGetVector(chunk, 0)))
			}
			return nil
		}
	}
	return changed, ended(ctx, fetch(res, each))
}

// fetch calls each with the chunks of a result.
func fetch(res bindings.Result, each func(bindings.DataChunk) error) error {
	for {
		chunk := bindings.FetchChunk(res)
		if chunk.Ptr == nil {
			if msg := bindings.ResultError(&res); msg != "" {
				return failure(msg)
			}
			return nil
		}
		var err error
		if each != nil && bindings.DataChunkGetSize(chunk) > 0 {
			err = each(chunk)
		}
		bindings.DestroyDataChunk(&chunk)
		if err != nil {
			return err
		}
	}
}

// exec runs statements that return nothing, one by one.
func (c *conn) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := c.run(ctx, s, nil); err != nil {
			return err
		}
	}
	return nil
}

// scalar returns the only value of a statement that gives a text. With an
// argument, its text, it is one of a few that are kept.
func (c *conn) scalar(ctx context.Context, sql string, args ...string) (value string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	found := false
	first := func(chunk bindings.DataChunk) error {
		b, err := batchOf(chunk, 0, 1)
		if err == nil && b.Rows() == 1 {
			value, found = b.Value(0, 0)
		}
		return err
	}
	if len(args) == 0 {
		_, err = c.run(ctx, sql, first)
	} else {
		err = c.ask(ctx, sql, args, first)
	}
	if err == nil && !found {
		err = &Error{Kind: Other, Msg: "the query engine gave no text"}
	}
	return value, err
}

// ask executes a kept statement with text arguments.
func (c *conn) ask(ctx context.Context, sql string, args []string, each func(bindings.DataChunk) error) error {
	defer c.guard(ctx)()
	p, err := c.keep(sql)
	if err != nil {
		return ended(ctx, err)
	}
	for i, arg := range args {
		if bindings.BindVarcharLength(p, bindings.IdxT(i+1), arg, bindings.IdxT(len(arg))) != bindings.StateSuccess {
			return failure(bindings.PrepareError(p))
		}
	}
	_, err = c.execute(ctx, p, each)
	return err
}

// setList gives the connection a variable. Thousands of literals would take the parser
// ten times as long as values.
func (c *conn) setList(ctx context.Context, name string, items []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer c.guard(ctx)()
	p, err := c.prepare("SET VARIABLE " + Name(name) + " = ?")
	if err != nil {
		return ended(ctx, err)
	}
	defer bindings.DestroyPrepare(&p)
	values := make([]bindings.Value, len(items))
	for i, s := range items {
		values[i] = bindings.CreateVarchar(s)
		defer bindings.DestroyValue(&values[i])
	}
	text := bindings.CreateLogicalType(bindings.TypeVarchar)
	defer bindings.DestroyLogicalType(&text)
	list := bindings.CreateListValue(text, values)
	defer bindings.DestroyValue(&list)
	if bindings.BindValue(p, 1, list) != bindings.StateSuccess {
		return failure(bindings.PrepareError(p))
	}
	_, err = c.execute(ctx, p, nil)
	return err
}

// ended prefers the context's reason to DuckDB's "interrupted".
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
