package activity_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tarn/ingest/activity"
)

// good is an eventData that has everything; change is applied to it.
func good(change func(map[string]any)) string {
	d := map[string]any{
		"version": "1", "eventSource": "shop.example.org", "eventName": "Refund", "eventTime": "2026-01-02T03:04:05Z", "UID": "u-1",
		"recipientAccountId": "111122223333", "userIdentity": map[string]any{"type": "Clerk", "principalId": "ida", "details": map[string]any{"desk": 4}},
		"requestParameters": map[string]any{"order": 17},
	}
	if change != nil {
		change(d)
	}
	b, _ := json.Marshal(d) // of texts and maps
	return string(b)
}

// body is a body of PutAuditEvents with these eventData.
func body(t testing.TB, data ...string) []byte {
	t.Helper()
	type event map[string]string
	var events []event
	for i, d := range data {
		sum := sha256.Sum256([]byte(d))
		events = append(events, event{"id": fmt.Sprint("id-", i), "eventData": d, "eventDataChecksum": base64.StdEncoding.EncodeToString(sum[:])})
	}
	b, err := json.Marshal(map[string]any{"auditEvents": events})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAuditEvents(t *testing.T) {
	data := good(nil)
	entries, err := activity.AuditEvents(body(t, data, " "+data+"\n"), activity.Origin{Account: "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Fault != nil || e.ID != fmt.Sprint("id-", i) {
			t.Fatalf("entry %d: %+v", i, e)
		}
		if got := string(activity.Original(e.Event.Raw)); got != data {
			t.Errorf("of %s comes out %s", data, got)
		}
		if at := time.UnixMicro(e.Event.Time).UTC().Format(time.RFC3339); at != "2026-01-02T03:04:05Z" {
			t.Errorf("the time is %s", at)
		}
	}
	if !bytes.Equal(entries[0].Event.Raw, entries[1].Event.Raw) {
		t.Error("the same audit event makes other bytes the second time")
	}
	other, err := activity.AuditEvents(body(t, good(func(d map[string]any) { d["eventSource"] = "other" })), activity.Origin{})
	if err != nil || other[0].Event.ID == entries[0].Event.ID {
		t.Errorf("the UID of another source makes the same id: %v", err)
	}
}

func TestFaultsOfEvents(t *testing.T) {
	set := func(name string, value any) string { return good(func(d map[string]any) { d[name] = value }) }
	who := func(name string, value any) string {
		return good(func(d map[string]any) {
			w := d["userIdentity"].(map[string]any)
			if w[name] = value; value == nil {
				delete(w, name)
			}
		})
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	big := func(n int) any { return map[string]any{"x": strings.Repeat("y", n)} }
	for _, tt := range []struct{ name, data, code, sentence string }{
		{"no JSON", `{`, activity.InvalidData, "eventData is not a JSON object"},
		{"an array", `[]`, activity.InvalidData, "eventData is not a JSON object"},
		{"no version", good(func(d map[string]any) { delete(d, "version") }), activity.FieldNotFound, "eventData has no version"},
		{"a null", set("UID", nil), activity.FieldNotFound, "eventData has no UID"},
		{"an empty text", set("eventName", ""), activity.FieldNotFound, "eventName is empty"},
		{"nobody", who("principalId", nil), activity.FieldNotFound, "eventData has no userIdentity.principalId"},
		{"a number", set("eventSource", 7), activity.InvalidData, "eventSource is not a text"},
		{"a long version", set("version", long(257)), activity.FieldTooLong, "version has a length of 257; at most 256"},
		{"a long type", who("type", long(129)), activity.FieldTooLong, "userIdentity.type has a length of 129; at most 128"},
		{"a long UID", set("UID", long(1025)), activity.FieldTooLong, "UID has a length of 1025; at most 1024"},
		{"a long error", set("errorMessage", long(257)), activity.FieldTooLong, "errorMessage has a length of 257; at most 256"},
		{"details that are text", who("details", "x"), activity.InvalidData, "userIdentity.details is not a JSON object"},
		{"large parameters", set("requestParameters", big(102393)), activity.FieldTooLong, "requestParameters has a length of 102401; at most 102400"},
		{"large data", set("additionalEventData", big(28665)), activity.FieldTooLong, "additionalEventData has a length of 28673; at most 28672"},
		{"another account", set("recipientAccountId", "444455556666"), activity.InvalidRecipient, "recipientAccountId is 444455556666; this channel is of account 111122223333"},
		{"no account", set("recipientAccountId", "me"), activity.InvalidRecipient, `recipientAccountId "me" is not an account of 12 digits`},
		{"no time", set("eventTime", "yesterday"), activity.InvalidData, `eventTime "yesterday" is not a time such as "2026-01-31T23:59:59Z"`},
		{"as long as it may be", good(func(d map[string]any) {
			d["version"], d["UID"], d["requestParameters"], d["additionalEventData"] = long(256), long(1024), big(102392), big(28664)
		}), "", ""},
	} {
		entries, err := activity.AuditEvents(body(t, tt.data), activity.Origin{Account: "111122223333"})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		code, sentence := "", ""
		if f := entries[0].Fault; f != nil {
			code, sentence = f.Code, f.Message
		}
		if code != tt.code || sentence != tt.sentence {
			t.Errorf("%s: %s %q; want %s %q", tt.name, code, sentence, tt.code, tt.sentence)
		}
	}
}

// An event with a fault does not cost the others.
func TestFaultsOfBodies(t *testing.T) {
	many := make([]string, 101)
	for _, tt := range []struct {
		name, body, code string
	}{
		{"no object", `[]`, activity.UnsupportedRequest},
		{"no list", `{"auditEvents":{}}`, activity.UnsupportedRequest},
		{"an empty list", `{"auditEvents":[]}`, activity.UnsupportedRequest},
		{"too many", string(body(t, many...)), activity.UnsupportedRequest},
		{"too long", `{"auditEvents":[]}` + strings.Repeat(" ", 1<<20), activity.UnsupportedRequest},
		{"a bad id", `{"auditEvents":[{"id":"a b"}]}`, activity.UnsupportedRequest},
		{"no event", `{"auditEvents":[["id","a"]]}`, activity.UnsupportedRequest},
		{"an id twice", `{"auditEvents":[{"id":"a"},{"id":"a"}]}`, activity.DuplicatedEventID},
	} {
		_, err := activity.AuditEvents([]byte(tt.body), activity.Origin{})
		var f *activity.Fault
		if !errors.As(err, &f) || f.Code != tt.code {
			t.Errorf("%s: %v; want %s", tt.name, err, tt.code)
		}
	}
	entries, err := activity.AuditEvents([]byte(`{"auditEvents":[{"id":"a"},{"id":"b","eventData":"{}","eventDataChecksum":"x"},{"id":"c","eventData":7}]}`), activity.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range entries {
		codes = append(codes, e.Fault.Code)
	}
	if got, want := strings.Join(codes, " "), "FieldNotFound InvalidChecksum FieldNotFound"; got != want {
		t.Errorf("codes %s; want %s", got, want)
	}
}

// FuzzAuditEvents: nothing panics, and of what is taken eventData stands in the
// record as it came.
func FuzzAuditEvents(f *testing.F) {
	f.Add(body(f, good(nil), `{}`))
	f.Add([]byte(`{"auditEvents":[{"id":"a","eventData":"{\"version\":1}"},[],7]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		entries, err := activity.AuditEvents(in, activity.Origin{})
		if err != nil {
			return
		}
		var b struct{ AuditEvents []struct{ EventData string } }
		if err := json.Unmarshal(in, &b); err != nil || len(b.AuditEvents) != len(entries) {
			return // members in another case, or twice: encoding/json takes others of them
		}
		for i, e := range entries {
			if e.Fault != nil {
				continue
			}
			if !json.Valid(e.Event.Raw) {
				t.Fatalf("%s becomes %s", in, e.Event.Raw)
			}
			if bytes.Count(bytes.ToLower(in), []byte("eventdata\"")) == len(entries) &&
				string(activity.Original(e.Event.Raw)) != strings.TrimSpace(b.AuditEvents[i].EventData) {
				t.Fatalf("%s becomes %s", in, e.Event.Raw)
			}
		}
	})
}
