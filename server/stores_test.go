package server_test

import (
	"strings"
	"testing"

	"tarn/lake"
	"tarn/server/access"
)

// A store lives its life by the API alone.
func TestTheLifeOfAnEventDataStore(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	var st struct {
		EventDataStoreArn, Status, BillingMode string
		RetentionPeriod                        int
		TerminationProtectionEnabled           bool
		AdvancedEventSelectors                 []struct{ Name string }
	}
	does := func(operation, input string, want int, says ...string) {
		t.Helper()
		status, body := u.call(t, operation, strings.ReplaceAll(input, "ARN", st.EventDataStoreArn), &st)
		for _, text := range says {
			if !strings.Contains(body, text) {
				want = -1
			}
		}
		if status != want {
			t.Errorf("%s %s: %d %s; want %q", operation, input, status, body, says)
		}
	}
	const selectors = `[{"Name":"people","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]`
	does("CreateEventDataStore", `{"Name":"prod","RetentionPeriod":90,"AdvancedEventSelectors":`+selectors+`}`, 200)
	if st.Status != "ENABLED" || st.RetentionPeriod != 90 || !st.TerminationProtectionEnabled || len(st.AdvancedEventSelectors) != 1 {
		t.Errorf("what was made is %+v", st)
	}
	does("CreateEventDataStore", `{"Name":"Prod"}`, 400, "EventDataStoreAlreadyExistsException")
	does("CreateEventDataStore", `{"Name":"other","KmsKeyId":"alias/x"}`, 400, "InvalidKmsKeyIdException")
	does("CreateEventDataStore", `{"Name":"other","AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"nothing","Equals":["x"]}]}]}`, 400, "InvalidEventSelectorsException")
	does("UpdateEventDataStore", `{"EventDataStore":"ARN","Name":"production","RetentionPeriod":120}`, 200, `"Name":"production"`, `"RetentionPeriod":120`)
	does("StopEventDataStoreIngestion", `{"EventDataStore":"ARN"}`, 200)
	does("StopEventDataStoreIngestion", `{"EventDataStore":"ARN"}`, 400, "InvalidEventDataStoreStatusException")
	does("GetEventDataStore", `{"EventDataStore":"ARN"}`, 200, `"Status":"STOPPED_INGESTION"`)
	does("StartEventDataStoreIngestion", `{"EventDataStore":"ARN"}`, 200)
	does("DeleteEventDataStore", `{"EventDataStore":"ARN"}`, 400, "EventDataStoreTerminationProtectedException")
	does("UpdateEventDataStore", `{"EventDataStore":"ARN","TerminationProtectionEnabled":false}`, 200)
	does("RestoreEventDataStore", `{"EventDataStore":"ARN"}`, 400, "InvalidEventDataStoreStatusException")
	does("DeleteEventDataStore", `{"EventDataStore":"ARN"}`, 200)
	does("UpdateEventDataStore", `{"EventDataStore":"ARN","RetentionPeriod":100}`, 400, "InactiveEventDataStoreException")
	does("RestoreEventDataStore", `{"EventDataStore":"ARN"}`, 200, `"Status":"ENABLED"`)
	does("DeleteEventDataStore", `{"EventDataStore":"`+lake.OwnStoreName+`"}`, 400, "EventDataStoreTerminationProtectedException")
}

// Whoever may manage some stores learns of no other by what can be done with stores.
func TestOtherStoresAreNotThereForWhoManagesSome(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin, "cloudtrail")
	for _, operation := range []string{"GetEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "RestoreEventDataStore",
		"StartEventDataStoreIngestion", "StopEventDataStoreIngestion"} {
		status, hidden := u.call(t, operation, `{"EventDataStore":"secret"}`, nil)
		_, absent := u.call(t, operation, `{"EventDataStore":"absent"}`, nil)
		if hidden != strings.ReplaceAll(absent, "absent", "secret") || status != 404 {
			t.Errorf("%s: %d %s and %s", operation, status, hidden, absent)
		}
	}
	for _, name := range []string{"secret", "absent"} {
		if status, body := u.call(t, "CreateEventDataStore", `{"Name":"`+name+`"}`, nil); status != 403 {
			t.Errorf("CreateEventDataStore %s: %d %s", name, status, body)
		}
		if status, body := u.call(t, "UpdateEventDataStore", `{"EventDataStore":"cloudtrail","Name":"`+name+`"}`, nil); status != 403 {
			t.Errorf("UpdateEventDataStore %s: %d %s", name, status, body)
		}
	}
}
