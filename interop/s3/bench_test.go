package s3_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/eventgen"
	"tarn/internal/s3"
	"tarn/interop/s3test"
)

// BenchmarkImportOfSmallObjects compares the import of 20,000 objects of 5 records with
// the import of the same files from disk, and with bare GETs of the same keys by the
// same client, as many at a time.
func BenchmarkImportOfSmallObjects(b *testing.B) {
	const objects, days = 20_000, 10
	s := s3test.Start(b)
	s.Bucket(b, "trail", false)
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var puts errgroup.Group
	puts.SetLimit(8)
	for i := range objects {
		puts.Go(func() error {
			key, text := logFile(fmt.Sprintf("e%d", i), "111122223333", []string{"eu-central-1", "us-west-2"}[i%2], first.AddDate(0, 0, i%days).Format(time.DateOnly), 5)
			s.Put(b, "trail", key, text)
			return nil
		})
	}
	_ = puts.Wait()
	for name, value := range environment(s) {
		b.Setenv(name, value)
	}
	for b.Loop() {
		disk := took(b, func() { newLake(b, s).run(b, 0, "import", filepath.Join(s.Root, "trail")) })
		gets, counts := bare(b)
		remote := took(b, func() {
			l := newLake(b, s)
			l.run(b, 0, "import", "s3://trail")
			if n := l.count(b); n != objects*5 {
				b.Fatalf("%d events", n)
			}
		})
		b.ReportMetric(disk.Seconds(), "s/disk")
		b.ReportMetric(gets.Seconds(), "s/gets")
		b.ReportMetric(remote.Seconds(), "s/bucket")
		b.ReportMetric(remote.Seconds()/(disk+gets).Seconds(), "of-both")
		b.ReportMetric(float64(counts.Total()), "requests")
		b.ReportMetric(float64(counts.In)/gets.Seconds()/1e6, "MB/s-gets")
	}
}

func took(b *testing.B, do func()) time.Duration {
	b.Helper()
	start := time.Now()
	do()
	return time.Since(start)
}

// bare reads all objects, 48 at a time.
func bare(b *testing.B) (time.Duration, s3.Counts) {
	b.Helper()
	c, err := s3.Open(context.Background(), s3.Settings{})
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	queue := make(chan s3.Object, 48)
	var readers sync.WaitGroup
	for range 48 {
		readers.Go(func() {
			for o := range queue {
				if _, _, err := c.Read(context.Background(), o, 1<<20); err != nil {
					b.Error(err)
				}
			}
		})
	}
	err = c.List(context.Background(), s3.URI{Bucket: "trail"}, "", func(page []s3.Object) error {
		for _, o := range page {
			queue <- o
		}
		return nil
	})
	close(queue)
	readers.Wait()
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start), c.Counts()
}

// BenchmarkADayOfAYearInABucket asks for one day of a year-long lake: in the lake's folder,
// in a bucket with nothing fetched yet, and again.
func BenchmarkADayOfAYearInABucket(b *testing.B) {
	s := s3test.Start(b)
	s.Bucket(b, "audit", true)
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	dir := b.TempDir()
	if _, err := eventgen.WriteBucket(dir, eventgen.Options{Seed: 9, Events: 730_000, Start: first, Days: 365}); err != nil {
		b.Fatal(err)
	}
	near := newLake(b, s)
	far := newLake(b, s, "TARN_CACHE="+b.TempDir())
	for _, l := range []*lake{near, far} {
		l.run(b, 0, "import", dir)
	}
	far.run(b, 0, "store", "move", "cloudtrail", "--to", "s3://audit/year")
	day := func(d int) string {
		return fmt.Sprintf("SELECT eventSource, count(*) FROM cloudtrail WHERE eventTime >= '%s' AND eventTime < '%s' GROUP BY 1",
			first.AddDate(0, 0, d).Format(time.DateOnly), first.AddDate(0, 0, d+1).Format(time.DateOnly))
	}
	const asked = 20
	of := func(l *lake) (all []time.Duration) {
		for d := range asked {
			all = append(all, took(b, func() { l.run(b, 0, "query", "--format", "csv", day(17*d)) }))
		}
		slices.Sort(all)
		return all
	}
	for b.Loop() {
		of(near) // whatever the system has to read from disk
		local, cold, warm := of(near), of(far), of(far)
		b.ReportMetric(local[asked/2].Seconds()*1e3, "ms/local")
		b.ReportMetric(cold[asked/2].Seconds()*1e3, "ms/cold")
		b.ReportMetric(warm[asked/2].Seconds()*1e3, "ms/warm")
		b.ReportMetric(warm[asked/2].Seconds()/local[asked/2].Seconds(), "warm-of-local")
	}
	out, _ := far.run(b, 0, "query", "--explain", day(5))
	b.Log(out)
}
