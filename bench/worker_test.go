package bench_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"tarn/query"
	"tarn/query/result"
)

// The workers of the benchmarks are this program, too.
func TestMain(m *testing.M) {
	query.ServeWorker()
	os.Exit(m.Run())
}

// BenchmarkWorker compares questions in this process with the same in a worker:
// a small one, and all rows as they leave.
func BenchmarkWorker(b *testing.B) {
	snap, story := filled(b)
	for _, place := range []struct {
		name    string
		sandbox *query.Sandbox
	}{{"here", nil}, {"worker", &query.Sandbox{}}} {
		engine, err := query.Open(query.Options{Sandbox: place.sandbox})
		if err != nil {
			b.Fatal(err)
		}
		defer engine.Close()
		b.Run("small/"+place.name, func(b *testing.B) {
			sql := "SELECT eventName, count(*) FROM cloudtrail WHERE eventID = '" + story.StopLoggingID + "' GROUP BY 1"
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				if n := ask(b.Context(), b, engine, snap, sql); n != 1 {
					b.Fatalf("%d rows", n)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)/2].Seconds()*1e3, "ms-median")
		})
		for _, out := range []asked{
			{"flat", "SELECT eventTime, eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent, recipientAccountId FROM cloudtrail"},
			{"map", "SELECT requestParameters FROM cloudtrail"},
			{"raw", "SELECT eventJson FROM cloudtrail"},
		} {
			for _, format := range []string{"csv", "ndjson", "parquet"} {
				b.Run(out.name+"/"+format+"/"+place.name, func(b *testing.B) {
					var w counter
					for b.Loop() {
						res, err := engine.Run(b.Context(), snap, out.sql)
						if err != nil {
							b.Fatal(err)
						}
						if _, err := result.Write(b.Context(), &w, format, res, result.Options{}); err != nil {
							b.Fatal(err)
						}
						res.Close()
					}
					b.ReportMetric(float64(w)/1e6/b.Elapsed().Seconds(), "MB/s")
				})
			}
		}
	}
}

// counter counts what is written to it.
type counter int64

// Write is io.Writer's.
func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
