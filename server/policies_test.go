package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/server/access"
)

// put gives a resource a policy of one statement.
func (u user) policy(t *testing.T, arn, effect, principal string, actions ...string) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
		"Effect": effect, "Principal": map[string]string{"AWS": principal}, "Action": actions, "Resource": arn}})
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(map[string]string{"ResourceArn": arn, "ResourcePolicy": string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := u.call(t, "PutResourcePolicy", string(in), nil); status != 200 {
		t.Fatalf("PutResourcePolicy: %d %s", status, body)
	}
}

// An Allow lets somebody ask whose role does not, and nothing else; a Deny hides the
// store, from an admin too; who manages takes it away.
func TestPoliciesOfStoresAreHeldTo(t *testing.T) {
	h := newHost(t)
	admin, nobody := h.user(t, access.Admin), h.user(t, access.Ingester)
	arn := lake.Store{ID: h.ids["secret"]}.ARN()
	asks := func(u user, want int) {
		t.Helper()
		if status, body, _ := u.ask(t, "/sql", "SELECT count(*) FROM secret"); status != want {
			t.Errorf("/sql: %d %s; want %d", status, body, want)
		}
		if status, body := u.call(t, "StartQuery", `{"QueryStatement":"SELECT 1 FROM secret"}`, nil); status != want {
			t.Errorf("StartQuery: %d %s; want %d", status, body, want)
		}
	}
	asks(nobody, 403)
	admin.policy(t, arn, "Allow", nobody.id, "cloudtrail:StartQuery", "cloudtrail:GetQueryResults", "cloudtrail:DescribeQuery")
	asks(nobody, 200)
	nobody.described(t, nobody.start(t, "SELECT 1 FROM secret"))
	if status, body, res := nobody.ask(t, "/sql", "SELECT 1 FROM cloudtrail"); status != 404 || res.Header.Get("Tarn-Log-Size") != "" {
		t.Errorf("another store: %d %s", status, body)
	}
	if status, body := nobody.call(t, "GetEventDataStore", `{"EventDataStore":"secret"}`, nil); status != 403 {
		t.Errorf("what is not allowed: %d %s", status, body)
	}
	if status, body := nobody.call(t, "DeleteEventDataStore", `{"EventDataStore":"secret"}`, nil); status != 403 {
		t.Errorf("what no policy gives: %d %s", status, body)
	}
	asks(h.user(t, access.Reader), 200)
	admin.policy(t, arn, "Deny", "*", "cloudtrail:GetQueryResults", "cloudtrail:StartQuery", "cloudtrail:GetEventDataStore")
	asks(nobody, 403)
	asks(h.user(t, access.Reader), 404)
	asks(admin, 404)
	_, hidden := admin.call(t, "GetEventDataStore", `{"EventDataStore":"secret"}`, nil)
	_, absent := admin.call(t, "GetEventDataStore", `{"EventDataStore":"absent"}`, nil)
	if hidden != strings.ReplaceAll(absent, "absent", "secret") {
		t.Errorf("hidden %s, not there %s", hidden, absent)
	}
	if status, body, _ := admin.ask(t, "/sql", "SELECT 1"); status != 200 || strings.Contains(body, "secret") {
		t.Errorf("another question: %d %s", status, body)
	}
	if status, body := admin.call(t, "GetResourcePolicy", `{"ResourceArn":"`+arn+`"}`, nil); status != 200 || !strings.Contains(body, "Deny") {
		t.Errorf("GetResourcePolicy: %d %s", status, body)
	}
	if status, body := admin.call(t, "DeleteResourcePolicy", `{"ResourceArn":"`+arn+`"}`, nil); status != 200 {
		t.Errorf("DeleteResourcePolicy: %d %s", status, body)
	}
	asks(admin, 200)
}

func TestPoliciesAreRefusedInPlainWords(t *testing.T) {
	h := newHost(t)
	admin := h.user(t, access.Admin)
	arn := lake.Store{ID: h.ids["secret"]}.ARN()
	own := arn[:len(arn)-36] + "f01994b6-0692-8f22-a08a-876447c9e7a7"
	none := arn[:len(arn)-36] + "00000000-0000-4000-8000-000000000000"
	roles := strings.ReplaceAll(`{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"arn:aws:iam::000000000000:role/nobody\"},\"Action\":\"cloudtrail:StartQuery\",\"Resource\":\"ARN\"}}`, "ARN", arn)
	for _, tt := range []struct {
		who                    user
		operation, input, want string
	}{
		{admin, "PutResourcePolicy", `{"ResourceArn":"` + arn + `","ResourcePolicy":"{}"}`, "ResourcePolicyNotValidException"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"` + arn + `","ResourcePolicy":"` + roles + `"}`, "no role"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"` + arn + `"}`, "ValidationException"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"secret","ResourcePolicy":"{}"}`, "ResourceARNNotValidException"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"` + own + `","ResourcePolicy":"{}"}`, "OperationNotPermittedException"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"` + none + `","ResourcePolicy":"{}"}`, "ResourceNotFoundException"},
		{admin, "PutResourcePolicy", `{"ResourceArn":"arn:aws:cloudtrail:us-east-1:000000000000:trail/x","ResourcePolicy":"{}"}`, "ResourceTypeNotSupportedException"},
		{admin, "GetResourcePolicy", `{"ResourceArn":"` + arn + `"}`, "ResourcePolicyNotFoundException"},
		{admin, "DeleteResourcePolicy", `{"ResourceArn":"` + arn + `"}`, "ResourcePolicyNotFoundException"},
		{h.user(t, access.Admin, "cloudtrail"), "GetResourcePolicy", `{"ResourceArn":"` + arn + `"}`, "ResourceNotFoundException"},
		{h.user(t, access.Reader), "GetResourcePolicy", `{"ResourceArn":"` + arn + `"}`, "AccessDeniedException"},
		{h.user(t, access.Auditor), "PutResourcePolicy", `{"ResourceArn":"` + arn + `","ResourcePolicy":"{}"}`, "AccessDeniedException"},
	} {
		if status, body := tt.who.call(t, tt.operation, tt.input, nil); status < 400 || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s: %d %s; want %s", tt.operation, tt.input, status, body, tt.want)
		}
	}
}

// A channel's policy lets somebody put events in who has no role for that, or keeps out
// whoever has.
func TestPoliciesOfChannelsAreHeldTo(t *testing.T) {
	h := newHost(t)
	h.activityStore(t, "shop")
	admin, reader, ingester := h.user(t, access.Admin), h.user(t, access.Reader), h.user(t, access.Ingester)
	arn := admin.channel(t, "till", "shop")
	puts := func(u user, uid string, want int) {
		t.Helper()
		if status, body, _ := u.ask(t, "/PutAuditEvents?channelArn="+arn, auditBody(auditData(uid))); status != want {
			t.Errorf("%s: %d %s; want %d", uid, status, body, want)
		}
	}
	puts(reader, "1", 403)
	admin.policy(t, arn, "Allow", reader.id, "cloudtrail-data:PutAuditEvents")
	puts(reader, "2", 200)
	if status, body := reader.call(t, "DeleteChannel", `{"Channel":"`+arn+`"}`, nil); status != 403 {
		t.Errorf("what no policy gives: %d %s", status, body)
	}
	admin.policy(t, arn, "Deny", "arn:aws:iam::000000000000:role/ingester", "cloudtrail-data:PutAuditEvents")
	puts(ingester, "3", 400)
	puts(reader, "4", 403)
	if status, body := admin.call(t, "DeleteChannel", `{"Channel":"`+arn+`"}`, nil); status != 200 {
		t.Errorf("DeleteChannel: %d %s", status, body)
	}
	if text, ok := h.api.Policies.Get(arn); ok {
		t.Errorf("the policy of a channel that was deleted: %s", text)
	}
}
