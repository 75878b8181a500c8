package tlogproof_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake/laketest"
	"tarn/lake/tlogproof"
)

func TestCheckSaysWhatIsProven(t *testing.T) {
	for _, kind := range []string{"commit", "conflict", "journal"} {
		m := prove(t, 700, 257, 40, kind)
		s, err := m.check(t)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(s.Lake, " ", s.LogSize, " ", s.Entry, " ", s.Store, " ", s.Segment, " ", s.Day, " ", s.Row, " ", s.Rows, " ", s.Conflict, " ", s.Accepted(), " ", s.Import)
		want := map[string]string{
			"commit":   origin + " 40 20 store seg 2026-03-10 257 700 false false one",
			"conflict": origin + " 40 20 store seg 2026-03-10 257 700 true false one",
			"journal":  origin + " 40 20 store   257 700 false true ",
		}[kind]
		if got != want {
			t.Errorf("%s: %s; want %s", kind, got, want)
		}
	}
}

// What an editor or a shell puts behind an event is forgiven, and nothing else.
func TestLineEnds(t *testing.T) {
	m := prove(t, 3, 1, 3, "commit")
	event := string(m.event)
	for text, good := range map[string]bool{event: true, event + "\n": true, event + "\r\n": true,
		event + "\n\n": false, event + " \n": false, event + "\r": false, " " + event: false, "": false} {
		m.event = []byte(text)
		if _, err := m.check(t); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Every bit of a proof, and of the event, counts.
func TestEveryBitCounts(t *testing.T) {
	m := prove(t, 300, 299, 9, "commit")
	keys, err := tlogproof.ParseKeys(m.keys)
	if err != nil {
		t.Fatal(err)
	}
	whole := m.proof(t)
	for _, text := range [][]byte{whole, m.event} {
		for i := range len(text) * 8 {
			text[i/8] ^= 1 << (i % 8)
			if _, err := tlogproof.Check(whole, m.event, keys); !errors.Is(err, tlogproof.ErrNotProven) {
				t.Errorf("bit %d of byte %d, now %q, makes no difference: %v", i%8, i/8, text[i/8], err)
			}
			text[i/8] ^= 1 << (i % 8)
		}
	}
	for n := range whole {
		if _, err := tlogproof.Check(whole[:n], m.event, keys); !errors.Is(err, tlogproof.ErrNotProven) {
			t.Errorf("the first %d bytes are enough: %v", n, err)
		}
	}
	if _, err := tlogproof.Check(append(bytes.Clone(whole), '\n'), m.event, keys); !errors.Is(err, tlogproof.ErrNotProven) {
		t.Error("one byte more makes no difference")
	}
}

// Proofs that are made of true parts, and say what is not true.
func TestLies(t *testing.T) {
	other := prove(t, 300, 8, 9, "commit")
	_, stranger := key(t, origin)
	_, elsewhere := key(t, "tarn/other")
	for what, lie := range map[string]func(*made){
		"another row":                  func(m *made) { m.inner.Row++ },
		"more rows":                    func(m *made) { m.inner.Rows++ },
		"fewer rows":                   func(m *made) { m.inner.Rows-- },
		"another segment of the entry": func(m *made) { m.inner.Which = 0 },
		"no segment of the entry":      func(m *made) { m.inner.Which = 1 << 31 },
		"another path":                 func(m *made) { m.inner.Path = other.inner.Path },
		"no path":                      func(m *made) { m.inner.Path = nil },
		"another entry":                func(m *made) { m.inner.Entry = append(bytes.Clone(m.inner.Entry), ' ') },
		"an entry of the lie's own": func(m *made) {
			leaf := tlog.RecordHash([]byte("x"))
			m.event, m.inner.Rows, m.inner.Row, m.inner.Path = []byte("x"), 1, 0, nil
			m.inner.Entry = fmt.Appendf(nil, `{"v":1,"commit":{"segments":[{},{"rows":1,"root":%q}]}}`, leaf)
		},
		"another number":            func(m *made) { m.file.Index++ },
		"a number beyond the log":   func(m *made) { m.file.Index = 9 },
		"another lake's checkpoint": func(m *made) { m.file.Checkpoint = other.file.Checkpoint },
		"another lake's key":        func(m *made) { m.keys = other.keys },
		"a stranger's key":          func(m *made) { m.keys = stranger },
		"two wrong keys":            func(m *made) { m.keys = stranger + "\n" + elsewhere },
		"a checkpoint of the lie's own": func(m *made) {
			signer, public := key(t, "tarn/other")
			m.keys += "\n" + public // who trusts two lakes
			m.sign(t, m.text(), signer)
		},
		"a checkpoint that only a witness has signed": func(m *made) {
			w, public := newWitness(t, origin)
			m.keys += "\n" + public
			m.sign(t, m.text(), w)
		},
		"a longer checkpoint": func(m *made) { m.sign(t, m.text()+"more\n", m.signer) },
		"a leaf that is a node": func(m *made) {
			// The hash of two leaves is no leaf's: what is hashed begins otherwise.
			m.event = append([]byte{1}, m.event...)
		},
	} {
		m := prove(t, 300, 7, 9, "commit")
		if _, err := m.check(t); err != nil {
			t.Fatal(err)
		}
		lie(&m)
		if s, err := m.check(t); !errors.Is(err, tlogproof.ErrNotProven) {
			t.Errorf("%s: %+v, %v; want ErrNotProven", what, s, err)
		}
	}
}

// Entries that a newer program wrote are not understood by half.
func TestNewerEntries(t *testing.T) {
	for _, entry := range []string{`{"v":2,"commit":{"segments":[{},{}]}}`, `{"v":1,"expire":{}}`, `{"v":1}`, `[]`, ``, `{"v":1,"commit":{"segments":[{},{"rows":1,"root":"?"}]}}`} {
		m := prove(t, 1, 0, 1, "commit")
		m.inner.Entry = []byte(entry)
		m.sign(t, fmt.Sprintf("%s\n1\n%s\n", origin, tlog.RecordHash([]byte(entry))), m.signer)
		if _, err := m.check(t); !errors.Is(err, tlogproof.ErrNotProven) {
			t.Errorf("%s: %v; want ErrNotProven", entry, err)
		}
	}
}

// Of several keys any may have signed, and witnesses tell when.
func TestSeveralKeysAndWitnesses(t *testing.T) {
	m := prove(t, 5, 3, 7, "commit")
	w, known := newWitness(t, "witness.example/one")
	unknown, _ := newWitness(t, "witness.example/two")
	m.sign(t, m.text(), m.signer, w, unknown)
	_, retired := key(t, origin)
	m.keys = "# the lake's keys\n" + retired + "\r\n\n  " + m.keys + "\n" + known
	s, err := m.check(t)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Seen) != 1 || s.Seen[0].Witness != "witness.example/one" || s.Seen[0].Time.IsZero() || fmt.Sprint(s.Unknown) != "[witness.example/two]" {
		t.Errorf("seen %v, unknown %v", s.Seen, s.Unknown)
	}
	if s.Key != fmt.Sprintf("%08x", m.signer.KeyHash()) {
		t.Errorf("key %s", s.Key)
	}
	// A cosignature that is not one, of a witness whose key is known.
	m.file.Checkpoint = bytes.Replace(m.file.Checkpoint, []byte("\n— witness.example/one "), []byte("\n— witness.example/one A"), 1)
	if _, err := m.check(t); !errors.Is(err, tlogproof.ErrNotProven) {
		t.Errorf("a broken cosignature: %v", err)
	}
}

func TestParseKeys(t *testing.T) {
	_, good := key(t, origin)
	_, witness := newWitness(t, "w")
	for text, want := range map[string]string{
		good:                          "",
		"# x\n\n" + good:              "",
		good + "\nx":                  "line 2 is no verification key",
		"":                            "no lake's verification key",
		witness:                       "no lake's verification key",
		"PRIVATE+KEY+a+b+c":           "is a signing key, and a secret",
		strings.Repeat("\n", 1<<20+1): "are no keys",
	} {
		_, err := tlogproof.ParseKeys(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v; want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "a+b+c") {
			t.Errorf("%v tells the secret", err)
		}
	}
}

// Others who know nothing of this program come to the same result: torchwood reads
// the file as a tlog-proof, and transparency-dev/merkle checks both trees.
func TestOthersAgree(t *testing.T) {
	for rows := range 35 {
		for row := range rows {
			m := prove(t, rows, row, 1+(rows*7+row)%40, "commit")
			if _, err := m.check(t); err != nil {
				t.Fatal(err)
			}
			laketest.Others(t, m.proof(t), m.event, m.keys)
		}
	}
}
