package query_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/lake/laketest"
)

// counting are statements that the log may answer, with places for a store and a WHERE.
var counting = []string{
	"SELECT count(*) FROM %s%s",
	"SELECT count(*), min(eventTime) AS first, max(eventTime) AS last FROM %s%s",
	"SELECT date(eventTime) AS d, count(1) AS n, max(eventTime) FROM %s%s GROUP BY 1 HAVING count(*) > 1 ORDER BY n DESC, d",
	"SELECT date_trunc('day', eventTime), count(eventTime) FROM %s%s GROUP BY date_trunc('day', eventTime) ORDER BY 1",
	"SELECT year(eventTime), month(eventTime), count(*) * 2 + 1 FROM %s%s GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 3",
	"SELECT CAST(eventTime AS date) FROM %s%s GROUP BY 1 ORDER BY 1 DESC",
	"SELECT CASE WHEN count(*) = 0 THEN 'none' ELSE 'some' END FROM %s%s",
}

// What the log answers is what its events would: at each size of a lake that lives.
func TestCountsOfTheLogAreThoseOfTheEvents(t *testing.T) {
	y := &life{t: t, p: laketest.NewPlace(t), engine: openEngine(t), now: time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), chance: rand.New(rand.NewPCG(11, 3))}
	o := y.p.Options()
	o.Now = func() time.Time { return y.now }
	counted := 0
	for range 12 {
		y.p.WriteWith(t, o, func(l *lake.Lake, st lake.Store) {
			for range 1 + y.chance.IntN(5) {
				y.step(l, st)
			}
			s := l.Snapshot()
			defer s.Release()
			for _, sql := range counting {
				counted += y.compare(s, st.Name, sql)
			}
		})
		y.now = y.now.Add(time.Duration(1+y.chance.IntN(9)) * time.Hour)
	}
	if counted < 100 {
		t.Errorf("only %d segments were counted", counted)
	}
}

// compare asks a store, and a subquery that has all of its events, which are read. It
// returns how many segments were answered by the log.
func (y *life) compare(s *lake.Snapshot, store, sql string) (counted int) {
	y.t.Helper()
	at := func() string {
		return y.now.Add(-time.Duration(y.chance.IntN(96*3600)) * time.Second).Format("'2006-01-02 15:04:05'")
	}
	for _, where := range []string{"", " WHERE eventTime > " + at(), " WHERE eventTime >= " + at() + " AND eventTime < " + at(),
		" WHERE date(eventTime) >= date " + at()[:11] + "'", " WHERE eventTime BETWEEN timestamp " + at() + " AND timestamp " + at(),
		" WHERE eventTime <> " + at(), " WHERE NOT eventTime > " + at()} {
		asked := fmt.Sprintf(sql, store, where)
		plan, err := y.engine.Explain(y.t.Context(), s, asked)
		if err != nil {
			y.t.Fatal(asked, err)
		}
		counted += len(plan.Scans[0].Counted)
		if n := len(plan.Scans[0].Kept); where == "" && n > 0 {
			y.t.Errorf("%s reads %d segments", asked, n)
		}
		got, want := y.answer(s, asked), y.answer(s, fmt.Sprintf(sql, "(SELECT * FROM "+store+") AS x", where))
		if d := cmp.Diff(want, got); d != "" {
			y.t.Errorf("%s (-read +counted):\n%s%s", asked, d, plan)
		}
	}
	return counted
}

func (y *life) answer(s *lake.Snapshot, sql string) (rows []string) {
	y.t.Helper()
	res, err := y.engine.Run(y.t.Context(), s, sql)
	if err != nil {
		y.t.Fatal(sql, err)
	}
	defer res.Close()
	for _, c := range res.Columns() {
		rows = append(rows, c.Name+" "+c.Type)
	}
	for row, err := range res.Rows(y.t.Context()) {
		if err != nil {
			y.t.Fatal(sql, err)
		}
		rows = append(rows, fmt.Sprint(row))
	}
	return rows
}

// What asks for more than the log has is read.
func TestWhatTheLogDoesNotHaveIsRead(t *testing.T) {
	e, l := openEngine(t), sample(t)
	for _, sql := range []string{
		"SELECT count(eventName) FROM cloudtrail", "SELECT count(DISTINCT eventTime) FROM cloudtrail", "SELECT eventTime FROM cloudtrail",
		"SELECT count(*) FROM cloudtrail GROUP BY hour(eventTime)", "SELECT count(*) FROM cloudtrail WHERE eventName = 'a'",
		"SELECT avg(1) FROM cloudtrail", "SELECT count(*) FILTER (WHERE readOnly) FROM cloudtrail", "SELECT date(eventTime) FROM cloudtrail",
		"SELECT count(*) FROM cloudtrail a, cloudtrail b", "SELECT count(*) OVER () FROM cloudtrail", "SELECT *, count(*) FROM cloudtrail GROUP BY ALL",
		"SELECT count(*) FROM cloudtrail TABLESAMPLE BERNOULLI (50)", "SELECT count(*) FROM cloudtrail.athena", "SELECT count(*) FROM cloudtrail HAVING max(eventName) > ''",
		"SELECT count(*), (SELECT 1) FROM cloudtrail", "SELECT max(eventTime) - min(eventTime), array_agg(1) FROM cloudtrail", "SELECT count(*) FROM cloudtrail WHERE eventTime > '2023-07-11' OR readOnly",
		"WITH c AS (SELECT 1) SELECT count(*) FROM cloudtrail", "SELECT DISTINCT eventTime FROM cloudtrail", "SELECT count(*) FROM cloudtrail WHERE eventTime IN (timestamp '2023-07-11 00:00:00')",
	} {
		plan, err := e.Explain(t.Context(), l, sql)
		if err != nil {
			continue // the statement says what is wrong elsewhere
		}
		for _, scan := range plan.Scans {
			if len(scan.Counted) > 0 {
				t.Errorf("%s is counted:\n%s", sql, plan)
			}
		}
	}
}
