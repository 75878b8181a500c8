package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/server/access"
)

type lookedUp struct {
	Events []struct {
		EventId, EventName, ReadOnly, AccessKeyId, EventSource, Username, CloudTrailEvent string
		EventTime                                                                         float64
		Resources                                                                         []struct{ ResourceType, ResourceName string }
	}
	NextToken string
}

// lookUp fetches all pages.
func (u user) lookUp(t *testing.T, input string, most int) (ids []string, pages int) {
	t.Helper()
	token := ""
	for {
		in := strings.TrimSuffix(input, "}") + fmt.Sprintf(`,"MaxResults":%d`, most) + token + "}"
		var out lookedUp
		if status, body := u.call(t, "LookupEvents", strings.Replace(in, "{,", "{", 1), &out); status != 200 {
			t.Fatalf("%s: %d %s", in, status, body)
		}
		pages++
		for _, e := range out.Events {
			ids = append(ids, e.EventId)
		}
		if out.NextToken == "" {
			return ids, pages
		}
		token = fmt.Sprintf(`,"NextToken":%q`, out.NextToken)
	}
}

// recent puts events of the last days into a store: 60 of a day ago, of which each
// tenth writes, and others that are not looked up.
func (u user) recent(t *testing.T, store string) (want []string) {
	t.Helper()
	now := time.Now().UTC()
	var body strings.Builder
	put := func(id string, at time.Time, more string) {
		fmt.Fprintf(&body, `{"eventVersion":"1.08","eventID":%q,"eventTime":%q,"awsRegion":"us-east-1",%s}`+"\n", id, at.Format(time.RFC3339), more)
	}
	for i := range 60 {
		id := fmt.Sprintf("e%02d", i)
		want = append(want, id)
		more := `"eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true,"eventCategory":"Management","userIdentity":{"type":"IAMUser","userName":"ida","accessKeyId":"AKIA1"}`
		if i%10 == 0 {
			more = `"eventSource":"iam.amazonaws.com","eventName":"PutUserPolicy","readOnly":false,"userIdentity":{"type":"IAMUser","userName":"bo's","accessKeyId":"AKIA2"},"resources":[{"ARN":"arn:aws:iam::1:user/x","type":"AWS::IAM::User"}]`
		}
		put(id, now.Add(-24*time.Hour-time.Duration(i/7)*time.Hour), more) // seven of each second
	}
	put("data", now.Add(-25*time.Hour), `"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Data","managementEvent":false`)
	put("early", now.Add(-100*24*time.Hour), `"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Management"`)
	put("oddly", now.Add(-80*24*time.Hour), `"eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","eventCategory":"Management"`)
	if status, said, _ := u.ask(t, "/v1/stores/"+store+"/events", body.String()); status != 200 || !strings.Contains(said, `"stored":63`) {
		t.Fatalf("%d %s", status, said)
	}
	if err := u.lake.Flush(); err != nil {
		t.Fatal(err)
	}
	return append(want, "oddly")
}

func TestEventsAreLookedUp(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	want := u.recent(t, "secret")
	for _, most := range []int{1, 3, 7, 50} {
		ids, pages := u.lookUp(t, "{}", most)
		if !slices.Equal(ids, want) || pages != (len(want)+most-1)/most {
			t.Errorf("by %d: %d pages of %v; want %v", most, pages, ids, want)
		}
	}
	var writes []string
	for i := 0; i < 60; i += 10 {
		writes = append(writes, want[i])
	}
	for attribute, want := range map[[2]string][]string{
		{"EventId", "e07"}: {"e07"}, {"EventName", "PutUserPolicy"}: writes, {"ReadOnly", "false"}: writes, {"Username", "bo's"}: writes, {"AccessKeyId", "AKIA2"}: writes,
		{"ResourceType", "AWS::IAM::User"}: writes, {"ResourceName", "arn:aws:iam::1:user/x"}: writes, {"EventSource", "iam.amazonaws.com"}: writes,
		{"EventName", "DeleteBucket"}: {"oddly"}, {"EventName", "Nothing"}: nil, {"EventId", "early"}: nil, {"EventId", "data"}: nil, {"EventId", "' OR 1=1 --"}: nil,
	} {
		ids, _ := u.lookUp(t, fmt.Sprintf(`{"LookupAttributes":[{"AttributeKey":%q,"AttributeValue":%q}]}`, attribute[0], attribute[1]), 4)
		if !slices.Equal(ids, want) {
			t.Errorf("%v: %v; want %v", attribute, ids, want)
		}
	}
	var one lookedUp
	u.call(t, "LookupEvents", `{"LookupAttributes":[{"AttributeKey":"EventId","AttributeValue":"e10"}]}`, &one)
	if e := one.Events[0]; e.ReadOnly != "false" || e.AccessKeyId != "AKIA2" || e.Username != "bo's" || e.EventSource != "iam.amazonaws.com" || len(e.Resources) != 1 ||
		!json.Valid([]byte(e.CloudTrailEvent)) || !strings.HasPrefix(e.CloudTrailEvent, `{"eventVersion":"1.08","eventID":"e10"`) {
		t.Errorf("an event: %+v", e)
	}
	// Of stores that somebody may not ask, nothing is looked up.
	if ids, _ := h.user(t, access.Reader, "cloudtrail").lookUp(t, "{}", 50); len(ids) != 0 {
		t.Errorf("of another store: %v", ids)
	}
	if status, body := h.user(t, access.Ingester).call(t, "LookupEvents", "{}", nil); status != 403 {
		t.Errorf("%d %s", status, body)
	}
}

func TestLookupsAreRefusedInCloudTrailsWords(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	attribute := `{"AttributeKey":"EventName","AttributeValue":"x"}`
	for input, want := range map[string]string{
		`{"LookupAttributes":[` + attribute + `,` + attribute + `]}`:                                        "InvalidLookupAttributesException",
		`{"LookupAttributes":[{"AttributeKey":"eventname","AttributeValue":"x"}]}`:                          "InvalidLookupAttributesException",
		`{"LookupAttributes":[{"AttributeKey":"ReadOnly","AttributeValue":"yes"}]}`:                         "InvalidLookupAttributesException",
		`{"LookupAttributes":[{"AttributeKey":"ReadOnly"}]}`:                                                "ValidationException",
		`{"EventCategory":"insight","LookupAttributes":[{"AttributeKey":"Username","AttributeValue":"x"}]}`: "InvalidLookupAttributesException",
		`{"EventCategory":"management"}`:                                                                    "InvalidEventCategoryException",
		`{"MaxResults":51}`:                                                                                 "InvalidMaxResultsException",
		`{"MaxResults":0}`:                                                                                  "InvalidMaxResultsException",
		`{"StartTime":20,"EndTime":10}`:                                                                     "InvalidTimeRangeException",
		`{"NextToken":"nonsense"}`:                                                                          "InvalidNextTokenException",
	} {
		u.does(t, "LookupEvents", input, 400, want)
	}
	u.does(t, "LookupEvents", `{"EventCategory":"insight"}`, 200, `{"Events":[]}`)
	u.does(t, "ListInsightsData", `{"InsightSource":"cloudtrail","DataType":"InsightsEvents"}`, 400, "InvalidParameterException")
}
