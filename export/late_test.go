package export_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/export"
	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/laketest"
)

// record is one of CloudTrail's.
func record(id, at, account, region, category string) string {
	return fmt.Sprintf(`{"eventID":%q,"eventTime":%q,"recipientAccountId":%q,"awsRegion":%q,"eventCategory":%q}`, id, at, account, region, category)
}

const (
	account = "111122223333"
	region  = "eu-west-1"
)

func management(id, at string) string { return record(id, at, account, region, "Management") }

// takes imports records.
func takes(t *testing.T, l *lake.Lake, store lake.Store, records ...string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(name, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := imported(t, l, store, ingest.Options{}, name); r.Counts.Rejected > 0 {
		t.Fatalf("%+v", r)
	}
}

// What comes after its hour was signed is in no file, is counted, and leaves the chain
// as it is.
func TestLateEventsAreCountedAndLeft(t *testing.T) {
	_, l, store := laketest.New(t)
	dir, k := t.TempDir(), keys(t)
	takes(t, l, store, management("a", "2026-01-02T03:04:05Z"), management("b", "2026-01-02T06:04:05Z"))
	exported(t, l, store, dir, export.Options{Keys: k})
	was := tree(t, dir)
	takes(t, l, store, management("c", "2026-01-02T03:30:00Z"), management("d", "2026-01-02T04:30:00Z"))
	r := exported(t, l, store, dir, export.Options{Keys: k})
	if r.Late != 2 || r.Exported != 2 || len(r.LateHours) != 2 || r.Logs.New+r.Digests.New > 0 {
		t.Errorf("%+v", r)
	}
	sameTree(t, was, tree(t, dir))
	takes(t, l, store, management("e", "2026-01-02T07:30:00Z"))
	if r = exported(t, l, store, dir, export.Options{Keys: k}); r.Late != 2 || r.Exported != 3 || r.Digests.New != 1 {
		t.Errorf("%+v", r)
	}
	_, _, judged := taken(t, dir)
	verified(t, judged)
}

// The hour that is not over waits; without digests nothing has to.
func TestTheHourThatIsNotOverWaits(t *testing.T) {
	_, l, store := laketest.New(t)
	takes(t, l, store, management("a", "2026-01-02T03:04:05Z"), management("b", "2026-01-02T04:04:05Z"))
	o := export.Options{Keys: keys(t), Now: time.Date(2026, 1, 2, 4, 30, 0, 0, time.UTC)}
	dir := t.TempDir()
	if r := exported(t, l, store, dir, o); r.Exported != 1 || r.Unfinished != 1 {
		t.Errorf("%+v", r)
	}
	takes(t, l, store, management("c", "2026-01-02T04:44:05Z"))
	if o.Now = o.Now.Add(time.Hour); exported(t, l, store, dir, o).Exported != 3 {
		t.Error("an hour later they are not all there")
	}
	o.Keys, o.Now = nil, o.Now.Add(-time.Hour)
	if r := exported(t, l, store, t.TempDir(), o); r.Exported != 3 || r.Digests.Files > 0 {
		t.Errorf("unsigned: %+v", r)
	}
}

// A chain goes on with another key, and what an earlier key signed stays.
func TestAnotherKeyGoesOn(t *testing.T) {
	_, l, store := laketest.New(t)
	dir, first := t.TempDir(), keys(t)
	takes(t, l, store, management("a", "2026-01-02T03:04:05Z"))
	exported(t, l, store, dir, export.Options{Keys: first})
	takes(t, l, store, management("b", "2026-01-03T03:04:05Z"))
	both := keys(t, first)
	if r := exported(t, l, store, dir, export.Options{Keys: both}); r.Digests.New != 1 || r.Digests.Files != 2 {
		t.Errorf("%+v", r)
	}
	_, _, judged := taken(t, dir)
	verified(t, judged)
	takes(t, l, store, management("c", "2026-01-04T03:04:05Z"))
	_, err := exporting(t.Context(), l, store, dir, export.Options{Keys: keys(t)})
	if !errors.Is(err, export.ErrOther) {
		t.Errorf("a chain of somebody else: %v", err)
	}
}

// Nothing is written over, and nothing that was changed is signed.
func TestWhatWasChangedIsFound(t *testing.T) {
	_, l, store := laketest.New(t)
	whole, k := t.TempDir(), keys(t)
	takes(t, l, store, management("a", "2026-01-02T03:04:05Z"), management("b", "2026-01-02T04:04:05Z"))
	exported(t, l, store, whole, export.Options{Keys: k})
	for name := range tree(t, whole) {
		if !strings.HasSuffix(name, ".gz") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			others := map[string]string{"another": "another"}
			for other, text := range tree(t, whole) { // another of the same kind
				if other != name && strings.Contains(other, "-Digest/") == strings.Contains(name, "-Digest/") && strings.HasSuffix(other, ".gz") {
					others["swapped"] = text
				}
			}
			for what, text := range others {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				was := tree(t, dir)
				if r, err := exporting(t.Context(), l, store, dir, export.Options{Keys: k}); err == nil {
					t.Errorf("%s: %+v", what, r)
				}
				sameTree(t, was, tree(t, dir))
			}
		})
	}
}

// What tells no account or region, and texts that would lead elsewhere, have a place of
// their own; conflicts and families, too.
func TestEveryEventHasAPlace(t *testing.T) {
	_, l, store := laketest.New(t)
	at := "2026-01-02T03:04:05Z"
	takes(t, l, store, management("a", at), record("b", at, "../../../etc", region, "Management"), record("c", at, account, "../../x", "Data"),
		record("d", at, account, region, "NetworkActivity"), `{"eventID":"e","eventTime":"2026-01-02T03:04:05Z"}`,
		`{"eventID":"f","eventTime":"2026-01-02T03:04:05Z","awsRegion":"eu-west-1","userIdentity":{"accountId":"444455556666"}}`)
	takes(t, l, store, record("a", at, account, region, "Data"))
	dir := t.TempDir()
	r := exported(t, l, store, dir, export.Options{Keys: keys(t)})
	want := map[string]int64{"CloudTrail": 2, "CloudTrail-NetworkActivity": 1, "Tarn-Events": 3, "Tarn-Conflicts": 1}
	if !maps.Equal(r.Folders, want) || r.Exported != 7 {
		t.Errorf("%+v; want %v", r, want)
	}
	for name := range tree(t, dir) {
		parts := strings.Split(strings.TrimPrefix(name, "/AWSLogs/"), "/")
		if strings.HasPrefix(name, "/AWSLogs/") && (len(parts) != 7 || !slices.Contains([]string{"000000000000", account, "444455556666"}, parts[0])) {
			t.Errorf("%s is a strange place", name)
		}
	}
	again, back, judged := taken(t, dir)
	verified(t, judged)
	laketest.Same(t, "the events", raws(t, l, store), raws(t, again, back))
}
