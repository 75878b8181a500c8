package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tarn/server/access"
)

type laterAnswer struct {
	QueryID, Status, Reason string
	Rows                    int64
}

// send sends a request of any method.
func (u user) send(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, u.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(u.id, u.secret)
	status, text, _ := u.do(t, r)
	return status, text
}

// endOf waits for the end of a statement that runs by itself.
func (u user) endOf(t *testing.T, id string) (a laterAnswer) {
	t.Helper()
	for {
		status, body := u.send(t, http.MethodGet, "/sql/"+id, "")
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != 200 {
			t.Fatalf("%d %s, %v", status, body, err)
		}
		if a.Status != "QUEUED" && a.Status != "RUNNING" {
			return a
		}
	}
}

// A statement runs by itself, and its rows are there in any format.
func TestStatementsRunByThemselves(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	start := func(query, sql string) (a laterAnswer) {
		t.Helper()
		status, body := u.send(t, http.MethodPost, "/sql?async=1"+query, sql)
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != 202 {
			t.Fatalf("%d %s, %v", status, body, err)
		}
		return a
	}
	one := start("&store=cloudtrail", "SELECT eventID, 1 AS n FROM cloudtrail ORDER BY 1")
	if got := u.endOf(t, one.QueryID); got.Status != "FINISHED" || got.Rows != 3 {
		t.Errorf("%+v", got)
	}
	for format, want := range map[string]string{"csv": "eventID,n\n1,1\n2,1\n3,1\n", "ndjson": `{"eventID":"1","n":1}`, "table": "eventID"} {
		if status, body := u.send(t, http.MethodGet, "/sql/"+one.QueryID+"/rows?format="+format, ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", format, status, body)
		}
	}
	if status, body := u.send(t, http.MethodGet, "/sql/"+one.QueryID+"/rows?format=parquet", ""); status != 400 || !strings.Contains(body, "when the statement is started") {
		t.Errorf("%d %s", status, body)
	}
	typed := start("&format=parquet", "SELECT 1 AS n")
	u.endOf(t, typed.QueryID)
	if status, body := u.send(t, http.MethodGet, "/sql/"+typed.QueryID+"/rows", ""); status != 200 || !strings.HasPrefix(body, "PAR1") || !strings.HasSuffix(body, "PAR1") {
		t.Errorf("%d, %d bytes", status, len(body))
	}
	// CloudTrail's own API knows it.
	if status, body := u.call(t, "GetQueryResults", `{"QueryId":"`+one.QueryID+`"}`, nil); status != 200 || strings.Count(body, "eventID") != 3 {
		t.Errorf("%d %s", status, body)
	}
	endless := start("", "SELECT count(*) FROM range(10000000) a, range(10000000) b, cloudtrail WHERE a.range % 7 = b.range % 5")
	if status, body := u.send(t, http.MethodGet, "/sql/"+endless.QueryID+"/rows", ""); status != 409 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := u.send(t, http.MethodDelete, "/sql/"+endless.QueryID, ""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if got := u.endOf(t, endless.QueryID); got.Status != "CANCELLED" {
		t.Errorf("%+v", got)
	}
	if status, body := u.send(t, http.MethodPost, "/sql?async=1", "SELECT nonsense FROM cloudtrail"); status != 400 || !strings.Contains(body, `"line":1`) {
		t.Errorf("%d %s", status, body)
	}

	// For whoever may not see the store it is not there, whatever they do.
	other := h.user(t, access.Reader, "secret")
	for _, request := range []string{"GET /sql/X", "GET /sql/X/rows", "DELETE /sql/X"} {
		method, path, _ := strings.Cut(request, " ")
		none := "00000000-0000-7000-8000-000000000000"
		code, hidden := other.send(t, method, strings.ReplaceAll(path, "X", one.QueryID), "")
		_, missing := other.send(t, method, strings.ReplaceAll(path, "X", none), "")
		if code != 404 || strings.ReplaceAll(hidden, one.QueryID, none) != missing {
			t.Errorf("%s: %d %s; not there: %s", request, code, hidden, missing)
		}
	}
}
