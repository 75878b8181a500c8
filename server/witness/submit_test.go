package witness_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake"
	"tarn/schemas"
	"tarn/server/witness"
)

// strict is a witness that does what C2SP's tlog-witness says a witness must, and
// nothing else. It is somebody else's program in life; interop asks a real one.
type strict struct {
	*httptest.Server
	signer *torchwood.CosignatureSigner
	mu     sync.Mutex
	logs   []note.Verifier
	seen   map[string]torchwood.Checkpoint
	asked  int
}

func newStrict(t *testing.T, name string) *strict {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &strict{seen: map[string]torchwood.Checkpoint{}}
	if w.signer, err = torchwood.NewCosignatureSigner(name, key); err != nil {
		t.Fatal(err)
	}
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

func (w *strict) witness() lake.Witness {
	return lake.Witness{URL: w.URL + "/", Key: w.signer.Verifier().String()}
}

// ServeHTTP implements http.Handler.
func (w *strict) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	status, answer := w.add(string(body))
	if status == http.StatusConflict && answer != "" {
		out.Header().Set("Content-Type", "text/x.tlog.size")
	}
	out.WriteHeader(status)
	fmt.Fprint(out, answer)
}

func (w *strict) add(body string) (int, string) {
	head, signed, ok := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	text, isOld := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(text, 10, 64)
	if !ok || !isOld || err != nil || strconv.FormatInt(old, 10) != text || len(lines) > 64 {
		return http.StatusBadRequest, "malformed"
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return http.StatusBadRequest, "malformed proof"
		}
		proof = append(proof, tlog.Hash(h))
	}
	n, err := note.Open([]byte(signed), note.VerifierList(w.logs...))
	if err != nil {
		return http.StatusForbidden, "unknown key"
	}
	cp, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil || old > cp.N {
		return http.StatusBadRequest, "no checkpoint"
	}
	seen := w.seen[cp.Origin]
	switch {
	case old != seen.N:
		return http.StatusConflict, fmt.Sprintf("%d\n", seen.N)
	case old == 0 && len(proof) > 0, old == cp.N && old > 0 && len(proof) > 0:
		return http.StatusUnprocessableEntity, "proof of nothing"
	case old == cp.N && old > 0 && cp.Hash != seen.Hash:
		return http.StatusConflict, fmt.Sprintf("%d\n", seen.N)
	case old > 0 && old < cp.N && tlog.CheckTree(proof, cp.N, cp.Hash, seen.N, seen.Hash) != nil:
		return http.StatusUnprocessableEntity, "bad consistency proof"
	}
	w.seen[cp.Origin] = cp
	cosigned, err := note.Sign(&note.Note{Text: n.Text}, w.signer)
	if err != nil {
		return http.StatusInternalServerError, err.Error()
	}
	_, lines2, _ := strings.Cut(string(cosigned), "\n\n")
	return http.StatusOK, lines2
}

// place is a lake of one's own.
type place struct{ dir, key string }

func newPlace(t *testing.T) place {
	dir := t.TempDir()
	return place{filepath.Join(dir, "lake"), filepath.Join(dir, "key")}
}

// act makes a store for each name: an entry each.
func (p place) act(t *testing.T, fn func(*lake.Lake), names ...string) {
	t.Helper()
	l, err := lake.Open(p.dir, lake.Options{Key: p.key})
	if errors.Is(err, lake.ErrNoLake) {
		l, err = lake.Create(p.dir, lake.Options{Key: p.key})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := l.CreateStore(name, schemas.CloudTrail()); err != nil {
			t.Fatal(err)
		}
	}
	if fn != nil {
		fn(l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func (p place) verify(t *testing.T, o lake.VerifyOptions) *lake.Report {
	t.Helper()
	o.Key = p.key
	r, err := lake.Verify(t.Context(), p.dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// known lets the witness know the lake's keys.
func (p place) known(t *testing.T, w *strict) {
	t.Helper()
	l, err := lake.View(p.dir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs = nil
	for _, k := range l.Snapshot().Keys() {
		v, err := note.NewVerifier(k.Key)
		if err != nil {
			t.Fatal(err)
		}
		w.logs = append(w.logs, v)
	}
}

func submitted(t *testing.T, l *lake.Lake, w *strict) {
	t.Helper()
	size, err := witness.Submit(t.Context(), l, w.witness())
	if err != nil || size != l.Snapshot().LogSize() {
		t.Errorf("submitted %d of %d entries, %v", size, l.Snapshot().LogSize(), err)
	}
}

func TestAWitnessSignsWhatGoesOn(t *testing.T) {
	p, a, b := newPlace(t), newStrict(t, "a.example"), newStrict(t, "b.example")
	p.act(t, func(l *lake.Lake) {
		for _, w := range []*strict{a, b} {
			if err := l.AddWitness(w.witness()); err != nil {
				t.Fatal(err)
			}
		}
	}, "first")
	p.known(t, a)
	p.known(t, b)
	p.act(t, func(l *lake.Lake) { submitted(t, l, a); submitted(t, l, b) })
	p.act(t, func(l *lake.Lake) { submitted(t, l, a) }, "second", "third")
	// Told nothing of what it signed, the lake asks the witness itself.
	p.act(t, func(l *lake.Lake) {
		s := l.Snapshot()
		cosigned, err := s.Cosigned()
		if err != nil || len(cosigned) != 2 || cosigned[0].Size <= cosigned[1].Size || cosigned[0].Time.IsZero() {
			t.Errorf("%+v, %v", cosigned, err)
		}
		b.mu.Lock()
		b.seen = map[string]torchwood.Checkpoint{} // it has lost its memory
		b.mu.Unlock()
		submitted(t, l, b)
	}, "fourth")
	if r := p.verify(t, lake.VerifyOptions{}); len(r.Problems) > 0 || len(r.Witnessed.By) != 2 {
		t.Errorf("%+v, %+v", r.Problems, r.Witnessed)
	}
	asked := a.asked
	if size, err := witness.Submit(canceled(t), nilSafe(t, p), a.witness()); err == nil || a.asked != asked {
		t.Errorf("with a context that is done: %d, %v", size, err)
	}
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// nilSafe is the lake for reading: nothing can be kept.
func nilSafe(t *testing.T, p place) *lake.Lake {
	t.Helper()
	l, err := lake.View(p.dir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// A lake that is written anew and signed with the true key is whole in itself, and no
// witness signs it.
func TestAWitnessRefusesAnotherPast(t *testing.T) {
	p, w := newPlace(t), newStrict(t, "w.example")
	p.act(t, func(l *lake.Lake) {
		if err := l.AddWitness(w.witness()); err != nil {
			t.Fatal(err)
		}
	}, "first", "second")
	p.known(t, w)
	p.act(t, func(l *lake.Lake) { submitted(t, l, w) })
	for name, stores := range map[string][]string{"shorter": {"second"}, "other": {"second", "third"}, "longer": {"second", "third", "fourth"}} {
		forged := place{filepath.Join(t.TempDir(), "lake"), keyText(t, p.key)}
		forged.act(t, func(l *lake.Lake) {
			if err := l.AddWitness(w.witness()); err != nil {
				t.Fatal(err)
			}
			if _, err := witness.Submit(t.Context(), l, w.witness()); !errors.Is(err, lake.ErrForgets) {
				t.Errorf("%s: %v; want ErrForgets", name, err)
			}
		}, stores...)
		if r := forged.verify(t, lake.VerifyOptions{}); len(r.Problems) > 0 {
			t.Errorf("%s: the forged lake is to be whole in itself: %+v", name, r.Problems)
		}
	}
}

func keyText(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func TestWhatAWitnessMayAnswer(t *testing.T) {
	p, w := newPlace(t), newStrict(t, "w.example")
	p.act(t, nil, "first")
	other := newStrict(t, "w.example")
	answer := func(status int, body string) lake.Witness {
		s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			out.WriteHeader(status)
			fmt.Fprint(out, body)
		}))
		t.Cleanup(s.Close)
		return lake.Witness{URL: s.URL, Key: w.signer.Verifier().String()}
	}
	gone := answer(200, "")
	gone.URL = "http://127.0.0.1:1/"
	p.act(t, func(l *lake.Lake) {
		for name, from := range map[string]lake.Witness{
			"unknown log": answer(404, "who?"), "unknown key": answer(403, ""), "broken": answer(500, "<html>"), "no size": answer(409, "many\n"),
			"a size with a sign": answer(409, "+1\n"), "again and again": answer(409, "1\n"), "nothing": answer(200, ""), "no signature": answer(200, "hello\n"),
			"somebody else's": answer(200, "— w.example "+strings.Repeat("A", 104)+"\n"), "nobody": gone, "endless": answer(200, strings.Repeat("x", 1<<20)),
		} {
			if _, err := witness.Submit(t.Context(), l, from); !errors.Is(err, lake.ErrWitness) {
				t.Errorf("%s: %v; want ErrWitness", name, err)
			}
		}
		// Its signature by another key of its name is none.
		p.known(t, other)
		s, err := l.Submission(other.witness())
		if err != nil {
			t.Fatal(err)
		}
		_, lines := other.add("old 0\n\n" + string(s.Checkpoint))
		if err := l.KeepCosignature(w.witness(), s.Checkpoint, []byte(lines)); !errors.Is(err, lake.ErrWitness) {
			t.Errorf("signed by another key: %v", err)
		}
		// Nor is its own, written as signatures are not: kept, verify would complain of it.
		p.known(t, w)
		_, lines = w.add("old 0\n\n" + string(s.Checkpoint))
		sloppy := regexp.MustCompile("[AQgw]==\n").ReplaceAllStringFunc(lines, func(end string) string { return string(end[0]+1) + end[1:] })
		if err := l.KeepCosignature(w.witness(), s.Checkpoint, []byte(sloppy)); sloppy == lines || !errors.Is(err, lake.ErrWitness) {
			t.Errorf("its own, written otherwise: %v", err)
		}
	})
}

func TestWhatWitnessesSignedIsChecked(t *testing.T) {
	p, a, b := newPlace(t), newStrict(t, "a.example"), newStrict(t, "b.example")
	p.act(t, func(l *lake.Lake) {
		if err := errors.Join(l.AddWitness(a.witness()), l.AddWitness(b.witness())); err != nil {
			t.Fatal(err)
		}
	}, "first")
	p.known(t, a)
	p.known(t, b)
	p.act(t, func(l *lake.Lake) { submitted(t, l, a); submitted(t, l, b) })
	p.act(t, func(l *lake.Lake) { submitted(t, l, a) }, "second")
	both := fmt.Sprintf("log %s\nwitness A %s\nwitness B %s\n", publicOf(t, p), a.witness().Key, b.witness().Key)
	for policy, met := range map[string]bool{
		both + "group all all A B\nquorum all\n": true, both + "group any any A B\nquorum any\n": true, both + "quorum A\n": true,
		both + "quorum none\n": true, "quorum none\n": true,
		"witness C " + newStrict(t, "c.example").witness().Key + "\nquorum C\n":                                 false,
		strings.Replace(both, publicOf(t, p), publicOf(t, otherLake(t)), 1) + "group all all A B\nquorum all\n": false,
	} {
		r := p.verify(t, lake.VerifyOptions{Policy: []byte(policy)})
		if r.Witnessed.Policy != met || (len(r.Problems) == 0) != met {
			t.Errorf("policy\n%s\nmet: %t, problems %+v; want %t", policy, r.Witnessed.Policy, r.Problems, met)
		}
	}
	// What is no policy says nothing of the lake; and what is in it is not shown.
	for _, policy := range []string{both, "nonsense\nquorum none\n", "PRIVATE+KEY+a+b+c\n", "log PRIVATE+KEY+a+b+c\nquorum none\n"} {
		_, err := lake.Verify(t.Context(), p.dir, lake.VerifyOptions{Policy: []byte(policy)})
		if !errors.Is(err, lake.ErrNotKnown) || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("policy\n%s\n%v; want ErrNotKnown", policy, err)
		}
	}
	backedUp(t, p)
	files, err := filepath.Glob(filepath.Join(p.dir, "log", "cosigned", "*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for bit := 0; bit < len(whole)*8; bit += 7 {
			damaged := append([]byte(nil), whole...)
			damaged[bit/8] ^= 1 << (bit % 8)
			if err := os.WriteFile(name, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			if r := p.verify(t, lake.VerifyOptions{}); len(r.Problems) == 0 {
				t.Fatalf("bit %d of %s: not reported", bit, filepath.Base(name))
			}
		}
		if err := os.WriteFile(name, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(p.dir, "log", "cosigned", "more"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := p.verify(t, lake.VerifyOptions{}); len(r.Problems) != 1 {
		t.Errorf("a file of nobody: %+v", r.Problems)
	}
}

// backedUp makes a backup, which has what witnesses signed.
func backedUp(t *testing.T, p place) {
	t.Helper()
	b := place{filepath.Join(t.TempDir(), "backup"), p.key}
	for range 2 {
		p.act(t, func(l *lake.Lake) {
			if _, err := l.Backup(t.Context(), b.dir, lake.BackupOptions{}); err != nil {
				t.Fatal(err)
			}
		})
		if r := b.verify(t, lake.VerifyOptions{}); len(r.Problems) > 0 || r.Witnessed.By[0].Size == 0 || r.Witnessed.By[1].Size == 0 {
			t.Errorf("the backup: %+v, %+v", r.Problems, r.Witnessed)
		}
	}
}

func publicOf(t *testing.T, p place) string {
	t.Helper()
	return nilSafe(t, p).Snapshot().Keys()[0].Key
}

func otherLake(t *testing.T) place {
	p := newPlace(t)
	p.act(t, nil)
	return p
}
