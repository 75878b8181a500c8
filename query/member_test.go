package query_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What stands for a member of a struct is not seen: answers are the same over
// segments that have members flat, that do not, and over both together.
func TestMembersOfStructs(t *testing.T) {
	e := openEngine(t)
	flat, nested, mixed := sample(t), sample(t), sample(t)
	for id := range nested.segments {
		for i := range nested.segments[id] {
			nested.segments[id][i].Format = 1
		}
		mixed.segments[id][0].Format = 1
	}
	for _, sql := range []string{
		"SELECT userIdentity.arn, count(*) FROM cloudtrail GROUP BY userIdentity.arn ORDER BY userIdentity.arn",
		"SELECT userIdentity.arn AS who, count(*) FROM cloudtrail GROUP BY 1 ORDER BY who",
		"SELECT t.userIdentity.sessionContext.sessionIssuer.userName, USERIDENTITY.TYPE FROM cloudtrail t ORDER BY eventTime",
		"SELECT userIdentity, userIdentity.arn FROM cloudtrail GROUP BY userIdentity ORDER BY eventID",
		"SELECT userIdentity, userIdentity.arn FROM cloudtrail GROUP BY userIdentity ORDER BY userIdentity.type, 2",
		"SELECT userIdentity.sessionContext, userIdentity.sessionContext.sessionIssuer.arn FROM cloudtrail GROUP BY userIdentity.sessionContext ORDER BY 2",
		"SELECT *, userIdentity.type FROM cloudtrail ORDER BY eventTime",
		"SELECT DISTINCT userIdentity.type FROM cloudtrail ORDER BY userIdentity.type",
		"SELECT arn, type FROM (SELECT userIdentity.arn, userIdentity.type FROM cloudtrail) ORDER BY type, arn",
		"WITH w AS (SELECT userIdentity.userName, eventTime FROM cloudtrail) SELECT w.userName FROM w ORDER BY eventTime",
		"SELECT userIdentity.arn, (SELECT count(*) FROM cloudtrail b WHERE b.userIdentity.arn = a.userIdentity.arn) AS n FROM cloudtrail a GROUP BY userIdentity.arn ORDER BY 1",
		"SELECT a.eventID FROM cloudtrail a JOIN cloudtrail b ON a.userIdentity.type = b.userIdentity.type AND a.eventID = b.eventID ORDER BY 1",
		"SELECT eventID FROM cloudtrail a NATURAL JOIN cloudtrail b WHERE userIdentity.type IS NOT NULL ORDER BY 1",
		"SELECT eventID FROM cloudtrail WHERE userIdentity.accountId = '123837392027' AND userIdentity.principalId LIKE 'A%' ORDER BY 1",
		"SELECT userIdentity.type FROM cloudtrail UNION SELECT userIdentity.type FROM cloudtrail.conflicts ORDER BY 1",
		"SELECT eventName, rank() OVER (PARTITION BY userIdentity.type ORDER BY eventTime) FROM cloudtrail ORDER BY eventTime",
		"SELECT CASE WHEN userIdentity.type = 'Root' THEN 'root' ELSE userIdentity.arn END, coalesce(userIdentity.userName, '-') FROM cloudtrail ORDER BY eventTime",
		"SELECT b.userIdentity.arn FROM cloudtrail a LEFT JOIN cloudtrail.conflicts b ON a.eventID = b.eventID ORDER BY a.eventTime",
		"SELECT filter(ARRAY['Root', 'x'], v -> v = userIdentity.type) FROM cloudtrail ORDER BY eventTime",
		"SELECT * FROM cloudtrail a, LATERAL (SELECT a.userIdentity.arn AS x) b ORDER BY eventID",
		"SELECT * FROM cloudtrail a CROSS JOIN UNNEST(ARRAY[a.userIdentity.arn]) AS t(x) ORDER BY eventID",
		"SELECT a, a.userIdentity.arn FROM cloudtrail a, (SELECT 1) x ORDER BY a.eventID",
		"SELECT count(*) FROM cloudtrail a, LATERAL (SELECT a.userIdentity.arn AS x) b WHERE x IS NOT NULL",
		"SELECT userIdentity AS u, userIdentity.arn FROM cloudtrail GROUP BY u ORDER BY 2",
		"SELECT userIdentity.sessionContext AS s, userIdentity.sessionContext.sessionIssuer.arn FROM cloudtrail GROUP BY S ORDER BY 2",
		"SELECT eventName AS useridentity_arn FROM cloudtrail WHERE useridentity_arn = 'CreateBucket' AND userIdentity.arn IS NOT NULL",
		"SELECT upper(eventName) AS userIdentity_ARN, max(userIdentity.arn) FROM cloudtrail GROUP BY userIdentity_ARN ORDER BY 1",
		"SELECT userIdentity.arn FROM cloudtrail, cloudtrail",
		"SELECT userIdentity.arn FROM cloudtrail a, cloudtrail b",
		"SELECT a.userIdentity.arn FROM cloudtrail a, cloudtrail a",
		"SELECT userIdentity.arn FROM cloudtrail a RIGHT JOIN (SELECT userIdentity FROM cloudtrail UNION ALL SELECT NULL) b USING (userIdentity) ORDER BY 1",
		"SELECT userIdentity.type FROM cloudtrail.conflicts a RIGHT JOIN cloudtrail b USING (userIdentity) ORDER BY 1",
		"SELECT CAST(ROW(lower(eventID)) AS row(arn varchar)) AS userIdentity FROM cloudtrail ORDER BY userIdentity.arn DESC",
	} {
		want, failed := ask(e, nested, sql)
		for name, l := range map[string]*testLake{"flat": flat, "mixed": mixed} {
			got, err := ask(e, l, sql)
			if (err == nil) != (failed == nil) || err != nil && strings.Contains(err.Error(), "useridentity_") {
				t.Errorf("%s, %s: %v; nested: %v", sql, name, err, failed)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s (-nested +%s):\n%s", sql, name, name, d)
			}
		}
		if failed != nil {
			t.Logf("%s: %v", sql, failed)
		}
	}
}

// Nor is what stands for the value of a map's key, which all segments have.
func TestKeysOfMapsAreNotSeen(t *testing.T) {
	prove(t, []claim{
		{"beside all columns", "SELECT cardinality(map_keys(CAST(json_parse(to_json(r)) AS map(varchar, json)))) FROM (SELECT * FROM cloudtrail a CROSS JOIN UNNEST(ARRAY[element_at(a.requestParameters, 'bucketName')]) AS t(x)) r LIMIT 1", []string{"36"}},
		{"in a row", "SELECT count(*) FROM (SELECT a, element_at(a.requestParameters, 'bucketName') AS b FROM cloudtrail a, (SELECT 1) x) WHERE CAST(a AS varchar) LIKE '%_bucketname%'", []string{"0"}},
		{"by a name of the user's", "SELECT eventName AS requestparameters_bucketname FROM cloudtrail WHERE requestparameters_bucketname = 'CreateBucket' AND element_at(requestParameters, 'bucketName') IS NOT NULL", []string{"CreateBucket"}},
		{"by a group's alias", "SELECT requestParameters AS p, requestParameters['bucketName'] FROM cloudtrail GROUP BY p ORDER BY 2 LIMIT 1", []string{`{"bucketName":"bucket-1","Host":"a\"b"} | bucket-1`}},
		{"of the right side", "SELECT requestParameters['groupId'] FROM cloudtrail.conflicts a RIGHT JOIN (SELECT requestParameters FROM cloudtrail) b USING (requestParameters) ORDER BY 1 LIMIT 1", []string{"sg-1"}},
	})
	if got, err := ask(openEngine(t), sample(t), "SELECT requestParameters['bucketName'] FROM cloudtrail a, cloudtrail b"); err == nil {
		t.Errorf("which of two stores is meant cannot be told, but there is an answer: %v", got)
	}
}
