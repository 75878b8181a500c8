package lake_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// tries is how many bits the test flips: TARN_TAMPER says otherwise. 10,000 take
// some minutes.
func tries() int {
	if n, err := strconv.Atoi(os.Getenv("TARN_TAMPER")); err == nil {
		return n
	}
	few := laketest.Few(1, []int{40, 120})
	return few[len(few)-1]
}

// busyPlace is a small lake with one of everything: two stores, conflicts, rejects,
// a commit after the other, files of the hot tier that the log has counted, and a
// journal of events that are in no file yet, as a writer leaves it that comes to a
// sudden end. It returns the lake as it was before the last live events, too.
func busyPlace(t *testing.T) (p, before laketest.Place) {
	t.Helper()
	live := laketest.NewPlace(t)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	o := live.Options()
	o.Now = func() time.Time { return now }
	live.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		other, err := l.CreateStore("other", schemas.CloudTrail())
		if err != nil {
			t.Fatal(err)
		}
		for i, store := range []lake.Store{st, other, st} {
			a, err := l.Append(store, lake.AppendOptions{})
			if err != nil {
				t.Fatal(err)
			}
			laketest.Put(t, a, laketest.Object{Key: fmt.Sprint("o", i), Bad: []string{"{}"}, Events: []lake.Event{
				laketest.Event(t, fmt.Sprint("a", i), noon, store.Name), laketest.Event(t, fmt.Sprint("b", i), noon, "x"),
				laketest.Event(t, fmt.Sprint("b", i), noon, "another")}})
			if _, err := a.Finish(); err != nil {
				t.Fatal(err)
			}
		}
	})
	put := func(l *lake.Lake, st lake.Store, from int) {
		for i := range 3 {
			e := laketest.Event(t, fmt.Sprint("live ", from+i), "2026-03-10T11:00:00Z", "live")
			if _, err := l.Put(t.Context(), st, []lake.Event{e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	live.WriteWith(t, o, func(l *lake.Lake, st lake.Store) { put(l, st, 0) })
	before = live.Copy(t)
	now = now.Add(time.Hour)
	live.WriteWith(t, o, func(l *lake.Lake, st lake.Store) { put(l, st, 10) })
	live.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
		put(l, st, 20)
		p = live.Copy(t)
	})
	return p, before
}

// evidenceOf are the files of which every bit counts: not those of which FORMAT.md
// says that they do not, nor files of the hot tier that have been replaced.
func evidenceOf(t *testing.T, p laketest.Place) []string {
	t.Helper()
	manifest := string(contentOf(t, p, "hot/MANIFEST"))
	live, retired, _ := strings.Cut(manifest, `"retired":`)
	return slices.DeleteFunc(sealedFiles(t, p), func(f string) bool {
		id, _, _ := strings.Cut(path.Base(f), ".")
		return strings.HasPrefix(f, "hot/") && strings.Contains(retired, id) && !strings.Contains(live, id)
	})
}

// reportedAt reports whether the file is among what Verify says. Of the log any of
// its files will do: they say the same. What looks like the torn end of a journal is
// a note, for a sudden end leaves the same.
func reportedAt(r *lake.Report, name string) bool {
	found := complaints(r)
	if strings.HasPrefix(name, "log/") {
		return slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(f string) bool { return strings.HasPrefix(f, "log/") })
	}
	return found[name] != "" || strings.HasPrefix(name, "hot/journal/") &&
		(found["hot/journal"] != "" || slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, name) }))
}

func TestRandomBitsAreReportedWithTheirPlace(t *testing.T) {
	p, _ := busyPlace(t)
	p.Sound(t)
	files := evidenceOf(t, p)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range tries() {
		name := files[random.IntN(len(files))]
		if i < len(files) {
			name = files[i] // each once: small ones count as much
		}
		content := contentOf(t, p, name)
		at, bit := random.IntN(len(content)), byte(1)<<random.IntN(8)
		content[at] ^= bit
		replace(t, p, name, content)
		if r := p.Verify(t); !reportedAt(r, name) {
			t.Errorf("seed %d: byte %d of %s changed by %#x: Verify found %q, notes %q; want that file", seed, at, name, bit, complaints(r), r.Notes)
		}
		content[at] ^= bit
		replace(t, p, name, content)
		if i%100 == 0 {
			p.Sound(t)
		}
	}
	p.Sound(t)
}

// What stands behind the last checkpoint is no part of the log, and the next writer
// cuts it off: more bytes there say nothing, as a power cut leaves them.
func TestShorterAndLongerFilesAreReported(t *testing.T) {
	p, _ := busyPlace(t)
	for _, name := range evidenceOf(t, p) {
		content := contentOf(t, p, name)
		for what, changed := range map[string][]byte{"shorter": content[:len(content)-1], "empty": nil, "longer": append(slices.Clone(content), 0)} {
			if what == "longer" && (name == "log/entries" || name == "log/checkpoints") {
				continue
			}
			replace(t, p, name, changed)
			if r := p.Verify(t); !reportedAt(r, name) {
				t.Errorf("%s %s: Verify found %q, notes %q; want that file", what, name, complaints(r), r.Notes)
			}
		}
		replace(t, p, name, content)
	}
	p.Sound(t)
}

func TestSwappedFilesAreReported(t *testing.T) {
	p, _ := busyPlace(t)
	var files []string
	for _, f := range evidenceOf(t, p) {
		if !strings.HasPrefix(f, "log/") && !strings.HasPrefix(f, "hot/journal") && f != "FORMAT" {
			files = append(files, f)
		}
	}
	for i, a := range files {
		b := files[(i+1)%len(files)] // of the same segment, of another, of another store
		c := files[(i+3)%len(files)]
		for _, other := range []string{b, c} {
			x, y := contentOf(t, p, a), contentOf(t, p, other)
			if string(x) == string(y) {
				continue // small segments have the same tree file
			}
			replace(t, p, a, y)
			replace(t, p, other, x)
			// Where the manifest is wrong, nobody can say what files there should be.
			r := p.Verify(t)
			if !reportedAt(r, a) && other != "hot/MANIFEST" || !reportedAt(r, other) && a != "hot/MANIFEST" {
				t.Errorf("Verify found %q; want %s and %s", complaints(r), a, other)
			}
			replace(t, p, a, x)
			replace(t, p, other, y)
		}
	}
	p.Sound(t)
}

// replay puts files, or all of a folder, of one lake into another, and takes away
// those that it does not have.
func replay(t *testing.T, from, to laketest.Place, names ...string) laketest.Place {
	t.Helper()
	to = to.Copy(t)
	among := func(f string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return f == n || strings.HasSuffix(n, "/") && strings.HasPrefix(f, n) })
	}
	for _, f := range to.Files(t) {
		if among(f) {
			removeAll(t, to, f)
		}
	}
	for _, f := range from.Files(t) {
		if among(f) {
			replace(t, to, f, contentOf(t, from, f))
		}
	}
	return to
}

// An old copy of a part does not fit the rest. An old copy of everything does: only
// who kept a checkpoint can tell (docs/integrity.md).
func TestOldCopiesAreReported(t *testing.T) {
	now, before := busyPlace(t)
	for _, tt := range []struct {
		what  string
		names []string
		where string
	}{
		{"the log, with the index of now", []string{"log/"}, "local/index.db"},
		{"the log's entries", []string{"log/entries"}, "log/entries"},
		{"the log's checkpoints", []string{"log/checkpoints"}, "log/checkpoints"},
		{"the shown checkpoint", []string{"log/checkpoint"}, "log/checkpoint"},
		{"the hot tier, with the log of now", []string{"hot/"}, "hot"},
		{"the manifest, with the files of now", []string{"hot/MANIFEST"}, "hot"},
	} {
		p := replay(t, before, now, tt.names...)
		if r := p.Verify(t); !reportedAt(r, tt.where) {
			t.Errorf("an old copy of %s: Verify found %q; want %s", tt.what, complaints(r), tt.where)
		}
	}
	p := replay(t, before, now, "log/", "hot/", "local/index.db")
	if r := p.Verify(t); len(r.Problems) > 0 {
		t.Errorf("an old copy of everything: %+v; if Verify can tell by now, docs/integrity.md should say so", r.Problems)
	}
}

// The index is no evidence: what is wrong with it is said, and the next writer
// makes it anew.
func TestADamagedIndexIsMadeAnew(t *testing.T) {
	p, _ := busyPlace(t)
	p.Write(t, func(*lake.Lake, lake.Store) {})
	for _, content := range [][]byte{nil, []byte("nothing"), contentOf(t, p, "local/index.db")[:4096]} {
		replace(t, p, "local/index.db", content)
		p.Write(t, func(*lake.Lake, lake.Store) {})
		if r := p.Verify(t); len(r.Problems)+len(r.Notes) > 0 {
			t.Errorf("with an index of %d bytes, after a writer: %+v, %q", len(content), r.Problems, r.Notes)
		}
	}
}
