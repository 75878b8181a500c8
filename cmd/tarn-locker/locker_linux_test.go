package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/internal/immutable"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// markable skips the test where the flag cannot be set, and has it lifted at the end
// whatever happens.
func markable(t *testing.T, p laketest.Place) {
	t.Helper()
	t.Cleanup(func() {
		if folder, err := os.Open(p.Dir); err == nil {
			defer folder.Close()
			if err := unlock(folder); err != nil {
				t.Errorf("chattr -R -i %s by hand: %v", p.Dir, err)
			}
		}
	})
	probe := filepath.Join(t.TempDir(), "probe")
	if err := os.WriteFile(probe, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(probe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := errors.Join(immutable.Mark(f, true), immutable.Mark(f, false)); err != nil {
		t.Skipf("SKIPPED: the immutable flag cannot be set here: %v", err)
	}
}

// old fills a lake with a day whose time is over.
func old(t *testing.T, p laketest.Place) lake.Options {
	t.Helper()
	o := p.Options()
	p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		at := time.Now().UTC().AddDate(0, 0, -10).Format(time.RFC3339)
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: "a", Events: []lake.Event{laketest.Event(t, "a", at, "")}}}, nil)
	})
	return o
}

func sealed(t *testing.T, p laketest.Place) (files []string) {
	t.Helper()
	for _, f := range p.Files(t) {
		if strings.HasPrefix(f, "segments/") && !strings.HasSuffix(f, "/probe") || strings.HasPrefix(f, "sources/") {
			files = append(files, p.Path(f))
		}
	}
	return files
}

// Locked files can be neither changed nor removed, by root neither; and the lake goes on.
func TestLockedFilesStay(t *testing.T) {
	p := laketest.NewPlace(t)
	markable(t, p)
	old(t, p)
	o := options{lake: p.Dir, state: t.TempDir()}
	if err := o.once(t.Context()); err != nil {
		t.Fatal(err)
	}
	files := sealed(t, p)
	if len(files) != 4 {
		t.Fatalf("sealed files: %v", files)
	}
	for _, name := range files {
		if state, err := immutable.Of(name); state != immutable.Set {
			t.Errorf("%s: %v, %v; want it locked", name, state, err)
		}
		for what, err := range map[string]error{
			"write": os.WriteFile(name, nil, 0o644), "truncate": os.Truncate(name, 0), "remove": os.Remove(name),
			"rename": os.Rename(name, name+"x"), "link": os.Link(name, name+"x"), "chmod": os.Chmod(name, 0o600),
		} {
			if err == nil {
				t.Errorf("%s: could %s it", name, what)
			}
		}
	}
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		snap := l.Snapshot()
		defer snap.Release()
		if k := snap.Locks(); k.Immutable.Files != 4 || k.Immutable.Marked != 4 {
			t.Errorf("Locks: %+v", k)
		}
	})
	p.Sound(t)
}

// What has expired is removed by the locker, and by nobody else: not by the purger, not
// within the grace, not under a hold. What has not expired stays locked.
func TestTheLockerRemovesWhatExpired(t *testing.T) {
	p := laketest.NewPlace(t)
	markable(t, p)
	o, state := old(t, p), options{lake: p.Dir, state: t.TempDir()}
	var st lake.Store
	var held lake.Hold
	age := 2 * time.Hour
	o.Now = func() time.Time { return time.Now().Add(-age) }
	p.WriteWith(t, o, func(l *lake.Lake, its lake.Store) {
		at := time.Now().UTC().AddDate(0, 0, -12).Format(time.RFC3339)
		laketest.Bring(t, l, its, lake.AppendOptions{}, []laketest.Object{{Key: "b", Events: []lake.Event{laketest.Event(t, "b", at, "")}}}, nil)
		var err error
		if st, err = l.UpdateStore(its.ID, lake.StoreSettings{RetentionDays: 7}); err == nil {
			held, err = l.PlaceHold(st.ID, lake.Hold{To: at[:10], Reason: "case 4711"})
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	counts := func(what string, want int) {
		t.Helper()
		if err := state.once(t.Context()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		n := 0
		for _, name := range sealed(t, p) {
			if s, err := immutable.Of(name); s != immutable.Set {
				t.Errorf("%s: %s is not locked: %v", what, name, err)
			}
			n++
		}
		if n != want {
			t.Errorf("%s: there are %d sealed files; want %d", what, n, want)
		}
	}
	apply := func() {
		t.Helper()
		p.WriteWith(t, o, func(l *lake.Lake, _ lake.Store) {
			var days []lake.StoreDay
			for back := range 20 {
				days = append(days, lake.StoreDay{Store: st.ID, Day: time.Now().UTC().AddDate(0, 0, -back).Format(time.DateOnly)})
			}
			if _, err := l.Expire(t.Context(), days); err != nil {
				t.Fatal(err)
			}
		})
	}
	counts("before anything expires", 8)
	apply()
	r, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{})
	if err != nil || r.Files > 0 || len(r.Waiting) != 1 || !strings.Contains(r.Waiting[0].Why, "tarn-locker removes it") {
		t.Errorf("the purger: %+v, %v", r, err)
	}
	counts("one day expired, the other is held", 5)
	p.WriteWith(t, o, func(l *lake.Lake, _ lake.Store) {
		if _, err := l.ReleaseHold(held.ID, "closed"); err != nil {
			t.Fatal(err)
		}
	})
	age = time.Hour
	apply()
	counts("within the grace", 5)
	p.Sound(t)
}

// What is not what was sealed is not locked: neither a damaged file, nor another that
// somebody put or linked there.
func TestOnlyWhatWasSealedIsLocked(t *testing.T) {
	p := laketest.NewPlace(t)
	markable(t, p)
	old(t, p)
	files := sealed(t, p)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("somebody's"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(os.WriteFile(files[0], []byte("forged"), 0o644), os.Remove(files[1]), os.Symlink(other, files[1]),
		os.Remove(files[2]), os.Link(other, files[2]))
	if err != nil {
		t.Fatal(err)
	}
	if err := (options{lake: p.Dir, state: t.TempDir()}).once(t.Context()); err == nil {
		t.Error("nothing was said of it")
	}
	for i, name := range []string{files[0], other, files[3]} {
		if state, _ := immutable.Of(name); (state == immutable.Set) != (i == 2) {
			t.Errorf("%s is locked: %t", name, state == immutable.Set)
		}
	}
}

// A sealed file that somebody links to where another one is to be keeps its flag.
func TestAFlagIsNotLiftedByAnotherName(t *testing.T) {
	p := laketest.NewPlace(t)
	markable(t, p)
	old(t, p)
	files := sealed(t, p)
	if err := errors.Join(os.Remove(files[1]), os.Link(files[0], files[1])); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Open(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	all, err := lake.Sealed(t.Context(), p.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	// As if the link came behind the look whether it has its flag.
	for i, want := range []bool{true, false} {
		at := slices.IndexFunc(all, func(f lake.SealedFile) bool { return p.Path(f.Name) == files[i] })
		if err := mark(folder, all[at].Name, true, all[at].Check); (err == nil) != want {
			t.Errorf("%s: %v", all[at].Name, err)
		}
	}
	if state, _ := immutable.Of(files[0]); state != immutable.Set {
		t.Error("the flag of the file that was sealed was lifted")
	}
}

// A log that does not continue the one that was seen is not believed: not another
// lake's in its place, nor a shorter one.
func TestTheLogIsTheOneThatWasSeen(t *testing.T) {
	p, q := laketest.NewPlace(t), laketest.NewPlace(t)
	markable(t, p)
	old(t, p)
	before := p.Copy(t)
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		if _, err := l.CreateStore("another", schemas.CloudTrail()); err != nil {
			t.Fatal(err)
		}
	})
	old(t, q)
	state := t.TempDir()
	if err := (options{lake: p.Dir, state: state}).once(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen, err := (options{lake: p.Dir, state: state}).recall()
	if err != nil {
		t.Fatal(err)
	}
	for name, there := range map[string]string{"another lake": q.Dir, "an earlier state": before.Dir} {
		again := *seen
		if _, err := lake.Sealed(t.Context(), there, &again); !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("%s: Sealed = %v; want ErrCorrupt", name, err)
		}
		again = *seen
		if _, err := lake.Purge(t.Context(), there, lake.PurgeOptions{Seen: &again}); !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("%s: Purge = %v; want ErrCorrupt", name, err)
		}
	}
}
