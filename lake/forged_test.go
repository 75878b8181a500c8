package lake_test

import (
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/lake"
	"tarn/lake/internal/entrylog"
	"tarn/lake/laketest"
)

// forge writes a log of the payloads, signed with a key of that name, in the place of
// the lake's. {KEY} stands for the key's line.
func forge(t *testing.T, p laketest.Place, name string, payloads ...string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	removeAll(t, p, "log", "segments", "sources", "rejects", "hot", "local/index.db")
	fsys, err := vfs.OpenOS(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	l, err := entrylog.Create(fsys, signer)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, payload := range payloads {
		if err := l.Append([]byte(strings.ReplaceAll(payload, "{KEY}", public))); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Publish(); err != nil {
		t.Fatal(err)
	}
}

// changeManifest rewrites the hot tier's manifest, with its checksum.
func changeManifest(t *testing.T, p laketest.Place, change func(string) string) {
	t.Helper()
	_, body, _ := strings.Cut(string(contentOf(t, p, "hot/MANIFEST")), "\n")
	changed := change(body)
	if changed == body {
		t.Fatal("nothing was changed")
	}
	sum := crc32.Checksum([]byte(changed), crc32.MakeTable(crc32.Castagnoli))
	replace(t, p, "hot/MANIFEST", fmt.Appendf(nil, "TARNHOT1 %08x\n%s", sum, changed))
}

// idOf is the lake's id.
func idOf(t *testing.T, p laketest.Place) string {
	t.Helper()
	name, _, _ := strings.Cut(keysOfLake(t, p)[0].Key, "+")
	return strings.TrimPrefix(name, "tarn/")
}

// Whoever writes a lake anew under the old id, with a key of another name, must not
// pass for one whose key is merely not at hand.
func TestAKeyOfAnotherNameSignsNoLake(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	id := idOf(t, p)
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	if err := os.MkdirAll(filepath.Join(config, "tarn"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "tarn", id+".key"), []byte(readFile(t, p.Key)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tarn/00000000-0000-4000-8000-000000000000", "tarn/" + id} {
		forge(t, p, name, fmt.Sprintf(`{"v":1,"type":"lake","time":"2026-01-01T00:00:00Z","lake":%q,"key":"{KEY}"}`, id))
		r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{})
		if err != nil || len(r.Problems) == 0 {
			t.Errorf("signed as %s: %+v, %v; want a problem", name, r, err)
		}
	}
}

// Who knows the newest key, and the one before, is not shown a past that the old one
// alone has signed.
func TestAKnownKeyThatTheLogDoesNotNameIsMissed(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	old := p.Copy(t)
	secret := filepath.Join(t.TempDir(), "stolen")
	if err := os.WriteFile(secret, []byte(readFile(t, p.Key)), 0o600); err != nil {
		t.Fatal(err)
	}
	rotate(t, p, false)
	keys := keysOfLake(t, p)
	all := []string{keys[0].Key, keys[1].Key}
	if r := verifyKnown(t, p, all...); len(r.Problems) > 0 {
		t.Fatalf("the lake itself: %+v", r.Problems)
	}
	old.Key = secret
	fillDay(t, old, "forged")
	r := verifyKnown(t, old, all...)
	if !strings.Contains(complaints(r)["log/entries"], "does not name") {
		t.Errorf("signed with the old key alone: %q; want that the log does not name the newer one", complaints(r))
	}
	// Keys of other lakes are no matter.
	other := laketest.NewPlace(t)
	fillDay(t, other, "x")
	if r := verifyKnown(t, p, append(all, keysOfLake(t, other)[0].Key)...); len(r.Problems) > 0 {
		t.Errorf("with another lake's key among those known: %+v", r.Problems)
	}
}

// A lake that was put back to before a rotation is no continuation of what was
// verified behind it.
func TestNotesOfALaterKeyAreAProblem(t *testing.T) {
	p := filledPlace(t)
	before := p.Copy(t)
	first := filepath.Join(t.TempDir(), "first")
	if err := os.WriteFile(first, []byte(readFile(t, p.Key)), 0o600); err != nil {
		t.Fatal(err)
	}
	rotate(t, p, false)
	fillDay(t, p, "later")
	notes := filepath.Join(t.TempDir(), "notes")
	cutShort(t, p, notes, false)
	before.Key = first
	for range 2 {
		r := goOn(t, before, notes, false)
		if !strings.Contains(complaints(r)["log/entries"], "is not a continuation of the log that was verified") || believed(r) > 0 {
			t.Errorf("put back to before a rotation: %q, notes %q; want that it is no continuation, each time", complaints(r), r.Notes)
		}
	}
}

// What is shown is the newest of what was signed, or a writer, or a backup, was
// interrupted: then Verify says so.
func TestAnOldShownCheckpointIsNoted(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	old := p.Copy(t)
	fillDay(t, p, "b")
	fillDay(t, p, "c")
	p.Sound(t)
	if r := p.Verify(t); len(r.Notes) > 0 {
		t.Fatalf("untouched: notes %q", r.Notes)
	}
	p = replay(t, old, p, "log/checkpoint", "log/tile/", "hot/") // all that tells of the log's size
	removeAll(t, p, "local/index.db")
	r := p.Verify(t)
	if len(r.Problems) > 0 || !strings.Contains(strings.Join(r.Notes, "\n"), "log/checkpoints goes on") {
		t.Errorf("an old checkpoint is shown: problems %+v, notes %q; want a note", r.Problems, r.Notes)
	}
}

// The log does not say which of the accepted events are records of a taken id: the
// hot tier's manifest does, which nobody signs. When their day is sealed, the log does.
func TestALiveEventMadeAConflict(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "live", "2026-03-10T11:00:00Z", "x")}); err != nil {
			t.Fatal(err)
		}
	})
	p.Sound(t)
	changeManifest(t, p, func(s string) string { return strings.Replace(s, `"rows":`, `"conflicts":true,"rows":`, 1) })
	if n := len(p.Conflicts(t)); n != 1 {
		t.Fatalf("%d conflicts: the attack was not done", n)
	}
	if r := p.Verify(t); len(r.Problems) > 0 {
		t.Errorf("%+v; if Verify can tell by now, docs/integrity.md should say so", r.Problems)
	}
}
