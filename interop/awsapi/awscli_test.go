package awsapi_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// cli runs AWS's command line against a host, and decodes what it says.
func (h *host) cli(t *testing.T, out any, args ...string) {
	t.Helper()
	c := exec.Command("aws", append(args, "--output", "json")...)
	c.Env = append(h.env, "AWS_ACCESS_KEY_ID="+h.id, "AWS_SECRET_ACCESS_KEY="+h.secret, "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=",
		"AWS_ENDPOINT_URL_CLOUDTRAIL="+h.url, "AWS_ENDPOINT_URL_CLOUDTRAIL_DATA="+h.url)
	text, err := c.CombinedOutput()
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		t.Fatalf("aws %v: %v: %s", args, err, text)
	}
}

// The command line does what a team does with it: it is told where to ask, and nothing else.
func TestTheCommandLineLivesWithALake(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("aws is not on the PATH")
	}
	dir, events := bucket(t)
	h := newHost(t, "--bucket", "logs="+dir)
	var store struct{ EventDataStoreArn, Status string }
	h.cli(t, &store, "cloudtrail", "create-event-data-store", "--name", "team", "--no-termination-protection-enabled", "--tags-list", "Key=team,Value=blue")
	var brought struct {
		ImportId, ImportStatus string
		ImportStatistics       struct{ EventsCompleted int }
	}
	h.cli(t, &brought, "cloudtrail", "start-import", "--destinations", store.EventDataStoreArn, "--import-source",
		`{"S3":{"S3LocationUri":"s3://logs/","S3BucketRegion":"us-east-1","S3BucketAccessRoleArn":"arn:aws:iam::000000000000:role/x"}}`)
	for brought.ImportStatus == "INITIALIZING" || brought.ImportStatus == "IN_PROGRESS" {
		h.cli(t, &brought, "cloudtrail", "get-import", "--import-id", brought.ImportId)
	}
	if brought.ImportStatus != "COMPLETED" || brought.ImportStatistics.EventsCompleted != events {
		t.Fatalf("%+v", brought)
	}
	id := store.EventDataStoreArn[strings.LastIndexByte(store.EventDataStoreArn, '/')+1:]
	var query struct {
		QueryId, QueryStatus, NextToken string
		QueryResultRows                 [][]map[string]string
	}
	h.cli(t, &query, "cloudtrail", "start-query", "--query-statement", "SELECT eventID FROM "+id+" ORDER BY eventTime")
	for query.QueryStatus != "FINISHED" {
		h.cli(t, &query, "cloudtrail", "get-query-results", "--query-id", query.QueryId)
		if strings.Contains("FAILED CANCELLED TIMED_OUT", query.QueryStatus) {
			t.Fatalf("%+v", query)
		}
	}
	rows := len(query.QueryResultRows)
	for query.NextToken != "" {
		args := []string{"cloudtrail", "get-query-results", "--query-id", query.QueryId, "--next-token", query.NextToken}
		query.NextToken = ""
		h.cli(t, &query, args...)
		rows += len(query.QueryResultRows)
	}
	if rows != events {
		t.Errorf("%d rows of %d", rows, events)
	}
	h.cli(t, &query, "cloudtrail", "start-query", "--query-statement",
		fmt.Sprintf("SELECT count(*) FROM %s a, UNNEST(sequence(1, 10000000)) AS b(x), UNNEST(sequence(1, 10000000)) AS c(y) WHERE x %% 7 = y %% 5", id))
	h.cli(t, &query, "cloudtrail", "cancel-query", "--query-id", query.QueryId)
	for query.QueryStatus == "QUEUED" || query.QueryStatus == "RUNNING" {
		h.cli(t, &query, "cloudtrail", "describe-query", "--query-id", query.QueryId)
	}
	if query.QueryStatus != "CANCELLED" {
		t.Errorf("cancelled: %+v", query)
	}
	event := `{"version":"1","userIdentity":{"type":"Clerk","principalId":"ida"},"eventSource":"shop.example.org","eventName":"Sold","eventTime":"2026-01-02T03:04:05Z","UID":"1","recipientAccountId":"000000000000"}`
	entry, err := json.Marshal([]map[string]string{{"id": "1", "eventData": event}})
	if err != nil {
		t.Fatal(err)
	}
	var put struct{ Successful, Failed []struct{ Id string } }
	h.cli(t, &put, "cloudtrail-data", "put-audit-events", "--channel-arn", h.channel(t), "--audit-events", string(entry))
	if len(put.Successful) != 1 || len(put.Failed) != 0 {
		t.Errorf("%+v", put)
	}
	h.cli(t, nil, "cloudtrail", "delete-event-data-store", "--event-data-store", id)
	h.cli(t, &store, "cloudtrail", "get-event-data-store", "--event-data-store", id)
	if store.Status != "PENDING_DELETION" {
		t.Errorf("deleted: %+v", store)
	}
	h.cli(t, &store, "cloudtrail", "restore-event-data-store", "--event-data-store", id)
	if store.Status != "ENABLED" {
		t.Errorf("restored: %+v", store)
	}
}
