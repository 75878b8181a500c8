package entrylog_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tarn/lake/internal/entrylog"
)

// A log whose second key signs from size 4 on. Whether the first one signed it in,
// only its signature says, whatever the entries claim.
func TestAKeyThatWasNotSignedInIsReported(t *testing.T) {
	for name, tt := range map[string]struct {
		signedIn, atOnce, anew bool
		sound                  bool
	}{
		"signed in":                         {true, true, false, true},
		"lost":                              {false, true, true, true},
		"not signed in":                     {false, true, false, false},
		"signed in with an entry behind it": {true, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t)
			skey, vkey, err := note.GenerateKey(rand.Reader, "tarn/test")
			if err != nil {
				t.Fatal(err)
			}
			signer, _ := note.NewSigner(skey)
			second, _ := note.NewVerifier(vkey)
			keyOf := func(e entrylog.Entry) (entrylog.Key, bool) {
				if e.Index == 3 {
					return entrylog.Key{Verifier: second, From: 4, Anew: tt.anew}, true
				}
				return d.keyOf(e)
			}
			l, err := entrylog.Create(d, d.signer)
			if err != nil {
				t.Fatal(err)
			}
			appendSome(t, l, 0, 3)
			if err := l.Publish(); err != nil {
				t.Fatal(err)
			}
			appendSome(t, l, 3, 4)
			if !tt.atOnce {
				appendSome(t, l, 4, 5)
			}
			if err := l.PublishAs(signer, !tt.signedIn); err != nil {
				t.Fatal(err)
			}
			appendSome(t, l, int(l.Position().Size), 7)
			if err := l.Publish(); err != nil {
				t.Fatal(err)
			}
			l.Close()
			problems := entrylog.Check(d, keyOf).Problems
			if (len(problems) == 0) != tt.sound {
				t.Errorf("Check: %q; want none: %t", problems, tt.sound)
			}
		})
	}
}

// Bytes that are no checkpoint are none with any keys.
func FuzzOpenCheckpoint(f *testing.F) {
	skey, vkey, err := note.GenerateKey(rand.Reader, "tarn/test")
	if err != nil {
		f.Fatal(err)
	}
	signer, _ := note.NewSigner(skey)
	v, _ := note.NewVerifier(vkey)
	text := "tarn/test\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(strings.Replace(string(signed), "\n3\n", "\n4\n", 1)))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := entrylog.OneKey(v).Open(b)
		if err == nil && !strings.HasPrefix(string(b), text) {
			t.Errorf("%q is taken for a checkpoint of size %d", b, c.Size)
		}
		if _, err := (entrylog.Keys)(nil).Open(b); err == nil {
			t.Error("opened without a key")
		}
	})
}
