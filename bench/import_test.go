package bench_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/schemas"
)

// events is how many events the benchmarks use; TARN_BENCH_EVENTS changes it.
func events(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("TARN_BENCH_EVENTS"))
	if err != nil {
		return 20_000
	}
	return n
}

// bucket returns a folder with that many generated events in objects of 167.
// TARN_BENCH_BUCKET names one that is there already.
func bucket(b *testing.B) string {
	b.Helper()
	if dir := os.Getenv("TARN_BENCH_BUCKET"); dir != "" {
		return dir
	}
	dir := b.TempDir()
	n := events(b)
	if _, err := eventgen.WriteBucket(dir, eventgen.Options{Events: n, Days: max(1, n/33_000), NoStory: true}); err != nil {
		b.Fatal(err)
	}
	return dir
}

func newLake(b *testing.B) *lake.Lake {
	b.Helper()
	dir := b.TempDir()
	l, err := lake.Create(filepath.Join(dir, "lake"), lake.Options{Key: filepath.Join(dir, "key")})
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// BenchmarkImport imports a bucket into an empty lake.
func BenchmarkImport(b *testing.B) {
	from, err := ingest.List([]string{bucket(b)})
	if err != nil {
		b.Fatal(err)
	}
	var stored int64
	for b.Loop() {
		l := newLake(b)
		store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
		if err != nil {
			b.Fatal(err)
		}
		r, err := ingest.Import(b.Context(), l, store, from, ingest.Options{})
		if err != nil {
			b.Fatal(err)
		}
		stored += r.Counts.Stored
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(stored)/b.Elapsed().Seconds(), "events/s")
}
