package ingest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/lake/laketest"
)

// results is what CloudTrail Lake saves of a query that asked for the events.
func results(ids ...string) string {
	var text strings.Builder
	text.WriteString("eventName,eventJson\r\n")
	for _, id := range ids {
		text.WriteString(`"Put",` + `"` + strings.ReplaceAll(event(id), `"`, `""`) + "\"\r\n")
	}
	return zipped(text.String())
}

// signer signs results as CloudTrail Lake does.
type signer struct{ key *rsa.PrivateKey }

func newSigner(t *testing.T) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key}
}

// sign returns result_sign.json for files.
func (s signer) sign(t *testing.T, names []string, contents ...string) string {
	t.Helper()
	var files []map[string]string
	var hashes []string
	for i, c := range contents {
		sum := sha256.Sum256([]byte(c))
		hashes = append(hashes, hex.EncodeToString(sum[:]))
		files = append(files, map[string]string{"fileHashValue": hashes[i], "fileName": names[i]})
	}
	sum := sha256.Sum256([]byte(strings.Join(hashes, " ")))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return document(t, map[string]any{
		"version": "1.0", "region": "us-east-1", "files": files, "hashAlgorithm": "SHA-256",
		"signatureAlgorithm": "SHA256withRSA", "queryCompleteTime": "2026-01-02T03:04:05Z",
		"hashSignature": hex.EncodeToString(signature), "publicKeyFingerprint": "f1",
	})
}

// keys returns what ListPublicKeys answers.
func (s signer) keys(t *testing.T) string {
	t.Helper()
	return document(t, map[string]any{"PublicKeyList": []any{map[string]any{
		"Value": x509.MarshalPKCS1PublicKey(&s.key.PublicKey), "Fingerprint": "f1",
		"ValidityStartTime": "2026-01-01T00:00:00+00:00", "ValidityEndTime": "2026-02-01T00:00:00+00:00",
	}}})
}

func document(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Results of a query whose signature is beside them land if their hashes are right
// and the signature is, as far as the key is there.
func TestSignedResults(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	names := []string{"result_1.csv.gz", "result_2.csv.gz"}
	one, two := results("a", "b"), results("c")
	sign := s.sign(t, names, one, two)
	for _, tt := range []struct {
		name    string
		files   map[string]string
		stored  []string
		checked bool
		err     string // why the signature vouches for nothing
		unread  []string
	}{
		{"signed", map[string]string{"public_keys.json": s.keys(t)}, []string{"a", "b", "c"}, true, "", nil},
		{"without the key", nil, []string{"a", "b", "c"}, false, "", nil},
		{"a file was changed", map[string]string{"result_2.csv.gz": results("d")}, []string{"a", "b"}, false, "",
			[]string{"it was changed: its SHA-256 is"}},
		{"a file was put beside", map[string]string{"more.csv": "eventJson\n"}, []string{"a", "b", "c"}, false, "",
			[]string{"result_sign.json beside it does not name it"}},
		{"another key", map[string]string{"public_keys.json": other.keys(t)}, nil, false, "its signature is not by the key f1",
			[]string{"does not vouch for it", "does not vouch for it"}},
		{"no signature", map[string]string{"result_sign.json": "{}"}, nil, false, "it signs 0 files",
			[]string{"does not vouch for it", "does not vouch for it"}},
		{"a file is missing", map[string]string{"result_1.csv.gz": ""}, []string{"c"}, false, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{names[0]: one, names[1]: two, "result_sign.json": sign}
			maps.Copy(files, tt.files)
			for name, content := range files {
				if content != "" {
					put(t, dir, name, content)
				}
			}
			p := laketest.NewPlace(t)
			r := bring(t, p, ingest.Options{}, dir)
			var want []string
			for _, id := range tt.stored {
				want = append(want, event(id))
			}
			laketest.Same(t, "events", want, p.Events(t))
			if len(r.Signed) != 1 || r.Signed[0].Checked != tt.checked || !says(r.Signed[0].Err, tt.err) || len(r.Unread) != len(tt.unread) {
				t.Fatalf("signed %+v, unread %+v; want checked %v, error %q, %d unread", r.Signed, r.Unread, tt.checked, tt.err, len(tt.unread))
			}
			for i, u := range r.Unread {
				if !says(u.Err, tt.unread[i]) {
					t.Errorf("%s: %v; want %q", u.Path, u.Err, tt.unread[i])
				}
			}
			if missing := files[names[0]] == ""; missing != (len(r.Signed[0].Missing) == 1) {
				t.Errorf("missing %q", r.Signed[0].Missing)
			}
			// Without the signature, the same import brings the rest.
			if err := os.Remove(filepath.Join(dir, "result_sign.json")); err != nil {
				t.Fatal(err)
			}
			if r := bring(t, p, ingest.Options{}, dir); len(r.Unread) != 0 || int(r.Read) != len(tt.unread) {
				t.Errorf("without the signature: %d files read, %d unread; want %d and none", r.Read, len(r.Unread), len(tt.unread))
			}
			p.Sound(t)
		})
	}
}

// says reports whether an error says this, or nothing if it is nil.
func says(err error, what string) bool {
	return fmt.Sprint(err) == "<nil>" && what == "" || what != "" && err != nil && strings.Contains(err.Error(), what)
}
