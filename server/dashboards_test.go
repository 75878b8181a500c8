package server_test

import (
	"fmt"
	"strings"
	"testing"

	"tarn/server/access"
)

const widgets = `"Widgets":[{"QueryStatement":"SELECT eventName, count(*) AS n FROM cloudtrail WHERE eventTime > '?' GROUP BY 1","QueryParameters":["$StartTime$"],"ViewProperties":{"View":"Table","Title":"names"}},` +
	`{"QueryStatement":"SELECT count(*) AS n FROM ?","QueryParameters":["$EventDataStoreId$"],"ViewProperties":{"View":"Table"}}]`

// A dashboard's widgets are asked in the name of whoever refreshes it, and their results
// are found by the refresh.
func TestADashboardIsRefreshed(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	const arn = "arn:aws:cloudtrail:us-east-1:000000000000:dashboard/main"
	u.does(t, "CreateDashboard", `{"Name":"main",`+widgets+`,"RefreshSchedule":{"Frequency":{"Unit":"HOURS","Value":6},"Status":"ENABLED","TimeOfDay":"09:30"},"TagsList":[{"Key":"team","Value":"x"}],"TerminationProtectionEnabled":true}`, 200, `"Status":"DISABLED"`)
	u.does(t, "CreateDashboard", `{"Name":"main"}`, 409, "ConflictException")
	u.does(t, "ListTags", `{"ResourceIdList":["`+arn+`"]}`, 200, "team")
	u.does(t, "StartDashboardRefresh", `{"DashboardId":"main","QueryParameterValues":{"$StartTime$":"2026-01-01'; SELECT 1"}}`, 400, "ValidationException")
	reader := h.user(t, access.Reader)
	var started struct{ RefreshId string }
	status, body := reader.call(t, "StartDashboardRefresh", fmt.Sprintf(`{"DashboardId":"%s","QueryParameterValues":{"$StartTime$":"2026-01-01 00:00:00","$EventDataStoreId$":"%s"}}`, arn, h.ids["cloudtrail"]), &started)
	if status != 200 || len(started.RefreshId) < 10 || len(started.RefreshId) > 20 {
		t.Fatalf("StartDashboardRefresh: %d %s", status, body)
	}
	var shown struct {
		Widgets       []struct{ QueryAlias string }
		LastRefreshId string
	}
	if status, body := u.call(t, "GetDashboard", `{"DashboardId":"main"}`, &shown); status != 200 || shown.LastRefreshId != started.RefreshId || len(shown.Widgets) != 2 || strings.Contains(body, "Failure") {
		t.Fatalf("GetDashboard: %d %s", status, body)
	}
	for i := range shown.Widgets {
		var q describedQuery
		in := fmt.Sprintf(`{"QueryAlias":%q,"RefreshId":%q}`, shown.Widgets[i].QueryAlias, started.RefreshId)
		if status, body := reader.call(t, "DescribeQuery", in, &q); status != 200 {
			t.Fatalf("DescribeQuery: %d %s", status, body)
		}
		reader.described(t, q.QueryId)
		if p := reader.page(t, q.QueryId, 10, ""); len(p.QueryResultRows) != 1 || p.QueryResultRows[0][len(p.QueryResultRows[0])-1]["n"] != "3" {
			t.Errorf("widget %d: %+v", i, p)
		}
	}
	u.does(t, "DescribeQuery", `{"QueryAlias":"`+shown.Widgets[0].QueryAlias+`","RefreshId":"1234567890"}`, 404, "QueryIdNotFoundException")
	u.does(t, "DescribeQuery", `{"RefreshId":"1234567890"}`, 400, "InvalidParameterException")
	u.does(t, "StartDashboardRefresh", `{"DashboardId":"main","QueryParameterValues":{"$StartTime$":"2026-01-01 00:00:00"}}`, 200, "RefreshId")
	u.does(t, "GetDashboard", `{"DashboardId":"main"}`, 200, "widget 2: the widget needs a value of $EventDataStoreId$")
	some := h.user(t, access.Reader, "secret")
	some.does(t, "GetDashboard", `{"DashboardId":"main"}`, 400, "ResourceNotFoundException")
	some.does(t, "ListDashboards", `{}`, 200, `{"Dashboards":[]}`)
	reader.does(t, "ListDashboards", `{"NamePrefix":"mai","Type":"CUSTOM"}`, 200, arn)
	reader.does(t, "ListDashboards", `{"Type":"MANAGED"}`, 200, `{"Dashboards":[]}`)
	u.policy(t, arn, "Deny", "arn:aws:iam::000000000000:role/reader", "cloudtrail:StartDashboardRefresh")
	reader.does(t, "StartDashboardRefresh", `{"DashboardId":"main"}`, 400, "ResourceNotFoundException")
	u.does(t, "DeleteDashboard", `{"DashboardId":"main"}`, 409, "protected")
	u.does(t, "UpdateDashboard", `{"DashboardId":"main","TerminationProtectionEnabled":false,"Widgets":[]}`, 200, `"Widgets":[]`)
	u.does(t, "GetDashboard", `{"DashboardId":"main"}`, 200, `"Status":"UPDATED"`)
	u.does(t, "DeleteDashboard", `{"DashboardId":"`+arn+`"}`, 200, "{}")
	u.does(t, "DeleteDashboard", `{"DashboardId":"main"}`, 400, "ResourceNotFoundException")
}

func TestDashboardsAreRefusedInCloudTrailsWords(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	widget := `{"QueryStatement":"SELECT 1","ViewProperties":{"View":"Table"}}`
	for input, want := range map[string]string{
		`{}`:               "ValidationException",
		`{"Name":"a b c"}`: "ValidationException",
		`{"Name":"abc","Widgets":[` + strings.TrimSuffix(strings.Repeat(widget+",", 11), ",") + `]}`:                                      "ServiceQuotaExceededException",
		`{"Name":"abc","Widgets":[{"QueryStatement":"SELECT 1"}]}`:                                                                        "ValidationException",
		`{"Name":"abc","Widgets":[{"QueryStatement":"DROP TABLE x","ViewProperties":{"a":"b"}}]}`:                                         "InvalidQueryStatementException",
		`{"Name":"abc","Widgets":[{"QueryStatement":"SELECT '?'","ViewProperties":{"a":"b"},"QueryParameters":["$Period$","$Period$"]}]}`: "InvalidParameterException",
		`{"Name":"abc","RefreshSchedule":{"Frequency":{"Unit":"HOURS","Value":5}}}`:                                                       "ValidationException",
		`{"Name":"abc","RefreshSchedule":{"TimeOfDay":"25:00"}}`:                                                                          "ValidationException",
		`{"Name":"abc","TagsList":[{"Key":"aws:x"}]}`:                                                                                     "InvalidTagParameterException",
	} {
		u.does(t, "CreateDashboard", input, 400, want)
	}
	u.does(t, "CreateDashboard", `{"Name":"abc","Widgets":[{"QueryStatement":"SELECT 1 FROM absent","ViewProperties":{"a":"b"}}]}`, 404, "EventDataStoreNotFoundException")
	for _, operation := range []string{"GetDashboard", "UpdateDashboard", "DeleteDashboard", "StartDashboardRefresh"} {
		u.does(t, operation, `{"DashboardId":"absent"}`, 400, "ResourceNotFoundException")
	}
	h.user(t, access.Reader).does(t, "CreateDashboard", `{"Name":"abc"}`, 403, "AccessDeniedException")
}
