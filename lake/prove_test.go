package lake_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/tlogproof"
	"tarn/schemas"
)

// verificationKey returns the lake's verification key, as an auditor has it.
func verificationKey(t testing.TB, p laketest.Place) (key string) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		head, err := s.Head()
		if err != nil {
			t.Fatal(err)
		}
		key = head.PublicKey
	})
	return key
}

// proveAll proves what the lake has under the id, wherever it is.
func proveAll(t testing.TB, s *lake.Snapshot, id, store string) (all []*lake.Proven) {
	t.Helper()
	places, err := s.Find(t.Context(), id, store)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		proven, err := s.Prove(t.Context(), p)
		if err != nil {
			t.Fatalf("Prove(%s): %v", id, err)
		}
		all = append(all, proven)
	}
	return all
}

// holds fails the test unless the proof holds for the event, and for no other, and
// others say so too.
func holds(t testing.TB, key string, proof, event []byte) *tlogproof.Statement {
	t.Helper()
	keys, err := tlogproof.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	laketest.Others(t, proof, event, key)
	s, err := tlogproof.Check(proof, event, keys)
	if err != nil {
		t.Fatalf("%v\n%s", err, proof)
	}
	if _, err := tlogproof.Check(proof, append(bytes.Clone(event), ' '), keys); !errors.Is(err, tlogproof.ErrNotProven) {
		t.Errorf("another event: %v; want ErrNotProven", err)
	}
	return s
}

// mixed is a lake with events of sealed and of open days, which came one by one and by
// an import, some without id.
type mixed struct {
	laketest.Place
	now    time.Time
	events map[string][]byte // by id
}

func (m *mixed) options() lake.Options {
	o := m.Options()
	o.Now = func() time.Time { return m.now }
	return o
}

func newMixed(t testing.TB, n int) *mixed {
	t.Helper()
	m := &mixed{Place: laketest.NewPlace(t), now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), events: map[string][]byte{}}
	random := rand.New(rand.NewPCG(uint64(n), 6))
	var live, imported []lake.Event
	for i := range n {
		id := fmt.Sprint("id ", i)
		if random.IntN(4) == 0 {
			id = ""
		}
		// Days that are sealed at once, and such that are open; those may come both ways.
		day, to := 1+random.IntN(3), &imported
		if random.IntN(2) == 0 {
			if day = 9 + random.IntN(2); random.IntN(2) == 0 {
				to = &live
			}
		}
		e := laketest.Event(t, id, fmt.Sprintf("2026-03-%02dT12:%02d:%02dZ", day, i/60%60, i%60), fmt.Sprint(i))
		if id == "" {
			id = "sha256:" + base64.StdEncoding.EncodeToString(e.Leaf[:])
		}
		m.events[id], *to = e.Raw, append(*to, e)
	}
	m.WriteWith(t, m.options(), func(l *lake.Lake, st lake.Store) {
		for part := range slices.Chunk(live, 100) {
			if _, err := l.Put(t.Context(), st, part); err != nil {
				t.Fatal(err)
			}
		}
		laketest.Bring(t, l, st, lake.AppendOptions{Import: "one"}, []laketest.Object{{Key: "k", Events: slices.Concat(imported, live)}}, nil)
	})
	return m
}

// age lets days pass, and what is over be sealed.
func (m *mixed) age(t testing.TB) {
	t.Helper()
	m.now = m.now.AddDate(0, 0, 10)
	m.WriteWith(t, m.options(), func(l *lake.Lake, _ lake.Store) {
		if err := l.Tidy(); err != nil {
			t.Fatal(err)
		}
	})
}

// Any event of lakes of any shape is proven, by its id or, where it has none, by its
// leaf hash: when it was accepted, when it is sealed. The proofs of before hold on,
// also when nothing is left of the lake.
func TestAnyEventIsProven(t *testing.T) {
	for _, n := range []int{1, 2, 255, 513, 2100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			m := newMixed(t, n)
			key := verificationKey(t, m.Place)
			proofs := map[string][][]byte{}
			check := func(sealed bool) {
				m.Read(t, func(s *lake.Snapshot, _ lake.Store) {
					for id, raw := range m.events { // in random order
						if len(proofs) == 50 && proofs[id] == nil {
							continue
						}
						all := proveAll(t, s, id, "")
						if len(all) != 1 || !bytes.Equal(all[0].Event, raw) {
							t.Fatalf("%s: %d proven; want its event", id, len(all))
						}
						if all[0].Statement.Accepted() && sealed {
							t.Errorf("%s is not sealed", id)
						}
						proofs[id] = append(proofs[id], all[0].Proof)
					}
				})
			}
			check(false)
			m.age(t)
			check(true)
			if err := os.RemoveAll(m.Dir); err != nil {
				t.Fatal(err)
			}
			for id, all := range proofs {
				for _, proof := range all {
					holds(t, key, proof, m.events[id])
				}
			}
		})
	}
}

// Two with one id: what is stored twice, what conflicts, what is in another store.
func TestSeveralOfOneID(t *testing.T) {
	p := laketest.NewPlace(t)
	first, other := laketest.Event(t, "a", "2026-03-01T00:00:00Z", "1"), laketest.Event(t, "a", "2026-03-01T00:00:00Z", "2")
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "k", Events: []lake.Event{first, other}})
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		second, err := l.CreateStore("second", schemas.CloudTrail())
		if err != nil {
			t.Fatal(err)
		}
		laketest.Bring(t, l, second, lake.AppendOptions{KeepDuplicates: true}, []laketest.Object{{Key: "k", Events: []lake.Event{first, first}}}, nil)
	})
	key := verificationKey(t, p)
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		var got []string
		for _, proven := range proveAll(t, s, "a", "") {
			st := holds(t, key, proven.Proof, proven.Event)
			got = append(got, fmt.Sprint(proven.Store.Name, " ", st.Row, " of ", st.Rows, " ", st.Conflict, " ", bytes.Equal(proven.Event, first.Raw)))
		}
		want := []string{"cloudtrail 0 of 1 false true", "second 0 of 2 false true", "second 1 of 2 false true", "cloudtrail 0 of 1 true false"}
		if !slices.Equal(got, want) {
			t.Errorf("proven: %q; want %q", got, want)
		}
		if n := len(proveAll(t, s, "a", "second")); n != 2 {
			t.Errorf("%d in the second store; want 2", n)
		}
		if n := len(proveAll(t, s, "A", "")); n != 0 {
			t.Errorf("%d of another id", n)
		}
		if _, err := s.Find(t.Context(), "a", "third"); !errors.Is(err, lake.ErrStoreNotFound) {
			t.Errorf("in a store that is not there: %v", err)
		}
	})
}

// An event that was acknowledged and not counted cannot be proven, until it is
// counted; and goes on to be provable while others come, are merged and sealed.
func TestProvenWhileEventsCome(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		put := func(id string) {
			at := time.Now().UTC().AddDate(0, 0, -len(id)%2).Format(time.RFC3339)
			if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, id, at, "")}); err != nil {
				t.Fatal(err)
			}
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		put("first")
		p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
			places, err := s.Find(t.Context(), "first", "")
			if err != nil || len(places) != 1 {
				t.Fatalf("%v, %v", places, err)
			}
			if _, err := s.Prove(t.Context(), places[0]); !errors.Is(err, lake.ErrUncounted) {
				t.Fatalf("%v; want ErrUncounted", err)
			}
		})
		key := verificationKey(t, p)
		var coming sync.WaitGroup
		coming.Go(func() {
			for i := range 300 {
				put(fmt.Sprint("later ", i))
				if err := errors.Join(l.Count(), l.Tidy()); err != nil {
					t.Error(err)
				}
			}
		})
		defer coming.Wait()
		if err := l.Count(); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
				all := proveAll(t, s, "first", "")
				if len(all) != 1 {
					t.Fatalf("%d proven", len(all))
				}
				holds(t, key, all[0].Proof, all[0].Event)
			})
		}
	})
}

// Of a lake that is not what was sealed come errors, and no proof that does not hold.
func TestNoProofOfDamage(t *testing.T) {
	m := newMixed(t, 600)
	m.age(t)
	var id string
	var file lake.Place
	m.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		for id = range m.events {
			places, err := s.Find(t.Context(), id, "")
			if err != nil {
				t.Fatal(err)
			}
			if file = places[0]; file.Segment.Rows > 256 {
				break
			}
		}
	})
	base := filepath.Join(m.Dir, "segments", file.Store.ID, file.Segment.Day, file.Segment.ID)
	for _, name := range []string{base + ".parquet", base + ".tree", base + ".needles", filepath.Join(m.Dir, "log", "checkpoint"),
		filepath.Join(m.Dir, "log", "tile", "entries", "000.p", fmt.Sprint(m.logSize(t))), filepath.Join(m.Dir, "log", "tile", "0", "000.p", fmt.Sprint(m.logSize(t)))} {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += max(1, len(whole)/50) {
			bent := bytes.Clone(whole)
			bent[at] ^= 4
			if err := os.WriteFile(name, bent, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := m.tryToProve(t, id); err != nil && !errors.Is(err, lake.ErrCorrupt) {
				t.Errorf("byte %d of %s: %v; want ErrCorrupt", at, filepath.Base(name), err)
			}
		}
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.tryToProve(t, id); err != nil {
		t.Error(err)
	}
}

func (m *mixed) logSize(t testing.TB) (n int64) {
	m.Read(t, func(s *lake.Snapshot, _ lake.Store) { n = s.LogSize() })
	return n
}

// tryToProve proves an event of a lake that may be damaged; what it proves must hold.
func (m *mixed) tryToProve(t testing.TB, id string) error {
	t.Helper()
	l, err := lake.View(m.Dir, m.options())
	if err != nil {
		return err
	}
	defer l.Close()
	s := l.Snapshot()
	defer s.Release()
	places, err := s.Find(t.Context(), id, "")
	for _, p := range places {
		proven, err := s.Prove(t.Context(), p)
		if err != nil {
			return err
		}
		if !bytes.Equal(proven.Event, m.events[id]) {
			t.Errorf("%q is proven for %s", proven.Event, id)
		}
	}
	return err
}
