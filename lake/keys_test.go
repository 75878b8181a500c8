package lake_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// fillDay brings an object of one event.
func fillDay(t *testing.T, p laketest.Place, id string) {
	t.Helper()
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: id, Events: []lake.Event{laketest.Event(t, id, "2026-01-01T12:00:00Z", "")}})
}

func rotate(t *testing.T, p laketest.Place, destroy bool) lake.Key {
	t.Helper()
	var key lake.Key
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		var err error
		if key, err = l.RotateKey("every January", destroy); err != nil {
			t.Fatal(err)
		}
	})
	return key
}

func keysOfLake(t *testing.T, p laketest.Place) (keys []lake.Key) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) { keys = s.Keys() })
	return keys
}

func verifyKnown(t *testing.T, p laketest.Place, known ...string) *lake.Report {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Who knows the first key alone follows to the last one.
func TestARotatedKeyIsSignedInByTheOneBefore(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	first := readFile(t, p.Key)
	old := p.Copy(t)
	rotate(t, p, false)
	fillDay(t, p, "b")
	second := readFile(t, p.Key)
	rotate(t, p, true)
	fillDay(t, p, "c")
	p.Sound(t)
	keys := keysOfLake(t, p)
	if len(keys) != 3 || keys[0].From != 0 || keys[1].From < 3 || keys[2].From <= keys[1].From+1 {
		t.Fatalf("keys %+v; want three, one after the other", keys)
	}
	for _, k := range keys {
		if r := verifyKnown(t, p, k.Key); len(r.Problems) > 0 {
			t.Errorf("known from %d: %+v", k.From, r.Problems)
		}
	}
	if got := readFile(t, p.Key+".old-1"); got != first {
		t.Error("the first key was not kept aside")
	}
	if _, err := os.Stat(p.Key + ".old-2"); err == nil || readFile(t, p.Key) == second {
		t.Error("the second key was to be destroyed")
	}
	for _, name := range []string{p.Key, p.Key + ".old-1"} {
		if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", name, st.Mode(), err)
		}
	}
	// The index knows the keys too, and can be made anew.
	removeAll(t, p, "local/index.db")
	if got := keysOfLake(t, p); len(got) != 3 {
		t.Errorf("without an index: keys %+v", got)
	}
	// The old key goes on with nothing.
	if err := os.WriteFile(old.Key+".first", []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Open(p.Dir, lake.Options{Key: old.Key + ".first"}); !errors.Is(err, lake.ErrNoKey) {
		t.Errorf("opened with the first key: %v; want ErrNoKey", err)
	}
}

func TestABackupFollowsRotatedKeys(t *testing.T) {
	p := laketest.NewPlace(t)
	dir := filepath.Join(t.TempDir(), "backup")
	backup := func() {
		t.Helper()
		p.Write(t, func(l *lake.Lake, _ lake.Store) {
			if _, err := l.Backup(t.Context(), dir, lake.BackupOptions{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	fillDay(t, p, "a")
	backup()
	rotate(t, p, false)
	backup()
	fillDay(t, p, "b")
	backup()
	b := laketest.Place{Dir: dir, Key: p.Key}
	b.Sound(t)
	restored(t, dir, p.Key).Sound(t)
}

// A key that is declared lost leaves a mark that nobody can take away.
func TestALostKeyIsToldForEver(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	first := keysOfLake(t, p)[0]
	if err := os.Rename(p.Key, p.Key+".gone"); err != nil {
		t.Fatal(err)
	}
	key, err := lake.LoseKey(p.Dir, p.Options(), "laptop stolen")
	if err != nil {
		t.Fatal(err)
	}
	if !key.Lost || key.Reason != "laptop stolen" {
		t.Errorf("the key is %+v", key)
	}
	fillDay(t, p, "b")
	later := rotate(t, p, false)
	p.Sound(t)
	if r := p.Verify(t); len(r.Breaks) != 1 || r.Breaks[0].Key != key.Key {
		t.Errorf("breaks %+v; want that one", r.Breaks)
	}
	for _, tt := range []struct {
		known string
		sound bool
	}{{first.Key, false}, {key.Key, true}, {later.Key, true}} {
		if r := verifyKnown(t, p, tt.known); (len(r.Problems) == 0) != tt.sound {
			t.Errorf("known %s: problems %+v; want none: %t", tt.known, r.Problems, tt.sound)
		}
	}
	// Who holds the key that is said to be lost is told that somebody else said so.
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key + ".gone"})
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].What, "you hold it") {
		t.Errorf("with the old key at hand: %+v, %v", r, err)
	}
}

func TestAKeyThatOthersCanReadIsRefused(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660} {
		if err := os.Chmod(p.Key, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := lake.Open(p.Dir, p.Options()); !errors.Is(err, lake.ErrKeyOpen) {
			t.Errorf("mode %o: %v; want ErrKeyOpen", mode, err)
		}
	}
	if r := p.Verify(t); len(r.Problems) > 0 || len(r.Notes) == 0 {
		t.Errorf("verify: %+v; want a note", r)
	}
	if err := os.Chmod(p.Key, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(p.Key), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Open(p.Dir, p.Options()); !errors.Is(err, lake.ErrKeyOpen) {
		t.Errorf("a folder for everybody: %v; want ErrKeyOpen", err)
	}
}

func TestAKeyGivenAsTextIsNotRotated(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	p.Key = strings.TrimSpace(readFile(t, p.Key))
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		if _, err := l.RotateKey("", false); err == nil {
			t.Error("rotated a key that has no place")
		}
	})
	p.Sound(t)
}
