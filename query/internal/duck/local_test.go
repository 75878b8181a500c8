package duck_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tarn/query/internal/duck"
)

// Queries of many at once, over different folders, find their instances, and
// all of these end.
func TestQueriesShareInstances(t *testing.T) {
	temp, a, b := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		write(t, filepath.Join(dir, "x.parquet"), "SELECT "+duck.Quote(dir)+" AS a")
	}
	e, err := duck.NewLocal(t.Context(), duck.Options{TempDir: temp, MemoryLimit: "500MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for i := range 8 {
		dir := []string{a, b}[i%2]
		running.Go(func() {
			for range 5 {
				s, err := e.Open(t.Context(), duck.Job{Folders: []string{dir}, Files: duck.Files{"f": {filepath.Join(dir, "x.parquet")}},
					Macros: []string{"CREATE MACRO same(x) AS x"}})
				if err != nil {
					t.Error(err)
					return
				}
				got, err := all(t.Context(), s, "SELECT same(a) FROM read_parquet(getvariable('f'))")
				if err = errors.Join(err, s.Close()); err != nil || len(got) != 1 || got[0] != dir {
					t.Errorf("%q, %v; want %q", got, err, dir)
				}
			}
		})
	}
	running.Wait()
	open, err := e.Open(t.Context(), duck.Job{Folders: []string{a}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if got, err := all(t.Context(), open, "SELECT 'still'"); err != nil || len(got) != 1 {
		t.Errorf("a query that is open when the engine ends: %q, %v", got, err)
	}
	if err := open.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("%d instances are left", len(left))
	}
}
