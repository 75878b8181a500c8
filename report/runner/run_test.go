package runner_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
	"tarn/report"
	"tarn/report/control"
	"tarn/report/runner"
	"tarn/schemas"
)

// fill makes a lake of a folder with logs.
func fill(t *testing.T, logs string) (*lake.Lake, *query.Engine) {
	t.Helper()
	dir := t.TempDir()
	l, err := lake.Create(filepath.Join(dir, "lake"), lake.Options{Key: filepath.Join(dir, "key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	from, err := ingest.List([]string{logs})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.Import(t.Context(), l, store, from, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	engine, err := query.Open(query.Options{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return l, engine
}

// everything is a pack of all controls.
func everything(t *testing.T) (*control.Library, control.Pack) {
	t.Helper()
	lib, err := control.Open("")
	if err != nil {
		t.Fatal(err)
	}
	p := control.Pack{Pack: report.Pack{ID: "everything", Title: "Everything", About: "All."}}
	for _, c := range lib.Controls() {
		p.Entries = append(p.Entries, control.Entry{Control: c.ID})
	}
	return lib, p
}

// made is what a test asks about.
func made(t *testing.T, l *lake.Lake, engine *query.Engine, o runner.Options) *report.Report {
	t.Helper()
	snap := l.Snapshot()
	defer snap.Release()
	lib, pack := everything(t)
	o.Store = "cloudtrail"
	r, err := runner.Run(t.Context(), engine, snap, lib, pack, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// record is an event with what a test changes in it.
func record(n int, change map[string]any) map[string]any {
	e := map[string]any{
		"eventVersion": "1.11", "eventID": fmt.Sprintf("e%04d", n), "eventTime": time.Date(2026, 3, 4, 9, n/60, n%60, 0, time.UTC).Format(time.RFC3339),
		"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "awsRegion": "eu-north-1", "sourceIPAddress": "192.0.2.10", "userAgent": "x",
		"eventType": "AwsApiCall", "readOnly": false, "managementEvent": true, "eventCategory": "Management", "recipientAccountId": "111122223333",
		"userIdentity": map[string]any{"type": "IAMUser", "userName": "ida", "arn": "arn:aws:iam::111122223333:user/ida", "accountId": "111122223333", "principalId": "AIDAIDA"},
		"tlsDetails":   map[string]any{"tlsVersion": "TLSv1.3"},
	}
	maps.Copy(e, change)
	return e
}

func write(t *testing.T, records []map[string]any) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range records { // each in a file: the same id twice is a conflict between files too
		text, err := json.Marshal(map[string]any{"Records": records[i : i+1]})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.json", i)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var (
	march = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	asked = runner.Options{From: march, To: march.AddDate(0, 0, 1), Params: map[string]string{"bucket": "the-bucket"}}
)

// ordinary is a day on which nothing happens: a role reads.
func ordinary() (all []map[string]any) {
	role := map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/app/i-1", "accountId": "111122223333"}
	for n, change := range []map[string]any{
		{"readOnly": true}, {"eventName": "DescribeVpcs", "readOnly": true},
		{"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventCategory": "Data", "managementEvent": false, "readOnly": true, "requestParameters": map[string]any{"bucketName": "other", "key": "k"}},
	} {
		change["userIdentity"] = role
		all = append(all, record(n, change))
	}
	return all
}

// exactly is how many rows some controls find among the violations: documents that cannot
// be read as policies are among them.
var exactly = map[string]int64{"policy-allows-everything": 2}

// Every control finds what it is about, and nothing where that is not.
func TestEveryControlBothWays(t *testing.T) {
	text, err := os.ReadFile("../control/testdata/violations.json")
	if err != nil {
		t.Fatal(err)
	}
	var violations map[string][]map[string]any
	if err := json.Unmarshal(text, &violations); err != nil {
		t.Fatal(err)
	}
	records := ordinary()
	for _, id := range slices.Sorted(maps.Keys(violations)) {
		for _, change := range violations[id] {
			records = append(records, record(len(records)+10, change))
		}
	}
	quiet, engine := fill(t, write(t, ordinary()))
	for _, one := range made(t, quiet, engine, asked).Results {
		if one.ID == "digests-hold" && one.Verdict == report.Unknown {
			continue // no digest was checked
		}
		if one.Verdict != report.Passed || one.Total > 0 {
			t.Errorf("%s on an ordinary day: %s %s %v", one.ID, one.Verdict, one.Note, one.Rows)
		}
	}
	loud, engine := fill(t, write(t, records))
	lib, _ := everything(t)
	for _, one := range made(t, loud, engine, asked).Results {
		c, err := lib.Control(one.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.Check != "" {
			continue
		}
		want := report.Failed
		if c.Expect.String() == "rows for review" {
			want = report.Passed
		}
		if n := exactly[one.ID]; n > 0 && n != one.Total {
			t.Errorf("%s: %d rows, and not %d: %v", one.ID, one.Total, n, one.Rows)
		}
		if _, ok := violations[one.ID]; !ok || one.Verdict != want || one.Total == 0 {
			t.Errorf("%s: %s %s, %d rows; a violation is there: %t", one.ID, one.Verdict, one.Note, one.Total, ok)
		}
	}
}

// A month of a company: what was planted is found, each by those that should, and
// nothing else is.
func TestPlantedIntrusionIsFound(t *testing.T) {
	dir := t.TempDir()
	o := eventgen.Options{EventsPerObject: 40}
	if _, err := eventgen.WriteBucket(dir, o); err != nil {
		t.Fatal(err)
	}
	l, engine := fill(t, dir)
	story := eventgen.New(o).Story()
	from := story.First.UTC().Truncate(24*time.Hour).AddDate(0, 0, -11)
	r := made(t, l, engine, runner.Options{From: from, To: from.AddDate(0, 0, 31), Params: map[string]string{"bucket": story.Bucket, "known": known}})
	got := map[string]int64{}
	for _, one := range r.Failing() {
		got[one.ID] = one.Total
	}
	if d := cmp.Diff(planted, got); d != "" {
		t.Errorf("(-planted +found)\n%s", d)
	}
	for _, one := range r.Results {
		if (one.Verdict == report.Unknown) != (one.ID == "digests-hold") { // none was checked
			t.Errorf("%s: %s %s", one.ID, one.Verdict, one.Note)
		}
	}
	if n := len(r.Events); n < 20 || r.Events[0].Proof == "" || len(r.Coverage) == 0 || r.Log.Size == 0 {
		t.Errorf("%d events, coverage of %d places, log of %d", n, len(r.Coverage), r.Log.Size)
	}
}

// known are the accounts of the company that watches over them, and of their backups.
const known = "^(999988887777|444455556666)$"

// planted are the controls that find what the intruder did, with how many findings. That
// root is used is the company's own fault.
var planted = map[string]int64{
	"login-failures": 1, "password-spraying": 1, "login-after-failures": 1, "login-without-mfa": 1, "refusals-in-bulk": 1, "user-refused": 2,
	"key-made": 1, "key-made-for-another": 1, "admin-given": 1, "trail-stopped": 3, "group-opened-to-world": 2, "region-of-one": 1,
	"public-block-removed": 1, "bucket-made-public": 1, "bucket-settings": 4, "bucket-read-in-bulk": 3, "anonymous-reads": 1, "secrets-read-in-bulk": 1,
	"root-used": 8,
}
