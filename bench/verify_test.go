package bench_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/lake"
	"tarn/schemas"
)

// BenchmarkVerify reads a whole lake again, beside SHA-256 alone: in each round,
// one after the other, as many goroutines as there are processors hash
//
//   - as many bytes as verify must hash, which are those of the events and those of
//     the files, in pieces of 1 MiB ("bulk"), and
//   - the messages that it must hash, which are each event, each node of the tree
//     over them, and the files ("messages"),
//
// of memory that is there. The shares are those times over verify's, all of them
// processor time, which other work on the machine hardly changes; "wall" is the
// first by the clock. TARN_BENCH_LAKE names a lake that is there already.
func BenchmarkVerify(b *testing.B) {
	dir, key := verified(b)
	sealed, err := lake.Verify(b.Context(), dir, lake.VerifyOptions{Key: key})
	if err != nil || len(sealed.Problems) > 0 {
		b.Fatal(err, sealed.Problems)
	}
	raw := rawBytes(b, dir)
	var bulk, messages, verify, bulkWall, verifyWall time.Duration
	for b.Loop() {
		cpu, wall := taking(func() { hashAll(raw+sealed.Bytes, 1<<20) })
		bulk, bulkWall = bulk+cpu, bulkWall+wall
		cpu, _ = taking(func() {
			hashAll(raw+sealed.Events, int(raw/sealed.Events)+1)
			hashAll(65*sealed.Events, 65)
			hashAll(sealed.Bytes, 1<<20)
		})
		messages += cpu
		cpu, wall = taking(func() {
			if _, err := lake.Verify(b.Context(), dir, lake.VerifyOptions{Key: key}); err != nil {
				b.Fatal(err)
			}
		})
		verify, verifyWall = verify+cpu, verifyWall+wall
	}
	n := float64(b.N)
	b.ReportMetric(n*float64(sealed.Events)/verifyWall.Seconds(), "events/s")
	b.ReportMetric(n*float64(raw+sealed.Bytes)/1e6/verifyWall.Seconds(), "MB/s")
	b.ReportMetric(n*float64(raw+sealed.Bytes)/1e6/bulkWall.Seconds(), "sha256-MB/s")
	b.ReportMetric(100*bulk.Seconds()/verify.Seconds(), "%bulk")
	b.ReportMetric(100*messages.Seconds()/verify.Seconds(), "%messages")
	b.ReportMetric(100*bulkWall.Seconds()/verifyWall.Seconds(), "%wall")
}

// verified returns a lake to verify, and its key.
func verified(b *testing.B) (dir, key string) {
	b.Helper()
	if dir := os.Getenv("TARN_BENCH_LAKE"); dir != "" {
		return dir, ""
	}
	parent := b.TempDir()
	dir, key = filepath.Join(parent, "lake"), filepath.Join(parent, "key")
	l, err := lake.Create(dir, lake.Options{Key: key})
	if err != nil {
		b.Fatal(err)
	}
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		b.Fatal(err)
	}
	from, err := ingest.List([]string{bucket(b)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := ingest.Import(b.Context(), l, store, from, ingest.Options{}); err != nil {
		b.Fatal(err)
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	return dir, key
}

// rawBytes is how many bytes all events of a lake have.
func rawBytes(b *testing.B, dir string) (n int64) {
	b.Helper()
	l, err := lake.View(dir, lake.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	for _, st := range snap.Stores() {
		for _, conflicts := range []bool{false, true} {
			for _, seg := range snap.Segments(st.ID, conflicts) {
				n += seg.RawBytes
			}
		}
	}
	return n
}

// hashAll hashes that many bytes in messages of a size, on all processors.
func hashAll(bytes int64, message int) {
	var all sync.WaitGroup
	workers := int64(runtime.GOMAXPROCS(0))
	for range workers {
		all.Go(func() {
			buf := make([]byte, 1<<20+message)
			at := 0
			for range bytes / workers / int64(message) {
				sha256.Sum256(buf[at : at+message])
				if at += message; at >= 1<<20 {
					at = 0
				}
			}
		})
	}
	all.Wait()
}

// taking is the processor time that fn takes, and the time by the clock.
func taking(fn func()) (cpu, wall time.Duration) {
	runtime.GC()
	start, before := time.Now(), used()
	fn()
	return used() - before, time.Since(start)
}

// used is the processor time of this process.
func used() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
