package query_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tarn/query"
	"tarn/query/internal/duck"
	"tarn/query/internal/worker"
)

// attempt is a row of the table in docs/sandbox.md.
type attempt struct {
	sql, check, past string
}

var attemptRow = regexp.MustCompile("(?m)^\\| `(.*)` \\| (refused|runs) \\| ([\\w ]+)(:.*)? \\|$")

// attempts reads the table.
func attempts(t *testing.T, replace *strings.Replacer) (all []attempt) {
	t.Helper()
	text, err := os.ReadFile("../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range attemptRow.FindAllStringSubmatch(string(text), -1) {
		sql := replace.Replace(strings.ReplaceAll(row[1], `\|`, "|"))
		all = append(all, attempt{sql, row[2], row[3]})
	}
	if rows := strings.Count(string(text), "\n| `"); len(all) != rows || rows < 50 {
		t.Fatalf("%d of %d attempts are understood", len(all), rows)
	}
	return all
}

// folders are those of two stores, each with a sealed file; one has a link that
// leads out.
func folders(t *testing.T) (own, other string, sealed []byte) {
	t.Helper()
	l := newLake(t, "cloudtrail")
	for _, dir := range []*string{&own, &other} {
		*dir = t.TempDir()
		l.write(filepath.Join(*dir, "sealed.parquet"), "SELECT 'sealed' AS a")
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(own, "link")); err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(filepath.Join(own, "sealed.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return own, other, sealed
}

// TestAttempts keeps the table in docs/sandbox.md and the truth together: each
// attempt ends as it says, and a query beside it takes no notice.
func TestAttempts(t *testing.T) {
	for _, w := range query.Walls() {
		if w.What == "files" && !w.Holds {
			t.Skip(w.Missing)
		}
	}
	own, other, sealed := folders(t)
	pool, err := worker.NewPool(worker.Options{Duck: duck.Options{TempDir: t.TempDir(), MemoryLimit: "800MB", Threads: 1},
		Workers: 4, Timeout: time.Second, Temp: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	engine, l := openSandbox(t), sample(t)
	var running sync.WaitGroup
	turns := make(chan bool, 3) // one worker is for the others
	for _, a := range attempts(t, strings.NewReplacer("OWN", own, "OTHER", other)) {
		var syntax *query.SyntaxError
		if _, err := engine.Check(t.Context(), l, a.sql); errors.As(err, &syntax) != (a.check == "refused") {
			t.Errorf("%s\nthe check says %v; the table says %s", a.sql, err, a.check)
		}
		turns <- true
		running.Go(func() {
			defer func() { <-turns }()
			err := pastTheCheck(pool, own, a.sql)
			if got := stoppedBy(err); !slices.Contains(strings.Split(a.past, " or "), got) {
				t.Errorf("%s\nis stopped by %s (%v); the table says %s", a.sql, got, err, a.past)
			}
		})
		if err := pastTheCheck(pool, own, "SELECT 'beside'"); err != nil {
			t.Errorf("a query beside: %v", err)
		}
	}
	running.Wait()
	now, err := os.ReadFile(filepath.Join(own, "sealed.parquet"))
	if err != nil || !bytes.Equal(now, sealed) {
		t.Errorf("the sealed file was changed: %v", err)
	}
	for dir, want := range map[string]int{own: 2, other: 1} {
		if entries, _ := os.ReadDir(dir); len(entries) != want {
			t.Errorf("%s has %d entries; want %d", dir, len(entries), want)
		}
	}
}

// pastTheCheck runs a statement in a worker as if there were no check.
func pastTheCheck(pool *worker.Pool, own, sql string) error {
	s, err := pool.Open(context.Background(), duck.Job{Folders: []string{own}})
	if err != nil {
		return err
	}
	defer s.Close()
	for _, err := range s.Rows(context.Background(), sql) {
		if err != nil {
			return err
		}
	}
	return nil
}

// stoppedBy is the table's word for an error.
func stoppedBy(err error) string {
	var from *duck.Error
	switch {
	case err == nil:
		return "nothing"
	case !errors.As(err, &from):
		return err.Error()
	case strings.Contains(from.Msg, "Permission denied"):
		return "kernel"
	}
	switch from.Kind {
	case duck.Memory:
		return "memory"
	case duck.Late:
		return "time"
	case duck.Crash:
		return "crash"
	}
	return "DuckDB"
}

func openSandbox(t testing.TB) *query.Engine {
	t.Helper()
	e, err := query.Open(query.Options{TempDir: t.TempDir(), MemoryLimit: "1GB", Sandbox: &query.Sandbox{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
