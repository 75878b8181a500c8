package server_test

import (
	"fmt"
	"strings"
	"testing"

	"tarn/server/access"
)

func TestTags(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	does := func(operation, input string, want int, says string) (body string) {
		t.Helper()
		status, body := u.call(t, operation, input, nil)
		if status != want || !strings.Contains(body, says) {
			t.Errorf("%s %s: %d %s; want %d %s", operation, input, status, body, want, says)
		}
		return body
	}
	var st struct{ EventDataStoreArn string }
	if status, body := u.call(t, "CreateEventDataStore", `{"Name":"tagged","TagsList":[{"Key":"team","Value":"blue"},{"Key":"empty"}]}`, &st); status != 200 ||
		!strings.Contains(body, `"TagsList":[{"Key":"team","Value":"blue"},{"Key":"empty","Value":""}]`) {
		t.Fatalf("%d %s", status, body)
	}
	arn := st.EventDataStoreArn
	does("AddTags", `{"ResourceId":"`+arn+`","TagsList":[{"Key":"team","Value":"grün"},{"Key":"cost:center","Value":"4 @ x"}]}`, 200, "")
	does("RemoveTags", `{"ResourceId":"`+arn+`","TagsList":[{"Key":"empty"},{"Key":"not there"}]}`, 200, "")
	does("RemoveTags", `{"ResourceId":"`+arn+`","TagsList":[]}`, 200, "")
	does("ListTags", `{"ResourceIdList":["`+arn+`"]}`, 200, `"TagsList":[{"Key":"cost:center","Value":"4 @ x"},{"Key":"team","Value":"grün"}]`)
	var many []string
	for i := range 49 {
		many = append(many, fmt.Sprintf(`{"Key":"k%d","Value":"v"}`, i))
	}
	does("AddTags", `{"ResourceId":"`+arn+`","TagsList":[`+strings.Join(many, ",")+`]}`, 400, "TagsLimitExceededException")
	if body := does("ListTags", `{"ResourceIdList":["`+arn+`"]}`, 200, ""); strings.Count(body, "Key") != 2 {
		t.Errorf("after a refusal: %s", body)
	}
	for tags, code := range map[string]string{
		`[{"Key":"aws:x","Value":"v"}]`: "InvalidTagParameterException", `[{"Key":"a"},{"Key":"a"}]`: "InvalidTagParameterException",
		`[{"Key":"a\u0000"}]`: "InvalidTagParameterException", `[{"Value":"v"}]`: "ValidationException",
	} {
		does("AddTags", `{"ResourceId":"`+arn+`","TagsList":`+tags+`}`, 400, code)
	}
	does("CreateEventDataStore", `{"Name":"other","TagsList":[{"Key":"aws:x"}]}`, 400, "InvalidTagParameterException")
	does("GetEventDataStore", `{"EventDataStore":"other"}`, 404, "NotFound")
	does("ListTags", `{"ResourceIdList":["arn:aws:cloudtrail:us-east-1:000000000000:widget/x"]}`, 400, "ResourceTypeNotSupportedException")
	does("ListTags", `{"ResourceIdList":["tagged"]}`, 400, "CloudTrailARNInvalidException")

	// Of what somebody may not see, they cannot ask.
	other := h.user(t, access.Admin, "cloudtrail")
	none := arn[:len(arn)-36] + "00000000-0000-4000-8000-000000000000"
	for _, operation := range []string{"AddTags", "RemoveTags", "ListTags"} {
		input := `{"ResourceIdList":["X"],"ResourceId":"X","TagsList":[{"Key":"a","Value":"b"}]}`
		_, hidden := other.call(t, operation, strings.ReplaceAll(input, "X", arn), nil)
		_, missing := other.call(t, operation, strings.ReplaceAll(input, "X", none), nil)
		if strings.ReplaceAll(hidden, arn, none) != missing || !strings.Contains(hidden, "NotFound") {
			t.Errorf("%s: hidden %s, not there %s", operation, hidden, missing)
		}
	}
}
