package server_test

import (
	"strings"
	"testing"

	"tarn/server/access"
)

// does is a test's call that must be answered with a status and a text.
func (u user) does(t *testing.T, operation, input string, want int, says string) string {
	t.Helper()
	status, body := u.call(t, operation, input, nil)
	if status != want || !strings.Contains(body, says) {
		t.Errorf("%s %s: %d %s; want %d %s", operation, input, status, body, want, says)
	}
	return body
}

// A trail is kept as it was given, and never said to deliver anything.
func TestATrailIsAConfiguration(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	const arn = "arn:aws:cloudtrail:us-east-1:000000000000:trail/main"
	u.does(t, "CreateTrail", `{"Name":"main","S3BucketName":"logs-of-mine","S3KeyPrefix":"a/b","SnsTopicName":"topic","IsMultiRegionTrail":true,"TagsList":[{"Key":"team","Value":"x"}]}`, 200, `"TrailARN":"`+arn+`"`)
	u.does(t, "CreateTrail", `{"Name":"main","S3BucketName":"logs-of-mine"}`, 400, "TrailAlreadyExistsException")
	u.does(t, "ListTags", `{"ResourceIdList":["`+arn+`"]}`, 200, "team")
	u.does(t, "GetTrail", `{"Name":"`+arn+`"}`, 200, `"SnsTopicARN":"arn:aws:sns:us-east-1:000000000000:topic"`)
	u.does(t, "GetTrailStatus", `{"Name":"main"}`, 200, `{"IsLogging":false,"LatestDeliveryError":"nothing is delivered`)
	u.does(t, "StartLogging", `{"Name":"main"}`, 400, "UnsupportedOperationException")
	u.does(t, "StopLogging", `{"Name":"main"}`, 200, "{}")
	u.does(t, "GetTrailStatus", `{"Name":"main"}`, 200, `"IsLogging":false`)
	u.does(t, "UpdateTrail", `{"Name":"main","IncludeGlobalServiceEvents":false}`, 400, "InvalidParameterCombinationException")
	u.does(t, "UpdateTrail", `{"Name":"main","S3BucketName":"elsewhere","CloudWatchLogsRoleArn":"arn:aws:iam::000000000000:role/r"}`, 400, "InvalidCloudWatchLogsLogGroupArnException")
	u.does(t, "UpdateTrail", `{"Name":"main","S3BucketName":"elsewhere"}`, 200, `"S3BucketName":"elsewhere","S3KeyPrefix":"a/b"`)
	u.does(t, "GetEventSelectors", `{"TrailName":"main"}`, 200, `"ReadWriteType":"All","IncludeManagementEvents":true`)
	u.does(t, "PutEventSelectors", `{"TrailName":"main","EventSelectors":[{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::"]}]}]}`, 200, `"WriteOnly"`)
	u.does(t, "PutEventSelectors", `{"TrailName":"main","EventSelectors":[],"AdvancedEventSelectors":[]}`, 400, "InvalidEventSelectorsException")
	u.does(t, "PutEventSelectors", `{"TrailName":"main","EventSelectors":[{"ReadWriteType":"Some"}]}`, 400, "InvalidEventSelectorsException")
	u.does(t, "PutEventSelectors", `{"TrailName":"main","AdvancedEventSelectors":[{"Name":"m","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}`, 200, `"AdvancedEventSelectors":[{`)
	if body := u.does(t, "DescribeTrails", `{"trailNameList":["main","absent"]}`, 200, `"HasCustomEventSelectors":true`); strings.Count(body, "TrailARN") != 1 || strings.Contains(body, `"Selectors"`) {
		t.Errorf("described: %s", body)
	}
	u.does(t, "GetInsightSelectors", `{"TrailName":"main"}`, 400, "InsightNotEnabledException")
	u.does(t, "PutInsightSelectors", `{"TrailName":"main","InsightSelectors":[{"InsightType":"ApiCallRateInsight"}]}`, 200, arn)
	u.does(t, "GetInsightSelectors", `{"TrailName":"main"}`, 200, `"InsightSelectors":[{"InsightType":"ApiCallRateInsight"}]`)
	u.does(t, "PutEventConfiguration", `{"TrailName":"main","MaxEventSize":"Large"}`, 400, "InvalidParameterCombinationException")
	u.does(t, "PutEventConfiguration", `{"TrailName":"main","AggregationConfigurations":[{"Templates":["USER_ACTIONS"],"EventCategory":"Data"}]}`, 200, "USER_ACTIONS")
	u.does(t, "ListTrails", `{}`, 200, `{"Trails":[{"TrailARN":"`+arn+`","Name":"main","HomeRegion":"us-east-1"}]}`)
	for _, name := range []string{"t-1", "t-2", "t-3", "t-4"} {
		u.does(t, "CreateTrail", `{"Name":"`+name+`","S3BucketName":"logs"}`, 200, name)
	}
	u.does(t, "CreateTrail", `{"Name":"t-5","S3BucketName":"logs"}`, 403, "MaximumNumberOfTrailsExceededException")
	u.does(t, "DeleteTrail", `{"Name":"main"}`, 200, "{}")
	u.does(t, "DeleteTrail", `{"Name":"main"}`, 404, "TrailNotFoundException")
}

func TestTrailsAreRefusedInCloudTrailsWords(t *testing.T) {
	h := newHost(t)
	u := h.user(t, access.Admin)
	for input, want := range map[string]string{
		`{"S3BucketName":"logs"}`:                                                               "ValidationException",
		`{"Name":"abc"}`:                                                                        "ValidationException",
		`{"Name":"ab","S3BucketName":"logs"}`:                                                   "InvalidTrailNameException",
		`{"Name":"a--b","S3BucketName":"logs"}`:                                                 "InvalidTrailNameException",
		`{"Name":"my-_x","S3BucketName":"logs"}`:                                                "InvalidTrailNameException",
		`{"Name":".abc","S3BucketName":"logs"}`:                                                 "InvalidTrailNameException",
		`{"Name":"192.168.5.4","S3BucketName":"logs"}`:                                          "InvalidTrailNameException",
		`{"Name":"` + strings.Repeat("a", 129) + `","S3BucketName":"logs"}`:                     "InvalidTrailNameException",
		`{"Name":"arn:aws:s3:::trail/abc","S3BucketName":"logs"}`:                               "CloudTrailARNInvalidException",
		`{"Name":"abc","S3BucketName":"Logs"}`:                                                  "InvalidS3BucketNameException",
		`{"Name":"abc","S3BucketName":"10.0.0.1"}`:                                              "InvalidS3BucketNameException",
		`{"Name":"abc","S3BucketName":"l..s"}`:                                                  "InvalidS3BucketNameException",
		`{"Name":"abc","S3BucketName":"logs","S3KeyPrefix":"` + strings.Repeat("a", 201) + `"}`: "InvalidS3PrefixException",
		`{"Name":"abc","S3BucketName":"logs","SnsTopicName":"a b"}`:                             "InvalidSnsTopicNameException",
		`{"Name":"abc","S3BucketName":"logs","KmsKeyId":"x"}`:                                   "InvalidKmsKeyIdException",
		`{"Name":"abc","S3BucketName":"logs","IsOrganizationTrail":true}`:                       "UnsupportedOperationException",
		`{"Name":"abc","S3BucketName":"logs","CloudWatchLogsLogGroupArn":"x"}`:                  "InvalidCloudWatchLogsLogGroupArnException",
		`{"Name":"abc","S3BucketName":"logs","CloudWatchLogsLogGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:x:*"}`: "InvalidCloudWatchLogsRoleArnException",
		`{"Name":"abc","S3BucketName":"logs","TagsList":[{"Key":"aws:x"}]}`:                                                    "InvalidTagParameterException",
	} {
		u.does(t, "CreateTrail", input, 400, want)
	}
	for name, want := range map[string]struct {
		status int
		code   string
	}{"absent": {404, "TrailNotFoundException"}, "a b": {400, "InvalidTrailNameException"}, "arn:aws:s3:::x": {400, "CloudTrailARNInvalidException"}} {
		for _, operation := range []string{"GetTrail", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration", "StartLogging", "StopLogging", "UpdateTrail", "DeleteTrail"} {
			u.does(t, operation, `{"Name":"`+name+`","TrailName":"`+name+`"}`, want.status, want.code)
		}
	}
	// Trails are of the whole lake: whoever is for some stores sees none.
	u.does(t, "CreateTrail", `{"Name":"there","S3BucketName":"logs"}`, 200, "there")
	some := h.user(t, access.Admin, "cloudtrail")
	hidden, absent := some.does(t, "GetTrail", `{"Name":"there"}`, 404, ""), some.does(t, "GetTrail", `{"Name":"elsewhere"}`, 404, "")
	if hidden != strings.ReplaceAll(absent, "elsewhere", "there") {
		t.Errorf("hidden %s, not there %s", hidden, absent)
	}
	some.does(t, "ListTrails", `{}`, 200, `{"Trails":[]}`)
	some.does(t, "CreateTrail", `{"Name":"there","S3BucketName":"logs"}`, 403, "AccessDeniedException")
	h.user(t, access.Reader).does(t, "GetTrail", `{"Name":"there"}`, 200, "there")
	h.user(t, access.Reader).does(t, "DeleteTrail", `{"Name":"there"}`, 403, "AccessDeniedException")
}
