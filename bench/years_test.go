package bench_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
)

// BenchmarkYears asks a lake of years what audits ask: for one event among all, for a key
// that was stolen, for the newest of something, for one day, for how much there is. Warm,
// as a server is: the lake is open, the engine has read what the statement reads before.
// TARN_BENCH_LAKE names a lake that is there already.
func BenchmarkYears(b *testing.B) {
	snap := ofYears(b)
	st, err := snap.Store("cloudtrail")
	check(b, err)
	segments := snap.Segments(st.ID, false)
	middle := segments[len(segments)/2]
	engine, err := query.Open(query.Options{})
	check(b, err)
	defer engine.Close()
	one := rowOf(b, engine, snap, fmt.Sprintf("SELECT eventID, userIdentity.accessKeyId, sourceIPAddress, requestID FROM cloudtrail WHERE eventTime >= '%s' AND userIdentity.accessKeyId LIKE 'ASIA%%' ORDER BY eventTime LIMIT 1", middle.MinTime.Format(time.DateTime)))
	day := middle.MinTime.Format(time.DateOnly)
	for _, q := range []asked{
		{"event-id", fmt.Sprintf("SELECT * FROM cloudtrail WHERE eventID = '%s'", one[0])},
		{"request-id", fmt.Sprintf("SELECT eventName FROM cloudtrail WHERE requestID = '%s'", one[3])},
		{"key", fmt.Sprintf("SELECT eventTime, eventName, sourceIPAddress FROM cloudtrail WHERE userIdentity.accessKeyId = '%s' ORDER BY eventTime", one[1])},
		{"nowhere", "SELECT * FROM cloudtrail WHERE eventID = '00000000-0000-4000-8000-000000000000'"},
		{"address", fmt.Sprintf("SELECT count(*), min(eventTime), max(eventTime) FROM cloudtrail WHERE sourceIPAddress = '%s'", one[2])},
		{"count", "SELECT count(*) FROM cloudtrail"},
		{"first-and-last", "SELECT min(eventTime), max(eventTime) FROM cloudtrail"},
		{"by-day", "SELECT date(eventTime), count(*) FROM cloudtrail GROUP BY 1 ORDER BY 1"},
		{"one-day", fmt.Sprintf("SELECT eventName, count(*) FROM cloudtrail WHERE date(eventTime) = date '%s' GROUP BY 1 ORDER BY 2 DESC LIMIT 10", day)},
		{"newest", "SELECT eventTime, eventName, userIdentity.arn FROM cloudtrail ORDER BY eventTime DESC LIMIT 20"},
		{"newest-of", "SELECT eventTime, eventName, userIdentity.arn FROM cloudtrail WHERE eventName = 'ConsoleLogin' ORDER BY eventTime DESC LIMIT 20"},
	} {
		b.Run(q.name, func(b *testing.B) {
			plan, err := engine.Explain(b.Context(), snap, q.sql)
			check(b, err)
			rows := 0
			for b.Loop() {
				rows = readAll(b, engine, snap, q.sql)
			}
			kept, all := plan.Segments()
			b.ReportMetric(float64(kept), "segments")
			b.ReportMetric(float64(all), "of")
			b.ReportMetric(float64(rows), "rows")
		})
		b.Run("plan/"+q.name, func(b *testing.B) {
			for b.Loop() {
				_, err := engine.Explain(b.Context(), snap, q.sql)
				check(b, err)
			}
		})
	}
}

// ofYears is a lake of seven years, with few events a day unless it is there already.
func ofYears(b *testing.B) *lake.Snapshot {
	b.Helper()
	dir := os.Getenv("TARN_BENCH_LAKE")
	if dir == "" {
		snap, _ := filledWith(b, eventgen.Options{Events: events(b), Start: time.Now().AddDate(-7, 0, 0), Days: 2557, EventsPerObject: 20, NoStory: true})
		return snap
	}
	began := time.Now()
	l, err := lake.Open(dir, lake.Options{})
	check(b, err)
	b.Cleanup(func() { _ = l.Close() })
	snap := l.Snapshot()
	b.Cleanup(snap.Release)
	b.Logf("opened in %v, %d entries of the log", time.Since(began), snap.LogSize())
	return snap
}

func readAll(b *testing.B, engine *query.Engine, snap *lake.Snapshot, sql string) (rows int) {
	b.Helper()
	res, err := engine.Run(b.Context(), snap, sql)
	check(b, err)
	for _, err := range res.Rows(context.Background()) {
		check(b, err)
		rows++
	}
	check(b, res.Close())
	return rows
}

// rowOf is the first row of an answer.
func rowOf(b *testing.B, engine *query.Engine, snap *lake.Snapshot, sql string) (values []string) {
	b.Helper()
	res, err := engine.Run(b.Context(), snap, sql)
	check(b, err)
	for row, err := range res.Rows(context.Background()) {
		check(b, err)
		for _, v := range row {
			values = append(values, v.Text)
		}
		break
	}
	check(b, res.Close())
	return values
}
