package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"tarn/server/access"
	"tarn/server/cloudtrail"
)

// call calls an operation of CloudTrail's API as a client does, and reads its output.
func (u user) call(t *testing.T, operation, input string, out any) (status int, body string) {
	t.Helper()
	status, body, res := u.ask(t, "/", input, "Content-Type: application/x-amz-json-1.1",
		"X-Amz-Target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation)
	if media := res.Header.Get("Content-Type"); media != "application/x-amz-json-1.1" {
		t.Errorf("%s: the answer is %s: %s", operation, media, body)
	}
	if out != nil && status == 200 {
		if err := json.Unmarshal([]byte(body), out); err != nil {
			t.Fatalf("%s: %v: %s", operation, err, body)
		}
	}
	return status, body
}

func TestTheDoorOfCloudTrailsAPI(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	var one struct{ EventDataStoreArn, Name, Status string }
	var list struct {
		EventDataStores []struct{ Name string }
		NextToken       string
	}
	if status, body := u.call(t, "GetEventDataStore", `{"EventDataStore":"`+h.ids["cloudtrail"]+`"}`, &one); status != 200 || one.Name != "cloudtrail" || one.Status != "ENABLED" {
		t.Errorf("GetEventDataStore: %d %s", status, body)
	}
	if status, body := u.call(t, "ListEventDataStores", `{"MaxResults":1}`, &list); status != 200 || len(list.EventDataStores) != 1 || list.NextToken == "" {
		t.Errorf("ListEventDataStores: %d %s", status, body)
	}
	for _, tt := range []struct {
		who                    user
		operation, input, want string
		status                 int
	}{
		{u, "GetEventDataStore", `{}`, "ValidationException", 400},
		{u, "GetEventDataStore", `{"EventDataStore":`, "SerializationException", 400},
		{u, "GetEventDataStore", `{"EventDataStore":"nothing"}`, "EventDataStoreNotFoundException", 404},
		{u, "GetEventDataStore", `{"EventDataStore":"arn:aws:s3:::bucket"}`, "EventDataStoreARNInvalidException", 400},
		{u, "GetTrail", `{"Name":"abc"}`, "TrailNotFoundException", 404},
		{u, "GetNothing", `{}`, "UnknownOperationException", 400},
		{h.user(t, access.Ingester), "ListEventDataStores", `{}`, "AccessDeniedException", 403},
		{user{host: h, id: u.id, secret: "wrong"}, "ListEventDataStores", `{}`, "UnrecognizedClientException", 401},
		{h.user(t, access.Reader, "cloudtrail"), "GetEventDataStore", `{"EventDataStore":"secret"}`, "EventDataStoreNotFoundException", 404},
	} {
		status, body := tt.who.call(t, tt.operation, tt.input, nil)
		if status != tt.status || !strings.Contains(body, `"__type":"`+tt.want+`"`) {
			t.Errorf("%s %s: %d %s; want %d %s", tt.operation, tt.input, status, body, tt.status, tt.want)
		}
	}
}

func TestSixtyOperationsHaveNames(t *testing.T) {
	if n := len(cloudtrail.Names()); n != 60 {
		t.Errorf("CloudTrail has 60 operations, and here are %d", n)
	}
}
