package crashtest

import (
	"maps"
	"math/rand/v2"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

// CrashAgain takes some of the disks that a crash leaves, opens the lake on them
// and cuts the power once more at every moment of that: recovery is work on the
// disk like any other.
func (w *World) CrashAgain(t testing.TB, story Story, seed uint64, some int) (sum Figures, wrong []error) {
	t.Helper()
	states, _ := w.states(seed)
	some = min(some, len(states))
	for i := range laketest.Few(1, make([]int, some)) {
		s := states[i*len(states)/some]
		next := NewWorld(t, nil)
		next.Key, next.size, next.commits = w.Key, s.size, w.commits
		next.earlier, next.Brief, next.Sparse = w.sizes(), true, w.Sparse
		next.acked = w.acked[:s.acked]
		if s.size > 0 { // else it will be a lake with a history of its own
			maps.Copy(next.indexes, w.indexes)
		}
		next.lieOn(s.found.Crash(100, rand.New(rand.NewPCG(0, 0)), next.Dir))
		if err := next.Session(func(*lake.Lake, lake.Store) error { return nil }); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		figures, found := next.Crash(story, seed, 1)
		sum.Moments += figures.Moments
		sum.Crashes += figures.Crashes
		sum.States += figures.States
		sum.Indexes += figures.Indexes
		wrong = append(wrong, found...)
	}
	return sum, wrong
}
