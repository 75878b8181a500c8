package segment

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"tarn/internal/eventgen"
	"tarn/lake/internal/proof"
	"tarn/schemas"
)

// generated returns a day of events in order of time, and the size of their
// objects gzipped as CloudTrail does.
func generated(tb testing.TB, n int) []Event {
	tb.Helper()
	g := eventgen.New(eventgen.Options{Events: n, Days: 1, NoStory: true})
	var events []Event
	for o := range g.Objects() {
		events = append(events, records(tb, o.Body)...)
	}
	return sorted(events)
}

func records(tb testing.TB, object []byte) []Event {
	var log struct{ Records []json.RawMessage }
	if err := json.Unmarshal(object, &log); err != nil {
		tb.Fatal(err)
	}
	var out []Event
	for _, raw := range log.Records {
		var e struct{ EventTime string }
		if err := json.Unmarshal(raw, &e); err != nil {
			tb.Fatal(err)
		}
		at, _ := schemas.ParseTime([]byte(e.EventTime))
		out = append(out, Event{Raw: raw, Time: at, Leaf: proof.Leaf(raw)})
	}
	return out
}

func sorted(events []Event) []Event {
	for i := range events {
		events[i].Seq = int64(i)
	}
	slices.SortStableFunc(events, func(a, b Event) int { return int(a.Time/1e6 - b.Time/1e6) })
	return events
}

// invictus returns the events of a real bucket, if it is there.
func invictus(tb testing.TB) []Event {
	var events []Event
	err := filepath.WalkDir("../../../../shared/data/s3-invictus", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "Digest") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		zip, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(zip)
		events = append(events, records(tb, body)...)
		return err
	})
	if err != nil {
		return nil
	}
	return sorted(events)
}

// BenchmarkSettings tells what page sizes and compression levels cost and save.
func BenchmarkSettings(b *testing.B) {
	for _, set := range []struct {
		name   string
		events []Event
	}{{"generated", generated(b, 33_000)}, {"invictus", invictus(b)}} {
		if set.events == nil {
			continue
		}
		for _, how := range []settings{
			{8 << 20, 1, 1}, {1 << 20, 1, 1}, {256 << 10, 1, 1}, {1 << 20, 3, 1}, {1 << 20, 6, 1}, {1 << 20, 1, 3},
		} {
			b.Run(fmt.Sprintf("%s/page=%dKiB/raw=%d/rest=%d", set.name, how.pageBytes>>10, how.rawLevel, how.restLevel), func(b *testing.B) {
				var s Summary
				for b.Loop() {
					var err error
					s, err = write(schemas.CloudTrail(), InOrder(set.events), Files{io.Discard, io.Discard, io.Discard}, how)
					if err != nil {
						b.Fatal(err)
					}
				}
				n := float64(len(set.events))
				b.ReportMetric(float64(s.Parquet.Bytes)/n, "B/event")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/event")
			})
		}
	}
}
