package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/server/access"
)

// put writes a file of the bucket.
func (h *host) put(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(h.bucket, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const oneRecord = `{"Records":[{"eventVersion":"1.08","eventID":%q,"eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Management"}]}`

type anImport struct {
	ImportId, ImportStatus string
	Destinations           []string
	ImportStatistics       struct{ FilesCompleted, EventsCompleted, FailedEntries int64 }
}

// end waits for the end of an import.
func (u *user) end(t *testing.T, id string) (i anImport) {
	t.Helper()
	for {
		if status, body := u.call(t, "GetImport", `{"ImportId":"`+id+`"}`, &i); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		if i.ImportStatus != "INITIALIZING" && i.ImportStatus != "IN_PROGRESS" {
			return i
		}
	}
}

const fromLogs = `"ImportSource":{"S3":{"S3LocationUri":"s3://logs/%s","S3BucketRegion":"eu-central-1","S3BucketAccessRoleArn":"arn:aws:iam::1:role/r"}}`

// An import of a bucket goes through its states; what cannot be read is told by the
// bucket's names, and read when it is mended and the import is started again.
func TestTheLifeOfAnImport(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	folder := "AWSLogs/111111111111/CloudTrail/us-east-1/2026/01/02/"
	h.put(t, folder+"a.json", fmt.Sprintf(oneRecord, "x1", "2026-01-02T03:04:05Z"))
	h.put(t, folder+"b.json", fmt.Sprintf(oneRecord, "x2", "2026-01-02T23:04:05Z"))
	h.put(t, folder+"c.json", `{"Records":[{"eventID":`)
	var i anImport
	start := `{"Destinations":["cloudtrail"],` + fmt.Sprintf(fromLogs, "") + `,"StartEventTime":1767312000,"EndEventTime":1767323045}`
	if status, body := u.call(t, "StartImport", start, &i); status != 200 || !strings.HasSuffix(i.Destinations[0], h.ids["cloudtrail"]) {
		t.Fatalf("%d %s", status, body)
	}
	if i = u.end(t, i.ImportId); i.ImportStatus != "FAILED" || i.ImportStatistics.EventsCompleted != 1 || i.ImportStatistics.FailedEntries != 1 {
		t.Errorf("%+v", i)
	}
	_, failures := u.call(t, "ListImportFailures", `{"ImportId":"`+i.ImportId+`"}`, nil)
	if !strings.Contains(failures, `"Location":"s3://logs/`+folder+`c.json"`) || strings.Contains(failures, h.bucket) || strings.Count(failures, "Location") != 1 {
		t.Error(failures)
	}
	h.put(t, folder+"c.json", fmt.Sprintf(oneRecord, "x3", "2026-01-02T02:04:05Z"))
	if status, body := u.call(t, "StartImport", `{"ImportId":"`+i.ImportId+`"}`, nil); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if i = u.end(t, i.ImportId); i.ImportStatus != "COMPLETED" || i.ImportStatistics.EventsCompleted != 1 {
		t.Errorf("%+v", i)
	}
	for input, want := range map[string]string{
		`{"ImportId":"` + i.ImportId + `"}`:                                                                            "InvalidParameterException", // it is complete
		`{"ImportId":"00000000-0000-4000-8000-000000000000"}`:                                                          "ImportNotFoundException",
		`{"Destinations":["cloudtrail"]}`:                                                                              "InvalidParameterException",
		`{"Destinations":["cloudtrail"],` + fmt.Sprintf(fromLogs, "none") + `}`:                                        "InvalidImportSourceException",
		`{"Destinations":["cloudtrail"],` + fmt.Sprintf(fromLogs, "../..") + `}`:                                       "InvalidImportSourceException",
		`{"Destinations":["nowhere"],` + fmt.Sprintf(fromLogs, "") + `}`:                                               "EventDataStoreNotFoundException",
		`{"Destinations":["tarn_audit"],` + fmt.Sprintf(fromLogs, "") + `}`:                                            "OperationNotPermittedException",
		strings.ReplaceAll(`{"Destinations":["cloudtrail"],`+fmt.Sprintf(fromLogs, "")+`}`, "s3://logs", "s3://other"): "InvalidImportSourceException",
	} {
		if status, body := u.call(t, "StartImport", input, nil); status/100 != 4 || !strings.Contains(body, want) || strings.Contains(body, h.bucket) {
			t.Errorf("%s: %d %s; want %s", input, status, body, want)
		}
	}
	if status, body := u.call(t, "StopImport", `{"ImportId":"`+i.ImportId+`"}`, nil); status != 400 {
		t.Errorf("%d %s", status, body)
	}
	if _, body := u.call(t, "ListImports", `{"Destination":"cloudtrail","ImportStatus":"COMPLETED"}`, nil); strings.Count(body, "ImportId") != 1 {
		t.Error(body)
	}
}

// Who may not see a store learns of no import into it; who reads it may look only.
func TestImportsAreSeenWithTheirStore(t *testing.T) {
	h := newHost(t)
	admin, reader, other := h.user(t, access.Admin), h.user(t, access.Reader, "cloudtrail"), h.user(t, access.Admin, "secret")
	h.put(t, "a.json", fmt.Sprintf(oneRecord, "x1", "2026-01-02T03:04:05Z"))
	var i anImport
	start := `{"Destinations":["cloudtrail"],` + fmt.Sprintf(fromLogs, "") + `}`
	if status, body := admin.call(t, "StartImport", start, &i); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	reader.end(t, i.ImportId)
	id := `{"ImportId":"` + i.ImportId + `"}`
	none := strings.ReplaceAll(id, i.ImportId[:8], "00000000")
	for _, operation := range []string{"GetImport", "ListImportFailures", "StopImport", "StartImport"} {
		_, hidden := other.call(t, operation, id, nil)
		_, missing := other.call(t, operation, none, nil)
		if strings.ReplaceAll(hidden, i.ImportId[:8], "00000000") != missing || !strings.Contains(hidden, "ImportNotFoundException") {
			t.Errorf("%s: hidden %s, not there %s", operation, hidden, missing)
		}
	}
	if _, body := other.call(t, "ListImports", `{}`, nil); strings.Contains(body, i.ImportId) {
		t.Error(body)
	}
	for _, input := range []string{start, id} {
		if status, body := reader.call(t, "StartImport", input, nil); status != 403 {
			t.Errorf("%d %s", status, body)
		}
	}
}
