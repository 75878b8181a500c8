package lake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// backup makes a backup of an open lake, of which no file is damaged.
func backup(t *testing.T, l *lake.Lake, dir string, o lake.BackupOptions) *lake.BackupReport {
	t.Helper()
	r, err := l.Backup(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems)+len(r.Unread) > 0 {
		t.Errorf("problems %v, unread %v", r.Problems, r.Unread)
	}
	return r
}

// restored is a place that a backup was restored to, with the key of the lake.
func restored(t *testing.T, from, key string) laketest.Place {
	t.Helper()
	p := laketest.Place{Dir: filepath.Join(t.TempDir(), "restored"), Key: key}
	r, err := lake.Restore(t.Context(), from, p.Dir, lake.BackupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems)+len(r.Unread) > 0 {
		t.Errorf("problems %v, unread %v", r.Problems, r.Unread)
	}
	return p
}

// offered are the events that a test has had acknowledged.
type offered struct {
	mu   sync.Mutex
	more sync.Cond // more of them, or it is over
	all  []string
	over bool
}

func newOffered() *offered {
	o := &offered{}
	o.more.L = &o.mu
	return o
}

func (o *offered) add(events ...lake.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range events {
		o.all = append(o.all, string(e.Raw))
	}
	o.more.Broadcast()
}

func (o *offered) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	o.more.Broadcast()
}

// after waits for so many more, and returns all.
func (o *offered) after(n int) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for n += len(o.all); len(o.all) < n && !o.over; {
		o.more.Wait()
	}
	return slices.Clone(o.all)
}

// underLoad has events put, imported, flushed, merged and sealed until the context
// is done. The clock runs: half a day with each tidying.
func underLoad(ctx context.Context, t *testing.T, l *lake.Lake, st lake.Store, clock *ticking, acked *offered) (wait func()) {
	var wg sync.WaitGroup
	repeat := func(fn func(i int) error) {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := fn(i); err != nil && ctx.Err() == nil {
					t.Error(err)
					acked.end()
					return
				}
			}
		})
	}
	at := func(i int) string { return clock.now().AddDate(0, 0, -i%3).Format(time.RFC3339) }
	for w := range 2 {
		repeat(func(i int) error {
			e := laketest.Event(t, fmt.Sprintf("put-%d-%d", w, i), at(i), "")
			_, err := l.Put(ctx, st, []lake.Event{e})
			if err == nil {
				acked.add(e)
			}
			return err
		})
	}
	repeat(func(i int) error {
		// Half of what it has came as a live event too, or is about to.
		object := laketest.Object{Key: fmt.Sprint("object ", i), Events: []lake.Event{laketest.Event(t, fmt.Sprint("object-", i), at(i), "")}}
		_, err := laketest.Import(l, st, lake.AppendOptions{}, []laketest.Object{object}, nil)
		if err == nil {
			acked.add(object.Events...)
		}
		return err
	})
	repeat(func(int) error { return l.Flush() })
	repeat(func(int) error {
		clock.pass(12 * time.Hour)
		return l.Tidy()
	})
	return wg.Wait
}

// ticking is a time that several goroutines look at, and that passes when told to.
type ticking struct{ micros atomic.Int64 }

func (c *ticking) now() time.Time       { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *ticking) pass(d time.Duration) { c.micros.Add(d.Microseconds()) }

// Backups that are made while events come, are merged and are sealed have all that
// was acknowledged before, each once; so have the lakes made of them.
func TestBackupsUnderLoadHaveWhatWasAcknowledged(t *testing.T) {
	p := laketest.NewPlace(t)
	clock := &ticking{}
	clock.pass(time.Duration(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano()))
	o := p.Options()
	o.Now = clock.now
	dir := filepath.Join(t.TempDir(), "backup")
	known := laketest.Event(t, "known", "2026-05-01T12:00:00Z", "")
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		if _, err := l.Put(t.Context(), st, []lake.Event{known}); err != nil {
			t.Fatal(err)
		}
		acked := newOffered()
		ctx, stop := context.WithCancel(t.Context())
		wait := underLoad(ctx, t, l, st, clock, acked)
		defer wait()
		defer stop()
		for round := range 4 {
			want := acked.after(60)
			backup(t, l, dir, lake.BackupOptions{Check: round == 2})
			b := laketest.Place{Dir: dir, Key: p.Key}
			b.Sound(t)
			has(t, b, want)
		}
	})
	r := restored(t, dir, p.Key)
	r.Sound(t)
	if got, want := r.Events(t), (laketest.Place{Dir: dir}).Events(t); !slices.Equal(got, want) {
		t.Errorf("restored are %d events of %d", len(got), len(want))
	}
	more := laketest.Event(t, "more", "2026-06-01T00:00:00Z", "")
	r.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		what, err := l.Put(t.Context(), st, []lake.Event{more, known})
		if err != nil || !slices.Equal(what, []lake.Outcome{lake.Stored, lake.Duplicate}) {
			t.Errorf("the restored lake takes events as %v, %v", what, err)
		}
	})
	r.Sound(t)
	has(t, r, []string{string(known.Raw), string(more.Raw)})
}

// has fails the test unless all of these events are there, and none is twice.
func has(t *testing.T, p laketest.Place, want []string) {
	t.Helper()
	got := p.Events(t)
	if n := len(got); len(slices.Compact(slices.Clone(got))) != n {
		t.Error("some events are there twice")
	}
	for _, e := range want {
		if _, ok := slices.BinarySearch(got, e); !ok {
			t.Errorf("%s was acknowledged and is missing, of %d", e, len(want))
		}
	}
}

// A backup that is brought up to the lake copies what is new, and nothing else.
func TestBackupsCopyWhatIsNew(t *testing.T) {
	p := laketest.NewPlace(t)
	dir := filepath.Join(t.TempDir(), "backup")
	day := func(n int) laketest.Object {
		id := fmt.Sprintf("2026-01-%02d", n)
		return laketest.Object{Key: id, Events: []lake.Event{laketest.Event(t, id, id+"T00:00:00Z", "")}}
	}
	p.Fill(t, lake.AppendOptions{}, day(1), day(2))
	var done, total int64
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		first := backup(t, l, dir, lake.BackupOptions{Progress: func(d, of int64) { done, total = d, of }})
		if first.Files != 7 || first.Copied != 7 || first.Events != 2 || done != first.Bytes || total != done {
			t.Errorf("the first: %+v, %d of %d bytes", first, done, total)
		}
		if again := backup(t, l, dir, lake.BackupOptions{}); again.Copied != 0 || again.Checkpoint != first.Checkpoint {
			t.Errorf("again: %+v", again)
		}
		if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "live", "2026-01-03T00:00:00Z", "")}); err != nil {
			t.Fatal(err)
		}
		if second := backup(t, l, dir, lake.BackupOptions{}); second.Copied != 3 || second.Files != 10 || second.LogSize != first.LogSize+2 {
			t.Errorf("with a live event more: %+v", second)
		}
		flip(t, filepath.Join(dir, glob(t, p, ".parquet")))
		if checked := backup(t, l, dir, lake.BackupOptions{Check: true}); checked.Copied != 1 || checked.Mended != 1 {
			t.Errorf("with a file damaged: %+v", checked)
		}
	})
	(laketest.Place{Dir: dir, Key: p.Key}).Sound(t)
	if r := (laketest.Place{Dir: dir, Key: p.Key}).Verify(t); len(r.Orphans) > 0 {
		t.Errorf("orphans %q", r.Orphans)
	}
}

// A file that is damaged in the lake is named and not copied; the rest is.
func TestBackupsNameWhatIsDamaged(t *testing.T) {
	p := laketest.NewPlace(t)
	for _, objects := range fewDays(t) {
		p.Fill(t, lake.AppendOptions{}, objects...)
	}
	dir := filepath.Join(t.TempDir(), "backup")
	var damaged []string
	for _, ext := range []string{".parquet", ".needles", ".tree", ".zst"} {
		name := glob(t, p, ext)
		flip(t, p.Path(name))
		damaged = append(damaged, name)
	}
	slices.Sort(damaged)
	lost := glob(t, p, ".tree", damaged...)
	if err := os.Remove(p.Path(lost)); err != nil {
		t.Fatal(err)
	}
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		r, err := l.Backup(t.Context(), dir, lake.BackupOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for _, p := range r.Problems {
			named = append(named, p.Path)
		}
		slices.Sort(named)
		if want := slices.Sorted(slices.Values(append(damaged, lost))); !slices.Equal(named, want) || r.Copied != r.Files-5 {
			t.Errorf("named %q of %q, copied %d of %d", named, want, r.Copied, r.Files)
		}
	})
	if r := (laketest.Place{Dir: dir, Key: p.Key}).Verify(t); len(r.Problems) != 5 {
		t.Errorf("verify names %v", r.Problems)
	}
}

// Folders that are no place for a backup, or for a lake made of one.
func TestPlacesThatAreNoneForABackup(t *testing.T) {
	p, other := laketest.NewPlace(t), laketest.NewPlace(t)
	p.Write(t, func(*lake.Lake, lake.Store) {})
	other.Write(t, func(*lake.Lake, lake.Store) {})
	before := p.Copy(t)
	parent := filepath.Dir(p.Dir)
	link := filepath.Join(t.TempDir(), "link")
	full := filepath.Join(t.TempDir(), "full")
	for _, err := range []error{os.Symlink(p.Dir, link), os.Mkdir(full, 0o755), os.WriteFile(filepath.Join(full, "x"), nil, 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	good := filepath.Join(t.TempDir(), "a", "backup")
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		for _, dir := range []string{p.Dir, p.Dir + "/", p.Dir + "/deep/in", parent, link, link + "/deep", full, full + "/x", other.Dir} {
			if _, err := l.Backup(t.Context(), dir, lake.BackupOptions{}); !errors.Is(err, lake.ErrBackupPlace) {
				t.Errorf("a backup in %s: %v", dir, err)
			}
		}
		if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "x", "2026-01-01T00:00:00Z", "")}); err != nil {
			t.Fatal(err)
		}
		backup(t, l, good, lake.BackupOptions{})
	})
	// The lake as it was before, and one that has gone on from there.
	for range 2 {
		before.Write(t, func(l *lake.Lake, st lake.Store) {
			_, err := l.Backup(t.Context(), good, lake.BackupOptions{})
			if !errors.Is(err, lake.ErrRolledBack) {
				t.Errorf("an older lake's backup over a newer one's: %v", err)
			}
			for i := range 5 {
				if _, err := l.UpdateStore(st.Name, lake.StoreSettings{RetentionDays: 100 + i}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if _, err := lake.Restore(t.Context(), good, p.Dir, lake.BackupOptions{}); !errors.Is(err, lake.ErrLakeExists) {
		t.Errorf("restore over a lake: %v", err)
	}
	for _, dir := range []string{full, good + "/in"} {
		if _, err := lake.Restore(t.Context(), good, dir, lake.BackupOptions{}); !errors.Is(err, lake.ErrBackupPlace) {
			t.Errorf("restore into %s: %v", dir, err)
		}
	}
	if _, err := lake.Restore(t.Context(), full, filepath.Join(t.TempDir(), "new"), lake.BackupOptions{}); !errors.Is(err, lake.ErrNoLake) {
		t.Errorf("restore from no backup: %v", err)
	}
	(laketest.Place{Dir: good, Key: p.Key}).Sound(t)
	p.Sound(t)
}

// flip changes a bit in the middle of a file.
func flip(t *testing.T, name string) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err == nil {
		content[len(content)/2] ^= 4
		err = os.WriteFile(name, content, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// glob is a file of the lake whose name ends so and that is not one of others.
func glob(t *testing.T, p laketest.Place, ext string, others ...string) string {
	t.Helper()
	for _, name := range p.Files(t) {
		if strings.HasSuffix(name, ext) && !slices.Contains(others, name) {
			return name
		}
	}
	t.Fatalf("no file ends in %s", ext)
	return ""
}
