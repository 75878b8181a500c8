package server_test

import (
	"strings"
	"testing"

	"tarn/server/access"
)

// What is chosen of a store is kept, and MaxEventSize bounds what comes in streams.
func TestTheConfigurationOfAStore(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	h.activityStore(t, "shop")
	arn := u.does(t, "GetEventConfiguration", `{"EventDataStore":"cloudtrail"}`, 200, `{"EventDataStoreArn":"arn`)
	if strings.Contains(arn, "MaxEventSize") {
		t.Errorf("without a choice: %s", arn)
	}
	event := func(id string) string {
		return `{"eventVersion":"1.08","eventID":"` + id + `","eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","requestParameters":{"x":"` + strings.Repeat("y", 300<<10) + `"}}` + "\n"
	}
	puts := func(id, outcome string) {
		t.Helper()
		if _, body, _ := u.ask(t, "/v1/stores/cloudtrail/events", event(id)); !strings.Contains(body, `"outcome":"`+outcome) {
			t.Errorf("%s: %.300s; want %s", id, body, outcome)
		}
	}
	puts("long-1", "stored")
	const keys = `"ContextKeySelectors":[{"Type":"RequestContext","Equals":["aws:SecureTransport"]},{"Type":"TagContext","Equals":["team"]}]`
	u.does(t, "PutEventConfiguration", `{"EventDataStore":"cloudtrail","MaxEventSize":"Standard"}`, 200, `"MaxEventSize":"Standard"`)
	puts("long-2", "rejected")
	u.does(t, "PutEventConfiguration", `{"EventDataStore":"cloudtrail",`+keys+`}`, 400, "need the MaxEventSize Large")
	u.does(t, "PutEventConfiguration", `{"EventDataStore":"cloudtrail","MaxEventSize":"Large",`+keys+`}`, 200, keys)
	puts("long-3", "stored")
	u.does(t, "PutEventConfiguration", `{"EventDataStore":"cloudtrail","MaxEventSize":"Standard"}`, 400, "need the MaxEventSize Large")
	u.does(t, "GetEventConfiguration", `{"EventDataStore":"cloudtrail"}`, 200, `"MaxEventSize":"Large",`+keys)
	for input, want := range map[string]string{
		`{}`: "InvalidParameterCombinationException",
		`{"EventDataStore":"cloudtrail","TrailName":"main"}`:                                                                                "InvalidParameterCombinationException",
		`{"EventDataStore":"cloudtrail","MaxEventSize":"Huge"}`:                                                                             "ValidationException",
		`{"EventDataStore":"shop","MaxEventSize":"Large"}`:                                                                                  "InvalidEventDataStoreCategoryException",
		`{"EventDataStore":"cloudtrail","ContextKeySelectors":[{"Type":"RequestContext","Equals":["aws:SourceIp"]}]}`:                       "InvalidParameterException",
		`{"EventDataStore":"cloudtrail","ContextKeySelectors":[{"Type":"TagContext","Equals":["a"]},{"Type":"TagContext","Equals":["a"]}]}`: "twice",
		`{"EventDataStore":"cloudtrail","AggregationConfigurations":[{"Templates":["USER_ACTIONS"],"EventCategory":"Data"}]}`:               "InvalidParameterCombinationException",
	} {
		u.does(t, "PutEventConfiguration", input, 400, want)
	}
	h.user(t, access.Reader, "cloudtrail").does(t, "GetEventConfiguration", `{"EventDataStore":"secret"}`, 404, "EventDataStoreNotFoundException")
}

func TestInsightSelectorsOfAStore(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	var to struct{ EventDataStoreArn string }
	if status, body := u.call(t, "CreateEventDataStore", `{"Name":"odd","AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]}`, &to); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	const chosen = `"InsightSelectors":[{"InsightType":"ApiCallRateInsight"},{"InsightType":"ApiErrorRateInsight","EventCategories":["Management"]}]`
	u.does(t, "GetInsightSelectors", `{"EventDataStore":"cloudtrail"}`, 400, "InsightNotEnabledException")
	u.does(t, "PutInsightSelectors", `{"EventDataStore":"cloudtrail",`+chosen+`}`, 400, "InvalidParameterCombinationException")
	u.does(t, "PutInsightSelectors", `{"EventDataStore":"cloudtrail","InsightsDestination":"secret",`+chosen+`}`, 400, "InvalidParameterException")
	u.does(t, "PutInsightSelectors", `{"EventDataStore":"cloudtrail","InsightsDestination":"odd",`+chosen+`}`, 200, chosen)
	u.does(t, "GetInsightSelectors", `{"EventDataStore":"cloudtrail"}`, 200, `"InsightsDestination":"`+to.EventDataStoreArn+`"`)
	u.does(t, "PutInsightSelectors", `{"EventDataStore":"cloudtrail","InsightSelectors":[]}`, 200, `"InsightSelectors":[]`)
	u.does(t, "GetInsightSelectors", `{"EventDataStore":"cloudtrail"}`, 400, "InsightNotEnabledException")
	u.does(t, "PutInsightSelectors", `{"EventDataStore":"cloudtrail","InsightSelectors":[{"InsightType":"Odd"}]}`, 400, "ValidationException")
}

// What a lake on one machine has nothing for says what there is instead.
func TestWhatIsNotHereSaysWhatIs(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	u.does(t, "RegisterOrganizationDelegatedAdmin", `{"MemberAccountId":"111122223333"}`, 400, "tarn access create")
	u.does(t, "DeregisterOrganizationDelegatedAdmin", `{"DelegatedAdminAccountId":"111122223333"}`, 400, "tarn access create")
	u.does(t, "EnableFederation", `{"EventDataStore":"cloudtrail","FederationRoleArn":"arn:aws:iam::000000000000:role/r"}`, 400, "Parquet")
	u.does(t, "EnableFederation", `{"EventDataStore":"absent","FederationRoleArn":"arn:aws:iam::000000000000:role/r"}`, 404, "NotFound")
	u.does(t, "DisableFederation", `{"EventDataStore":"cloudtrail"}`, 200, `"FederationStatus":"DISABLED"`)
	u.does(t, "ListInsightsMetricData", `{"EventSource":"s3.amazonaws.com","EventName":"GetObject","InsightType":"ApiCallRateInsight"}`, 400, "date_trunc")
}
