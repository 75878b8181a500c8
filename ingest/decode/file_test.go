package decode_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/decode"
	"tarn/lake"
)

// read returns the records of a file: "ok ID" or the reason.
func read(t testing.TB, content []byte) (out []string, records []decode.Record, kind decode.Kind) {
	t.Helper()
	var d decode.Decoder
	kind, err := d.File(bytes.NewReader(content), func(r decode.Record) error {
		s := r.Reason
		if s == "" {
			s = "ok " + r.ID
		}
		out = append(out, s)
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, records, kind
}

func zipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}

func event(id string) string {
	return fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":%q}`, id)
}

func TestFile(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"records", `{"Records":[` + event("a") + "," + event("b") + `]}`, []string{"ok a", "ok b"}},
		{"spaces and other members", " {\n\"x\": [1], \"Records\" : [ " + event("a") + " ] , \"y\": 12 }\n", []string{"ok a"}},
		{"no records", `{"Records":[]}`, nil},
		{"an empty file", ``, []string{decode.ReasonNoRecords}},
		{"another object", `{"a":1}`, []string{decode.ReasonNoRecords}},
		{"a bare array", `[1]`, []string{"record is not an object"}},
		{"text", `hello`, []string{decode.ReasonNoRecords}},
		{"a record that is no object", `{"Records":[7,` + event("a") + `]}`, []string{"record is not an object", "ok a"}},
		{"a record without a time", `{"Records":[{"eventID":"x"},` + event("a") + `]}`, []string{"record has no eventTime", "ok a"}},
		{"a time that does not exist", `{"Records":[{"eventTime":"2026-02-30T00:00:00Z"}]}`,
			[]string{`eventTime "2026-02-30T00:00:00Z" is not a time such as "2026-01-31T23:59:59Z"`}},
		{"a record nested a thousand deep", `{"Records":[` + event("a") + `,` + deep + `,` + event("b") + `]}`,
			[]string{"ok a", "record is nested deeper than 100 levels", "ok b"}},
		{"a record that is not UTF-8", `{"Records":[{"eventTime":"2026-01-02T03:04:05Z","x":"` + "\xff" + `"},` + event("b") + `]}`,
			[]string{"record is not valid UTF-8", "ok b"}},
		{"a syntax error costs the rest", `{"Records":[` + event("a") + `,{"x":}},` + event("b") + `]}`,
			[]string{"ok a", "not JSON at byte 68"}},
		{"a file cut off", `{"Records":[` + event("a") + `,{"eventTi`, []string{"ok a", "file is cut off"}},
		{"a file cut off behind a record", `{"Records":[` + event("a"), []string{"ok a", "file is cut off"}},
		{"more behind the object", `{"Records":[` + event("a") + `]} {`, []string{"ok a", "file is cut off"}},
		{"two arrays of records", `{"Records":[` + event("a") + `],"Records":[` + event("b") + `]}`, []string{"ok a", "ok b"}},
		{"records in what looks like a digest", `{"digestStartTime":"x","Records":[` + event("a") + `]}`, []string{"ok a"}},
		{"an escaped name", `{"Records":[{"eventTime":"2026-01-02T03:04:05Z","event\u0049D":"x"}]}`, []string{"ok x"}},
		{"the first id counts, whatever it is", `{"Records":[{"eventTime":"2026-01-02T03:04:05Z","eventID":{},"eventID":"x"}]}`, []string{"ok "}},
		{"an id that is a number", `{"Records":[{"eventTime":"2026-01-02T03:04:05Z","eventId":12}]}`, []string{"ok 12"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, _ := read(t, []byte(tt.in))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			got, _, _ = read(t, zipped(tt.in))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("records of the gzipped file (-want +got):\n%s", d)
			}
		})
	}
}

func TestWhereRecordsStand(t *testing.T) {
	in := `{"Records":[` + event("a") + `, {"x":1} ,` + event("b") + `]}` + strings.Repeat(" ", 100)
	_, records, _ := read(t, []byte(in))
	for i, r := range records {
		if r.Number != int64(i+1) || in[r.Offset:r.Offset+r.Length] != string(r.Raw) {
			t.Errorf("record %d: number %d at %d+%d is %q", i+1, r.Number, r.Offset, r.Length, r.Raw)
		}
		if r.Reason == "" && r.Leaf != lake.Leaf(r.Raw) {
			t.Errorf("record %d: wrong leaf hash", i+1)
		}
	}
	if len(records) != 3 {
		t.Errorf("%d records; want 3", len(records))
	}
}

func TestTruncatedGzip(t *testing.T) {
	var in strings.Builder
	in.WriteString(`{"Records":[`)
	for i := range 2000 {
		if i > 0 {
			in.WriteByte(',')
		}
		in.WriteString(event(fmt.Sprintf("id-%d-%x", i, i*i*7919)))
	}
	in.WriteString("]}")
	whole := zipped(in.String())
	got, _, _ := read(t, whole[:len(whole)/2])
	last := got[len(got)-1]
	if len(got) < 500 || last != "file is cut off: the gzip stream ends early" {
		t.Errorf("%d records, the last %q; want hundreds and a file that is cut off", len(got), last)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 0xff
	got, _, _ = read(t, damaged)
	if last := got[len(got)-1]; strings.HasPrefix(last, "ok ") {
		t.Errorf("the damaged file's last record is %q; want a reason", last)
	}
}

func TestGzipBomb(t *testing.T) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	io.WriteString(w, `{"Records":[`+event("a")+",")
	blank := bytes.Repeat([]byte(" "), 1<<20)
	for range 200 {
		w.Write(blank)
	}
	w.Close()
	got, _, _ := read(t, b.Bytes())
	want := []string{"ok a", "file is cut off: it inflates to more than 250 times its size and is no log file"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
}

func TestHugeRecord(t *testing.T) {
	in := `{"Records":[` + event("a") + `,{"x":"` + strings.Repeat("y", 20<<20) + `"}]}`
	got, records, _ := read(t, []byte(in))
	if d := cmp.Diff([]string{"ok a", "record is longer than 16 MiB"}, got); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
	last := records[1]
	if last.Offset+last.Length != int64(len(in)) || len(last.Raw) != 1<<20 {
		t.Errorf("the reject is %d+%d with %d bytes kept; the file has %d", last.Offset, last.Length, len(last.Raw), len(in))
	}
}

func TestDigestIsNoLog(t *testing.T) {
	got, _, kind := read(t, zipped(`{"awsAccountId":"1","digestStartTime":"2026-01-01T00:00:00Z","logFiles":[]}`))
	if kind != decode.Digest || len(got) != 0 {
		t.Errorf("kind %d, records %q; want a digest and none", kind, got)
	}
}

// FuzzFile: nothing panics; records stand in the file where they say, in order;
// an event has its bytes there, or in a text that stands there; of a valid log
// file every element of Records comes out; in whatever pieces it comes.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"Records":[` + event("a") + `,{},[]],"x":1}`))
	f.Add([]byte(`{"Records":[{"a":"\\\""},` + event("b")))
	f.Add(zipped(`{"Records":[` + event("a") + `]}`))
	for _, a := range examples(f) {
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, records, _ := read(t, in)
		if d := cmp.Diff(told(t, bytes.NewReader(in)), told(t, iotest.OneByteReader(bytes.NewReader(in)))); d != "" {
			t.Fatalf("%q (-whole +byte by byte):\n%s", in, d)
		}
		if bytes.HasPrefix(in, []byte{0x1f, 0x8b}) {
			return
		}
		checkPlaces(t, in, records)
		var log struct{ Records []json.RawMessage }
		if json.Unmarshal(in, &log) != nil || !bytes.HasPrefix(in, []byte(`{"Records":[{"eventTime":`)) {
			return
		}
		if len(got) < len(log.Records) && !bytes.Contains(in, []byte("Start")) {
			t.Fatalf("%q has %d records; got %q", in, len(log.Records), got)
		}
	})
}

// checkPlaces checks that records lie in the file, behind one another or in one
// text, and that their bytes are there if they are not packed.
func checkPlaces(t *testing.T, in []byte, records []decode.Record) {
	t.Helper()
	var last decode.Record
	for i, r := range records {
		end := r.Offset + r.Length
		if line := 1 + int64(bytes.Count(in[:min(r.Offset, int64(len(in)))], []byte("\n"))); r.Line != line {
			t.Fatalf("record %d of %q is in line %d, not in %d", i+1, in, line, r.Line)
		}
		if r.Number != int64(i+1) || r.Length < 0 || end > int64(len(in)) ||
			r.Offset < last.Offset+last.Length && (r.Offset != last.Offset || r.Length != last.Length) {
			t.Fatalf("record %d of %q is number %d at %d+%d, behind %d+%d", i+1, in, r.Number, r.Offset, r.Length, last.Offset, last.Length)
		}
		last = r
		if r.Sender != "" {
			continue // made of an audit event
		}
		place := in[r.Offset:end]
		if r.Reason == "" && place[0] == '{' && string(place) != string(r.Raw) {
			t.Fatalf("record %d of %q is %q", i+1, in, r.Raw)
		}
		var text string
		if r.Reason == "" && place[0] == '"' && json.Unmarshal(place, &text) == nil && !bytes.Contains(place, []byte("\\\\")) &&
			!strings.Contains(text, string(r.Raw)) && strings.Contains(text, "eventTime") {
			t.Fatalf("record %d of %q is %q; its text has none of it", i+1, in, r.Raw)
		}
	}
}
