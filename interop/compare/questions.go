package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tarn/internal/eventgen"
)

// question is one that all systems are asked.
type question struct {
	name, title string
	sql         string // in CloudTrail Lake's words; other engines' are made of them
	logsQL      string // for VictoriaLogs
	// check are the columns that must be the same in all answers. Where a LIMIT cuts
	// between equals, it is the counts alone.
	check []string
	// rows is how many there must be, as the generator knows; -1 where it does not.
	rows int
	// count, if not 0, is what the answer's one row must say as c.
	count int
}

// wrong says what is wrong with an answer, as far as the generator knows.
func (q question) wrong(rows []map[string]any) string {
	switch {
	case q.rows >= 0 && len(rows) != q.rows:
		return fmt.Sprintf("%d rows, not %d", len(rows), q.rows)
	case q.count > 0 && text(rows[0]["c"]) != strconv.Itoa(q.count):
		return fmt.Sprintf("%s events, not %d", text(rows[0]["c"]), q.count)
	}
	return ""
}

// nowhere is the id of no event.
const nowhere = "00000000-0000-4000-8000-000000000000"

// questions are how many there are, the ten audit questions of bench, and three needles.
func questions(s eventgen.Story, total int) []question {
	week := s.FirstUse.UTC().Truncate(24 * time.Hour)
	end := week.AddDate(0, 0, 7)
	q := append(audits(s, week, end), question{
		"N1", "an event by its id, two columns",
		"SELECT eventTime, eventName FROM cloudtrail WHERE eventID = '" + s.StopLoggingID + "'",
		`eventID:="` + s.StopLoggingID + `" | fields _time, eventName`,
		[]string{"eventTime", "eventName"}, 1, 0,
	}, question{
		"N2", "a stolen key, at any time",
		"SELECT eventTime, eventName, awsRegion, sourceIPAddress FROM cloudtrail WHERE userIdentity.accessKeyId = '" + s.AccessKeyID + "'",
		`userIdentity.accessKeyId:="` + s.AccessKeyID + `" | fields _time, eventName, awsRegion, sourceIPAddress`,
		[]string{"eventTime", "eventName", "awsRegion", "sourceIPAddress"}, s.KeyEvents, 0,
	}, question{
		"N3", "an id that is nowhere",
		"SELECT eventTime, eventName FROM cloudtrail WHERE eventID = '" + nowhere + "'",
		`eventID:="` + nowhere + `" | fields _time, eventName`,
		[]string{"eventTime", "eventName"}, 0, 0,
	})
	q[0].count = total
	return q
}

// audits are the count and the ten, from week to end where they ask about a week.
func audits(s eventgen.Story, week, end time.Time) []question {
	return []question{
		{"Q0", "how many events", "SELECT count(*) AS c FROM cloudtrail", "* | stats count() c", []string{"c"}, 1, 0},
		{"Q1", "what happens",
			"SELECT eventName, count(*) AS c FROM cloudtrail GROUP BY eventName ORDER BY c DESC LIMIT 20",
			"* | stats by (eventName) count() c | sort by (c desc) limit 20", []string{"c"}, -1, 0},
		{"Q2", "failed sign-ins",
			"SELECT userIdentity.userName AS userName, sourceIPAddress, count(*) AS c FROM cloudtrail WHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure' GROUP BY 1, 2 ORDER BY c DESC",
			"eventName:=ConsoleLogin responseElements.ConsoleLogin:=Failure | stats by (userIdentity.userName, sourceIPAddress) count() c | sort by (c desc)",
			[]string{"userName", "sourceIPAddress", "c"}, -1, 0},
		{"Q3", "one key, one week",
			"SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, errorCode, requestParameters FROM cloudtrail WHERE userIdentity.accessKeyId = '" + s.AccessKeyID + "' AND eventTime >= '" + week.Format(time.DateTime) + "' AND eventTime < '" + end.Format(time.DateTime) + "' ORDER BY eventTime",
			"_time:[" + week.Format(time.RFC3339) + ", " + end.Format(time.RFC3339) + `) userIdentity.accessKeyId:="` + s.AccessKeyID + `" | sort by (_time) | fields _time, eventSource, eventName, awsRegion, sourceIPAddress, errorCode, requestParameters*`,
			[]string{"eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "errorCode"}, -1, 0},
		{"Q4", "one bucket",
			"SELECT userIdentity.arn AS arn, eventName, count(*) AS c, min(eventTime) AS first, max(eventTime) AS last FROM cloudtrail WHERE element_at(requestParameters, 'bucketName') = '" + s.Bucket + "' GROUP BY 1, 2 ORDER BY c DESC",
			`requestParameters.bucketName:="` + s.Bucket + `" | stats by (userIdentity.arn, eventName) count() c, min(_time) first, max(_time) last | sort by (c desc)`,
			[]string{"arn", "eventName", "c", "first", "last"}, -1, 0},
		{"Q5", "refused most",
			"SELECT userIdentity.arn AS arn, count(*) AS c, count(DISTINCT eventName) AS names FROM cloudtrail WHERE errorCode IN ('AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation') GROUP BY 1 ORDER BY c DESC LIMIT 20",
			`errorCode:in("AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation") | stats by (userIdentity.arn) count() c, count_uniq(eventName) names | sort by (c desc) limit 20`,
			[]string{"c"}, -1, 0},
		{"Q6", "addresses per principal",
			"SELECT userIdentity.arn AS arn, count(DISTINCT sourceIPAddress) AS c FROM cloudtrail GROUP BY 1 ORDER BY c DESC LIMIT 20",
			"* | stats by (userIdentity.arn) count_uniq(sourceIPAddress) c | sort by (c desc) limit 20", []string{"c"}, -1, 0},
		{"Q7", "writes by hour",
			"SELECT date_trunc('hour', eventTime) AS h, count(*) AS c FROM cloudtrail WHERE readOnly = false GROUP BY 1 ORDER BY 1",
			"readOnly:=false | stats by (_time:1h) count() c | sort by (_time)", []string{"h", "c"}, -1, 0},
		{"Q8", "one event, whole",
			"SELECT * FROM cloudtrail WHERE eventID = '" + s.StopLoggingID + "'",
			`eventID:="` + s.StopLoggingID + `"`, []string{"eventID", "eventTime", "eventName"}, 1, 0},
		{"Q9", "open groups",
			"SELECT eventTime, userIdentity.arn AS arn, requestParameters FROM cloudtrail WHERE eventName = 'AuthorizeSecurityGroupIngress' AND CAST(requestParameters AS varchar) LIKE '%0.0.0.0/0%'",
			`eventName:=AuthorizeSecurityGroupIngress requestParameters.ipPermissions.items:"0.0.0.0/0" | fields _time, userIdentity.arn, requestParameters*`,
			[]string{"eventTime", "arn"}, -1, 0},
		{"Q10", "one address",
			"SELECT eventTime, eventName, userIdentity.userName AS userName FROM cloudtrail WHERE sourceIPAddress = '" + s.SignInAddress + "'",
			`sourceIPAddress:="` + s.SignInAddress + `" | fields _time, eventName, userIdentity.userName`,
			[]string{"eventTime", "eventName", "userName"}, -1, 0},
	}
}

// flat is the question for tables in which what the questions ask of free-form objects
// stands in columns of its own, as the best of layouts has them.
func flat(q question) string {
	return strings.NewReplacer(
		"element_at(responseElements, 'ConsoleLogin')", "console_login",
		"element_at(requestParameters, 'bucketName')", "bucket_name").Replace(q.sql)
}

// extracted is the question for tables in which free-form objects are JSON and no more.
func extracted(q question) string {
	return strings.NewReplacer(
		"element_at(responseElements, 'ConsoleLogin')", "json_extract_string(responseElements, '$.ConsoleLogin')",
		"element_at(requestParameters, 'bucketName')", "json_extract_string(requestParameters, '$.bucketName')").Replace(q.sql)
}
