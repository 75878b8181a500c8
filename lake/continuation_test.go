package lake_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
)

func verifyCheckpoint(t *testing.T, p laketest.Place, kept []byte) *lake.Report {
	t.Helper()
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, Checkpoint: kept})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rewritten is the lake with another past: without the event a, and with the log
// built anew and signed with the true key.
func rewritten(t *testing.T, p laketest.Place, ids ...string) laketest.Place {
	t.Helper()
	forged := laketest.NewPlace(t)
	forged.Key = strings.TrimSpace(readFile(t, p.Key)) // as text it decides the lake's id
	for _, id := range ids {
		fillDay(t, forged, id)
	}
	forged.Key = p.Key
	return forged
}

// A lake of which somebody with the true key has taken an event is whole in itself.
// Who kept a checkpoint sees it all the same.
func TestARewrittenHistoryIsNotWhatItWas(t *testing.T) {
	p := laketest.NewPlace(t)
	for _, id := range []string{"a", "b", "c"} {
		fillDay(t, p, id)
	}
	kept := contentOf(t, p, "log/checkpoint")
	fillDay(t, p, "d")
	if r := verifyCheckpoint(t, p, kept); len(r.Problems) > 0 || !r.Continues.Holds || r.Continues.Since == 0 {
		t.Errorf("untouched: %+v, %+v", r.Problems, r.Continues)
	}
	for name, tt := range map[string]struct {
		forged laketest.Place
		said   string
	}{
		"an event is gone":            {rewritten(t, p, "b", "c", "d", "e"), "history was rewritten"},
		"the log is shorter":          {rewritten(t, p, "b"), "were taken away"},
		"events in another order":     {rewritten(t, p, "b", "a", "c", "d"), "history was rewritten"},
		"the same events, done again": {rewritten(t, p, "a", "b", "c", "d"), "history was rewritten"},
	} {
		if slices.Contains(tt.forged.Events(t), p.Events(t)[0]) != strings.Contains(name, "order") && !strings.Contains(name, "again") {
			t.Errorf("%s: the attack was not done", name)
		}
		tt.forged.Sound(t)
		r := verifyCheckpoint(t, tt.forged, kept)
		if len(r.Problems) != 1 || r.Problems[0].Path != "log/entries" || !strings.Contains(r.Problems[0].What, tt.said) || r.Continues.Holds {
			t.Errorf("%s: problems %+v; want that it is no continuation: %s", name, r.Problems, tt.said)
		}
	}
}

// What is compared must be one of the lake's own checkpoints, whoever signs today.
func TestACheckpointOfEarlierIsCheckedWithTheKeyOfItsTime(t *testing.T) {
	p := laketest.NewPlace(t)
	fillDay(t, p, "a")
	kept := contentOf(t, p, "log/checkpoint")
	rotate(t, p, false)
	between := contentOf(t, p, "log/checkpoint")
	fillDay(t, p, "b")
	for _, c := range [][]byte{kept, between, contentOf(t, p, "log/checkpoint")} {
		if r := verifyCheckpoint(t, p, c); len(r.Problems) > 0 {
			t.Errorf("%s\n%+v", c, r.Problems)
		}
	}
	other := laketest.NewPlace(t)
	fillDay(t, other, "a")
	changed := append([]byte(nil), kept...)
	changed[len(changed)-10] ^= 1
	// Signed by the new key alone, of a size at which the old one signed: the thief of a
	// new key writes no past.
	halved := string(between[:strings.LastIndex(strings.TrimSpace(string(between)), "\n")+1])
	for name, c := range map[string][]byte{
		"another lake's": contentOf(t, other, "log/checkpoint"), "changed": changed, "nothing": {}, "words": []byte("a\nb\n\n"), "half signed": []byte(halved),
	} {
		if r := verifyCheckpoint(t, p, c); len(r.Problems) != 1 || r.Continues.Holds {
			t.Errorf("%s: %+v; want one problem", name, r.Problems)
		}
	}
	if _, err := os.Stat(p.Path("log/checkpoint")); err != nil {
		t.Error(err)
	}
}
