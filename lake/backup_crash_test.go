package lake_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// backupDisk is a disk with backups, and how it was after every operation.
type backupDisk struct {
	*crashfs.FS
	moments []*crashfs.FS
	ops     []crashfs.Op
}

func (d *backupDisk) remember(op crashfs.Op) {
	if op.Changes() {
		d.moments, d.ops = append(d.moments, d.Freeze()), append(d.ops, op)
	}
}

// A backup whose disk loses its power at any moment is the former backup or the new
// one, for readers, for who verifies it and for who opens it for writing; and the
// next backup completes it.
func TestABackupMayBeInterruptedAtAnyMoment(t *testing.T) {
	p := laketest.NewPlace(t)
	clock := &ticking{}
	clock.pass(time.Duration(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC).UnixNano()))
	o := p.Options()
	o.Now = clock.now
	put := func(l *lake.Lake, st lake.Store, day string, ids ...string) {
		t.Helper()
		for _, id := range ids {
			if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, id, day+"T00:00:00Z", "")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	bring := func(l *lake.Lake, st lake.Store, day string) {
		t.Helper()
		object := laketest.Object{Key: day, Events: []lake.Event{laketest.Event(t, day, day+"T00:00:00Z", "")}, Bad: []string{"bad"}}
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{object}, nil)
	}
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		var former []string
		disk := &backupDisk{FS: crashfs.New(t.TempDir())}
		for round := range 3 {
			switch round {
			case 0:
				put(l, st, "2026-01-01", "a", "b")
				bring(l, st, "2025-11-01")
			case 1: // a day is sealed, another one begins; with it the log grows by several entries
				clock.pass(4 * 24 * time.Hour)
				if err := l.Tidy(); err != nil {
					t.Fatal(err)
				}
				put(l, st, "2026-01-06", "c")
				bring(l, st, "2025-11-02")
				bring(l, st, "2026-01-06")
			case 2: // a file of the hot tier is written anew
				put(l, st, "2026-01-06", "d")
			}
			disk.moments, disk.ops = nil, nil
			disk.Watch(nil, disk.remember)
			backup(t, l, p.Dir, lake.BackupOptions{FS: disk})
			disk.Watch(nil, nil)
			whole := laketest.Place{Dir: p.Dir, Key: p.Key, FS: disk}.Events(t)
			t.Logf("round %d: %d operations, %d events", round, len(disk.moments), len(whole))
			for i, m := range laketest.Few(3, disk.moments) {
				for k, share := range []int{0, 50, 100} {
					if seeds(t) == 1 && k != i%3 {
						continue
					}
					found := m.Crash(share, rand.New(rand.NewPCG(1, uint64(i))), t.TempDir())
					interrupted(t, laketest.Place{Dir: p.Dir, Key: p.Key, FS: found}, former, whole)
					if i%4 == 0 {
						backup(t, l, p.Dir, lake.BackupOptions{FS: found})
						interrupted(t, laketest.Place{Dir: p.Dir, Key: p.Key, FS: found}, whole, whole)
					}
					if t.Failed() {
						t.Fatalf("round %d, behind operation %d (%s) with %d %% of what was not durable", round, i, disk.ops[i], share)
					}
				}
			}
			former = whole
		}
	})
}

// interrupted checks that a disk has one of two backups; it may have none if there
// was no former one.
func interrupted(t *testing.T, p laketest.Place, former, whole []string) {
	t.Helper()
	l, err := lake.View(p.Dir, lake.Options{FS: p.FS})
	if errors.Is(err, lake.ErrNoLake) && former == nil {
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	l.Close()
	p.Sound(t)
	seen := p.Events(t)
	if !slices.Equal(seen, former) && !slices.Equal(seen, whole) {
		t.Errorf("there are %d events %q; before there were %d, and there are to be %d", len(seen), seen, len(former), len(whole))
	}
	// As a lake, on a disk of its own: the backup is to be gone on with.
	p.FS = p.FS.(*crashfs.FS).Crash(100, rand.New(rand.NewPCG(1, 1)), t.TempDir())
	p.Write(t, func(*lake.Lake, lake.Store) {})
	p.Sound(t)
	if written := p.Events(t); !slices.Equal(written, former) && !slices.Equal(written, whole) {
		t.Errorf("opened for writing there are %d events", len(written))
	}
}
