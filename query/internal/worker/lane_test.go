package worker_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/query/internal/duck"
	"tarn/query/internal/worker"
)

// What takes long leaves its turn to others, and steps back with all its threads.
func TestWhatTakesLongIsInNobodysWay(t *testing.T) {
	for name, job := range map[string]duck.Job{"by its files": {Bytes: 1 << 30}, "by its time": {}} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, worker.Options{Workers: 1, LongAfter: time.Millisecond})
			s, err := p.Open(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 { // they have the one turn that there is for small ones
				if got, err := ask(t.Context(), p, "SELECT 'mine'"); got != "mine" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
			}
			if busy, idle := p.Load(); busy != 1 || idle != 1 {
				t.Errorf("%d workers are busy, %d are idle", busy, idle)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			for i, pid := range p.Workers() {
				if nice := niceOf(t, pid); runtime.GOOS == "linux" && nice != []string{"15", "0"}[i] {
					t.Errorf("worker %d has nice %s", i, nice)
				}
			}
		})
	}
}

// niceOf is what all threads of a process have; empty if there is no way to know.
func niceOf(t *testing.T, pid int) (nice string) {
	t.Helper()
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue // a thread that has ended
		}
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if this := strings.Fields(rest)[16]; nice == "" || nice == this {
			nice = this
		} else {
			t.Errorf("of the threads of %d one has nice %s, one %s", pid, nice, this)
		}
	}
	return nice
}

// Among queries that take long there are turns, too, and a query that waits for one
// keeps its own.
func TestWhatTakesLongWaitsForItsTurn(t *testing.T) {
	p := newPool(t, worker.Options{Workers: 1, LongAfter: time.Millisecond})
	long, err := p.Open(t.Context(), duck.Job{Bytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	late, err := p.Open(t.Context(), duck.Job{})
	if err != nil {
		t.Fatal(err)
	}
	next := make(chan error)
	go func() {
		_, err := ask(t.Context(), p, "SELECT 'mine'")
		next <- err
	}()
	if err := long.Close(); err != nil { // now late moves, and the next has its turn
		t.Error(err)
	}
	if err := <-next; err != nil {
		t.Error(err)
	}
	if err := late.Close(); err != nil {
		t.Error(err)
	}
	if busy, _ := p.Load(); busy != 0 {
		t.Errorf("%d workers are busy", busy)
	}
}
