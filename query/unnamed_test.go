package query_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
)

// Columns that a statement does not name are not read, and nobody can tell: answers are
// the same where all of them are named somewhere.
func TestColumnsWithoutNameAreNotMissed(t *testing.T) {
	e, l := openEngine(t), sample(t)
	var all []string
	for _, f := range schemas.CloudTrail().Columns {
		all = append(all, f.Name)
	}
	every := "WITH every_column AS (SELECT " + strings.Join(all, ", ") + " FROM cloudtrail)"
	for _, sql := range []string{
		"SELECT count(*) FROM cloudtrail",
		"SELECT 1 FROM cloudtrail",
		"SELECT * FROM cloudtrail ORDER BY eventID",
		"SELECT t.* FROM cloudtrail t, (SELECT 1) x ORDER BY 1, 3",
		`SELECT "EventName", "EVENTID" FROM cloudtrail ORDER BY 2`,
		"SELECT eventID FROM cloudtrail a NATURAL JOIN cloudtrail b ORDER BY 1",
		"SELECT count(*) FROM cloudtrail a NATURAL JOIN (SELECT eventID, eventName FROM cloudtrail) b",
		"SELECT count(*) FROM cloudtrail a JOIN cloudtrail b USING (eventID, eventName)",
		"SELECT f FROM cloudtrail AS t(a, b, c, d, e, f, g) ORDER BY e, f",
		"SELECT a FROM cloudtrail a, (SELECT 1) x ORDER BY a.eventID",
		"SELECT x.b FROM cloudtrail a, LATERAL (SELECT a AS b) x ORDER BY a.eventID",
		"SELECT b FROM cloudtrail a CROSS JOIN UNNEST(ARRAY[a.eventName]) AS t(b) ORDER BY a.eventID",
		"SELECT count(a) FROM cloudtrail a, (SELECT 1) x",
		"SELECT eventName FROM cloudtrail UNION ALL SELECT eventID FROM cloudtrail.conflicts ORDER BY 1",
		"SELECT eventID, (SELECT max(b.eventTime) FROM cloudtrail b WHERE b.eventName = a.eventName) FROM cloudtrail a ORDER BY 1",
		"SELECT count(*) FROM cloudtrail WHERE EXISTS (SELECT * FROM cloudtrail.conflicts)",
		"SELECT r FROM (SELECT * FROM cloudtrail) r ORDER BY r.eventID",
		"SELECT eventName FROM cloudtrail GROUP BY ALL ORDER BY ALL",
		"SELECT eventJsonChecksum FROM cloudtrail ORDER BY eventID",
		"SELECT DISTINCT ON (eventName) eventName, eventID FROM cloudtrail ORDER BY eventName, eventID",
		"SELECT count(*) FROM cloudtrail.athena WHERE day = '14'",
		"FROM cloudtrail ORDER BY eventID",
	} {
		got, failed := ask(e, l, sql)
		want, err := ask(e, l, every+" "+sql)
		if (err == nil) != (failed == nil) {
			t.Errorf("%s: %v; with all names: %v", sql, failed, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-with all names +without):\n%s", sql, d)
		}
		if failed != nil {
			t.Logf("%s: %v", sql, failed)
		}
	}
}
