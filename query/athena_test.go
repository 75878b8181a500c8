package query_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
)

// Athena's table shows what the raw event has: numbers and nested values of
// objects as they are, not as a map of texts has them.
func TestAthenaReadsTheRawEvent(t *testing.T) {
	p, e := laketest.NewPlace(t), openEngine(t)
	p.Fill(t, lake.AppendOptions{}, laketest.Object{Key: "one", Events: []lake.Event{
		laketest.RawEvent(t, "a", "2026-01-02T23:59:59Z", `{"eventID":"a","eventTime":"2026-01-02T23:59:59Z","eventName":"PutObject","readOnly":false,`+
			`"awsRegion":"eu-north-1","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","accountId":"1","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},`+
			`"requestParameters":{"bucketName":"b","n":7,"deep":{"list":[1,{"x":null}]},"AWS:Thing":{"v":"q\"q"}},`+
			`"responseElements":null,"additionalEventData":{"bytes":12345678901234567890123},"addendum":{"reason":"UPDATED_DATA","updatedFields":"a"},`+
			`"resources":[{"type":"T","ARN":"arn:x","accountId":"2"}]}`),
		laketest.RawEvent(t, "b", "2026-01-03T00:00:00Z", `{"eventID":"b","eventTime":"2026-01-03T00:00:00Z","requestParameters":"plain","userIdentity":{"accountId":"4"}}`),
	}})
	const objects = "SELECT requestparameters, responseelements, additionaleventdata, addendum, resources, readonly FROM cloudtrail.athena ORDER BY eventid"
	for sql, want := range map[string][][]string{
		objects: {
			{`{"bucketName":"b","n":7,"deep":{"list":[1,{"x":null}]},"AWS:Thing":{"v":"q\"q"}}`, "∅", `{"bytes":12345678901234567890123}`,
				`{"reason":"UPDATED_DATA","updatedfields":"a","originalrequestid":null,"originaleventid":null}`,
				`[{"arn":"arn:x","accountid":"2","type":"T"}]`, "false"},
			{"plain", "∅", "∅", "∅", "∅", "∅"}},
		"SELECT eventtime, account, region, year || month || day, date_partition, useridentity.sessioncontext.attributes.mfaauthenticated FROM cloudtrail.athena ORDER BY 1": {
			{"2026-01-02T23:59:59Z", "111122223333", "eu-north-1", "20260102", "2026/01/02", "true"},
			{"2026-01-03T00:00:00Z", "4", "∅", "20260103", "2026/01/03", "∅"}},
		"SELECT json_extract_scalar(requestparameters, '$.deep.list[0]'), json_extract_scalar(requestparameters, '$.AWS:Thing.v') FROM \"cloudtrail\".\"athena\" WHERE requestparameters LIKE '%bucketName%'": {
			{"1", `q"q`}},
		"SELECT eventid FROM cloudtrail.athena WHERE year = '2026' AND month = '01' AND day = '03'":                         {{"b"}},
		"SELECT eventid FROM cloudtrail.athena WHERE \"timestamp\" BETWEEN '2026/01/01' AND '2026/01/02'":                   {{"a"}},
		"SELECT eventid FROM cloudtrail.athena WHERE from_iso8601_timestamp(eventtime) < timestamp '2026-01-03 00:00:00'":   {{"a"}},
		"SELECT a.eventid FROM cloudtrail.athena a JOIN cloudtrail b ON a.eventid = b.eventid WHERE b.eventName IS NULL":    {{"b"}},
		"SELECT eventid FROM cloudtrail.athena WHERE eventtime > date_format(timestamp '2026-01-02 00:00:00', '%Y-%m-%d~')": {{"b"}},
	} {
		p.Read(t, func(snap *lake.Snapshot, _ lake.Store) {
			res, err := e.Run(t.Context(), snap, sql)
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			defer res.Close()
			var got [][]string
			for row, err := range res.Rows(t.Context()) {
				if err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
				var line []string
				for _, v := range row {
					if v.Null {
						v.Text = "∅"
					}
					line = append(line, v.Text)
				}
				got = append(got, line)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", sql, d)
			}
		})
	}
}
