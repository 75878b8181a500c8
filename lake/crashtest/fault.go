package crashtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
)

// Fault is an operation of a life that fails, once.
type Fault struct {
	// Number counts the operations of the life, also those that change nothing.
	Number int
	Op     crashfs.Op
	Err    error
	// Lasts says that everything that takes room fails from there on, until the
	// life is over.
	Lasts bool
}

// String says what failed, and how.
func (f Fault) String() string { return fmt.Sprintf("operation %d (%s): %v", f.Number, f.Op, f.Err) }

// Faults returns the ways in which the story's life can meet one fault. Of many
// like operations in a row, such as the pieces of a file, it takes the first and
// the last. A disk that fails and one that is full take turns, unless each is to
// be tried with every operation.
func Faults(t testing.TB, story Story, each bool) (all []Fault, operations int) {
	t.Helper()
	var ops []crashfs.Op
	w := NewWorld(t, nil)
	w.Disk.Watch(func(op crashfs.Op) error { ops = append(ops, op); return nil }, nil)
	if err := story.Live(w); err != nil {
		t.Fatal(err)
	}
	for from := 0; from < len(ops); {
		to := from + 1
		for to < len(ops) && ops[to].String() == ops[from].String() {
			to++
		}
		for _, n := range slices.Compact([]int{from, to - 1}) {
			fills := ops[n].Changes()
			turn := len(all) % 2
			if each || !fills || turn == 0 {
				all = append(all, Fault{Number: n, Op: ops[n], Err: syscall.EIO})
			}
			if fills && (each || turn == 1) {
				all = append(all, Fault{Number: n, Op: ops[n], Err: syscall.ENOSPC})
			}
		}
		from = to
	}
	return all, len(ops)
}

// Fail lives the story once for each fault, and returns what is wrong with it: a
// success that is none, an error after which the lake shows something by half or
// cannot go on, in the same session, in another, or after a crash.
func Fail(t testing.TB, story Story, faults []Fault) (wrong []error) {
	t.Helper()
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range faults {
		w := NewWorld(t, nil)
		g.Go(func() error {
			if err := w.fail(story, f); err != nil {
				mu.Lock()
				defer mu.Unlock()
				wrong = append(wrong, err)
			}
			return nil
		})
	}
	// What is wrong is collected; nothing else fails.
	_ = g.Wait()
	return wrong
}

// fail lives the story with one fault in it.
func (w *World) fail(story Story, f Fault) error {
	n := 0
	w.Disk.Watch(func(op crashfs.Op) error {
		n++
		switch {
		case n-1 == f.Number:
			f.Op = op // days are sealed two at a time: it need not be the one that was foreseen
			return f.Err
		case f.Lasts && n > f.Number && takesRoom(op):
			return f.Err
		}
		return nil
	}, nil)
	err := story.Live(w)
	w.Disk.Watch(nil, nil)
	if err == nil {
		if err := story.Whole(w.Place); err != nil {
			return fmt.Errorf("%s: success that is none: %w", f, err)
		}
	} else if !errors.Is(err, f.Err) {
		return fmt.Errorf("%s: the error does not tell of it: %w", f, err)
	}
	c := &checker{story: story, world: w, brief: true, seldom: true}
	shares := []int{100, 0}
	if !f.Op.Changes() {
		shares = shares[:1] // a read that fails makes nothing less durable
	}
	for _, share := range shares {
		found := w.Disk.Crash(share, rand.New(rand.NewPCG(uint64(f.Number), uint64(share))), "")
		s := state{moment{f.Number, f.Op, w.size, len(w.acked), nil}, share, found}
		if _, wrong := c.check(f.Number, s); wrong != nil {
			return fmt.Errorf("%s: the error was %w; then, with %d %% of what is not durable: %w", f, err, share, wrong)
		}
	}
	return nil
}

// takesRoom reports whether a full disk fails the operation.
func takesRoom(op crashfs.Op) bool {
	switch op.Kind {
	case crashfs.Create, crashfs.Write, crashfs.Mkdir, crashfs.Sync:
		return true
	}
	return false
}

// Persist imports with fn, and where that fails tries it once more in the same
// session, as a program does that goes on running. The error is the first one, or
// none if the second attempt could make up for it.
func Persist(fn func(*lake.Lake, lake.Store) error) func(*lake.Lake, lake.Store) error {
	return func(l *lake.Lake, st lake.Store) error {
		err := fn(l, st)
		if err == nil {
			return nil
		}
		if again := fn(l, st); again != nil {
			return errors.Join(err, again)
		}
		return nil
	}
}
