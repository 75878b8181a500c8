package lake_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// expiring is the life of a lake on a disk that remembers: days expire, a hold comes
// and goes, files are removed. before, if not nil, may fail an operation.
func expiring(t *testing.T, p laketest.Place, c *clock, st lake.Store, step func(what string)) error {
	t.Helper()
	o := p.Options()
	o.Now = func() time.Time { return c.now }
	purge := func() error {
		_, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{Key: p.Key, FS: p.FS, Now: o.Now})
		return err
	}
	l, err := lake.Open(p.Dir, o)
	if err != nil {
		return err
	}
	live := func() error {
		for i, day := range []int{11, 14} {
			c.now = time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)
			step(fmt.Sprint("expire ", i))
			if _, err := l.Expire(t.Context(), januaryOf(st)); err != nil {
				return err
			}
			c.pass(2 * time.Hour)
			step(fmt.Sprint("purge ", i))
			if err := purge(); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.Join(live(), l.Close())
}

// onDisk copies a lake to a disk that can crash.
func onDisk(t *testing.T, p laketest.Place) (laketest.Place, *crashfs.FS) {
	t.Helper()
	disk := crashfs.New(t.TempDir())
	for _, name := range p.Files(t) {
		if name == "lock" || name == "local/index.db" {
			continue
		}
		dir := name[:strings.LastIndexByte("/"+name, '/')]
		if dir = strings.TrimSuffix(dir, "/"); dir != "" {
			if err := disk.MkdirAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		f, err := disk.Create(name)
		if err == nil {
			_, err = f.Write([]byte(contentOf(t, p, name)))
		}
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
		for {
			if dir == "" {
				dir = "."
			}
			if err := disk.SyncDir(dir); err != nil {
				t.Fatal(err)
			}
			if dir == "." {
				break
			}
			dir = strings.TrimSuffix(dir[:strings.LastIndexByte("/"+dir, '/')], "/")
		}
	}
	return laketest.Place{Dir: disk.Path("."), Key: p.Key, FS: disk}, disk
}

// Whatever a power cut leaves while days expire and their files are removed: the
// lake verifies, for readers a day is there whole or not at all, and once more done
// everything is gone that should be, and nothing else.
func TestThePowerMayFailWhileDaysExpire(t *testing.T) {
	origin, c, st := aged(t)
	p, disk := onDisk(t, origin)
	whole := daysAndEvents(t, p)
	type moment struct {
		op   crashfs.Op
		what string
		disk *crashfs.FS
		now  time.Time
	}
	var moments []moment
	what := ""
	disk.Watch(nil, func(op crashfs.Op) {
		if op.Changes() {
			moments = append(moments, moment{op, what, disk.Freeze(), c.now})
		}
	})
	if err := expiring(t, p, c, st, func(s string) { what = s }); err != nil {
		t.Fatal(err)
	}
	disk.Watch(nil, nil)
	end := daysAndEvents(t, p)
	t.Logf("%d operations", len(moments))
	for i, m := range laketest.Few(3, moments) {
		for k, share := range []int{0, 50, 100} {
			if seeds(t) == 1 && k != i%3 {
				continue
			}
			found := m.disk.Crash(share, rand.New(rand.NewPCG(1, uint64(i))), t.TempDir())
			q := laketest.Place{Dir: found.Path("."), Key: p.Key, FS: found}
			got := daysAndEvents(t, q)
			for day, n := range got {
				if n != whole[day] {
					t.Errorf("%d events of %s; want all %d or none", n, day, whole[day])
				}
			}
			soundAt(t, q, m.now)
			again := &clock{now: m.now}
			if err := expiring(t, q, again, st, func(string) {}); err != nil {
				t.Errorf("once more: %v", err)
			}
			if got := daysAndEvents(t, q); fmt.Sprint(got) != fmt.Sprint(end) {
				t.Errorf("once more: %v; want %v", got, end)
			}
			files, err := found.List("segments/" + st.ID)
			if err != nil || len(files) != 1 || files[0].Name() != "2026-01-07" {
				t.Errorf("once more: what is left are %v, %v; want the seventh", files, err)
			}
			soundAt(t, q, again.now)
			if t.Failed() {
				t.Fatalf("behind operation %d of %q (%s) with %d %% of what was not durable", i, m.what, m.op, share)
			}
		}
	}
}

// daysAndEvents counts what readers see, by day.
func daysAndEvents(t *testing.T, p laketest.Place) map[string]int64 {
	t.Helper()
	days := map[string]int64{}
	p.Read(t, func(s *lake.Snapshot, st lake.Store) {
		for _, conflicts := range []bool{false, true} {
			for _, seg := range s.Segments(st.ID, conflicts) {
				days[seg.Day] += seg.Rows
			}
		}
		laketest.Texts(t, s, st, false)
	})
	return days
}

// Whatever operation fails while days expire: it is said, and done once more it is as
// it should be.
func TestAnyOperationMayFailWhileDaysExpire(t *testing.T) {
	origin, c, st := aged(t)
	start := c.now
	first, disk := onDisk(t, origin)
	pristine := disk.Freeze()
	n := 0
	disk.Watch(func(crashfs.Op) error { n++; return nil }, nil)
	if err := expiring(t, first, c, st, func(string) {}); err != nil {
		t.Fatal(err)
	}
	disk.Watch(nil, nil)
	end := daysAndEvents(t, first)
	step := 1
	if seeds(t) == 1 {
		step = 7
	}
	failed := errors.New("the disk failed")
	for fail := 0; fail < n; fail += step {
		disk := pristine.Crash(100, rand.New(rand.NewPCG(1, 1)), t.TempDir())
		p, k := laketest.Place{Dir: disk.Path("."), Key: origin.Key, FS: disk}, 0
		var at crashfs.Op
		disk.Watch(func(op crashfs.Op) error {
			if k++; k-1 == fail {
				at = op
				return failed
			}
			return nil
		}, nil)
		again := &clock{now: start}
		err := expiring(t, p, again, st, func(string) {})
		disk.Watch(nil, nil)
		if err != nil && !errors.Is(err, failed) {
			t.Errorf("operation %d (%s) fails: %v", fail, at, err)
		}
		soundAt(t, p, again.now)
		if t.Failed() {
			t.Fatalf("operation %d (%s) fails: %v", fail, at, err)
		}
		again.now = time.Date(2026, 1, 14, 2, 0, 0, 0, time.UTC)
		if err := expiring(t, p, again, st, func(string) {}); err != nil {
			t.Errorf("operation %d (%s) fails; once more: %v", fail, at, err)
		}
		if got := daysAndEvents(t, p); fmt.Sprint(got) != fmt.Sprint(end) {
			t.Errorf("operation %d (%s) fails; once more: %v; want %v", fail, at, got, end)
		}
		if files, err := disk.List("segments/" + st.ID); err != nil || !slices.Equal(namesOf(files), []string{"2026-01-07"}) {
			t.Errorf("operation %d (%s) fails; once more there are %v, %v", fail, at, files, err)
		}
		soundAt(t, p, again.now)
		if t.Failed() {
			return
		}
	}
}

func namesOf[E interface{ Name() string }](entries []E) (names []string) {
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
