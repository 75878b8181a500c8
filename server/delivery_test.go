package server_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/server/access"
)

type described struct{ QueryStatus, DeliveryStatus, DeliveryS3Uri string }

// delivered starts a query and waits until its results are brought.
func (u *user) delivered(t *testing.T, sql, to string) (id string, d described) {
	t.Helper()
	input, err := json.Marshal(map[string]string{"QueryStatement": sql, "DeliveryS3Uri": to})
	if err != nil {
		t.Fatal(err)
	}
	var started struct{ QueryId string }
	if status, body := u.call(t, "StartQuery", string(input), &started); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	for d.DeliveryStatus == "" || d.DeliveryStatus == "PENDING" {
		if status, body := u.call(t, "DescribeQuery", `{"QueryId":"`+started.QueryId+`"}`, &d); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
	}
	return started.QueryId, d
}

// Results are brought as CloudTrail Lake brings them: what reads those checks the signature,
// and has the events.
func TestResultsAreBroughtSigned(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	id, d := u.delivered(t, "SELECT eventJson, map(ARRAY['a'], ARRAY['b,c']) AS m FROM cloudtrail ORDER BY eventID", "s3://results/team/x")
	if d != (described{"FINISHED", "SUCCESS", "s3://results/team/x"}) {
		t.Errorf("%+v", d)
	}
	dir := filepath.Join(h.results, "team", "x", "AWSLogs", "000000000000", "CloudTrail-Lake", "Query", time.Now().UTC().Format("2006/01/02"), id)
	f, err := os.Open(filepath.Join(dir, "result_1.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(packed)
	if err != nil || !strings.HasPrefix(string(text), "eventJson,m\n") || strings.Count(string(text), `,"{a=b,c}"`) != 3 {
		t.Errorf("%v: %s", err, text)
	}
	var keys json.RawMessage
	if status, body := u.call(t, "ListPublicKeys", `{}`, &keys); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if err := os.WriteFile(filepath.Join(dir, "public_keys.json"), keys, 0o644); err != nil {
		t.Fatal(err)
	}
	into, err := h.lake.Store("secret")
	if err != nil {
		t.Fatal(err)
	}
	bring := func() *ingest.Result {
		from, err := ingest.List([]string{dir})
		if err != nil {
			t.Fatal(err)
		}
		r, err := ingest.Import(t.Context(), h.lake, into, from, ingest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := bring(); len(r.Signed) != 1 || !r.Signed[0].Checked || r.Signed[0].Err != nil || r.Counts.Offered != 3 {
		t.Errorf("%+v, %+v", r.Signed, r.Counts)
	}
	if err := os.WriteFile(f.Name(), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := bring(); len(r.Unread) != 1 {
		t.Errorf("a file that was changed: %+v", r.Unread)
	}

	// The next one has the same key; what fails has no results.
	_, second := u.delivered(t, "SELECT 1", "s3://results")
	if keep, err := filepath.Glob(filepath.Join(h.results, "*", "*", "*", "*")); second.DeliveryStatus != "SUCCESS" || len(keep) == 0 {
		t.Errorf("%+v, %v, %v", second, keep, err)
	}
	if _, body := u.call(t, "ListPublicKeys", `{}`, nil); strings.Count(body, "Fingerprint") != 1 {
		t.Error(body)
	}
	if _, d := u.delivered(t, "SELECT CAST('x' || eventID AS bigint) FROM cloudtrail", "s3://results/"); d.QueryStatus != "FAILED" || d.DeliveryStatus != "CANCELLED" {
		t.Errorf("%+v", d)
	}
	for to, code := range map[string]string{"s3://other/x": "S3BucketDoesNotExistException", "s3://results/../x": "InvalidS3PrefixException", "results": "InvalidS3PrefixException"} {
		if status, body := u.call(t, "StartQuery", `{"QueryStatement":"SELECT 1","DeliveryS3Uri":"`+to+`"}`, nil); status/100 != 4 || !strings.Contains(body, code) {
			t.Errorf("%s: %d %s; want %s", to, status, body, code)
		}
	}
}
