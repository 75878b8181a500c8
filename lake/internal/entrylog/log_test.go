package entrylog_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

type disk struct {
	*vfs.OS
	dir    string
	signer note.Signer
	key    note.Verifier
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "tarn/test")
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{dir: t.TempDir()}
	d.signer, _ = note.NewSigner(skey)
	d.key, _ = note.NewVerifier(vkey)
	if d.OS, err = vfs.OpenOS(d.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.OS.Close() })
	return d
}

// keyOf is that all entries were signed with the one key.
func (d *disk) keyOf(e entrylog.Entry) (entrylog.Key, bool) {
	return entrylog.Key{Verifier: d.key}, e.Index == 0
}

// open returns the log and the entries that it replayed.
func (d *disk) open(t *testing.T) (*entrylog.Log, []string) {
	t.Helper()
	var got []string
	l, err := entrylog.Open(d, d.signer, entrylog.OneKey(d.key), entrylog.Position{}, func(e entrylog.Entry) error {
		got = append(got, string(e.Payload))
		return nil
	})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return l, got
}

func entryText(i int) string { return fmt.Sprintf("entry %d", i) }

func appendSome(t *testing.T, l *entrylog.Log, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := l.Append([]byte(entryText(i))); err != nil {
			t.Fatalf("Append %d: %v", i, err)
		}
	}
}

func entries(n int) []string {
	var out []string
	for i := range n {
		out = append(out, entryText(i))
	}
	return out
}

func TestEntriesSurviveReopening(t *testing.T) {
	d := newDisk(t)
	l, err := entrylog.Create(d, d.signer)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, batch := range []int{1, 2, 250, 3, 1, 300, 512} {
		appendSome(t, l, n, n+batch)
		n += batch
		if err := l.Publish(); err != nil {
			t.Fatalf("Publish at %d: %v", n, err)
		}
		l.Close()
		var got []string
		l, got = d.open(t)
		if diff := cmp.Diff(entries(n), got); diff != "" {
			t.Fatalf("entries after %d (-want +got):\n%s", n, diff)
		}
		if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
			t.Fatalf("Check at %d: %v", n, problems)
		}
	}
	l.Close()
}

func TestWhatStandsBehindTheCheckpointIsCutOff(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	appendSome(t, l, 0, 3)
	if err := l.Publish(); err != nil {
		t.Fatal(err)
	}
	appendSome(t, l, 3, 5) // never published
	l.Close()
	appendBytes(t, d, entrylog.EntriesFile, []byte{9, 0, 0, 0, 1, 2}) // and a torn one
	l, got := d.open(t)
	defer l.Close()
	if diff := cmp.Diff(entries(3), got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
		t.Errorf("Check: %v", problems)
	}
}

func TestDamageBelowTheCheckpointIsNeverCutAway(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	appendSome(t, l, 0, 3)
	if err := l.Publish(); err != nil {
		t.Fatal(err)
	}
	l.Close()
	name := filepath.Join(d.dir, "log", "entries")
	before, _ := os.ReadFile(name)
	damaged := bytes.Clone(before)
	damaged[len(damaged)-1] ^= 1
	if err := os.WriteFile(name, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := entrylog.Open(d, d.signer, entrylog.OneKey(d.key), entrylog.Position{}, func(entrylog.Entry) error { return nil })
	if !errors.Is(err, entrylog.ErrCorrupt) {
		t.Errorf("Open = %v; want ErrCorrupt", err)
	}
	if after, _ := os.ReadFile(name); !bytes.Equal(after, damaged) {
		t.Error("Open changed the damaged file")
	}
}

// Whoever shortens the checkpoints does not get the log cut at the next opening.
func TestLostCheckpointsAreNotBelieved(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	for i := range 4 {
		appendSome(t, l, i, i+1)
		if err := l.Publish(); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	name := filepath.Join(d.dir, "log", "checkpoints")
	whole, _ := os.ReadFile(name)
	damaged := bytes.Clone(whole)
	damaged[len(whole)/2] ^= 1
	for _, shown := range []bool{true, false} {
		if !shown {
			os.Remove(filepath.Join(d.dir, "log", "checkpoint"))
		}
		for _, content := range [][]byte{damaged, whole[:len(whole)-3]} {
			if err := os.WriteFile(name, content, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := entrylog.Open(d, d.signer, entrylog.OneKey(d.key), entrylog.Position{}, func(entrylog.Entry) error { return nil })
			if !errors.Is(err, entrylog.ErrCorrupt) {
				t.Errorf("checkpoint shown: %t. Open = %v; want ErrCorrupt", shown, err)
			}
			if after, _ := os.ReadFile(name); !bytes.Equal(after, content) {
				t.Errorf("checkpoint shown: %t. Open changed the file", shown)
			}
		}
	}
}

func TestATornCheckpointIsCutOff(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	appendSome(t, l, 0, 3)
	if err := l.Publish(); err != nil {
		t.Fatal(err)
	}
	l.Close()
	name := filepath.Join(d.dir, "log", "checkpoints")
	whole, _ := os.ReadFile(name)
	appendBytes(t, d, entrylog.CheckpointsFile, whole[8:60])
	l, got := d.open(t)
	defer l.Close()
	if diff := cmp.Diff(entries(3), got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if after, _ := os.ReadFile(name); !bytes.Equal(after, whole) {
		t.Errorf("log/checkpoints has %d bytes; want the %d before the torn one", len(after), len(whole))
	}
}

// A crash before the checkpoint leaves tiles of entries that never counted; full
// ones too, where the entries went past a tile's end.
func TestTilesThatNeverCountedAreSweptAway(t *testing.T) {
	for _, sizes := range [][2]int{{3, 6}, {200, 256}, {250, 600}, {256, 257}, {300, 700}} {
		d := newDisk(t)
		l, _ := entrylog.Create(d, d.signer)
		appendSome(t, l, 0, sizes[0])
		if err := l.Publish(); err != nil {
			t.Fatal(err)
		}
		kept := map[string][]byte{}
		for _, f := range []string{entrylog.CheckpointsFile, entrylog.CheckpointFile} {
			kept[f], _ = os.ReadFile(d.Path(f))
		}
		appendSome(t, l, sizes[0], sizes[1])
		if err := l.Publish(); err != nil {
			t.Fatal(err)
		}
		l.Close()
		for f, content := range kept {
			if err := os.WriteFile(d.Path(f), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l, got := d.open(t)
		if diff := cmp.Diff(entries(sizes[0]), got); diff != "" {
			t.Errorf("%v: entries (-want +got):\n%s", sizes, diff)
		}
		if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
			t.Errorf("%v: Check: %v", sizes, problems)
		}
		appendSome(t, l, sizes[0], sizes[0]+2)
		if err := l.Publish(); err != nil {
			t.Fatal(err)
		}
		if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
			t.Errorf("%v: Check after two more: %v", sizes, problems)
		}
		l.Close()
	}
}

func TestDerivedFilesAreMadeAnew(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	appendSome(t, l, 0, 300)
	if err := l.Publish(); err != nil {
		t.Fatal(err)
	}
	l.Close()
	os.RemoveAll(filepath.Join(d.dir, "log", "tile"))
	os.Remove(filepath.Join(d.dir, "log", "checkpoint"))
	l, _ = d.open(t)
	defer l.Close()
	if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
		t.Errorf("Check: %v", problems)
	}
}

// Every single bit of the log's files matters.
func TestCheckFindsEveryFlippedBit(t *testing.T) {
	d := newDisk(t)
	l, _ := entrylog.Create(d, d.signer)
	for i := range 4 {
		appendSome(t, l, i, i+1)
		if err := l.Publish(); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	err := filepath.Walk(d.dir, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, _ := os.ReadFile(name)
		for bit := 0; bit < len(content)*8; bit += 5 {
			content[bit/8] ^= 1 << (bit % 8)
			os.WriteFile(name, content, 0o644)
			if len(entrylog.Check(d, d.keyOf).Problems) == 0 {
				t.Errorf("bit %d of %s flipped: Check found nothing", bit, name)
			}
			content[bit/8] ^= 1 << (bit % 8)
		}
		return os.WriteFile(name, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if problems := entrylog.Check(d, d.keyOf).Problems; len(problems) > 0 {
		t.Errorf("Check of the restored log: %v", problems)
	}
}

func appendBytes(t *testing.T, d *disk, name string, b []byte) {
	t.Helper()
	f, err := d.Append(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
}
