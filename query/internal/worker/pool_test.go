package worker_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tarn/query/internal/duck"
	"tarn/query/internal/worker"
)

func newPool(t *testing.T, o worker.Options) *worker.Pool {
	t.Helper()
	o.Duck.TempDir, o.Duck.MemoryLimit, o.Temp = t.TempDir(), "1GB", 64<<20
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	p, err := worker.NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(o.Duck.TempDir); len(left) > 0 {
			t.Errorf("%d folders of workers are left", len(left))
		}
	})
	return p
}

// ask returns the first column of a SELECT, one value a line.
func ask(ctx context.Context, p *worker.Pool, sql string, folders ...string) (string, error) {
	s, err := p.Open(ctx, duck.Job{Folders: folders})
	if err != nil {
		return "", err
	}
	defer s.Close()
	var lines []string
	for batch, err := range s.Rows(ctx, sql) {
		if err != nil {
			return strings.Join(lines, "\n"), err
		}
		for row := range batch.Rows() {
			text, _ := batch.Value(0, row)
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n"), nil
}

func kindOf(err error) duck.ErrorKind {
	var from *duck.Error
	if errors.As(err, &from) {
		return from.Kind
	}
	return -1
}

// well fails the test if the pool does not answer.
func well(t *testing.T, p *worker.Pool) {
	t.Helper()
	if got, err := ask(t.Context(), p, "SELECT 'well'"); got != "well" || err != nil {
		t.Errorf("the next query gives %q, %v", got, err)
	}
}

func TestWorkerAnswersAsTheEngineInThisProcess(t *testing.T) {
	local, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	answers := func(e duck.Engine) (all []string) {
		note := func(text string, err error) { all = append(all, text); all = append(all, errorText(err)) }
		tree, err := e.Parse(t.Context(), "SELECT a FROM t")
		note(tree, err)
		note(e.Print(t.Context(), tree))
		note(e.Parse(t.Context(), "SELECT FROM WHERE"))
		note(e.Print(t.Context(), "{"))
		kind, value, err := e.Eval(t.Context(), "SELECT twice(DATE '2026-01-01')", "CREATE MACRO twice(x) AS x + 1")
		note(kind+value, err)
		s, err := e.Open(t.Context(), duck.Job{Files: duck.Files{"x": {"/no/such"}}, Macros: []string{"CREATE MACRO f(x) AS x || 'ü'"}})
		note("", err)
		defer s.Close()
		columns, err := s.Describe(t.Context(), "SELECT 1 AS a, {'b': 1} AS c")
		note(columns[0].Name+columns[1].Type, err)
		_, err = s.Describe(t.Context(), "DROP TABLE x")
		note("", err)
		for batch, err := range s.Rows(t.Context(), "SELECT i || '', f(CASE WHEN i % 7 > 0 THEN repeat('x', i % 50) END) FROM range(5000) t(i)") {
			for row := range batch.Rows() {
				a, _ := batch.Value(0, row)
				b, ok := batch.Value(1, row)
				note(a+b+map[bool]string{false: "NULL"}[ok], err)
			}
		}
		for _, err := range s.Rows(t.Context(), "SELECT 'x'::INT || ''") {
			note("", err)
		}
		var b bytes.Buffer
		n, err := s.Copy(t.Context(), &b, duck.Parquet, "SELECT * FROM range(1000)")
		note(b.String()[:4]+string(rune('0'+n%7)), err)
		return all
	}
	want, got := answers(local), answers(newPool(t, worker.Options{}))
	if !slices.Equal(want, got) {
		t.Errorf("the worker gives other answers:\n%.2000q\n%.2000q", got, want)
	}
	if len(want) < 10_000 {
		t.Errorf("%d answers", len(want))
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Workers stay warm for the same grants, and only so many are there.
func TestWorkersStayWarm(t *testing.T) {
	a, b, c := t.TempDir(), t.TempDir(), t.TempDir()
	p := newPool(t, worker.Options{Workers: 1}) // two that are quick
	use := func(folders ...string) int {
		if _, err := ask(t.Context(), p, "SELECT 'x'", folders...); err != nil {
			t.Fatal(err)
		}
		pids := p.Workers()
		return pids[len(pids)-1]
	}
	first, both := use(a), use(b, c)
	if first == both {
		t.Error("one worker has two sets of grants")
	}
	if got := use(a); got != first {
		t.Error("the grants are the same, the worker is not")
	}
	if got := use(c, b, b); got != both {
		t.Error("the order of the grants matters")
	}
	if use(c); len(p.Workers()) != 2 || slices.Contains(p.Workers(), first) {
		t.Errorf("workers %v; want 2, without %d, which was idle longest", p.Workers(), first)
	}
}

// Nothing of a query is left for the next one in the same worker.
func TestQueriesInAWorkerDoNotMeet(t *testing.T) {
	p := newPool(t, worker.Options{Workers: 1})
	for range 2 {
		got, err := ask(t.Context(), p, "SELECT coalesce(getvariable('secret')::VARCHAR, 'none') || (SELECT count(*) FROM duckdb_tables())")
		if got != "none0" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s, err := p.Open(t.Context(), duck.Job{})
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"SET VARIABLE secret = 'x'", "CREATE TEMP TABLE secret AS SELECT 1"} {
			for _, err := range s.Rows(t.Context(), sql) {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(p.Workers()) != 1 {
		t.Error("there is not one worker")
	}
}

// Queries wait for their turn, and no longer than their context.
func TestQueriesWait(t *testing.T) {
	p := newPool(t, worker.Options{Workers: 1})
	first, err := p.Open(t.Context(), duck.Job{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Open(ctx, duck.Job{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a query whose context is over waits: %v", err)
	}
	var done sync.WaitGroup
	for range 5 {
		done.Go(func() {
			if got, err := ask(t.Context(), p, "SELECT 'mine'"); got != "mine" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	done.Wait()
}

// Whatever ends a statement before its time, the worker goes with it, and the
// next query has another.
func TestWhatEndsAStatement(t *testing.T) {
	const forever = "SELECT sum(i) || '' FROM range(1000000000000) t(i)"
	t.Run("its time", func(t *testing.T) {
		p := newPool(t, worker.Options{Timeout: 300 * time.Millisecond})
		if _, err := ask(t.Context(), p, forever); kindOf(err) != duck.Late {
			t.Errorf("error %v; want that it is late", err)
		}
		if len(p.Workers()) != 0 {
			t.Error("the worker is used again")
		}
	})
	p := newPool(t, worker.Options{})
	t.Run("its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if _, err := ask(ctx, p, forever); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		well(t, p)
	})
	t.Run("its reader", func(t *testing.T) {
		s, err := p.Open(t.Context(), duck.Job{})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Rows(t.Context(), "SELECT i || '' FROM range(1000000000) t(i)") {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		well(t, p)
	})
	t.Run("its writer", func(t *testing.T) {
		s, err := p.Open(t.Context(), duck.Job{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Copy(t.Context(), full{}, duck.Parquet, "SELECT * FROM range(100000)"); !errors.Is(err, errFull) {
			t.Errorf("error %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		well(t, p)
	})
	t.Run("a fault that is the statement's", func(t *testing.T) {
		before := p.Workers()
		if _, err := ask(t.Context(), p, "SELECT nonsense"); kindOf(err) != duck.Statement {
			t.Errorf("error %v", err)
		}
		if !slices.Equal(before, p.Workers()) {
			t.Error("the worker is not used again")
		}
	})
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// A worker may say anything.
func TestParentBelievesNothing(t *testing.T) {
	for name, script := range map[string]string{
		"garbage":          "exec head -c 1000000 /dev/urandom",
		"a frame too long": `printf 'r\377\377\377\377'; exec cat /dev/zero`,
		"half a frame":     `printf 'r\005\000\000\000hel'`,
		"no JSON":          `printf 'r\005\000\000\000hello'; exec sleep 100`,
		"other frames":     `printf 'b\001\000\000\000x'; exec sleep 100`,
		"nothing":          "exit 0",
		"silence":          "exec sleep 100",
		"last words":       "printf 'fatal error: out of memory' >&2; exit 2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, worker.Options{})
			program := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
				t.Fatal(err)
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			p.SetProgram(program)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if _, err := ask(ctx, p, "SELECT 1"); err == nil {
				t.Error("it is believed")
			}
			if _, err := p.Parse(ctx, "SELECT 1"); err == nil {
				t.Error("it is believed")
			}
			p.SetProgram(self)
			well(t, p)
		})
	}
}

// A pool that is closed starts nothing.
func TestClosedPool(t *testing.T) {
	p := newPool(t, worker.Options{})
	s, err := p.Open(t.Context(), duck.Job{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Open(t.Context(), duck.Job{}); err == nil {
		t.Error("Open works")
	}
	if _, err := p.Parse(t.Context(), "SELECT 1"); err == nil {
		t.Error("Parse works")
	}
}

// As in this process, a statement that would take minutes tells how far it has come.
func TestWorkerTellsHowFarItHasCome(t *testing.T) {
	dir := t.TempDir()
	writeNumbers(t, filepath.Join(dir, "n.parquet"))
	p := newPool(t, worker.Options{})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	heard := 0.0
	ctx = duck.Watched(ctx, func(share float64) { heard = share; end() })
	file := "read_parquet('" + dir + "/n.parquet')"
	_, err := ask(ctx, p, "SELECT count(*)::VARCHAR FROM "+file+" AS a JOIN "+file+" AS b ON a.n % 10 = b.n % 10", dir)
	if !errors.Is(err, context.Canceled) || heard <= 0 || heard > 1 {
		t.Errorf("heard %v, then %v", heard, err)
	}
	well(t, p)
}

// writeNumbers makes a Parquet file of a million numbers n.
func writeNumbers(t *testing.T, path string) {
	t.Helper()
	e, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s, err := e.Open(t.Context(), duck.Job{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	if _, err := s.Copy(t.Context(), &b, duck.Parquet, "SELECT range AS n FROM range(1000000)"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
