package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tarn/lake/laketest"
	"tarn/schemas"
	"tarn/server/access"
)

// activityStore makes an event data store that channels may lead into.
func (h *host) activityStore(t *testing.T, name string) {
	t.Helper()
	st, err := h.lake.CreateStore(name, schemas.Activity())
	if err != nil {
		t.Fatal(err)
	}
	h.ids[name] = st.ID
}

// channel makes a channel into stores.
func (u user) channel(t *testing.T, name string, stores ...string) (arn string) {
	t.Helper()
	var to []string
	for _, st := range stores {
		to = append(to, fmt.Sprintf(`{"Type":"EVENT_DATA_STORE","Location":%q}`, u.ids[st]))
	}
	var out struct{ ChannelArn string }
	input := fmt.Sprintf(`{"Name":%q,"Source":"Custom","Destinations":[%s]}`, name, strings.Join(to, ","))
	if status, body := u.call(t, "CreateChannel", input, &out); status != 200 {
		t.Fatalf("CreateChannel: %d %s", status, body)
	}
	return out.ChannelArn
}

// auditData is the eventData of an audit event.
func auditData(uid string) string {
	return `{"version":"1","userIdentity":{"type":"Clerk","principalId":"ida"},"eventSource":"shop.example.org","eventName":"Refund",` +
		`"eventTime":"2026-01-02T03:04:05Z","UID":"` + uid + `","recipientAccountId":"111122223333"}`
}

// auditBody is a body of PutAuditEvents of eventData by id.
func auditBody(data ...string) string {
	type event struct {
		ID   string `json:"id"`
		Data string `json:"eventData"`
	}
	var all struct {
		Events []event `json:"auditEvents"`
	}
	for i, d := range data {
		all.Events = append(all.Events, event{fmt.Sprint("e", i), d})
	}
	b, _ := json.Marshal(all) // of texts
	return string(b)
}

type auditResult struct {
	Successful []struct{ ID, EventID string }
	Failed     []struct{ ID, ErrorCode, ErrorMessage string }
}

// audit puts audit events.
func (u user) audit(t *testing.T, channel, body string) (out auditResult) {
	t.Helper()
	status, text, res := u.ask(t, "/PutAuditEvents?channelArn="+channel, body)
	if status != 200 || res.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("PutAuditEvents: %d %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// What was answered as successful is in every destination, once, however often it is
// sent; what was not is told with its reason.
func TestPutAuditEvents(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "one")
	h.activityStore(t, "two")
	admin, u := h.user(t, access.Admin), h.user(t, access.Ingester, "one", "two")
	arn := admin.channel(t, "shop", "one", "two")
	body := auditBody(auditData("1"), auditData("2"), `{"version":"1"}`, auditData("1"))
	first := u.audit(t, arn, body)
	if len(first.Successful) != 3 || len(first.Failed) != 1 || first.Failed[0].ID != "e2" || first.Failed[0].ErrorCode != "FieldNotFound" ||
		!strings.Contains(first.Failed[0].ErrorMessage, "userIdentity.type") || first.Successful[0].EventID != first.Successful[2].EventID {
		t.Errorf("PutAuditEvents: %+v", first)
	}
	again := u.audit(t, arn[strings.LastIndexByte(arn, '/')+1:]+"&externalId=a-1", body)
	if fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("again: %+v; want %+v", again, first)
	}
	if err := h.lake.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		st, err := h.lake.Store(name)
		if err != nil {
			t.Fatal(err)
		}
		raw := laketest.Raw(t, h.lake, st, false)
		text := string(bytes.Join(raw, nil))
		if len(raw) != 2 || strings.Count(text, `"metadata":{"channelARN":"`+arn+`"}`) != 2 || strings.Count(text, first.Successful[0].EventID) != 1 {
			t.Errorf("%s has %s", name, text)
		}
		if n := len(laketest.Raw(t, h.lake, st, true)); n != 0 {
			t.Errorf("%s has %d conflicts", name, n)
		}
	}
	var got struct {
		IngestionStatus struct {
			LatestIngestionSuccessTime, LatestIngestionAttemptTime  float64
			LatestIngestionSuccessEventID, LatestIngestionErrorCode string
		}
	}
	admin.call(t, "GetChannel", `{"Channel":"`+arn+`"}`, &got)
	if s := got.IngestionStatus; s.LatestIngestionSuccessTime == 0 || s.LatestIngestionErrorCode != "FieldNotFound" || s.LatestIngestionSuccessEventID != first.Successful[2].EventID {
		t.Errorf("IngestionStatus: %+v", s)
	}
}

// A call that is refused is refused whole, by AWS's name, in the form of its REST protocol.
func TestPutAuditEventsRefuses(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "one")
	h.activityStore(t, "two")
	admin := h.user(t, access.Admin)
	both := admin.channel(t, "both", "one", "two")
	u := h.user(t, access.Ingester, "one")
	good := auditBody(auditData("1"))
	nothing := strings.Repeat("0", 8) + "-0000-4000-8000-000000000000"
	for _, tt := range []struct {
		who            user
		query, body    string
		status         int
		code, contains string
	}{
		{admin, "channelArn=nothing", good, 400, "InvalidChannelARN", "nothing"},
		{admin, "", good, 400, "InvalidChannelARN", ""},
		{admin, "channelArn=arn:aws:s3:::bucket", good, 400, "InvalidChannelARN", ""},
		{admin, "channelArn=" + nothing, good, 400, "ChannelNotFound", ""},
		{admin, "channelArn=" + both + "&channel=x", good, 400, "InvalidParameterException", "channelArn, externalId"},
		{admin, "channelArn=" + both + "&externalId=x", good, 400, "ValidationException", "externalId"},
		{admin, "channelArn=" + both, "", 400, "UnsupportedOperationException", "not a JSON object"},
		{admin, "channelArn=" + both, `{"auditEvents":[]}`, 400, "UnsupportedOperationException", "0 events"},
		{admin, "channelArn=" + both, auditBody(slices.Repeat([]string{"{}"}, 101)...), 400, "UnsupportedOperationException", "101 events"},
		{admin, "channelArn=" + both, strings.ReplaceAll(auditBody("{}", "{}"), "e1", "e0"), 400, "DuplicatedAuditEventId", "e0"},
		{admin, "channelArn=" + both, auditBody(strings.Repeat(" ", 1<<20)), 413, "RequestTooLarge", ""},
		{u, "channelArn=" + both, good, 400, "ChannelNotFound", ""},
		{h.user(t, access.Reader), "channelArn=" + both, good, 403, "AccessDeniedException", "ingest"},
		{user{host: h, id: u.id, secret: "wrong"}, "channelArn=" + both, good, 401, "UnrecognizedClientException", ""},
	} {
		status, text, res := tt.who.ask(t, "/PutAuditEvents?"+tt.query, tt.body)
		var m struct{ Message string }
		if err := json.Unmarshal([]byte(text), &m); err != nil || status != tt.status || res.Header.Get("X-Amzn-Errortype") != tt.code || m.Message == "" || !strings.Contains(m.Message, tt.contains) {
			t.Errorf("%s: %d %s %s; want %d %s", tt.query, status, res.Header.Get("X-Amzn-Errortype"), text, tt.status, tt.code)
		}
	}
	hidden, _, _ := u.ask(t, "/PutAuditEvents?channelArn="+both, good)
	_, a, _ := u.ask(t, "/PutAuditEvents?channelArn="+both, good)
	_, b, _ := u.ask(t, "/PutAuditEvents?channelArn="+strings.Replace(both, both[len(both)-36:], nothing, 1), good)
	if hidden != 400 || strings.ReplaceAll(a, both[len(both)-36:], nothing) != b {
		t.Errorf("what is hidden: %s; what is not there: %s", a, b)
	}
}

func TestChannels(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "one")
	h.activityStore(t, "two")
	admin, ofOne := h.user(t, access.Admin), h.user(t, access.Admin, "one")
	to := func(store string) string {
		return `"Destinations":[{"Type":"EVENT_DATA_STORE","Location":"` + store + `"}]`
	}
	arn := admin.channel(t, "shop", "two")
	for _, tt := range []struct {
		who                    user
		operation, input, want string
	}{
		{admin, "CreateChannel", `{"Name":"okta","Source":"Okta",` + to("one") + `}`, ""},
		{admin, "CreateChannel", `{"Name":"okta2","Source":"Okta",` + to("one") + `}`, "ChannelAlreadyExistsException"},
		{admin, "CreateChannel", `{"Name":"shop","Source":"Custom",` + to("one") + `}`, "ChannelAlreadyExistsException"},
		{ofOne, "CreateChannel", `{"Name":"shop","Source":"Custom",` + to("one") + `}`, ""}, // of the other they know nothing
		{admin, "CreateChannel", `{"Name":"sh op","Source":"Custom",` + to("one") + `}`, "ValidationException"},
		{admin, "CreateChannel", `{"Name":"x12","Source":"a\nb",` + to("one") + `}`, "InvalidSourceException"},
		{admin, "CreateChannel", `{"Name":"x12","Source":"Custom",` + to("cloudtrail") + `}`, "InvalidEventDataStoreCategoryException"},
		{admin, "CreateChannel", `{"Name":"x12","Source":"Custom",` + to("nothing") + `}`, "EventDataStoreNotFoundException"},
		{ofOne, "CreateChannel", `{"Name":"x12","Source":"Custom",` + to("two") + `}`, "EventDataStoreNotFoundException"},
		{admin, "CreateChannel", `{"Name":"x12","Source":"Custom","Destinations":[]}`, "ValidationException"},
		{admin, "CreateChannel", `{"Name":"x12","Source":"Custom","Destinations":[{"Type":"AWS_SERVICE","Location":"one"}]}`, "InvalidParameterException"},
		{admin, "GetChannel", `{"Channel":"shop"}`, "ChannelARNInvalidException"},
		{ofOne, "GetChannel", `{"Channel":"` + arn + `"}`, "ChannelNotFoundException"},
		{ofOne, "DeleteChannel", `{"Channel":"` + arn + `"}`, "ChannelNotFoundException"},
		{h.user(t, access.Reader), "DeleteChannel", `{"Channel":"` + arn + `"}`, "AccessDeniedException"},
		{h.user(t, access.Reader), "GetChannel", `{"Channel":"` + arn + `"}`, ""},
		{admin, "UpdateChannel", `{"Channel":"` + arn + `","Name":"okta"}`, "ChannelAlreadyExistsException"},
		{admin, "UpdateChannel", `{"Channel":"` + arn + `","Name":"shop3",` + to("one") + `}`, ""},
		{ofOne, "GetChannel", `{"Channel":"` + arn + `"}`, ""}, // it leads there now
	} {
		status, body := tt.who.call(t, tt.operation, tt.input, nil)
		if (status == 200) != (tt.want == "") || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s: %d %s; want %s", tt.operation, tt.input, status, body, tt.want)
		}
	}
	var list struct {
		Channels  []struct{ ChannelArn, Name string }
		NextToken string
	}
	var names []string
	for token := ""; ; token = `,"NextToken":"` + list.NextToken + `"` {
		list.NextToken = ""
		if status, body := admin.call(t, "ListChannels", `{"MaxResults":2`+token+`}`, &list); status != 200 {
			t.Fatal(body)
		}
		for _, c := range list.Channels {
			names = append(names, c.Name)
		}
		if list.NextToken == "" {
			break
		}
	}
	if slices.Sort(names); fmt.Sprint(names) != "[okta shop shop3]" {
		t.Errorf("ListChannels: %q", names)
	}
	if status, body := admin.call(t, "DeleteChannel", `{"Channel":"`+arn+`"}`, nil); status != 200 || body != "{}" {
		t.Errorf("DeleteChannel: %d %s", status, body)
	}
	if status, body := admin.call(t, "GetChannel", `{"Channel":"`+arn+`"}`, nil); status != 404 {
		t.Errorf("a channel that was deleted: %d %s", status, body)
	}
}
