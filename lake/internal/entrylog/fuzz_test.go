package entrylog_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
	"tarn/lake/internal/entrylog"
)

// sealedLog is a log in memory of five entries, with checkpoints at two, three and five.
func sealedLog(f *testing.F) (*crashfs.FS, note.Signer, note.Verifier) {
	f.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "tarn/test")
	if err != nil {
		f.Fatal(err)
	}
	signer, _ := note.NewSigner(skey)
	key, _ := note.NewVerifier(vkey)
	fsys := crashfs.New("")
	l, err := entrylog.Create(fsys, signer)
	if err != nil {
		f.Fatal(err)
	}
	for i := range 5 {
		if err := l.Append([]byte(entryText(i))); err != nil {
			f.Fatal(err)
		}
		if i == 1 || i == 2 || i == 4 {
			if err := l.Publish(); err != nil {
				f.Fatal(err)
			}
		}
	}
	return fsys, signer, key
}

// FuzzDamage puts other bytes into a file of a log. What is opened then is the log as
// it was at one of its checkpoints, whose entries are not touched; or it is an error.
func FuzzDamage(f *testing.F) {
	whole, signer, key := sealedLog(f)
	keyOf := func(e entrylog.Entry) (entrylog.Key, bool) { return entrylog.Key{Verifier: key}, e.Index == 0 }
	files := []string{entrylog.EntriesFile, entrylog.CheckpointsFile, entrylog.CheckpointFile, "log/tile/0/000.p/5", "log/tile/entries/000.p/5"}
	for file := range files {
		f.Add(uint8(file), uint16(0), uint16(0), []byte{})           // nothing
		f.Add(uint8(file), uint16(0), uint16(65535), []byte{})       // all gone
		f.Add(uint8(file), uint16(10), uint16(4), []byte{0, 0xff})   // torn
		f.Add(uint8(file), uint16(65535), uint16(0), []byte("tail")) // behind the end
	}
	f.Add(uint8(0), uint16(8), uint16(4), []byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, file uint8, at, n uint16, patch []byte) {
		fsys := whole.Freeze()
		name := files[int(file)%len(files)]
		content, err := vfs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		from := min(int(at), len(content))
		content = slices.Replace(slices.Clone(content), from, min(from+int(n), len(content)), patch...)
		if err := vfs.WriteFile(fsys, name, content); err != nil {
			t.Fatal(err)
		}
		// Whatever Check says, it says it.
		entrylog.Check(fsys, keyOf)

		var got []string
		l, err := entrylog.Open(fsys, signer, entrylog.OneKey(key), entrylog.Position{}, func(e entrylog.Entry) error {
			got = append(got, string(e.Payload))
			return nil
		})
		if err != nil {
			return
		}
		checkPrefix(t, got)
		if err := l.Append([]byte("another")); err != nil {
			t.Fatal(err)
		}
		if err := l.Publish(); err != nil {
			t.Fatalf("Publish on what was opened: %v", err)
		}
		if problems := entrylog.Check(fsys, keyOf).Problems; len(problems) > 0 {
			t.Errorf("after opening, appending and publishing: %q", problems)
		}
	})
}

func checkPrefix(t *testing.T, got []string) {
	t.Helper()
	for i, text := range got {
		if text != entryText(i) {
			t.Errorf("entry %d is %q; it was %q", i, text, entryText(i))
		}
	}
	if n := len(got); n != 2 && n != 3 && n != 5 {
		t.Errorf("%d entries; want as many as one of the checkpoints covers", n)
	}
}

// FuzzFrames reads any bytes as the file of entries: no more comes out than was there.
func FuzzFrames(f *testing.F) {
	whole, _, _ := sealedLog(f)
	content, err := vfs.ReadFile(whole, entrylog.EntriesFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:20])
	f.Add([]byte("TARNLOG2"))
	f.Add(append(bytes.Clone(content[:8]), 0xff, 0xff, 0, 0, 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, content []byte) {
		fsys := crashfs.New("")
		if err := fsys.MkdirAll(entrylog.Dir); err != nil {
			t.Fatal(err)
		}
		if err := vfs.WriteFile(fsys, entrylog.EntriesFile, content); err != nil {
			t.Fatal(err)
		}
		sum := 8
		end, err := entrylog.Scan(fsys, entrylog.Position{}, 1<<40, func(e entrylog.Entry) error {
			sum += 8 + len(e.Payload)
			if int64(sum) != e.End.Bytes {
				t.Errorf("entry %d ends at %d; want %d", e.Index, e.End.Bytes, sum)
			}
			return nil
		})
		if err == nil || sum > max(len(content), 8) {
			t.Errorf("Scan = %+v, %v after %d of %d bytes; want an error, for there are not so many entries", end, err, sum, len(content))
		}
	})
}
