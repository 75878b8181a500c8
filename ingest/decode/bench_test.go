package decode_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"tarn/ingest/decode"
	"tarn/internal/eventgen"
)

// objects are the log files of a generated bucket, inflated.
func objects(b *testing.B, each int) (all [][]byte) {
	b.Helper()
	dir := b.TempDir()
	if _, err := eventgen.WriteBucket(dir, eventgen.Options{Events: 4000, Days: 1, EventsPerObject: each, NoStory: true}); err != nil {
		b.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		var plain bytes.Buffer
		_, err = plain.ReadFrom(r)
		all = append(all, plain.Bytes())
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// bench takes files apart.
func bench(b *testing.B, files [][]byte) {
	b.Helper()
	var d decode.Decoder
	var bytesRead, events int64
	for b.Loop() {
		for _, f := range files {
			_, err := d.File(bytes.NewReader(f), func(r decode.Record) error {
				if r.Reason != "" {
					b.Fatal(r.Reason)
				}
				events++
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			bytesRead += int64(len(f))
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytesRead)/1e6/b.Elapsed().Seconds(), "MB/s")
}

// BenchmarkLog takes log files of few and of many records apart.
func BenchmarkLog(b *testing.B) {
	for name, each := range map[string]int{"5": 5, "167": 167, "2500": 2500} {
		b.Run(name, func(b *testing.B) { bench(b, objects(b, each)) })
	}
}
