package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"tarn/ingest"
	"tarn/ingest/activity"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
	"tarn/schemas/selector"
)

// activityStore makes a store of activity events beside the others.
func activityStore(t *testing.T, l *lake.Lake) lake.Store {
	t.Helper()
	store, err := l.CreateStore("activity", schemas.Activity())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func mapNamed(t *testing.T, name string) *activity.Map {
	t.Helper()
	m, err := activity.FindMap("", name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// putAll puts an input and returns the receipts: number, outcome and reason.
func putAll(t *testing.T, l *lake.Lake, store lake.Store, in io.Reader, o ingest.PutOptions) (receipts []string, counts lake.Counts) {
	t.Helper()
	o.Name = "in"
	o.Receipt = func(r ingest.PutReceipt) error {
		receipts = append(receipts, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", r.Number, r.Outcome, r.Code, r.Reason)))
		if taken := r.Outcome != ingest.PutRejected; taken != (r.EventID != "") || r.Input != "in" {
			t.Errorf("receipt %+v", r)
		}
		return nil
	}
	counts, err := ingest.Put(t.Context(), l, store, in, o)
	if err := errors.Join(err, l.Flush()); err != nil {
		t.Fatal(err)
	}
	if sum := counts.Stored + counts.Duplicates + counts.Conflicts + counts.Filtered + counts.Rejected; counts.Offered != sum || sum != int64(len(receipts)) {
		t.Errorf("%+v does not add up to %d receipts", counts, len(receipts))
	}
	return receipts, counts
}

const oktaLines = `{"uuid":"1","published":"2026-01-02T03:04:05Z","eventType":"a"}
{"uuid":"2","published":"2026-01-02T03:04:06Z","eventType":"b"}
{"uuid":"1","published":"2026-01-02T03:04:05Z","eventType":"a"}
no JSON
{"uuid":"2","published":"2026-01-02T03:04:06Z","eventType":"c"}
{"uuid":"3","eventType":"d"}
`

// Every record has a receipt, in order; what was rejected is kept with its bytes;
// the same again adds nothing.
func TestPutAccounts(t *testing.T) {
	dir, l, _ := laketest.New(t)
	store := activityStore(t, l)
	o := ingest.PutOptions{Map: mapNamed(t, "okta")}
	got, _ := putAll(t, l, store, strings.NewReader(oktaLines), o)
	want := []string{"1 stored", "2 stored", "3 duplicate", "4 rejected  not JSON at byte 192", "5 conflict",
		"6 rejected  no eventTime: map okta looks for it in published"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("receipts (-want +got):\n%s", d)
	}
	again, _ := putAll(t, l, store, strings.NewReader(oktaLines), o)
	want[0], want[1], want[4] = "1 duplicate", "2 duplicate", "5 duplicate" // the conflict is there, too
	if d := cmp.Diff(want, again); d != "" {
		t.Errorf("receipts of the same again (-want +got):\n%s", d)
	}
	if n := len(laketest.Raw(t, l, store, false)); n != 2 {
		t.Errorf("%d events are stored; want 2", n)
	}
	if n := len(laketest.Raw(t, l, store, true)); n != 1 {
		t.Errorf("%d conflicts are kept; want 1", n)
	}
	lost := []string{`in 4 192 no JSON`, `in 6 264 {"uuid":"3","eventType":"d"}`}
	if d := cmp.Diff(slices.Concat(lost, lost), rejected(t, l)); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	laketest.Clean(t, dir)
}

// rejected are the records that the lake keeps as rejects.
func rejected(t *testing.T, l *lake.Lake) (all []string) {
	t.Helper()
	snap := l.Snapshot()
	defer snap.Release()
	for _, c := range snap.Commits() {
		if err := snap.Rejects(c, func(r lake.Reject) error {
			all = append(all, fmt.Sprintf("%s %d %d %s", r.Source, r.Record, r.Offset, bytes.TrimSpace(r.Raw)))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// An event is durable and has its receipt while its sender still has more to say.
func TestPutDoesNotWaitForTheEnd(t *testing.T) {
	_, l, trail := laketest.New(t)
	for _, tt := range []struct {
		store lake.Store
		by    *activity.Map
		event string
	}{
		{activityStore(t, l), mapNamed(t, "okta"), `{"uuid":"%d","published":"2026-01-02T03:04:05Z","eventType":"a"}`},
		{trail, nil, `{"eventID":"%d","eventTime":"2026-01-02T03:04:05Z"}`},
	} {
		r, w := io.Pipe()
		receipts, done := make(chan ingest.PutReceipt), make(chan error, 1)
		go func() {
			_, err := ingest.Put(t.Context(), l, tt.store, r, ingest.PutOptions{Map: tt.by, Receipt: func(r ingest.PutReceipt) error {
				receipts <- r
				return nil
			}})
			done <- err
		}()
		for i := range 3 {
			if _, err := fmt.Fprintf(w, tt.event, i); err != nil {
				t.Fatal(err)
			}
			if got := <-receipts; got.Outcome != ingest.PutStored || got.Number != int64(i+1) {
				t.Fatalf("receipt %+v", got)
			}
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
			if n := len(laketest.Raw(t, l, tt.store, false)); n != i+1 {
				t.Errorf("after receipt %d, %d events are stored in %s", i+1, n, tt.store.Name)
			}
		}
		w.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// While an import is under way, events are stored and rejects wait for its end.
func TestPutBesideAnImport(t *testing.T) {
	_, l, trail := laketest.New(t)
	store := activityStore(t, l)
	app, err := l.Append(trail, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	receipts, done := make(chan ingest.PutReceipt), make(chan error, 1)
	go func() {
		_, err := ingest.Put(t.Context(), l, store, r, ingest.PutOptions{Map: mapNamed(t, "okta"), Receipt: func(r ingest.PutReceipt) error {
			receipts <- r
			return nil
		}})
		done <- err
	}()
	go io.WriteString(w, "no JSON\n"+oktaLines[:64])
	for _, want := range []string{ingest.PutRejected, ingest.PutStored} {
		if got := <-receipts; got.Outcome != want {
			t.Errorf("receipt %+v; want %s", got, want)
		}
	}
	if _, err := app.Finish(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := rejected(t, l); len(got) != 1 {
		t.Errorf("rejects %q; want one", got)
	}
}

// What cannot be read is no record's fault, and what came before is stored.
func TestPutTellsReadErrors(t *testing.T) {
	_, l, trail := laketest.New(t)
	broken := errors.New("disk on fire")
	for _, tt := range []struct {
		store lake.Store
		by    *activity.Map
		event string
	}{
		{activityStore(t, l), mapNamed(t, "okta"), `{"uuid":"1","published":"2026-01-02T03:04:05Z","eventType":"a"}`},
		{trail, nil, `{"eventID":"1","eventTime":"2026-01-02T03:04:05Z"}`},
	} {
		in := io.MultiReader(strings.NewReader(tt.event+"\n"+tt.event[:20]), iotest.ErrReader(broken))
		counts, err := ingest.Put(t.Context(), l, tt.store, in, ingest.PutOptions{Map: tt.by})
		if want := (lake.Counts{Offered: 1, Stored: 1}); !errors.Is(err, broken) || counts != want {
			t.Errorf("%s: %+v, %v; want one event and the error", tt.store.Name, counts, err)
		}
	}
}

// A reader that waits for more is left when the put is to end.
func TestPutEndsWhenToldTo(t *testing.T) {
	_, l, _ := laketest.New(t)
	store := activityStore(t, l)
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go io.WriteString(w, oktaLines[:64])
	_, err := ingest.Put(ctx, l, store, r, ingest.PutOptions{Map: mapNamed(t, "okta"), Receipt: func(ingest.PutReceipt) error {
		cancel()
		return nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want that it was cancelled", err)
	}
	full := errors.New("no room for receipts")
	counts, err := ingest.Put(t.Context(), l, store, strings.NewReader(oktaLines), ingest.PutOptions{Map: mapNamed(t, "okta"), Receipt: func(ingest.PutReceipt) error { return full }})
	if !errors.Is(err, full) || counts.Offered != 1 {
		t.Errorf("%v after %+v; want the error of the first receipt", err, counts)
	}
}

// Of a stream each line is rejected alone, the first one too, and nothing of it is kept.
func TestPutStream(t *testing.T) {
	_, l, store := laketest.New(t)
	in := "no JSON\neventID,b\n" + `{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}` + "\n12\n\"x\n{]\n" + `{"eventID":"b","eventTime":"2026-01-02T03:04:05Z"}`
	got, _ := putAll(t, l, store, strings.NewReader(in), ingest.PutOptions{Stream: true})
	want := []string{"1 rejected  not JSON at byte 0", "2 rejected  not JSON at byte 8", "3 stored", "4 rejected  not JSON at byte 69",
		"5 rejected  not JSON at byte 74", "6 rejected  not JSON at byte 76", "7 stored"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("receipts (-want +got):\n%s", d)
	}
	if kept := rejected(t, l); len(kept) > 0 {
		t.Errorf("the lake keeps %q", kept)
	}
}

// A gzip stream that is cut off between two events is not taken for a whole one.
func TestPutTellsOfCutOffs(t *testing.T) {
	_, l, store := laketest.New(t)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	io.WriteString(zip, `{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}`+"\n")
	zip.Flush()
	for _, stream := range []bool{false, true} {
		got, _ := putAll(t, l, store, bytes.NewReader(packed.Bytes()), ingest.PutOptions{Stream: stream})
		if len(got) != 2 || !strings.Contains(got[1], "the gzip stream ends early") {
			t.Errorf("receipts %q", got)
		}
	}
}

func TestPutCloudTrail(t *testing.T) {
	_, l, store := laketest.New(t)
	if got, _ := putAll(t, l, store, strings.NewReader("\n"), ingest.PutOptions{}); len(got) > 0 {
		t.Errorf("of nothing come receipts %q", got)
	}
	event := func(id, category string) string {
		return fmt.Sprintf(`{"eventID":%q,"eventTime":"2026-01-02T03:04:05Z","eventCategory":%q}`, id, category)
	}
	in := `{"Records":[` + event("a", "Management") + `,{"eventID":"x"}]}` + event("b", "Data") + "\n[" + event("c", "Management") + "," + event("d", "Insight") + "]"
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	io.WriteString(zip, "\ufeff"+in)
	zip.Close()
	got, _ := putAll(t, l, store, bytes.NewReader(packed.Bytes()), ingest.PutOptions{})
	want := []string{"1 stored", "2 rejected  record has no eventTime", "3 stored", "4 stored",
		`5 filtered  the event data store ` + store.Name + ` is for cloudtrail events; this one's category is "Insight"`}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("receipts (-want +got):\n%s", d)
	}
	raw := [][]byte{[]byte(event("a", "Management")), []byte(event("b", "Data")), []byte(event("c", "Management"))}
	if d := cmp.Diff(sorted(raw), laketest.Raw(t, l, store, false)); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

// What the store's selectors leave out is filtered.
func TestPutAsksTheSelectors(t *testing.T) {
	p := laketest.NewPlace(t)
	choose(t, p, `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]`)
	in := `{"eventID":"a","eventTime":"2026-01-02T03:04:05Z","eventCategory":"Management","readOnly":false}
		{"eventID":"b","eventTime":"2026-01-02T03:04:05Z","eventCategory":"Management","readOnly":true}
		{"eventID":"c","eventTime":"2026-01-02T03:04:05Z","eventCategory":"Insight"}`
	p.Write(t, func(l *lake.Lake, store lake.Store) {
		got, counts := putAll(t, l, store, strings.NewReader(in), ingest.PutOptions{})
		want := []string{"1 stored", "2 filtered  the event selectors of " + store.Name + " do not take it",
			`3 filtered  the event data store ` + store.Name + ` is for cloudtrail events; this one's category is "Insight"`}
		if d := cmp.Diff(want, got); d != "" || counts.Deselected != 1 {
			t.Errorf("%+v, receipts (-want +got):\n%s", counts, d)
		}
	})
	p.Sound(t)
}

// Selectors that are changed while a put goes on are asked from then on.
func TestPutFollowsTheSelectors(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(l *lake.Lake, store lake.Store) {
		in, to := io.Pipe()
		outcomes := make(chan string)
		done := make(chan error, 1)
		go func() {
			_, err := ingest.Put(t.Context(), l, store, in, ingest.PutOptions{Name: "in", Receipt: func(r ingest.PutReceipt) error {
				outcomes <- r.Outcome
				return nil
			}})
			done <- err
		}()
		for i, tt := range []struct{ selectors, want string }{
			{writesOnly, ingest.PutFiltered}, {"[]", ingest.PutStored}, {gets, ingest.PutStored}, {writesOnly, ingest.PutFiltered},
		} {
			set, err := selector.Parse([]byte(tt.selectors))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.UpdateStore(store.ID, lake.StoreSettings{Selectors: &set}); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(to, `{"eventID":"%d","eventTime":"2026-01-02T03:04:05Z","eventCategory":"Management","eventName":"GetUser","readOnly":true}`+"\n", i); err != nil {
				t.Fatal(err)
			}
			if got := <-outcomes; got != tt.want {
				t.Errorf("event %d under %s is %s; want %s", i, tt.selectors, got, tt.want)
			}
		}
		if err := errors.Join(to.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	p.Sound(t)
}

func TestPutAuditEvents(t *testing.T) {
	_, l, trail := laketest.New(t)
	store := activityStore(t, l)
	const data = `{\"version\":\"1\",\"userIdentity\":{\"type\":\"User\",\"principalId\":\"ida\"},\"eventSource\":\"shop\",\"eventName\":\"Refund\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"UID\":\"1\",\"recipientAccountId\":\"111122223333\"}`
	body := `{"auditEvents":[{"id":"a","eventData":"` + data + `"},{"id":"b","eventData":"{}"},{"id":"c","eventData":"` + data + `"}]}`
	got, _ := putAll(t, l, store, strings.NewReader(body+`{"auditEvents":[]}`), ingest.PutOptions{})
	want := []string{"1 stored", "2 rejected FieldNotFound eventData has no version", "3 duplicate",
		"4 rejected UnsupportedOperationException auditEvents has 0 events; 1 to 100"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("receipts (-want +got):\n%s", d)
	}
	if _, counts := putAll(t, l, trail, strings.NewReader(body), ingest.PutOptions{}); counts.Filtered != 2 {
		t.Errorf("%+v of another family's store; want two filtered", counts)
	}
}

// More events than fit in a batch, and every byte comes out.
func TestPutInBatches(t *testing.T) {
	dir, l, _ := laketest.New(t)
	store := activityStore(t, l)
	var in bytes.Buffer
	for i := range 1250 {
		fmt.Fprintf(&in, "{\"uuid\":\"%d\", \"published\":\"2026-01-02T03:04:%02dZ\",\"eventType\":\"a\\u00e9\"}\n", i, i%60)
	}
	_, counts := putAll(t, l, store, bytes.NewReader(in.Bytes()), ingest.PutOptions{Map: mapNamed(t, "okta")})
	if counts.Stored != 1250 {
		t.Errorf("%+v; want 1250 stored", counts)
	}
	var out [][]byte
	for _, raw := range laketest.Raw(t, l, store, false) {
		out = append(out, activity.Original(raw))
	}
	if d := cmp.Diff(sorted(bytes.Split(bytes.TrimSpace(in.Bytes()), []byte("\n"))), sorted(out)); d != "" {
		t.Errorf("originals (-want +got):\n%s", d)
	}
	laketest.Clean(t, dir)
}

// sources says which map the files of the shared data are for.
func sources() map[string]string {
	return map[string]string{
		"falco-k8s-*": "kubernetes", "*azure-activity*": "azure", "*azure_activity*": "azure", "*entra*": "entra", "*databricks*": "databricks",
		"*gcp*": "gcp", "panther-github*": "github", "streamalert-github*": "github-enterprise", "*gsuite*": "google-workspace", "*okta*": "okta",
		"*onelogin*": "onelogin", "*slack*": "slack", "*teleport*": "teleport", "*zoom*": "zoom", "*microsoft*": "microsoft365", "*duo*": "duo", "*fleet*": "fleet",
	}
}

// Of other people's audit logs, every record is accounted for and every byte comes
// out again.
func TestPutOtherSources(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/other-sources/*.jsonl")
	if len(files) == 0 {
		t.Skip("without the shared data")
	}
	_, l, _ := laketest.New(t)
	for i, file := range laketest.Few(0, files) {
		name := ""
		for pattern, m := range sources() {
			if ok, err := filepath.Match(pattern, filepath.Base(file)); ok && err == nil {
				name = m
			}
		}
		if name == "" {
			t.Errorf("no map for %s", file)
			continue
		}
		store, err := l.CreateStore(fmt.Sprint("from-", i), schemas.Activity())
		if err != nil {
			t.Fatal(err)
		}
		lines := linesOf(t, file)
		receipts, counts := putAll(t, l, store, bytes.NewReader(bytes.Join(lines, []byte("\n"))), ingest.PutOptions{Map: mapNamed(t, name)})
		if counts.Offered != int64(len(lines)) {
			t.Errorf("%s: %+v of %d records", file, counts, len(lines))
		}
		kept := slices.Concat(laketest.Raw(t, l, store, false), laketest.Raw(t, l, store, true))
		for i := range kept {
			kept[i] = activity.Original(kept[i])
		}
		var want [][]byte
		for i, line := range lines {
			if strings.Contains(receipts[i], " stored") || strings.Contains(receipts[i], " conflict") {
				want = append(want, line)
			}
		}
		if d := cmp.Diff(sorted(want), sorted(kept)); d != "" {
			t.Errorf("%s: originals (-want +got):\n%s", file, d)
		}
	}
}

func linesOf(t *testing.T, file string) (lines [][]byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}
