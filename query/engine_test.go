package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"tarn/internal/hint"
	"tarn/lake"
)

// questions are what an auditor asks first, in the order of an investigation.
var questions = map[string]string{
	"what happens here":          "SELECT eventName, count(*) AS c FROM $S GROUP BY eventName ORDER BY c DESC LIMIT 20",
	"failed sign-ins":            "SELECT userIdentity.userName, sourceIPAddress, count(*) AS c FROM $S WHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure' GROUP BY 1, 2 ORDER BY c DESC",
	"one key, one week":          "SELECT eventTime, eventSource, errorCode, requestParameters FROM $S WHERE userIdentity.accessKeyId = 'AKIA1' AND eventTime >= '2023-07-10 00:00:00' AND eventTime < '2023-07-17 00:00:00' ORDER BY eventTime",
	"who touched a bucket":       "SELECT userIdentity.arn, eventName, count(*) AS c, min(eventTime), max(eventTime) FROM $S WHERE element_at(requestParameters, 'bucketName') = 'bucket-1' GROUP BY 1, 2 ORDER BY c DESC",
	"who is refused":             "SELECT userIdentity.arn, count(*) AS c, count(DISTINCT eventName) FROM $S WHERE errorCode IN ('AccessDenied', 'Client.UnauthorizedOperation') GROUP BY 1 ORDER BY c DESC LIMIT 20",
	"addresses per principal":    "SELECT userIdentity.arn, count(DISTINCT sourceIPAddress) AS c FROM $S GROUP BY 1 ORDER BY c DESC LIMIT 20",
	"writes by hour":             "SELECT date_trunc('hour', eventTime) AS h, count(*) AS c FROM $S WHERE readOnly = false GROUP BY 1 ORDER BY 1",
	"one event":                  "SELECT * FROM $S WHERE eventID = 'id-1'",
	"opened to the world":        "SELECT eventTime, userIdentity.arn, requestParameters FROM $S WHERE eventName = 'AuthorizeSecurityGroupIngress' AND CAST(requestParameters AS varchar) LIKE '%0.0.0.0/0%'",
	"all activity of an address": "SELECT eventTime, eventName, userIdentity.userName FROM $S WHERE sourceIPAddress = '192.0.2.1'",
}

func TestQuestions(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for name, sql := range questions {
		t.Run(name, func(t *testing.T) {
			rows, err := ask(e, l, strings.ReplaceAll(sql, "$S", "cloudtrail"))
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) < 2 {
				t.Errorf("%s: no rows", sql)
			}
			if _, err := ask(e, l, strings.ReplaceAll(sql, "$S", "empty")); err != nil {
				t.Errorf("over an empty store: %v", err)
			}
		})
	}
}

// TestRecordedAnswers runs the statements of a file of recorded answers, which
// lies with the data sets that they are about and not in the repository.
func TestRecordedAnswers(t *testing.T) {
	text, err := os.ReadFile("../../shared/data/ANSWERS.json")
	if err != nil {
		t.Skip("the shared data is not there: ", err)
	}
	var answers map[string]map[string]struct{ SQL string }
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	e, l := openEngine(t), sample(t)
	for name, q := range answers["ALL"] {
		sql := strings.ReplaceAll(q.SQL, "$EDS", "cloudtrail")
		if strings.HasPrefix(sql, "--") {
			continue // a remark, not a statement
		}
		if _, err := ask(e, l, sql); err != nil {
			t.Errorf("%s: %s: %v", name, sql, err)
		}
	}
}

func TestCancelInterruptsTheQuery(t *testing.T) {
	e, l := openEngine(t), newLake(t)
	res, err := e.Run(t.Context(), l, "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range % 7 = b.range % 5")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for _, err = range res.Rows(ctx) {
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("rows ended with %v; want the deadline", err)
	}
}

func TestStatementNamesItsStores(t *testing.T) {
	e, l := openEngine(t), sample(t)
	stmt, err := e.Check(context.Background(), l, "SELECT 1 FROM cloudtrail a, cloudtrail.conflicts b, EMPTY")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range stmt.Stores() {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "cloudtrail empty" {
		t.Errorf("Stores = %s; want cloudtrail empty", got)
	}
}

func TestErrorsOfStoresAreTheLakes(t *testing.T) {
	e, l := openEngine(t), sample(t)
	if _, err := e.Check(context.Background(), l, "SELECT 1 FROM nothing"); !errors.Is(err, errNoStore) {
		t.Errorf("Check = %v; want the lake's error", err)
	}
}

// A store that is pending deletion answers nothing, however it is named.
func TestAStorePendingDeletionIsNotQueried(t *testing.T) {
	e, l := openEngine(t), sample(t)
	st := &l.stores[0]
	st.Deleted = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, ref := range []string{st.Name, strings.ToUpper(st.Name), st.ID, `"` + st.ARN() + `"`, st.Name + ".conflicts"} {
		sql := "SELECT 1 FROM " + ref
		if _, err := e.Check(context.Background(), l, sql); !errors.Is(err, lake.ErrStoreInactive) || len(hint.Of(err)) == 0 {
			t.Errorf("Check(%s) = %v, hints %q; want ErrStoreInactive with a hint", sql, err, hint.Of(err))
		}
	}
	if _, err := e.Check(context.Background(), l, "SELECT 1 FROM "+l.stores[1].Name); err != nil {
		t.Errorf("another store: %v", err)
	}
}

// A query with few results must not cost more than it needs.
func BenchmarkRun(b *testing.B) {
	e, l := openEngine(b), sample(b)
	for b.Loop() {
		if _, err := ask(e, l, "SELECT count(*) FROM cloudtrail"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is what a statement costs before anything is read.
func BenchmarkCheck(b *testing.B) {
	e, l := openEngine(b), sample(b)
	sql := strings.ReplaceAll(questions["who touched a bucket"], "$S", "cloudtrail")
	for b.Loop() {
		if _, err := e.Explain(context.Background(), l, sql); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzCheck looks for statements that break the check, or that pass it and
// call in the plan what they may not call themselves.
func FuzzCheck(f *testing.F) {
	for _, sql := range questions {
		f.Add(strings.ReplaceAll(sql, "$S", "cloudtrail"))
	}
	for _, sql := range []string{
		"WITH a AS (SELECT * FROM cloudtrail) SELECT t.type, x -> y FROM a, UNNEST(resources) AS t",
		"SELECT list_transform([1], x -> x + 1), [z FOR z IN [1] IF z > 0], {'a': 1}.a FROM cloudtrail.conflicts",
		"SELECT getvariable('scan_1'), * REPLACE (read_text('x') AS eventID) FROM 'x.parquet' GROUP BY ALL",
	} {
		f.Add(sql)
	}
	e, l := openEngine(f), newLake(f, "cloudtrail")
	f.Fuzz(func(t *testing.T, sql string) {
		plan, err := e.Explain(context.Background(), l, sql)
		if err != nil {
			return
		}
		for _, bad := range []string{"getvariable(", "read_text(", "read_parquet(", "current_setting("} {
			if strings.Contains(strings.ToLower(plan.SQL), bad) && !strings.ContainsAny(sql, `'"`) {
				t.Errorf("%q passes as %s", sql, plan.SQL)
			}
		}
	})
}
