package lake_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// filledPlace returns a lake with two imports in it: events, a conflict, sources
// and rejects.
func filledPlace(t *testing.T) laketest.Place {
	t.Helper()
	p := laketest.NewPlace(t)
	objects := midnightObjects(t)
	p.Fill(t, lake.AppendOptions{}, objects[:2]...)
	p.Fill(t, lake.AppendOptions{}, objects[2], laketest.Object{Key: "k", Events: []lake.Event{
		laketest.Event(t, "a", noon, "1"), laketest.Event(t, "a", noon, "2"),
	}})
	return p
}

// replace makes or replaces a file of the lake.
func replace(t *testing.T, p laketest.Place, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.Path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.Path(name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func contentOf(t *testing.T, p laketest.Place, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(p.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func removeAll(t *testing.T, p laketest.Place, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(p.Path(name)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	one := filledPlace(t)
	other := laketest.NewPlace(t)
	other.Fill(t, lake.AppendOptions{})
	for _, tt := range []struct {
		name     string
		damage   func(p *laketest.Place)
		want     error
		hint     string
		viewToo  bool
		viewWant error
	}{
		{name: "a folder that is not there", want: lake.ErrNoLake, hint: "tarn import", viewToo: true,
			damage: func(p *laketest.Place) { p.Dir += "-nowhere" }},
		{name: "a folder without FORMAT", want: lake.ErrNoLake, viewToo: true,
			damage: func(p *laketest.Place) { removeAll(t, *p, "FORMAT") }},
		{name: "a newer format", want: lake.ErrNewer, hint: "update tarn", viewToo: true,
			damage: func(p *laketest.Place) {
				replace(t, *p, "FORMAT", []byte(strings.Replace(string(contentOf(t, *p, "FORMAT")), "format 1", "format 2", 1)))
			}},
		{name: "a damaged FORMAT", want: lake.ErrCorrupt, viewToo: true,
			damage: func(p *laketest.Place) { replace(t, *p, "FORMAT", []byte("tarn lake, format 1\nand more\n")) }},
		{name: "no key", want: lake.ErrNoKey, hint: "backup", damage: func(p *laketest.Place) { p.Key += "-nowhere" }},
		{name: "another lake's key", want: lake.ErrNoKey, hint: "TARN_KEY", damage: func(p *laketest.Place) { p.Key = other.Key }},
		{name: "a file that is no key", want: lake.ErrNoKey, damage: func(p *laketest.Place) { p.Key = p.Path("FORMAT") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := one.Copy(t)
			tt.damage(&p)
			_, err := lake.Open(p.Dir, p.Options())
			if !errors.Is(err, tt.want) || !strings.Contains(strings.Join(hint.Of(err), " "), tt.hint) {
				t.Errorf("Open = %v, hints %q; want %v, a hint of %q", err, hint.Of(err), tt.want, tt.hint)
			}
			l, err := lake.View(p.Dir, p.Options())
			if err == nil {
				l.Close()
			}
			if tt.viewToo != errors.Is(err, tt.want) {
				t.Errorf("View = %v; want %v: %t", err, tt.want, tt.viewToo)
			}
		})
	}
}

func TestOneProcessWrites(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		if _, err := lake.Open(p.Dir, p.Options()); !errors.Is(err, lake.ErrLocked) || len(hint.Of(err)) == 0 {
			t.Errorf("second Open = %v, hints %q; want ErrLocked with a hint", err, hint.Of(err))
		}
		view, err := lake.View(p.Dir, p.Options())
		if err != nil {
			t.Fatalf("View beside a writer: %v", err)
		}
		defer view.Close()
		st, err := view.Store(laketest.StoreName)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := view.Append(st, lake.AppendOptions{}); !errors.Is(err, lake.ErrReadOnly) {
			t.Errorf("Append to a View = %v; want ErrReadOnly", err)
		}
		if _, err := view.CreateStore("another", schemas.CloudTrail()); !errors.Is(err, lake.ErrReadOnly) {
			t.Errorf("CreateStore of a View = %v; want ErrReadOnly", err)
		}
	})
	p.Write(t, func(*lake.Lake, lake.Store) {}) // the lock is free again
}

func TestStores(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if _, err := l.CreateStore(laketest.StoreName, schemas.CloudTrail()); !errors.Is(err, lake.ErrStoreExists) {
			t.Errorf("CreateStore of a name that is taken = %v; want ErrStoreExists", err)
		}
		for _, name := range []string{"", "ab", "a/b", "with space", strings.Repeat("x", 129)} {
			if _, err := l.CreateStore(name, schemas.CloudTrail()); !errors.Is(err, lake.ErrStoreName) {
				t.Errorf("CreateStore(%q) = %v; want ErrStoreName", name, err)
			}
		}
		for _, ref := range []string{st.Name, st.ID, strings.ToUpper(st.ID), st.ARN()} {
			if got, err := l.Store(ref); err != nil || got != st {
				t.Errorf("Store(%q) = %+v, %v; want %+v", ref, got, err, st)
			}
		}
		if _, err := l.Store("nowhere"); !errors.Is(err, lake.ErrStoreNotFound) || !strings.Contains(strings.Join(hint.Of(err), " "), st.Name) {
			t.Errorf("Store of a name that is not there = %v, hints %q; want ErrStoreNotFound and the names", err, hint.Of(err))
		}
	})
}

// Of several that create a store of one name at a time, one does.
func TestAStoreIsCreatedOnce(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		results := make(chan error)
		for range 8 {
			go func() {
				_, err := l.CreateStore("same-name", schemas.CloudTrail())
				results <- err
			}()
		}
		made := 0
		for range 8 {
			if err := <-results; err == nil {
				made++
			} else if !errors.Is(err, lake.ErrStoreExists) {
				t.Error(err)
			}
		}
		if made != 1 {
			t.Errorf("%d stores of one name; want 1", made)
		}
	})
}

func TestCreateTakesNoFolderWithOtherThings(t *testing.T) {
	for name, files := range map[string][]string{
		"a file":                        {"notes.txt"},
		"somebody's logs":               {"log/syslog", "log/nginx/access.log"},
		"a file like one of ours":       {"log/entries"},
		"a lake that has lost FORMAT":   nil,
		"segments without anything":     {"segments/x/y.parquet"},
		"an index without anything":     {"local/index.db"},
		"our log and somebody's beside": {"log/syslog", "log/checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			p := laketest.NewPlace(t)
			if files == nil {
				p = filledPlace(t)
				removeAll(t, p, "FORMAT", "segments", "sources", "rejects", "local", "tmp", "lock")
			}
			for _, f := range files {
				replace(t, p, f, []byte("somebody's work, longer than a magic"))
			}
			before := p.Files(t)
			if _, err := lake.Create(p.Dir, p.Options()); !errors.Is(err, lake.ErrNotEmpty) || len(hint.Of(err)) == 0 {
				t.Errorf("Create = %v, hints %q; want ErrNotEmpty with a hint", err, hint.Of(err))
			}
			if d := cmp.Diff(before, p.Files(t)); d != "" {
				t.Errorf("Create touched the folder (-before +after):\n%s", d)
			}
		})
	}
}

// A creation that was interrupted left the log, or a part of it, and no FORMAT.
func TestAnInterruptedCreationIsCompleted(t *testing.T) {
	whole := laketest.NewPlace(t)
	l, err := lake.Create(whole.Dir, whole.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, left := range map[string][]string{
		"before anything":            {},
		"before the log":             {"lock"},
		"before the first entry":     {"lock", "log/entries"},
		"before the first tile":      {"lock", "log/entries", "log/checkpoints"},
		"before the checkpoint":      {"lock", "log/entries", "log/checkpoints", "log/tile/0/000.p/1"},
		"before FORMAT":              slices.DeleteFunc(whole.Files(t), func(f string) bool { return f == "FORMAT" }),
		"while FORMAT was written":   append(slices.DeleteFunc(whole.Files(t), func(f string) bool { return f == "FORMAT" }), "FORMAT.tmp"),
		"while the tile was written": {"lock", "log/entries", "log/checkpoints", "log/tile/0/000.p/1.tmp"},
		// What a power cut may leave.
		"zeros for entries":           {"lock", "log/entries", "log/checkpoints"},
		"checkpoints without entries": {"lock", "log/checkpoints"},
	} {
		t.Run(name, func(t *testing.T) {
			p := laketest.NewPlace(t)
			for _, f := range left {
				content, err := os.ReadFile(whole.Path(f))
				if err != nil && !strings.HasSuffix(f, ".tmp") {
					t.Fatal(err)
				}
				if strings.HasPrefix(name, "before the first entry") {
					content = content[:3] // of the magic
				}
				if strings.HasPrefix(name, "zeros") {
					clear(content)
				}
				replace(t, p, f, content)
			}
			if _, err := lake.Open(p.Dir, p.Options()); !errors.Is(err, lake.ErrNoLake) {
				t.Errorf("Open = %v; want ErrNoLake", err)
			}
			p.Fill(t, lake.AppendOptions{}, midnightObjects(t)[0])
			p.Sound(t)
		})
	}
}

// What is held by another process is not cleared away from under it.
func TestCreateWaitsForNobody(t *testing.T) {
	p := laketest.NewPlace(t)
	l, err := lake.Create(p.Dir, p.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	removeAll(t, p, "FORMAT") // as if l were still making it
	before := p.Files(t)
	if _, err := lake.Create(p.Dir, p.Options()); !errors.Is(err, lake.ErrLocked) {
		t.Errorf("second Create = %v; want ErrLocked", err)
	}
	if d := cmp.Diff(before, p.Files(t)); d != "" {
		t.Errorf("second Create touched the folder (-before +after):\n%s", d)
	}
}

func TestAKeyThatIsNoLakesMakesNoLake(t *testing.T) {
	for _, name := range []string{"example.com/log", "tarn/my-lake"} {
		p := laketest.NewPlace(t)
		var err error
		if p.Key, _, err = note.GenerateKey(rand.Reader, name); err != nil {
			t.Fatal(err)
		}
		if _, err := lake.Create(p.Dir, p.Options()); !errors.Is(err, lake.ErrNoKey) {
			t.Errorf("Create with a key of %s = %v; want ErrNoKey", name, err)
		}
	}
}

// Two lakes of one key would be one log to whoever checks.
func TestALakeMakesAKeyOfItsOwn(t *testing.T) {
	p := filledPlace(t)
	key := readFile(t, p.Key)
	other := laketest.NewPlace(t)
	other.Key = p.Key
	if _, err := lake.Create(other.Dir, other.Options()); err == nil || len(hint.Of(err)) == 0 {
		t.Errorf("Create with the key file of another lake = %v, hints %q; want an error with a hint", err, hint.Of(err))
	}
	if readFile(t, p.Key) != key {
		t.Error("Create changed the key file")
	}
}
