package lake_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/lake/tlogproof"
)

// verificationKeys returns the lake's verification key, as an auditor has it.
func verificationKeys(t testing.TB, p laketest.Place) (keys tlogproof.Keys) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		head, err := s.Head()
		if err == nil {
			keys, err = tlogproof.ParseKeys("# of the lake\n" + head.PublicKey + "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return keys
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

func leafText(e lake.Event) string { return base64.StdEncoding.EncodeToString(e.Leaf[:]) }

// holds fails the test unless the proof holds for the event, and for no other.
func holds(t testing.TB, keys tlogproof.Keys, proof, event []byte) *tlogproof.Statement {
	t.Helper()
	s, err := tlogproof.Check(proof, event, keys)
	if err != nil {
		t.Fatalf("%v\n%s", err, proof)
	}
	if _, err := tlogproof.Check(proof, append(bytes.Clone(event), ' '), keys); !errors.Is(err, tlogproof.ErrNotProven) {
		t.Errorf("another event: %v; want ErrNotProven", err)
	}
	return s
}

// Any event of lakes of any shape is proven, by its id or, where it has none, by its
// leaf hash; when it was accepted, when it is sealed; and the proofs of before hold
// on.
func TestAnyEventIsProven(t *testing.T) {
	for _, n := range []int{1, 2, 255, 256, 257, 700, 1500} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := laketest.NewPlace(t)
			random := rand.New(rand.NewPCG(uint64(n), 6))
			now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
			o := p.Options()
			o.Now = func() time.Time { return now }
			ids := map[string][]byte{}
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
					id = "sha256:" + leafText(e)
				}
				ids[id], *to = e.Raw, append(*to, e)
			}
			p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
				for part := range slices.Chunk(live, 100) {
					if _, err := l.Put(t.Context(), st, part); err != nil {
						t.Fatal(err)
					}
				}
				laketest.Bring(t, l, st, lake.AppendOptions{Import: "one"}, []laketest.Object{{Key: "k", Events: slices.Concat(imported, live)}}, nil)
			})
			keys := verificationKeys(t, p)
			before := map[string][]byte{}
			check := func(accepted bool) {
				p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
					for id, raw := range ids {
						all := proveAll(t, s, id, "")
						if len(all) != 1 || !bytes.Equal(all[0].Event, raw) {
							t.Fatalf("%s: %d proven; want its event", id, len(all))
						}
						got := holds(t, keys, all[0].Proof, raw)
						if got.Accepted() && !accepted {
							t.Errorf("%s is not sealed", id)
						}
						if proof, ok := before[id]; ok {
							holds(t, keys, proof, raw)
						}
						before[id] = all[0].Proof
					}
				})
			}
			check(true)
			now = now.AddDate(0, 0, 10)
			p.WriteWith(t, o, func(l *lake.Lake, _ lake.Store) {
				if err := l.Tidy(); err != nil {
					t.Fatal(err)
				}
			})
			check(false)
		})
	}
}
