package bench_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/tlogproof"
	"tarn/schemas"
)

// BenchmarkProve proves events by their ids, in a lake of one day, which is one
// segment up to 450,000 events, and in one of a segment a day for years. It tells how
// large the proofs are at most, how long it took to make one, opening the lake
// included, and to check it.
func BenchmarkProve(b *testing.B) {
	n := events(b)
	for name, o := range map[string]eventgen.Options{
		"one day":       {Events: n, Days: 1, Accounts: 8},
		"segment a day": {Events: n, Days: max(1, min(5000, n/200)), Accounts: 8, EventsPerObject: 50},
	} {
		b.Run(name, func(b *testing.B) {
			o.NoStory, o.Start = true, time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)
			dir, ids := provable(b, o)
			var size, segments, entries int
			var largest int64
			var checking, slowest time.Duration
			for b.Loop() {
				start := time.Now()
				l, err := lake.View(dir, lake.Options{})
				if err != nil {
					b.Fatal(err)
				}
				s := l.Snapshot()
				places, err := s.Find(b.Context(), ids[rand.IntN(len(ids))], "")
				if err != nil || len(places) == 0 {
					b.Fatal(places, err)
				}
				proven, err := s.Prove(b.Context(), places[0])
				if err != nil {
					b.Fatal(err)
				}
				slowest = max(slowest, time.Since(start))
				b.StopTimer()
				size, entries, segments = max(size, len(proven.Proof)), int(s.LogSize()), len(s.Segments(places[0].Store.ID, false))
				largest = max(largest, places[0].Segment.Parquet.Bytes)
				checking += checkOne(b, s, proven)
				l.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(size), "bytes-max")
			b.ReportMetric(float64(segments), "segments")
			b.ReportMetric(float64(largest)/(1<<20), "MB-segment")
			b.ReportMetric(float64(entries), "entries")
			b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms-made")
			b.ReportMetric(slowest.Seconds()*1e3, "ms-made-max")
			b.ReportMetric(checking.Seconds()*1e3/float64(b.N), "ms-checked")
		})
	}
}

// checkOne checks a proof, and tells how long it took.
func checkOne(b *testing.B, s *lake.Snapshot, p *lake.Proven) time.Duration {
	b.Helper()
	head, err := s.Head()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	keys, err := tlogproof.ParseKeys(head.PublicKey)
	if err == nil {
		_, err = tlogproof.Check(p.Proof, p.Event, keys)
	}
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// provable makes a lake, and returns the ids of some of its events.
func provable(b *testing.B, o eventgen.Options) (dir string, ids []string) {
	b.Helper()
	bucket := b.TempDir()
	if _, err := eventgen.WriteBucket(bucket, o); err != nil {
		b.Fatal(err)
	}
	from, err := ingest.List([]string{bucket})
	if err != nil {
		b.Fatal(err)
	}
	parent := b.TempDir()
	dir = filepath.Join(parent, "lake")
	l, err := lake.Create(dir, lake.Options{Key: filepath.Join(parent, "key")})
	if err != nil {
		b.Fatal(err)
	}
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err == nil {
		_, err = ingest.Import(b.Context(), l, store, from, ingest.Options{})
	}
	if err != nil {
		b.Fatal(err)
	}
	s := l.Snapshot()
	err = s.Provenance(b.Context(), store.ID, func(id, _ string) error {
		if id != "" {
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return dir, slices.Clone(ids[:min(len(ids), 1000)])
}
