package decode_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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

// records are the records of generated log files.
func records(b *testing.B) (all []string) {
	b.Helper()
	for _, f := range objects(b, 167) {
		var log struct{ Records []json.RawMessage }
		if err := json.Unmarshal(f, &log); err != nil {
			b.Fatal(err)
		}
		for _, r := range log.Records {
			all = append(all, string(r))
		}
	}
	return all
}

// each wraps each of the records, and puts the results between lead and tail.
func each(all []string, lead, tail, between string, wrap func(string) string) []byte {
	var out []string
	for _, r := range all {
		out = append(out, wrap(r))
	}
	return []byte(lead + strings.Join(out, between) + tail)
}

// message is a text member with the record in it.
func message(name string) func(string) string {
	return func(r string) string { return `{"` + name + `":` + quoted(r) + "}" }
}

// BenchmarkEnvelopes takes the same records apart in what they may come in.
func BenchmarkEnvelopes(b *testing.B) {
	all := records(b)
	packed := func(r string) string { return base64.StdEncoding.EncodeToString(zipped(r)) }
	for name, in := range map[string][]byte{
		"log":          each(all, `{"Records":[`, "]}", ",", func(r string) string { return r }),
		"lines":        each(all, "", "\n", "\n", func(r string) string { return r }),
		"LookupEvents": each(all, `{"Events":[`, "]}", ",", message("CloudTrailEvent")),
		"EventBridge":  each(all, "", "", "\n", func(r string) string { return `{"detail-type":"AWS API Call via CloudTrail","detail":` + r + "}" }),
		"CloudWatch":   each(all, `{"events":[`, "]}", ",", message("message")),
		"SNS in SQS":   each(all, `{"Messages":[`, "]}", ",", func(r string) string { return message("Body")(message("Message")(r)) }),
		"Kinesis":      each(all, `{"Records":[`, "]}", ",", func(r string) string { return `{"kinesis":{"data":"` + packed(r) + `"}}` }),
		"CSV":          each(all, "eventJson\n", "\n", "\n", func(r string) string { return `"` + strings.ReplaceAll(r, `"`, `""`) + `"` }),
	} {
		b.Run(name, func(b *testing.B) { bench(b, [][]byte{in}) })
	}
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
