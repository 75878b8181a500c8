package bench_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"tarn/export"
	"tarn/ingest"
	"tarn/ingest/digest"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/schemas"
)

// filledLake is a lake with the events of the bucket.
func filledLake(b *testing.B) (*lake.Lake, lake.Store) {
	b.Helper()
	from, err := ingest.List([]string{bucket(b)})
	if err != nil {
		b.Fatal(err)
	}
	l := newLake(b)
	b.Cleanup(func() { l.Close() })
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err == nil {
		_, err = ingest.Import(b.Context(), l, store, from, ingest.Options{})
	}
	if err != nil {
		b.Fatal(err)
	}
	return l, store
}

// BenchmarkExport writes a store into a folder, with digests and without. gzip is the
// same log files gzipped again in memory, on all processors.
func BenchmarkExport(b *testing.B) {
	l, store := filledLake(b)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	signer := digest.Signer{Key: key}
	signed := &export.Keys{Current: signer, Own: map[string]digest.Signer{signer.Fingerprint(): signer}}
	var dir string
	for _, way := range []struct {
		name string
		keys *export.Keys
	}{{"signed", signed}, {"unsigned", nil}} {
		b.Run(way.name, func(b *testing.B) {
			events := int64(0)
			for b.Loop() {
				dir = filepath.Join(b.TempDir(), "out")
				as := s3.URI{Bucket: "bench"}
				to, err := export.OpenFolder(dir, as)
				if err != nil {
					b.Fatal(err)
				}
				snap := l.Snapshot()
				r, err := export.Run(b.Context(), snap, store, to, export.Options{Keys: way.keys, Trail: "trail", As: as})
				snap.Release()
				if err != nil {
					b.Fatal(err)
				}
				events += r.Exported
				b.ReportMetric(float64(r.Logs.Files), "files")
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
	gzipAgain(b, l, store)
}

// gzipAgain gzips the raw events in parts of a megabyte.
func gzipAgain(b *testing.B, l *lake.Lake, store lake.Store) {
	var parts [][]byte
	events := 0
	snap := l.Snapshot()
	defer snap.Release()
	err := snap.Raw(b.Context(), store.ID, false, func(raw []byte) error {
		if n := len(parts); n == 0 || len(parts[n-1]) > 1<<20 {
			parts = append(parts, nil)
		}
		events++
		parts[len(parts)-1] = append(parts[len(parts)-1], raw...)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("gzip", func(b *testing.B) {
		for b.Loop() {
			var g errgroup.Group
			g.SetLimit(runtime.GOMAXPROCS(0))
			for _, p := range parts {
				g.Go(func() error {
					w, err := gzip.NewWriterLevel(new(bytes.Buffer), 6)
					if err != nil {
						return err
					}
					if _, err = w.Write(p); err != nil {
						return err
					}
					return w.Close()
				})
			}
			if err := g.Wait(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}
