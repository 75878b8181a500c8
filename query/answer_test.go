package query_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/schemas"
)

// answers are what statements give over the sample, with the names first. A
// nil answer is not looked at: that the statement runs is all.
var answers = []struct {
	name, sql string
	want      [][]string
}{
	{"a count", "SELECT count(*) FROM cloudtrail", [][]string{{"_col0"}, {"3"}}},
	{"an empty store has its columns and no rows", "SELECT eventName, resources FROM empty", [][]string{{"eventName", "resources"}}},
	{"an empty store counts to zero", "SELECT count(*), max(eventTime) FROM empty", [][]string{{"_col0", "_col1"}, {"0", "∅"}}},
	{"grouping", "SELECT eventSource, COUNT(*) AS n FROM cloudtrail GROUP BY eventSource ORDER BY n DESC, eventSource LIMIT 2",
		[][]string{{"eventSource", "n"}, {"ec2.amazonaws.com", "1"}, {"s3.amazonaws.com", "1"}}},
	{"a field of a struct is named like the field", "SELECT userIdentity.userName FROM cloudtrail WHERE eventID = 'id-1'",
		[][]string{{"userName"}, {"bert"}}},
	{"an id without quotes", "SELECT count(*) FROM 0233062b-51c6-4d18-8dec-a8c90da840d0 WHERE eventName LIKE 'C%'", [][]string{{"_col0"}, {"2"}}},
	{"an ARN without quotes", "SELECT count(*) FROM arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/0233062b-51c6-4d18-8dec-a8c90da840d0 c", [][]string{{"_col0"}, {"3"}}},
	{"conflicts are apart", "SELECT eventName FROM cloudtrail.conflicts", [][]string{{"eventName"}, {"Forged"}}},
	{"conflicts in quotes", `SELECT eventName FROM "cloudtrail.conflicts" x`, [][]string{{"eventName"}, {"Forged"}}},
	{"times print like CloudTrail Lake's", "SELECT eventTime, date(eventTime) AS d FROM cloudtrail ORDER BY 1",
		[][]string{{"eventTime", "d"}, {"2023-07-10 11:42:36.000", "2023-07-10"}, {"2023-07-10 12:00:00.123456", "2023-07-10"}, {"2023-07-11 00:00:00.000", "2023-07-11"}}},
	{"times compare with text", "SELECT eventID FROM cloudtrail WHERE eventTime >= '2023-07-10 12:00:00' AND eventTime < '2023-07-11'",
		[][]string{{"eventID"}, {"id-2"}}},
	{"truth", "SELECT eventID FROM cloudtrail WHERE readOnly = False", [][]string{{"eventID"}, {"id-1"}}},
	{"text that holds truth", "SELECT eventID FROM cloudtrail WHERE sessionCredentialFromConsole = true", [][]string{{"eventID"}, {"id-1"}}},
	{"a map as text", "SELECT eventID FROM cloudtrail WHERE CAST(requestParameters AS varchar) LIKE '%0.0.0.0/0%'", [][]string{{"eventID"}, {"id-3"}}},
	{"a key that is not promoted", "SELECT element_at(requestParameters, 'Host') FROM cloudtrail ORDER BY eventTime",
		[][]string{{"_col0"}, {`a"b`}, {"∅"}, {"∅"}}},
	{"a promoted key", "SELECT element_at(requestParameters,'bucketName') AS b, count(*) n FROM cloudtrail c GROUP BY element_at(c.requestParameters,'bucketName') HAVING count(*) > 0 ORDER BY b NULLS LAST",
		[][]string{{"b", "n"}, {"bucket-1", "1"}, {"∅", "2"}}},
	{"a promoted key in brackets", "SELECT requestParameters['groupId'] FROM cloudtrail WHERE requestParameters['groupId'] IS NOT NULL",
		[][]string{{"_col0"}, {"sg-1"}}},
	{"unnest", "SELECT t.type, COUNT(*) AS n FROM cloudtrail CROSS JOIN UNNEST(resources) AS t GROUP BY t.type ORDER BY n DESC, t.type",
		[][]string{{"type", "n"}, {"AWS::KMS::Key", "1"}, {"AWS::S3::Bucket", "1"}}},
	{"unnest with a comma and a name for the row", "SELECT a.arn FROM cloudtrail, unnest(resources) AS t(a) ORDER BY 1",
		[][]string{{"arn"}, {"arn:aws:kms:::key"}, {"arn:aws:s3:::bucket-1"}}},
	{"unnest like the column it is made from", "SELECT resources.type FROM cloudtrail CROSS JOIN UNNEST(resources) AS resources ORDER BY 1 LIMIT 1",
		[][]string{{"type"}, {"AWS::KMS::Key"}}},
	{"a row's field without the row", "SELECT arnprefix, type FROM cloudtrail CROSS JOIN UNNEST(resources) AS r WHERE type LIKE '%Key'",
		[][]string{{"arnprefix", "type"}, {"∅", "AWS::KMS::Key"}}},
	{"lists count from one", "SELECT element_at(resources, 1).type, resources[2].ARN, element_at(resources, 9) FROM cloudtrail WHERE eventID = 'id-1'",
		[][]string{{"_col0", "_col1", "_col2"}, {"AWS::S3::Bucket", "arn:aws:kms:::key", "∅"}}},
	{"cardinality", "SELECT SUM(cardinality(resources)), sum(cardinality(requestParameters)) FROM cloudtrail",
		[][]string{{"_col0", "_col1"}, {"2", "4"}}},
	{"nested values are JSON", "SELECT tlsDetails, requestParameters, resources[2] AS r FROM cloudtrail WHERE eventID = 'id-1'",
		[][]string{{"tlsDetails", "requestParameters", "r"}, {
			`{"tlsversion":"TLSv1.2","ciphersuite":null,"clientprovidedhostheader":null}`,
			`{"bucketName":"bucket-1","Host":"a\"b"}`,
			`{"accountid":"1","type":"AWS::KMS::Key","arn":"arn:aws:kms:::key","arnprefix":null}`}}},
	{"the checksum is of the raw event", "SELECT eventJsonChecksum FROM cloudtrail WHERE eventID = 'id-2'",
		[][]string{{"eventJsonChecksum"}, {"RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="}}},
	{"a common table expression", "WITH c AS (SELECT eventName AS x FROM cloudtrail), d AS (SELECT x FROM c) SELECT count(x) FROM d", [][]string{{"_col0"}, {"3"}}},
	{"recursion", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", [][]string{{"_col0"}, {"6"}}},
	{"a table expression like a store", "WITH empty AS (SELECT 1 AS one) SELECT one FROM empty", [][]string{{"one"}, {"1"}}},
	{"a derived table without a name", "SELECT n FROM (SELECT count(*) AS n FROM cloudtrail) WHERE n > 1", [][]string{{"n"}, {"3"}}},
	{"a join", "SELECT a.eventID, b.eventName FROM cloudtrail a JOIN cloudtrail.conflicts b ON a.eventID = b.eventID", [][]string{{"eventID", "eventName"}, {"id-3", "Forged"}}},
	{"a subquery", "SELECT eventName FROM cloudtrail c WHERE eventTime = (SELECT max(eventTime) FROM cloudtrail)", [][]string{{"eventName"}, {"AuthorizeSecurityGroupIngress"}}},
	{"a correlated subquery", "SELECT eventID FROM cloudtrail c WHERE EXISTS (SELECT 1 FROM cloudtrail.conflicts x WHERE x.eventID = c.eventID)", [][]string{{"eventID"}, {"id-3"}}},
	{"a set operation is named by its first part", "SELECT eventName FROM cloudtrail WHERE eventID = 'id-1' UNION ALL SELECT eventSource FROM cloudtrail WHERE eventID = 'id-1' ORDER BY eventName",
		[][]string{{"eventName"}, {"CreateBucket"}, {"s3.amazonaws.com"}}},
	{"names may be there twice", "SELECT eventName, eventName, userIdentity.arn, userIdentity.arn AS arn FROM cloudtrail WHERE eventID = 'id-2'",
		[][]string{{"eventName", "eventName", "arn", "arn"}, {"ConsoleLogin", "ConsoleLogin", "∅", "∅"}}},
	{"lambdas", "SELECT cardinality(filter(resources, r -> r.type = 'AWS::KMS::Key')), transform(resources, (x) -> x.accountid) FROM cloudtrail WHERE eventID = 'id-1'",
		[][]string{{"_col0", "_col1"}, {"1", `["1","1"]`}}},
	{"JSON in a map", "SELECT json_extract_scalar(element_at(requestParameters, 'ipPermissions'), '$.items[0].cidrIp') AS cidr FROM cloudtrail WHERE eventID = 'id-3'",
		[][]string{{"cidr"}, {"0.0.0.0/0"}}},
	{"dates", "SELECT date_add('day', 2, eventTime) AS a, date_diff('hour', timestamp '2023-07-10 00:00:00', eventTime) AS b, day_of_week(eventTime) AS c FROM cloudtrail WHERE eventID = 'id-3'",
		[][]string{{"a", "b", "c"}, {"2023-07-13 00:00:00.000", "24", "2"}}},
	{"windows", "SELECT eventName, rank() OVER (PARTITION BY date(eventTime) ORDER BY eventTime DESC) AS r FROM cloudtrail ORDER BY eventTime",
		[][]string{{"eventName", "r"}, {"CreateBucket", "2"}, {"ConsoleLogin", "1"}, {"AuthorizeSecurityGroupIngress", "1"}}},
	{"large numbers are exact", "SELECT 9223372036854775807 AS a, 170141183460469231731687303715884105727 AS b, 12345678901234567890.10 AS c, 1e300 AS d, 'inf'::double AS e",
		[][]string{{"a", "b", "c", "d", "e"}, {"9223372036854775807", "170141183460469231731687303715884105727", "12345678901234567890.10", "1e+300", "inf"}}},
	{"the clock", "SELECT count(*) FROM cloudtrail WHERE eventTime < current_timestamp AND eventTime < now()", [][]string{{"_col0"}, {"3"}}},
	{"comments and line ends", "-- a comment\r\nSELECT count(*) /* of /* all */ */ AS n\r\nFROM cloudtrail -- here\r\n;\r\n-- end", [][]string{{"n"}, {"3"}}},
	{"the order survives", "SELECT eventID FROM cloudtrail ORDER BY eventTime DESC LIMIT 2", [][]string{{"eventID"}, {"id-3"}, {"id-2"}}},
	{"a column comes before an alias", "SELECT 'x' AS eventID, 'y' AS t FROM cloudtrail WHERE eventID = 'id-1'", [][]string{{"eventID", "t"}, {"x", "y"}}},
	{"an outer join", "SELECT a.eventID, b.eventName FROM cloudtrail a LEFT JOIN cloudtrail.conflicts b ON a.eventID = b.eventID WHERE element_at(b.requestParameters, 'roleArn') IS NULL ORDER BY 1 LIMIT 1", [][]string{{"eventID", "eventName"}, {"id-1", "∅"}}},
	{"all functions of a table", "SELECT n.* FROM range(2) AS n", [][]string{{"range"}, {"0"}, {"1"}}},
	{"TABLE", "TABLE cloudtrail.conflicts LIMIT 0", nil},
	{"values", "VALUES (1, 'a')", [][]string{{"_col0", "_col1"}, {"1", "a"}}},
	{"columns without names are counted", "SELECT *, 1 + 1, eventName AS e, upper(e), _col9 FROM (SELECT eventName, lower(eventName), 5 AS _col9 FROM cloudtrail WHERE eventID = 'id-1')",
		[][]string{{"eventName", "_col1", "_col9", "_col3", "e", "_col5", "_col9"}, {"CreateBucket", "createbucket", "5", "2", "CreateBucket", "CREATEBUCKET", "5"}}},
	{"the clock has no name", "SELECT current_date = date(now())", [][]string{{"_col0"}, {"true"}}},
}

func TestAnswers(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ask(e, l, tt.sql)
			if err != nil {
				t.Fatalf("%s: %v", tt.sql, err)
			}
			if tt.want == nil {
				return // that it runs is all
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.sql, d)
			}
		})
	}
}

func TestEveryFamilyHasAnEmptyAnswer(t *testing.T) {
	e, l := openEngine(t), newLake(t)
	for i, f := range schemas.Families() {
		l.stores = append(l.stores, lake.Store{ID: string(rune('a' + i)), Name: f.Name, Family: f.Name})
		got, err := ask(e, l, "SELECT * FROM "+f.Name)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		var want []string
		for _, c := range f.Columns {
			want = append(want, c.Name)
		}
		if d := cmp.Diff([][]string{want}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, d)
		}
	}
}

// Rows are taken from the engine by pages; their order must be the statement's.
func TestTheOrderOfManyRows(t *testing.T) {
	e, l := openEngine(t), newLake(t)
	got, err := ask(e, l, "SELECT range AS n FROM range(50001) ORDER BY n DESC")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1+50001 {
		t.Fatalf("%d rows; want 50001", len(got)-1)
	}
	for i, row := range got[1:] {
		if row[0] != strconv.Itoa(50000-i) {
			t.Fatalf("row %d is %s", i, row[0])
		}
	}
}
