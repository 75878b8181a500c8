package bench_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/internal/jscan"
)

// BenchmarkLimit reads what Import reads, gunzips it, splits it into records and hashes
// each, on all processors, and does nothing else: as fast as an import by this machine can
// be whose events are proven.
func BenchmarkLimit(b *testing.B) {
	from, err := ingest.List([]string{bucket(b)})
	check(b, err)
	var events atomic.Int64
	for b.Loop() {
		var next atomic.Int64
		var work sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			work.Go(func() {
				var zip gzip.Reader
				var plain bytes.Buffer
				for i := next.Add(1) - 1; int(i) < len(from.Objects); i = next.Add(1) - 1 {
					n, err := hashRecords(&zip, &plain, from.Objects[i].Path)
					if err != nil {
						b.Error(err)
						return
					}
					events.Add(n)
				}
			})
		}
		work.Wait()
	}
	b.ReportMetric(float64(events.Load())/b.Elapsed().Seconds(), "events/s")
}

func hashRecords(zip *gzip.Reader, plain *bytes.Buffer, path string) (n int64, err error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if err := zip.Reset(bytes.NewReader(packed)); err != nil {
		return 0, err
	}
	plain.Reset()
	if _, err := plain.ReadFrom(zip); err != nil {
		return 0, err
	}
	members := jscan.Members(plain.Bytes())
	_, records, _ := members.Next()
	all := jscan.Members(records)
	for record, ok := all.Elem(); ok; record, ok = all.Elem() {
		hashed = sha256.Sum256(record)
		n++
	}
	return n, nil
}

// hashed keeps the compiler from leaving the hash out.
var hashed [sha256.Size]byte

// BenchmarkTiny imports objects of five events, as most accounts write them, beside
// objects of 167 and of 2,500 with as many events.
func BenchmarkTiny(b *testing.B) {
	for _, per := range []int{5, 167, 2500} {
		b.Run(fmt.Sprint(per), func(b *testing.B) {
			dir := b.TempDir()
			n := events(b)
			_, err := eventgen.WriteBucket(dir, eventgen.Options{Events: n, Days: max(1, n/33_000), EventsPerObject: per, NoStory: true})
			check(b, err)
			b.Setenv("TARN_BENCH_BUCKET", dir)
			BenchmarkImport(b)
		})
	}
}
