package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/server"
	"tarn/server/access"
	"tarn/server/audit"
)

// audited is what of a record the tests look at.
type audited struct {
	EventVersion, EventSource, EventName, EventID, EventCategory, RequestID string
	SourceIPAddress, UserAgent, ErrorCode, ErrorMessage, Annotation         string
	UserIdentity                                                            audit.Identity
	RequestParameters, AdditionalEventData                                  map[string]any
	ReadOnly                                                                bool
	Resources                                                               []struct{ ARN string }
}

// records ends the server and returns what was recorded, in the order of writing.
func (h *host) records(t *testing.T) (all []audited) {
	t.Helper()
	h.end()
	if err := h.audit.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.lake.Flush(); err != nil {
		t.Fatal(err)
	}
	st, err := h.lake.Store(lake.OwnStoreName)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range laketest.Raw(t, h.lake, st, false) {
		var a audited
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// Every call is there with who, what and what became of it, under the id of its
// answer.
func TestEveryCallIsRecorded(t *testing.T) {
	h := newHost(t)
	alice, ingester := h.user(t, access.Reader), h.user(t, access.Ingester)
	long := "SELECT '" + strings.Repeat("ø", 30<<10) + "'"
	wants := map[string]audited{}
	for _, tt := range []struct {
		who            user
		path, body     string
		header         string
		name, code     string
		parameter, has string // of requestParameters
	}{
		{alice, "/sql", "SELECT count(*) FROM cloudtrail", "User-Agent: a test", "RunSQL", "", "queryStatement", "SELECT count(*) FROM cloudtrail"},
		{alice, "/sql?store=secret", "SELECT 1", "", "RunSQL", "", "eventDataStore", "secret"},
		{alice, "/sql", "SELECT 1 FROM nothing", "", "RunSQL", "EventDataStoreNotFoundException", "queryStatement", "nothing"},
		{alice, "/sql", "SELECT \xff", "", "RunSQL", "InvalidQueryStatementException", "queryStatement", "SELECT \ufffd"},
		{alice, "/sql", long, "", "RunSQL", "InvalidQueryStatementException", "queryStatement", "… (cut off: 61449 bytes)"},
		{alice, "/sql?format=xml", "SELECT 1", "", "RunSQL", "InvalidParameterException", "", ""},
		{alice, "/", `{"EventDataStore":"cloudtrail"}`, "X-Amz-Target: x.GetEventDataStore", "GetEventDataStore", "", "eventDataStore", "cloudtrail"},
		{alice, "/", `{}`, "X-Amz-Target: x.ListDashboards", "ListDashboards", "", "", ""},
		{alice, "/", `{}`, "X-Amz-Target: x." + strings.Repeat("N", 50<<10), "UnknownRequest", "UnknownOperationException", "target", "… (cut off: "},
		{alice, "/nothing", "", "", "UnknownRequest", "NotFound", "path", "/nothing"},
		{ingester, "/sql", "SELECT 1", "", "RunSQL", "AccessDeniedException", "", ""},
		{user{h, "", ""}, "/sql", "SELECT 1", "", "RunSQL", "MissingAuthenticationTokenException", "", ""},
		{user{h, alice.id, "wrong"}, "/nothing", "", "", "UnknownRequest", "UnrecognizedClientException", "", ""},
	} {
		headers := []string{tt.header}
		if tt.header == "" {
			headers = nil
		}
		_, _, res := tt.who.ask(t, tt.path, tt.body, headers...)
		want := audited{EventName: tt.name, ErrorCode: tt.code, UserAgent: tt.parameter, Annotation: tt.has}
		if want.UserIdentity = audit.Nobody(); tt.who.secret != "" && tt.who.secret != "wrong" {
			want.UserIdentity = audit.Holder(access.Principal{ID: tt.who.id, Name: "alice"})
		}
		wants[res.Header.Get("X-Amzn-Requestid")] = want
	}
	got := h.records(t)
	if len(got) != len(wants) {
		t.Errorf("%d records of %d calls", len(got), len(wants))
	}
	for _, a := range got {
		want, ok := wants[a.RequestID]
		if !ok || a.EventName != want.EventName || a.ErrorCode != want.ErrorCode || a.UserIdentity != want.UserIdentity || (a.ErrorCode == "") != (a.ErrorMessage == "") {
			t.Errorf("%.600s\nwant %+v", fmt.Sprintf("%+v", a), want)
		}
		if said, _ := a.RequestParameters[want.UserAgent].(string); !strings.HasSuffix(said, want.Annotation) && !strings.Contains(said, want.Annotation) {
			t.Errorf("%s of %s: %.100q; want %q", want.UserAgent, a.EventName, said, want.Annotation)
		}
		if a.EventVersion != "1.11" || a.EventSource != "tarn.local" || a.EventID == "" || a.SourceIPAddress != "127.0.0.1" || a.UserAgent == "" || !a.ReadOnly || a.EventCategory != "Management" {
			t.Errorf("%+v", a)
		}
		if strings.HasSuffix(a.EventName, "Store") && (len(a.Resources) != 1 || !strings.HasSuffix(a.Resources[0].ARN, h.ids["cloudtrail"])) {
			t.Errorf("is about %v", a.Resources)
		}
	}
}

// Records are rows like all others, for those who may see the log; for others their
// store is not there.
func TestWhoMaySeeTheAudit(t *testing.T) {
	h := newHost(t)
	reader, auditor := h.user(t, access.Reader), h.user(t, access.Auditor)
	if err := h.audit.Record(audit.Act{Name: "Test", Who: audit.Server(), Changes: true}); err != nil {
		t.Fatal(err)
	}
	if err := h.lake.Flush(); err != nil {
		t.Fatal(err)
	}
	const ask = "SELECT eventname, useridentity.invokedby AS by, errorcode FROM tarn_audit WHERE eventsource = 'tarn.local'"
	if status, body, _ := auditor.ask(t, "/sql", ask); status != http.StatusOK || body != `{"eventname":"Test","by":"tarn.local","errorcode":null}`+"\n" {
		t.Errorf("an auditor: %d %s", status, body)
	}
	_, own, _ := reader.ask(t, "/sql", ask)
	if status, none, _ := reader.ask(t, "/sql", strings.ReplaceAll(ask, "tarn_audit", "nothing")); status != http.StatusNotFound || own != strings.ReplaceAll(none, "nothing", "tarn_audit") {
		t.Errorf("a reader: %s; want %s", own, none)
	}
	list := func(u user) string {
		_, body, _ := u.ask(t, "/", "{}", "X-Amz-Target: x.ListEventDataStores")
		return body
	}
	if strings.Contains(list(reader), lake.OwnStoreName) || !strings.Contains(list(auditor), lake.OwnStoreName) {
		t.Errorf("a reader is told %s", list(reader))
	}
}

// Who has no credentials can ask as often as they like: the disk does not fill.
func TestNobodyIsSummedUp(t *testing.T) {
	h := newHost(t)
	const asked = 60
	for range asked {
		user{h, "", ""}.ask(t, "/sql", "SELECT 1")
	}
	calls := 0.0
	got := h.records(t)
	for _, a := range got {
		if a.EventName != "RefusedRequests" {
			calls++
			continue
		}
		calls += a.AdditionalEventData["calls"].(float64)
		if a.ErrorCode != "MissingAuthenticationTokenException" || a.UserIdentity.Type != "Unknown" {
			t.Errorf("%+v", a)
		}
	}
	if calls != asked || len(got) > 22 { // two minutes at most
		t.Errorf("%v calls in %d records", calls, len(got))
	}
}

// Where nothing can be recorded nothing is answered, and as soon as it can be what was
// done meanwhile is.
func TestNothingIsAnsweredThatIsNotRecorded(t *testing.T) {
	p := laketest.NewPlace(t)
	p.Write(t, func(*lake.Lake, lake.Store) {})
	h := newHost(t)
	h.end()
	var full atomic.Bool
	o := p.Options()
	o.Free = func() (int64, int64, error) {
		if full.Load() {
			return 1, 1 << 40, nil
		}
		return 1 << 40, 1 << 40, nil
	}
	l, err := lake.Open(p.Dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := audit.New(l, zerolog.Nop())
	h.serve(t, &server.Server{Lake: h.lake, Engine: h.engine, Access: h.access, API: h.api, Audit: r, Log: zerolog.New(h.log)})
	u := h.user(t, access.Reader)
	if status, body, _ := u.ask(t, "/sql", "SELECT 1"); status != http.StatusOK {
		t.Fatal(status, body)
	}
	full.Store(true)
	changes := 1
	for r.Record(audit.Act{Name: "Change", Changes: true}) == nil { // how full the disk is, is known for 100 ms
		changes++
	}
	for range 2 {
		if status, body, _ := u.ask(t, "/sql", "SELECT 1"); status != http.StatusServiceUnavailable || !strings.Contains(body, "make room") {
			t.Errorf("%d %s", status, body)
		}
	}
	full.Store(false)
	for r.Close() != nil { // the same
		runtime.Gosched()
	}
	if status, body, _ := u.ask(t, "/sql", "SELECT 1"); status != http.StatusOK {
		t.Error(status, body)
	}
	h.end()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	st, err := l.Store(lake.OwnStoreName)
	if err != nil {
		t.Fatal(err)
	}
	if all := laketest.Raw(t, l, st, false); len(all) != changes+2 {
		t.Errorf("%d records of %d changes and two statements", len(all), changes)
	}
}
