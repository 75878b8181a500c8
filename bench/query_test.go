package bench_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
	"tarn/schemas"
)

// asked is one of the ten audit questions.
type asked struct{ name, sql string }

// questions are the ten of the peers' comparison, with what the story planted.
func questions(s eventgen.Story) []asked {
	week := s.FirstUse.UTC().Truncate(24 * time.Hour)
	from, to := week.Format(time.DateTime), week.AddDate(0, 0, 7).Format(time.DateTime)
	return []asked{
		{"Q1-what-happens", "SELECT eventName, count(*) AS c FROM cloudtrail GROUP BY eventName ORDER BY c DESC LIMIT 20"},
		{"Q2-failed-sign-ins", "SELECT userIdentity.userName, sourceIPAddress, count(*) AS c FROM cloudtrail WHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure' GROUP BY 1, 2 ORDER BY c DESC"},
		{"Q3-one-key-one-week", "SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, errorCode, requestParameters FROM cloudtrail WHERE userIdentity.accessKeyId = '" + s.AccessKeyID + "' AND eventTime >= '" + from + "' AND eventTime < '" + to + "' ORDER BY eventTime"},
		{"Q4-one-bucket", "SELECT userIdentity.arn, eventName, count(*) AS c, min(eventTime), max(eventTime) FROM cloudtrail WHERE element_at(requestParameters, 'bucketName') = '" + s.Bucket + "' GROUP BY 1, 2 ORDER BY c DESC"},
		{"Q5-refused-most", "SELECT userIdentity.arn, count(*) AS c, count(DISTINCT eventName) FROM cloudtrail WHERE errorCode IN ('AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation') GROUP BY 1 ORDER BY c DESC LIMIT 20"},
		{"Q6-addresses-per-principal", "SELECT userIdentity.arn, count(DISTINCT sourceIPAddress) AS c FROM cloudtrail GROUP BY 1 ORDER BY c DESC LIMIT 20"},
		{"Q7-writes-by-hour", "SELECT date_trunc('hour', eventTime) AS h, count(*) AS c FROM cloudtrail WHERE readOnly = false GROUP BY 1 ORDER BY 1"},
		{"Q8-one-event", "SELECT * FROM cloudtrail WHERE eventID = '" + s.StopLoggingID + "'"},
		{"Q9-open-groups", "SELECT eventTime, userIdentity.arn, requestParameters FROM cloudtrail WHERE eventName = 'AuthorizeSecurityGroupIngress' AND CAST(requestParameters AS varchar) LIKE '%0.0.0.0/0%'"},
		{"Q10-one-address", "SELECT eventTime, eventName, userIdentity.userName FROM cloudtrail WHERE sourceIPAddress = '" + s.SignInAddress + "'"},
	}
}

// filled returns the snapshot of a lake with a generated month and its story.
func filled(b *testing.B) (*lake.Snapshot, eventgen.Story) {
	b.Helper()
	return filledWith(b, eventgen.Options{Events: events(b)})
}

func filledWith(b *testing.B, o eventgen.Options) (*lake.Snapshot, eventgen.Story) {
	b.Helper()
	dir := b.TempDir()
	if _, err := eventgen.WriteBucket(filepath.Join(dir, "bucket"), o); err != nil {
		b.Fatal(err)
	}
	from, err := ingest.List([]string{filepath.Join(dir, "bucket")})
	if err != nil {
		b.Fatal(err)
	}
	l := newLake(b)
	b.Cleanup(func() { l.Close() })
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := ingest.Import(b.Context(), l, store, from, ingest.Options{}); err != nil {
		b.Fatal(err)
	}
	return l.Snapshot(), eventgen.New(o).Story()
}

// BenchmarkQuery asks the ten audit questions, warm, each on an engine instance
// of its own as the program does.
func BenchmarkQuery(b *testing.B) {
	snap, story := filled(b)
	engine, err := query.Open(query.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	for _, q := range questions(story) {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if n := ask(b.Context(), b, engine, snap, q.sql); n == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}

func ask(ctx context.Context, b *testing.B, engine *query.Engine, snap *lake.Snapshot, sql string) (rows int) {
	b.Helper()
	res, err := engine.Run(ctx, snap, sql)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Close()
	for _, err := range res.Rows(ctx) {
		if err != nil {
			b.Fatal(err)
		}
		rows++
	}
	return rows
}
