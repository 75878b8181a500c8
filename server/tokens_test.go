package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tarn/server/access"
)

// A token is good for what it was given out for, whole, and outlives nothing else.
func TestTokensAreSealed(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	first := func(operation, input string) string {
		t.Helper()
		var out struct{ NextToken string }
		if status, body := u.call(t, operation, input, &out); status != 200 || out.NextToken == "" {
			t.Fatalf("%s: %d %s", operation, status, body)
		}
		return out.NextToken
	}
	stores := first("ListEventDataStores", `{"MaxResults":1}`)
	with := func(token string) string { return fmt.Sprintf(`{"MaxResults":2,"NextToken":%q}`, token) }
	u.does(t, "ListEventDataStores", with(stores), 200, "secret")
	for i := range stores {
		other := byte('A')
		if stores[i] == other {
			other = 'B'
		}
		u.does(t, "ListEventDataStores", with(stores[:i]+string(other)+stores[i+1:]), 400, "InvalidNextTokenException")
	}
	u.does(t, "ListChannels", with(stores), 400, "InvalidNextTokenException")
	h.user(t, access.Reader).does(t, "ListEventDataStores", with(stores), 400, "InvalidNextTokenException")
	found := first("SearchSampleQueries", `{"SearchPhrase":"root","MaxResults":1}`)
	u.does(t, "SearchSampleQueries", `{"SearchPhrase":"root","NextToken":"`+found+`"}`, 200, "SearchResults")
	u.does(t, "SearchSampleQueries", `{"SearchPhrase":"keys","NextToken":"`+found+`"}`, 400, "InvalidNextTokenException")
	for _, operation := range []string{"ListTrails", "ListPublicKeys"} {
		u.does(t, operation, with(stores), 400, "InvalidTokenException")
	}
}

// What is generated can be asked, and says where it is from.
func TestAQueryIsGenerated(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Reader)
	var made struct{ QueryStatement, QueryAlias string }
	if status, body := u.call(t, "GenerateQuery", `{"EventDataStores":["cloudtrail"],"Prompt":"what did the root user do last week?"}`, &made); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if made.QueryAlias != "root-activity" || !strings.HasPrefix(made.QueryStatement, "-- from the sample query root-activity\n") {
		t.Errorf("%+v", made)
	}
	in, err := json.Marshal(map[string]string{"QueryStatement": made.QueryStatement})
	if err != nil {
		t.Fatal(err)
	}
	u.does(t, "StartQuery", string(in), 200, "QueryId")
}
