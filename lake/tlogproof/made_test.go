package tlogproof_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake/tlogproof"
)

// tree is an RFC 6962 tree as x/mod keeps it.
type tree []tlog.Hash

func (t tree) ReadHashes(at []int64) (out []tlog.Hash, err error) {
	for _, i := range at {
		out = append(out, t[i])
	}
	return out, nil
}

func grow(t testing.TB, records ...[]byte) (all tree) {
	t.Helper()
	for i, r := range records {
		hashes, err := tlog.StoredHashes(int64(i), r, all)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes...)
	}
	return all
}

func (t tree) root(tb testing.TB, n int) tlog.Hash {
	tb.Helper()
	h, err := tlog.TreeHash(int64(n), t)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// made is a proof and what it was made of.
type made struct {
	file   tlogproof.File
	inner  tlogproof.Inner
	event  []byte
	keys   string // of the lake, then of the witness
	signer note.Signer
}

func (m made) proof(t testing.TB) []byte {
	t.Helper()
	extra, err := m.inner.Format()
	if err != nil {
		t.Fatal(err)
	}
	m.file.Extra = extra
	return m.file.Format()
}

func (m made) check(t testing.TB) (*tlogproof.Statement, error) {
	t.Helper()
	keys, err := tlogproof.ParseKeys(m.keys)
	if err != nil {
		t.Fatal(err)
	}
	return tlogproof.Check(m.proof(t), m.event, keys)
}

// origin is the name of a lake's log and key.
const origin = "tarn/00000000-0000-4000-8000-000000000001"

func key(t testing.TB, name string) (note.Signer, string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return signer, public
}

// make proves one of so many rows by an entry behind some others, of a kind that
// says where the tree hash stands.
func prove(t testing.TB, rows, row, entries int, kind string) (m made) {
	t.Helper()
	var events [][]byte
	for i := range rows {
		events = append(events, fmt.Appendf(nil, `{"eventID":"id %d","eventTime":"2026-03-10T12:00:00Z"}`, i))
	}
	segment := grow(t, events...)
	named := map[string]any{"id": "seg", "day": "2026-03-10", "rows": rows, "root": segment.root(t, rows).String(), "conflicts": kind == "conflict"}
	entry := map[string]any{"v": 1, "type": "commit", "time": "2026-03-12T00:00:00Z",
		"commit": map[string]any{"store": "store", "import": "one", "segments": []any{map[string]any{"id": "other"}, named}}}
	if kind == "journal" {
		named = map[string]any{"store": "store", "events": rows, "root": segment.root(t, rows).String()}
		entry = map[string]any{"v": 1, "type": "journal", "time": "2026-03-12T00:00:00Z", "journal": map[string]any{"parts": []any{map[string]any{}, named}}}
	}
	payload, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	var log [][]byte
	for i := range entries {
		log = append(log, fmt.Appendf(nil, `{"v":1,"type":"other","n":%d}`, i))
	}
	m.file.Index = int64(len(log) / 2)
	log[m.file.Index] = payload
	outer := grow(t, log...)
	if m.file.Path, err = tlog.ProveRecord(int64(len(log)), m.file.Index, outer); err != nil {
		t.Fatal(err)
	}
	m.event = events[row]
	m.inner = tlogproof.Inner{Which: 1, Row: int64(row), Rows: int64(rows), Entry: payload}
	if m.inner.Path, err = tlog.ProveRecord(int64(rows), int64(row), segment); err != nil {
		t.Fatal(err)
	}
	m.signer, m.keys = key(t, origin)
	m.sign(t, fmt.Sprintf("%s\n%d\n%s\n", origin, len(log), outer.root(t, len(log))), m.signer)
	return m
}

func (m *made) sign(t testing.TB, text string, signers ...note.Signer) {
	t.Helper()
	var err error
	if m.file.Checkpoint, err = note.Sign(&note.Note{Text: text}, signers...); err != nil {
		t.Fatal(err)
	}
}

// text is what the checkpoint's signatures are of.
func (m made) text() string {
	text, _, _ := bytes.Cut(m.file.Checkpoint, []byte("\n\n"))
	return string(text) + "\n"
}

// newWitness returns a witness and the line with its key.
func newWitness(t testing.TB, name string) (*torchwood.CosignatureSigner, string) {
	t.Helper()
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := torchwood.NewCosignatureSigner(name, secret)
	if err != nil {
		t.Fatal(err)
	}
	return w, w.Verifier().String()
}
