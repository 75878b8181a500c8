package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/query"
	"tarn/report/archive"
	"tarn/report/control"
	"tarn/report/runner"
	"tarn/schemas"
)

// BenchmarkReport makes a report of a pack of sixty-five controls over a week, and writes
// it as HTML.
func BenchmarkReport(b *testing.B) {
	dir := b.TempDir()
	o := eventgen.Options{Events: events(b), Days: 7}
	bucket := filepath.Join(dir, "bucket")
	_, err := eventgen.WriteBucket(bucket, o)
	check(b, err)
	l, err := lake.Create(filepath.Join(dir, "lake"), laketest.Options(dir))
	check(b, err)
	defer l.Close()
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	check(b, err)
	from, err := ingest.List([]string{bucket})
	check(b, err)
	_, err = ingest.Import(b.Context(), l, store, from, ingest.Options{})
	check(b, err)
	check(b, os.RemoveAll(bucket))
	engine, err := query.Open(query.Options{Sandbox: &query.Sandbox{}})
	check(b, err)
	defer engine.Close()
	lib, err := control.Open("")
	check(b, err)
	pack, err := lib.Pack("nist-800-53")
	check(b, err)
	first := eventgen.New(o).Story().First.UTC().Truncate(24 * time.Hour)
	period := runner.Options{Store: "cloudtrail", From: first.AddDate(0, 0, -7), To: first.AddDate(0, 0, 8), Now: time.Now}
	size := 0
	for b.Loop() {
		snap := l.Snapshot()
		r, err := runner.Run(b.Context(), engine, snap, lib, pack, period)
		check(b, err)
		snap.Release()
		var html strings.Builder
		check(b, archive.Write(b.Context(), &html, "report.html", r))
		size = html.Len()
		if os.Getenv("TARN_BENCH_EACH") != "" {
			for _, one := range r.Results {
				fmt.Println(one.Took, one.ID, one.Verdict, one.Total)
			}
		}
	}
	b.ReportMetric(float64(len(pack.Entries)), "controls")
	b.ReportMetric(float64(size), "html-bytes")
}
