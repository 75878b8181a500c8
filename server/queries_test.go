package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tarn/server/access"
)

type describedQuery struct {
	QueryId, QueryString, QueryStatus, ErrorMessage, DeliveryStatus string
	QueryStatistics                                                 struct {
		EventsMatched, EventsScanned, BytesScanned, ExecutionTimeInMillis int64
		CreationTime                                                      float64
	}
}

type resultPage struct {
	QueryStatus     string
	QueryStatistics struct{ ResultsCount, TotalResultsCount, BytesScanned int64 }
	QueryResultRows [][]map[string]string
	NextToken       string
	ErrorMessage    string
}

// start starts a query and returns its id.
func (u user) start(t *testing.T, sql string) string {
	t.Helper()
	var started struct{ QueryId string }
	in, err := json.Marshal(map[string]string{"QueryStatement": sql})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := u.call(t, "StartQuery", string(in), &started); status != 200 {
		t.Fatalf("%s: %d %s", sql, status, body)
	}
	return started.QueryId
}

// described waits for the end of a query.
func (u user) described(t *testing.T, id string) (q describedQuery) {
	t.Helper()
	for q.QueryStatus == "" || q.QueryStatus == "QUEUED" || q.QueryStatus == "RUNNING" {
		if status, body := u.call(t, "DescribeQuery", `{"QueryId":"`+id+`"}`, &q); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
	}
	return q
}

// page asks for a page of results.
func (u user) page(t *testing.T, id string, most int, token string) (p resultPage) {
	t.Helper()
	in := fmt.Sprintf(`{"QueryId":%q,"MaxQueryResults":%d}`, id, most)
	if token != "" {
		in = fmt.Sprintf(`{"QueryId":%q,"MaxQueryResults":%d,"NextToken":%q}`, id, most, token)
	}
	if status, body := u.call(t, "GetQueryResults", in, &p); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return p
}

func TestAQueryRunsByItself(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	id := u.start(t, "SELECT eventID, eventTime, element_at(requestParameters, 'none'), userIdentity.type, MAP(ARRAY['a', 'b'], ARRAY['1', NULL]) AS m, "+
		"ARRAY[1, 2] FROM cloudtrail ORDER BY eventID")
	q := u.described(t, id)
	if q.QueryStatus != "FINISHED" || q.QueryStatistics.EventsMatched != 3 || q.QueryStatistics.EventsScanned != 3 || q.QueryStatistics.BytesScanned == 0 ||
		time.Since(time.UnixMilli(int64(1000*q.QueryStatistics.CreationTime))).Abs() > time.Minute {
		t.Fatalf("%+v", q)
	}
	first := u.page(t, id, 2, "")
	second := u.page(t, id, 2, first.NextToken)
	if first.QueryStatistics.ResultsCount != 2 || first.QueryStatistics.TotalResultsCount != 3 || second.QueryStatistics.ResultsCount != 1 || second.NextToken != "" {
		t.Fatalf("%+v %+v", first, second)
	}
	want := []map[string]string{{"eventID": second.QueryResultRows[0][0]["eventID"]}, {"eventTime": "2026-01-02 03:04:05.000"}, {"_col2": ""},
		{"type": second.QueryResultRows[0][3]["type"]}, {"m": "{a=1, b=null}"}, {"_col5": "[1, 2]"}}
	if got := second.QueryResultRows[0]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("a row is %v; want %v", got, want)
	}
	other := u.start(t, "SELECT 1")
	u.described(t, other)
	if status, body := u.call(t, "GetQueryResults", fmt.Sprintf(`{"QueryId":%q,"NextToken":%q}`, other, first.NextToken), nil); status != 400 || !strings.Contains(body, "InvalidNextTokenException") {
		t.Errorf("the token of another query: %d %s", status, body)
	}
}

func TestQueriesAreRefusedInPlainWords(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	done := u.start(t, "SELECT 1")
	u.described(t, done)
	const nobody = "00000000-0000-7000-8000-000000000000"
	for _, tt := range []struct{ operation, input, want string }{
		{"StartQuery", `{}`, "InvalidParameterException"},
		{"StartQuery", `{"QueryStatement":"SELECT 1,\n nonsense FROM cloudtrail"}`, `InvalidQueryStatementException","message":"2:2: `},
		{"StartQuery", `{"QueryStatement":"SELECT 1 FROM nothing"}`, "EventDataStoreNotFoundException"},
		{"StartQuery", `{"QueryStatement":"` + strings.Repeat("x", 10_001) + `"}`, "ValidationException"},
		{"StartQuery", `{"QueryStatement":"SELECT '?'","QueryParameters":["a","b"]}`, "1 question marks"},
		{"StartQuery", `{"QueryStatement":"SELECT 1","DeliveryS3Uri":"s3://bucket"}`, "S3BucketDoesNotExistException"},
		{"StartQuery", `{"QueryAlias":"nothing"}`, "no query is known"},
		{"StartQuery", `{"QueryAlias":"root-activity"}`, "needs the event data store"},
		{"DescribeQuery", `{}`, "InvalidParameterException"},
		{"DescribeQuery", `{"QueryAlias":"root-activity"}`, "QueryIdNotFoundException"},
		{"DescribeQuery", `{"QueryId":"` + nobody + `"}`, "QueryIdNotFoundException"},
		{"GetQueryResults", `{"QueryId":"` + nobody + `"}`, "QueryIdNotFoundException"},
		{"GetQueryResults", `{"QueryId":"` + done + `","MaxQueryResults":1001}`, "InvalidMaxResultsException"},
		{"GetQueryResults", `{"QueryId":"` + done + `","NextToken":"nonsense"}`, "InvalidNextTokenException"},
		{"CancelQuery", `{"QueryId":"` + done + `"}`, "InactiveQueryException"},
		{"ListQueries", `{}`, "ValidationException"},
		{"ListQueries", `{"EventDataStore":"cloudtrail","QueryStatus":"SOON"}`, "InvalidQueryStatusException"},
		{"ListQueries", `{"EventDataStore":"cloudtrail","StartTime":2,"EndTime":1}`, "InvalidDateRangeException"},
		{"GenerateQuery", `{}`, "ValidationException"},
		{"GenerateQuery", `{"EventDataStores":["cloudtrail"],"Prompt":"the weather"}`, "GenerateResponseException"},
		{"GenerateQuery", `{"EventDataStores":["absent"],"Prompt":"root last week"}`, "EventDataStoreNotFoundException"},
		{"SearchSampleQueries", `{"SearchPhrase":"x"}`, "ValidationException"},
	} {
		if status, body := u.call(t, tt.operation, tt.input, nil); status < 400 || status >= 500 || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s: %d %s; want %s", tt.operation, tt.input, status, body, tt.want)
		}
	}
}

func TestQueriesByNameAndWithParameters(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	var found struct {
		SearchResults []struct {
			Name, Description, SQL string
			Relevance              float64
		}
		NextToken string
	}
	if status, body := u.call(t, "SearchSampleQueries", `{"SearchPhrase":"root","MaxResults":1}`, &found); status != 200 || len(found.SearchResults) != 1 ||
		found.NextToken == "" || !strings.Contains(found.SearchResults[0].SQL, "$EDS_ID") {
		t.Fatalf("%d %s", status, body)
	}
	name := found.SearchResults[0].Name
	var started struct{ QueryId string }
	if status, body := u.call(t, "StartQuery", fmt.Sprintf(`{"QueryAlias":%q,"QueryParameters":["cloudtrail","2026-01-01"]}`, name), &started); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	var q describedQuery
	if u.call(t, "DescribeQuery", fmt.Sprintf(`{"QueryAlias":%q}`, name), &q); q.QueryId != started.QueryId || !strings.Contains(q.QueryString, "2026-01-01 00:00:00") {
		t.Errorf("%+v", q)
	}
	if status, body := u.call(t, "StartQuery", `{"QueryStatement":"SELECT count(*) FROM cloudtrail WHERE eventTime > '?' AND eventTime < '?'","QueryParameters":["2026-01-01 00:00:00","2027-01-01 00:00:00"]}`, &started); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if u.described(t, started.QueryId); u.page(t, started.QueryId, 1, "").QueryResultRows[0][0]["_col0"] != "3" {
		t.Errorf("%+v", u.page(t, started.QueryId, 1, ""))
	}
}

// Whoever may not read all that a query reads knows nothing of it, nor whoever did not
// ask of one that reads nothing.
func TestAQueryIsThereForWhoMayReadWhatItReads(t *testing.T) {
	h := newHost(t)
	all, one := h.user(t, access.Admin), h.user(t, access.Reader, "cloudtrail")
	ids := map[string]string{
		"seen": all.start(t, "SELECT count(*) FROM cloudtrail"), "both": all.start(t, "SELECT 1 FROM cloudtrail, secret"),
		"hidden": all.start(t, "SELECT count(*) FROM secret"), "none": all.start(t, "SELECT 1"),
	}
	for what, id := range ids {
		all.described(t, id)
		for _, operation := range []string{"DescribeQuery", "GetQueryResults", "CancelQuery"} {
			_, body := one.call(t, operation, `{"QueryId":"`+id+`"}`, nil)
			if what == "seen" {
				if strings.Contains(body, "NotFound") {
					t.Errorf("%s of what may be seen: %s", operation, body)
				}
				continue
			}
			const nobody = "00000000-0000-7000-8000-000000000000"
			if _, like := one.call(t, operation, `{"QueryId":"`+nobody+`"}`, nil); strings.ReplaceAll(body, id, nobody) != like {
				t.Errorf("%s of %s: %s; of nothing: %s", operation, what, body, like)
			}
		}
	}
	type listed struct {
		Queries   []struct{ QueryId, QueryStatus string }
		NextToken string
	}
	var theirs, first, second listed
	one.call(t, "ListQueries", `{"EventDataStore":"cloudtrail"}`, &theirs)
	if len(theirs.Queries) != 1 || theirs.Queries[0].QueryId != ids["seen"] {
		t.Errorf("%+v", theirs)
	}
	all.call(t, "ListQueries", `{"EventDataStore":"cloudtrail","MaxResults":1,"QueryStatus":"FINISHED"}`, &first)
	all.call(t, "ListQueries", `{"EventDataStore":"cloudtrail","MaxResults":1,"QueryStatus":"FINISHED","NextToken":"`+first.NextToken+`"}`, &second)
	if len(first.Queries) != 1 || len(second.Queries) != 1 || second.NextToken != "" || first.Queries[0] == second.Queries[0] {
		t.Errorf("%+v %+v", first, second)
	}
}

const endless = "SELECT count(*) FROM UNNEST(sequence(1, 100000)) a(x), UNNEST(sequence(1, 100000)) b(y), cloudtrail WHERE x % 7 = y % 5"

// Ten of one caller at a time; one that is cancelled makes room.
func TestTenQueriesAtATime(t *testing.T) {
	h := newHost(t)
	u, other := h.user(t, access.Reader), h.user(t, access.Reader)
	var ids []string
	for range 10 {
		ids = append(ids, u.start(t, endless))
	}
	if status, body := u.call(t, "StartQuery", `{"QueryStatement":"SELECT 1"}`, nil); status != 429 || !strings.Contains(body, "MaxConcurrentQueriesException") {
		t.Errorf("%d %s", status, body)
	}
	other.start(t, "SELECT 1")
	if p := u.page(t, ids[9], 10, ""); p.QueryStatus != "QUEUED" || len(p.QueryResultRows) != 0 {
		t.Errorf("%+v", p)
	}
	for _, id := range ids {
		if status, body := u.call(t, "CancelQuery", `{"QueryId":"`+id+`"}`, nil); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		if q := u.described(t, id); q.QueryStatus != "CANCELLED" {
			t.Errorf("%+v", q)
		}
	}
	u.start(t, "SELECT 1")
}
