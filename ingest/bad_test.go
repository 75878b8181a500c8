package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tarn/ingest"
	"tarn/ingest/decode"
	"tarn/lake"
	"tarn/lake/laketest"
)

func event(id string) string {
	return fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":%q}`, id)
}

func logOf(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

func zipped(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(content))
	w.Close()
	return b.String()
}

// bomb is a file that inflates to a thousand times its size.
func bomb() string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write([]byte(`{"Records":[` + event("a") + ","))
	blank := bytes.Repeat([]byte(" "), 1<<20)
	for range 120 {
		w.Write(blank)
	}
	w.Close()
	return b.String()
}

// long is a record without a time that is longer than what is kept of a reject.
var long = `{"x":"` + strings.Repeat("y", 3<<20) + `"}`

// Whatever is wrong with a file: its good part lands, and what does not is
// listed with where it stands, why, and its bytes.
func TestBadInputIsAccountedFor(t *testing.T) {
	const cut = "file is cut off"
	second := int64(len(logOf(event("a"))) - 1) // where a second record begins
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	whole := zipped(logOf(event("a"), event("b"), event("c")))
	for _, tt := range laketest.Few(5, []struct {
		name, file string
		stored     []string
		rejects    []lake.Reject // Raw is a part that it must begin with
	}{
		{"an empty file", "", nil, []lake.Reject{{Record: 1, Reason: decode.ReasonNoRecords}}},
		{"JSON that is no log", `{"a":[1,2]}`, nil,
			[]lake.Reject{{Record: 1, Length: 11, Reason: decode.ReasonNoRecords, Raw: []byte(`{"a":[1,2]}`)}}},
		{"a log without records", logOf(), nil, nil},
		{"a syntax error in the middle", logOf(event("a"), `{"x":}`, event("b")), []string{event("a")},
			[]lake.Reject{{Record: 2, Offset: second, Length: 59, Reason: "not JSON at byte 68", Raw: []byte(`{"x":},{"eventTime"`)}}},
		{"a record nested a thousand deep", logOf(event("a"), deep, event("b")), []string{event("a"), event("b")},
			[]lake.Reject{{Record: 2, Offset: second, Length: 6001, Reason: "record is nested deeper than 100 levels", Raw: []byte(deep)}}},
		{"a record that is not UTF-8", logOf("{\"x\":\"\xff\"}", event("a")), []string{event("a")},
			[]lake.Reject{{Record: 1, Offset: 12, Length: 9, Reason: "record is not valid UTF-8", Raw: []byte("{\"x\":\"\xff\"}")}}},
		{"a record without a time", logOf(event("a"), `{"eventID":"x"}`), []string{event("a")},
			[]lake.Reject{{Record: 2, Offset: second, Length: 15, Reason: "record has no eventTime", Raw: []byte(`{"eventID":"x"}`)}}},
		{"a record that is no object", logOf("7", event("a")), []string{event("a")},
			[]lake.Reject{{Record: 1, Offset: 12, Length: 1, Reason: "record is not an object", Raw: []byte("7")}}},
		{"a long reject is cut", logOf(long, event("a")), []string{event("a")},
			[]lake.Reject{{Record: 1, Offset: 12, Length: int64(len(long)), Reason: "record has no eventTime", Raw: []byte(long[:1<<20])}}},
		{"a truncated gzip stream", whole[:len(whole)-12], []string{event("a"), event("b"), event("c")},
			[]lake.Reject{{Record: 4, Reason: cut + ": the gzip stream ends early"}}},
		{"a damaged gzip checksum", whole[:len(whole)-8] + "12345678", []string{event("a"), event("b"), event("c")},
			[]lake.Reject{{Record: 4, Reason: cut + ": the gzip stream is damaged"}}},
		{"a file cut off behind a record", `{"Records":[` + event("a"), []string{event("a")}, []lake.Reject{{Record: 2, Reason: cut}}},
		{"a gzip bomb", bomb(), []string{event("a")},
			[]lake.Reject{{Record: 2, Reason: cut + ": it inflates to more than 250 times its size and is no log file"}}},
		{"records twice", `{"Records":[` + event("a") + `],"Records":[` + event("b") + `]}`, []string{event("a"), event("b")}, nil},
		{"records behind a digest's member", `{"digestStartTime":"x","Records":[` + event("a") + `]}`, []string{event("a")}, nil},
	}) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := laketest.NewPlace(t)
			dir := t.TempDir()
			put(t, dir, "bad.json", tt.file)
			put(t, dir, "good.json", logOf(event("good")))
			var r *ingest.Result
			p.Write(t, func(l *lake.Lake, st lake.Store) { r = importAll(t, l, st, ingest.Options{}, dir) })
			laketest.Same(t, "events", append(tt.stored, event("good")), p.Events(t))
			want := lake.Counts{Stored: int64(len(tt.stored) + 1), Rejected: int64(len(tt.rejects))}
			want.Offered = want.Stored + want.Rejected
			if d := cmp.Diff(want, r.Counts, cmpopts.IgnoreFields(lake.Counts{}, "Older", "Future")); d != "" || r.Read != 2 {
				t.Errorf("%d files read; want 2. Counts (-want +got):\n%s", r.Read, d)
			}
			checkRejects(t, tt.rejects, p.Rejects(t), r)
			p.Sound(t)

			p.Write(t, func(l *lake.Lake, st lake.Store) { r = importAll(t, l, st, ingest.Options{}, dir) })
			if r.Known != 2 || r.Counts.Offered != 0 {
				t.Errorf("again: %d files known, %d records offered; want 2 and none", r.Known, r.Counts.Offered)
			}
		})
	}
}

// checkRejects compares the rejects that the lake lists with those expected. A
// bomb's length, and the bytes of what was cut off, are not said beforehand.
func checkRejects(t *testing.T, want, got []lake.Reject, r *ingest.Result) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("rejects %+v; want %d", got, len(want))
	}
	for i, w := range want {
		w.Source, w.Import = "bad.json", r.Import
		g := got[i]
		if !bytes.HasPrefix(g.Raw, w.Raw) || len(g.Raw) > 1<<20 {
			t.Errorf("reject %d keeps %d bytes, %.60q; want %d that begin with %.60q", i, len(g.Raw), g.Raw, len(w.Raw), w.Raw)
		}
		if strings.HasPrefix(w.Reason, "file is cut off") {
			w.Offset, w.Length = g.Offset, g.Length
		}
		w.Raw, g.Raw = nil, nil
		if d := cmp.Diff(w, g); d != "" {
			t.Errorf("reject %d (-want +got):\n%s", i, d)
		}
		if r.Rejects[i].Reason != w.Reason {
			t.Errorf("the result shows the reason %q; want %q", r.Rejects[i].Reason, w.Reason)
		}
	}
}

// The store's family decides by category; what it does not take is counted.
func TestOtherCategoriesAreFiltered(t *testing.T) {
	record := func(id, category string) string {
		return fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":%q,"eventCategory":%s}`, id, category)
	}
	stored := []string{
		event("none"), record("m", `"Management"`), record("d", `"Data"`), record("n", `"NetworkActivity"`), record("low", `"management"`), record("null", `null`),
	}
	p := laketest.NewPlace(t)
	dir := t.TempDir()
	put(t, dir, "a.json", logOf(append(stored, record("i", `"Insight"`), record("a", `"Aggregated"`), record("x", `"Whatever"`))...))
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		r := importAll(t, l, st, ingest.Options{}, dir)
		if c := r.Counts; c.Filtered != 3 || c.Stored != int64(len(stored)) {
			t.Errorf("%d filtered, %d stored; want 3 and %d", c.Filtered, c.Stored, len(stored))
		}
	})
	laketest.Same(t, "events", stored, p.Events(t))
}

// The first few rejects are in the result, all are in the lake.
func TestManyRejects(t *testing.T) {
	p := laketest.NewPlace(t)
	dir := t.TempDir()
	var bad, want, got []string
	for i := range 2000 {
		bad = append(bad, fmt.Sprintf(`{"eventID":"%d","x":"<&>\\é"}`, i))
	}
	for i := range 4 {
		put(t, dir, fmt.Sprint(i, ".json"), logOf(append(bad, event(fmt.Sprint(i)))...))
		want = append(want, bad...)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		r := importAll(t, l, st, ingest.Options{}, dir)
		if r.Counts.Rejected != int64(len(want)) || len(r.Rejects) != 5 {
			t.Errorf("%d rejected, %d shown; want %d and 5", r.Counts.Rejected, len(r.Rejects), len(want))
		}
	})
	for _, r := range p.Rejects(t) {
		got = append(got, string(r.Raw))
	}
	laketest.Same(t, "rejects", want, got)
}

// What a record says twice, or spells oddly, counts as the columns read it: it is
// known again by the id that its segment has.
func TestOddIDsAreKnownAgain(t *testing.T) {
	const at = `"eventTime":"2026-01-02T03:04:05Z"`
	var odd []string
	for _, members := range []string{
		`"eventID":null,"eventID":"a"`, `"eventID":"","eventid":"b"`, `"EVENTID":"c","eventID":"d"`, `"event\u0049D":"e"`,
		`"eventID":"\u0066\ud800"`, `"eventID":7`, `"eventID":true`, `"eventID":{"g":1}`, `"eventID":["h"]`, `"eventID":" i "`,
	} {
		odd = append(odd, "{"+at+","+members+"}")
	}
	p := laketest.NewPlace(t)
	for i, want := range []lake.Counts{{Stored: int64(len(odd))}, {Duplicates: int64(len(odd))}} {
		dir := t.TempDir()
		put(t, dir, fmt.Sprint(i, ".json"), logOf(odd...))
		p.Write(t, func(l *lake.Lake, st lake.Store) {
			want.Offered = int64(len(odd))
			got := importAll(t, l, st, ingest.Options{}, dir).Counts
			if d := cmp.Diff(want, got, cmpopts.IgnoreFields(lake.Counts{}, "Older", "Future")); d != "" {
				t.Errorf("counts of import %d (-want +got):\n%s", i+1, d)
			}
		})
	}
	for _, raw := range odd {
		if !json.Valid([]byte(raw)) {
			t.Errorf("the test is wrong: %s is not JSON", raw)
		}
	}
	laketest.Same(t, "events", odd, p.Events(t))
}
