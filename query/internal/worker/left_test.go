package worker_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/query/internal/duck"
	"tarn/query/internal/worker"
)

// A worker whose parent was killed leaves an empty folder, which the next parent
// removes. It keeps its hands off what may be another parent's.
func TestEmptyFoldersAreRemoved(t *testing.T) {
	temp := t.TempDir()
	long := time.Now().Add(-time.Hour)
	for name, old := range map[string]bool{"tarn-worker-1": true, "tarn-worker-used/x": true, "tarn-worker-young": false, "others": true} {
		if err := os.MkdirAll(filepath.Join(temp, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if top, _, _ := strings.Cut(name, "/"); old {
			if err := os.Chtimes(filepath.Join(temp, top), long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	p, err := worker.NewPool(worker.Options{Duck: duck.Options{TempDir: temp, MemoryLimit: "1GB"}, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for name, want := range map[string]bool{"tarn-worker-1": false, "tarn-worker-used": true, "tarn-worker-young": true, "others": true} {
		if _, err := os.Stat(filepath.Join(temp, name)); (err == nil) != want {
			t.Errorf("%s is there: %t; want %t", name, err == nil, want)
		}
	}
}

// A worker that ends takes its pipes with it.
func TestWorkersLeaveNoFilesOpen(t *testing.T) {
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(files)
	}
	p := newPool(t, worker.Options{Workers: 1})
	use := func(times int) {
		for range times { // other grants take another worker
			if _, err := ask(t.Context(), p, "SELECT 'a'", t.TempDir()); err != nil {
				t.Fatal(err)
			}
		}
	}
	use(2) // as many as there may be
	before := open()
	use(8)
	if after := open(); after > before {
		t.Errorf("%d files are open; there were %d", after, before)
	}
}

// Who takes rows may stop for the very reason that the context ended: there is
// nothing more to be said then, in a worker and in this process.
func TestRowsStopWithTheirContext(t *testing.T) {
	local, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	for name, e := range map[string]duck.Engine{"local": local, "worker": newPool(t, worker.Options{})} {
		s, err := e.Open(t.Context(), duck.Job{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, err := range s.Rows(ctx, "SELECT CAST(i AS varchar) FROM range(1000000) t(i)") {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
			break
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
