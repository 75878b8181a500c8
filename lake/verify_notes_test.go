package lake_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/laketest"
)

// cutShort verifies the lake with notes, and stops after the third segment: the
// first may be one that is always read again.
func cutShort(t *testing.T, p laketest.Place, notes string, deep bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var read atomic.Int64
	_, err := lake.Verify(ctx, p.Dir, lake.VerifyOptions{Key: p.Key, Notes: notes, Deep: deep, Progress: func(_, events int64) {
		if events > 0 && read.Add(1) == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted verification: %v", err)
	}
}

func goOn(t *testing.T, p laketest.Place, notes string, deep bool) *lake.Report {
	t.Helper()
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, Notes: notes, Deep: deep})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// believed is how many segments were believed.
func believed(r *lake.Report) int64 {
	if r.Resumed == nil {
		return 0
	}
	return r.Resumed.Segments
}

func TestAnInterruptedVerificationGoesOn(t *testing.T) {
	p := filledPlace(t)
	notes := filepath.Join(t.TempDir(), "notes")
	cutShort(t, p, notes, false)
	r := goOn(t, p, notes, false)
	all := int64(len(p.Events(t)) + len(p.Conflicts(t)))
	if n := believed(r); n == 0 || r.Events+r.Resumed.Events != all || len(r.Problems) > 0 {
		t.Errorf("%d of %d segments believed, %d and %d events of %d, %+v", n, r.Segments, r.Events, r.Resumed.Events, all, r.Problems)
	}
	if r := goOn(t, p, notes, false); believed(r) != 0 || r.Events != all {
		t.Errorf("after its end: %d segments believed; want none", believed(r))
	}
	cutShort(t, p, notes, false)
	if r := goOn(t, p, notes, true); believed(r) != 0 || r.Compared != all {
		t.Errorf("deep, after one that was not: %d believed, %d compared; want none and %d", believed(r), r.Compared, all)
	}
}

// What was touched since is read again, and found.
func TestAResumedVerificationFindsWhatWasTouched(t *testing.T) {
	p := filledPlace(t)
	for _, ext := range []string{".parquet", ".needles", ".tree"} {
		notes := filepath.Join(t.TempDir(), "notes")
		cutShort(t, p, notes, false)
		var changed []string
		for _, f := range p.Files(t) {
			if filepath.Ext(f) != ext {
				continue
			}
			content := contentOf(t, p, f)
			content[len(content)/2] ^= 1
			replace(t, p, f, content)
			later := time.Now().Add(time.Second) // whatever the disk's clock can tell
			if err := os.Chtimes(p.Path(f), later, later); err != nil {
				t.Fatal(err)
			}
			changed = append(changed, f)
		}
		r := goOn(t, p, notes, false)
		for _, f := range changed {
			if complaints(r)[f] == "" {
				t.Errorf("%s changed: Verify found %q", f, complaints(r))
			}
			content := contentOf(t, p, f)
			content[len(content)/2] ^= 1
			replace(t, p, f, content)
		}
	}
	p.Sound(t)
}

func TestNotesOfAnotherHistoryAreNotBelieved(t *testing.T) {
	p := filledPlace(t)
	young := p.Copy(t)
	notes := filepath.Join(t.TempDir(), "notes")
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "more", Events: []lake.Event{laketest.Event(t, "more", noon, "1")}})
	cutShort(t, p, notes, false)
	content, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}

	// The lake has grown: what was read then is believed.
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "and more", Events: []lake.Event{laketest.Event(t, "and more", noon, "1")}})
	if r := goOn(t, p, notes, false); believed(r) == 0 || len(r.Problems) > 0 {
		t.Errorf("of a lake that has grown: %d believed, %+v", believed(r), r.Problems)
	}
	// Another history, signed with the same key: that is found.
	young.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "other", Events: []lake.Event{laketest.Event(t, "other", noon, "1")}})
	if err := os.WriteFile(notes, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := goOn(t, young, notes, false); believed(r) != 0 || !strings.Contains(complaints(r)["log/entries"], "is not a continuation of the log that was verified") {
		t.Errorf("of another history: %d believed, %q", believed(r), complaints(r))
	}
	other := laketest.NewPlace(t)
	other.Fill(t, lake.AppendOptions{})
	for name, text := range map[string]string{"another lake's": string(content), "none": "nothing", "torn": string(content[:20])} {
		if err := os.WriteFile(notes, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := lake.Verify(t.Context(), other.Dir, lake.VerifyOptions{Key: other.Key, Notes: notes}); err == nil {
			t.Errorf("notes that are %s are taken", name)
		}
	}
}

func TestDeepComparesEveryEvent(t *testing.T) {
	p, _ := busyPlace(t)
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, Deep: true})
	if err != nil || len(r.Problems) > 0 || r.Compared != r.Events || r.Events == 0 {
		t.Errorf("%d of %d events compared, %+v, %v", r.Compared, r.Events, r.Problems, err)
	}
	first := laketest.Place{Dir: "testdata/format1"}.Copy(t)
	r, err = lake.Verify(t.Context(), first.Dir, lake.VerifyOptions{Deep: true})
	if err != nil || len(r.Problems) > 0 || r.Compared != r.Events || r.Events == 0 {
		t.Errorf("format 1: %d of %d events compared, %+v, %v", r.Compared, r.Events, r.Problems, err)
	}
}
