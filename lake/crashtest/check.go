package crashtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// checker checks what is found after a crash.
type checker struct {
	story  Story
	world  *World
	brief  bool           // with one index a state, in turns
	seldom bool           // completes what has lost something only now and then
	sizes  map[int64]bool // that the log may have; nil if any
}

// check tries the state with each index that may lie beside it, and returns how
// many there were. With one of them, in turns, the story is completed.
func (c *checker) check(turn int, s state) (n int, err error) {
	size, err := c.sizeOf(s)
	if err != nil {
		return 0, err
	}
	indexes := c.world.indexesFor(size)
	if c.brief {
		complete := !c.seldom || s.share == 100 || turn%4 == 0
		return 1, c.checkWith(s, size, indexes[turn%len(indexes)], turn, complete)
	}
	for i, x := range indexes {
		if err := c.checkWith(s, size, x, turn, i == turn%len(indexes)); err != nil {
			return i, fmt.Errorf("with %s: %w", x.name, err)
		}
	}
	return len(indexes), nil
}

// sizeOf is the size of the log that readers see; 0 where there is no lake.
func (c *checker) sizeOf(s state) (int64, error) {
	l, err := lake.View(c.world.Dir, lake.Options{FS: s.found.Crash(100, rand.New(rand.NewPCG(0, 0)), os.DevNull)})
	if errors.Is(err, lake.ErrNoLake) && s.size == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("open for reading: %w", err)
	}
	defer l.Close()
	return l.Snapshot().LogSize(), nil
}

func (c *checker) checkWith(s state, size int64, x index, turn int, complete bool) error {
	dir, err := x.put(c.world.tmp)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	disk := s.found.Crash(100, rand.New(rand.NewPCG(0, 0)), dir)
	p := laketest.Place{Dir: dir, Key: c.world.Key, FS: disk}
	if size > 0 {
		if _, err := c.seen(p, size, s.size); err != nil {
			return fmt.Errorf("readers: %w", err)
		}
		// An auditor may come before the next writer does. That an index is ahead is
		// told, and is right to be.
		if err := sound(p); err != nil && !x.ahead {
			return fmt.Errorf("as it was found: %w", err)
		}
		if err := c.reopened(p, disk, size, s.size, c.story.Puts && turn%2 == 0); err != nil {
			return fmt.Errorf("opened for writing: %w", err)
		}
		if err := c.allThere(p, c.world.acked[:s.acked]); err != nil {
			return fmt.Errorf("after recovery: %w", err)
		}
	} else if err := c.notThere(p); err != nil {
		return err
	}
	if !complete {
		return nil
	}
	return c.completed(p, turn%4 == 0)
}

// notThere checks that a lake whose creation was interrupted says so.
func (c *checker) notThere(p laketest.Place) error {
	l, err := lake.Open(p.Dir, p.Options())
	if err == nil {
		err = errors.Join(errors.New("it opens for writing and not for reading"), l.Close())
	}
	if !errors.Is(err, lake.ErrNoLake) {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

// seen checks what a reader sees: a state that the lake once had, of at least that
// size and with all that was acknowledged.
func (c *checker) seen(p laketest.Place, least, acknowledged int64) (size int64, err error) {
	l, err := lake.View(p.Dir, p.Options())
	if err != nil {
		return 0, err
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	size = snap.LogSize()
	if size < least || size < acknowledged || c.sizes != nil && !c.sizes[size] {
		return 0, fmt.Errorf("%d entries; want at least %d, the %d acknowledged, and no part of a commit", size, least, acknowledged)
	}
	if size < 2 {
		return size, nil
	}
	if c.story.Puts {
		return size, c.noneTwice(snap)
	}
	st, err := snap.Store(laketest.StoreName)
	if err != nil {
		return 0, err
	}
	got := append(snap.Segments(st.ID, false), snap.Segments(st.ID, true)...)
	var want []lake.Segment
	// Behind what was acknowledged there may be one commit more, of which nobody
	// heard because an error came before.
	known := min(int(size-2), len(c.world.commits))
	for _, commit := range c.world.commits[:known] {
		want = append(want, commit.Segments...)
	}
	if known < int(size-2) {
		got = slices.DeleteFunc(got, func(s lake.Segment) bool { return !slices.ContainsFunc(want, sameID(s)) })
	}
	if a, b := inOrder(want), inOrder(got); !slices.Equal(a, b) {
		return 0, fmt.Errorf("%d segments; want the %d of the first %d entries", len(b), len(a), size)
	}
	return size, nil
}

func sameID(s lake.Segment) func(lake.Segment) bool {
	return func(o lake.Segment) bool { return o.ID == s.ID }
}

// inOrder describes segments, a line each.
func inOrder(segments []lake.Segment) (lines []string) {
	for _, s := range segments {
		b, err := json.Marshal(s)
		lines = append(lines, fmt.Sprint(string(b), err))
	}
	slices.Sort(lines)
	return lines
}

// reopened opens the lake for writing and closes it, and checks that it then is as
// before, or has what the crash left behind the checkpoint that readers saw. If it is
// late, all days are over by then.
func (c *checker) reopened(p laketest.Place, disk *crashfs.FS, size, acknowledged int64, late bool) error {
	// What an interrupted import left in tmp goes unread.
	disk.Watch(func(op crashfs.Op) error {
		if op.Kind == crashfs.Read && strings.HasPrefix(op.Name, "tmp/") {
			return errors.New("nobody should read this")
		}
		return nil
	}, nil)
	l, err := lake.Open(p.Dir, p.Options())
	if err != nil {
		return err
	}
	if late {
		err = l.Tidy()
	}
	if err := errors.Join(err, l.Close()); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	disk.Watch(nil, nil)
	if _, err := c.seen(p, size, acknowledged); err != nil {
		return err
	}
	return sound(p)
}

func sound(p laketest.Place) error {
	report, err := lake.Verify(context.Background(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: p.FS})
	if err != nil {
		return err
	}
	if len(report.Problems)+len(report.Unread) > 0 {
		return fmt.Errorf("verify finds problems %v, unread %v", report.Problems, report.Unread)
	}
	return nil
}

// completed imports again, and checks that all is there, once; and if asked does it
// once more in a lake that nobody has in memory, to which nothing is new.
func (c *checker) completed(p laketest.Place, twice bool) error {
	if err := session(p.Dir, p.Options(), nil, c.story.Again); err != nil {
		return fmt.Errorf("import again: %w", err)
	}
	if err := c.story.Whole(p); err != nil {
		return fmt.Errorf("after importing again: %w", err)
	}
	if !twice {
		return nil
	}
	if err := session(p.Dir, p.Options(), nil, c.story.Again); err != nil {
		return fmt.Errorf("import a third time: %w", err)
	}
	return c.story.Whole(p)
}

// Whole checks that a lake has what the story leaves, and is sound.
func (s Story) Whole(p laketest.Place) error {
	if err := read(p, s.holds); err != nil {
		return err
	}
	return sound(p)
}

// read calls fn with what a reader of the lake has.
func read(p laketest.Place, fn func(*lake.Snapshot, lake.Store) error) error {
	l, err := lake.View(p.Dir, p.Options())
	if err != nil {
		return err
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	st, err := snap.Store(laketest.StoreName)
	if err != nil {
		return err
	}
	return fn(snap, st)
}

// holds checks that a snapshot has what the story leaves.
func (s Story) holds(snap *lake.Snapshot, st lake.Store) error {
	for _, part := range []struct {
		name      string
		want      []string
		conflicts bool
	}{{"events", s.Events, false}, {"conflicts", s.Conflicts, true}} {
		got, err := texts(snap, st, part.conflicts)
		if err != nil {
			return err
		}
		if err := same(part.name, part.want, got); err != nil {
			return err
		}
	}
	var rejects []string
	for _, commit := range snap.Commits() {
		err := snap.Rejects(commit, func(r lake.Reject) error {
			rejects = append(rejects, string(r.Raw))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return same("rejects", s.Rejects, rejects)
}

func same(what string, want, got []string) error {
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Errorf("%d %s; want %d: %.400q; want %.400q", len(got), what, len(want), got, want)
	}
	return nil
}
