package ingest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas/selector"
)

const (
	// writesOnly takes what changes something, but for one service.
	writesOnly = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]},
		{"Field":"eventSource","NotEquals":["sts.amazonaws.com"]}]}]`
	// gets takes the rest of one kind, and some of the same.
	gets = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["Get","Create"]}]}]`
)

// choose gives the place's store selectors.
func choose(t *testing.T, p laketest.Place, text string) {
	t.Helper()
	s, err := selector.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if _, err := l.UpdateStore(st.ID, lake.StoreSettings{Selectors: &s}); err != nil {
			t.Fatal(err)
		}
	})
}

// chosen are the distinct records of a bucket for which one of keep is true, read
// by encoding/json.
func chosen(t *testing.T, dir string, keep ...func(record) bool) (all []string) {
	t.Helper()
	for _, raw := range texts(t, dir, false) {
		var e record
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			t.Fatal(err)
		}
		for _, k := range keep {
			if k(e) {
				all = append(all, raw)
				break
			}
		}
	}
	return all
}

type record struct {
	EventCategory, EventName, EventSource string
	ReadOnly                              bool
}

func isWrite(e record) bool {
	return e.EventCategory == "Management" && !e.ReadOnly && e.EventSource != "sts.amazonaws.com"
}

func isGet(e record) bool {
	return e.EventCategory == "Management" && (strings.HasPrefix(e.EventName, "Get") || strings.HasPrefix(e.EventName, "Create"))
}

// A store holds what its selectors took at the time; a file is read again when
// they are other ones, and not when they are the same.
func TestAStoreTakesWhatItsSelectorsTake(t *testing.T) {
	dir := bucket(t, eventgen.Options{Events: 1500, Days: 4, EventsPerObject: 15, DuplicatePercent: 2, NoStory: true})
	records := int64(len(texts(t, dir, true)))
	p := laketest.NewPlace(t)
	choose(t, p, writesOnly)
	r := bring(t, p, ingest.Options{}, dir)
	want := chosen(t, dir, isWrite)
	laketest.Same(t, "what writesOnly takes", want, p.Events(t))
	if c := r.Counts; c.Stored != int64(len(want)) || c.Offered != records || c.Filtered != c.Deselected || c.Stored+c.Duplicates+c.Filtered != records || c.Stored == 0 || c.Deselected == 0 {
		t.Errorf("counts %+v; want all of %d records, %d stored, some filtered by selectors", c, records, len(want))
	}
	removeIndex(t, p)
	if r := bring(t, p, ingest.Options{}, dir); r.Read != 0 || r.Known == 0 || r.Counts != (lake.Counts{}) {
		t.Errorf("under the same selectors %d files are read, %+v; want none", r.Read, r.Counts)
	}
	choose(t, p, gets)
	r = bring(t, p, ingest.Options{}, dir)
	laketest.Same(t, "what gets adds", chosen(t, dir, isWrite, isGet), p.Events(t))
	if r.Read == 0 {
		t.Errorf("under other selectors no file is read, %d known", r.Known)
	}
	choose(t, p, writesOnly)
	if r := bring(t, p, ingest.Options{}, dir); r.Read != 0 {
		t.Errorf("under selectors of before %d files are read; want none", r.Read)
	}
	choose(t, p, "[]")
	r = bring(t, p, ingest.Options{}, dir)
	laketest.Same(t, "everything", texts(t, dir, false), p.Events(t))
	if r.Read == 0 || r.Counts.Deselected != 0 {
		t.Errorf("without selectors %d files are read, %+v", r.Read, r.Counts)
	}
	choose(t, p, gets)
	if r := bring(t, p, ingest.Options{}, dir); r.Read != 0 {
		t.Errorf("under selectors behind a whole import %d files are read; want none", r.Read)
	}
	checkProvenance(t, p)
	p.Sound(t)
}

// What selectors do not take is not asked of the filter, so a file of which only
// they left something out is complete.
func TestSelectorsComeBeforeTheFilter(t *testing.T) {
	dir, p := t.TempDir(), laketest.NewPlace(t)
	const management = `"eventCategory":"Management","eventTime":"2026-01-02T03:04:05Z"`
	put(t, dir, "a.json", logOf(
		`{"eventID":"a","readOnly":false,"eventSource":"iam.amazonaws.com",`+management+`}`,
		`{"eventID":"b","readOnly":true,"eventSource":"s3.amazonaws.com",`+management+`}`,
		`{"eventID":"c","eventCategory":"Insight","eventTime":"2026-01-02T03:04:05Z"}`))
	choose(t, p, writesOnly)
	iam := ingest.Options{Filter: ingest.Filter{Sources: []string{"iam.amazonaws.com"}}}
	r := bring(t, p, iam, dir)
	if want := (lake.Counts{Offered: 3, Stored: 1, Filtered: 2, Deselected: 1}); r.Counts != want {
		t.Errorf("counts %+v; want %+v", r.Counts, want)
	}
	if r := bring(t, p, iam, dir); r.Known != 1 {
		t.Errorf("the same again: %d files known; want one", r.Known)
	}
	put(t, dir, "a.json", logOf(`{"eventID":"d","readOnly":false,"eventSource":"ec2.amazonaws.com",`+management+`}`))
	for range 2 {
		if r := bring(t, p, iam, dir); r.Read != 1 || r.Counts.Filtered != 1 || r.Counts.Deselected != 0 {
			t.Errorf("what the filter left out: %d read, %+v; want one read, one filtered", r.Read, r.Counts)
		}
	}
	p.Sound(t)
}

func TestARehearsalKnowsTheSelectors(t *testing.T) {
	dir, p := bucket(t, eventgen.Options{Events: 300, Days: 2, EventsPerObject: 15, NoStory: true}), laketest.NewPlace(t)
	put(t, dir, "bad.json", logOf(event("x"), `{}`))
	for _, text := range []string{writesOnly, gets, gets, "[]"} {
		choose(t, p, text)
		dry := bring(t, p, ingest.Options{DryRun: true}, dir)
		got := bring(t, p, ingest.Options{}, dir)
		if d := cmp.Diff(dry, got, cmpopts.IgnoreFields(ingest.Result{}, "DryRun", "Receipt.Import", "Receipt.Segments")); d != "" {
			t.Errorf("under %s (-dry run +import):\n%s", text, d)
		}
	}
	if r := bring(t, p, ingest.Options{}, dir); r.RejectedBefore != 1 {
		t.Errorf("%d records were rejected before; want one, however often its file was read", r.RejectedBefore)
	}
}

func TestSelectorsDoNotGoWithKeptDuplicates(t *testing.T) {
	dir, p := t.TempDir(), laketest.NewPlace(t)
	put(t, dir, "a.json", logOf(event("a")))
	choose(t, p, gets)
	from, err := ingest.List([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		for _, dry := range []bool{true, false} {
			_, err := ingest.Import(t.Context(), l, st, from, ingest.Options{KeepDuplicates: true, DryRun: dry})
			if !errors.Is(err, ingest.ErrKeep) {
				t.Errorf("Import = %v; want ErrKeep", err)
			}
		}
	})
}
