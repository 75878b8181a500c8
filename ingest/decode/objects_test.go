package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/decode"
)

// objectsIn returns what Objects finds: an object, or "- reason".
func objectsIn(t testing.TB, r io.Reader) (out []string, records []decode.Record) {
	t.Helper()
	var d decode.Decoder
	err := d.Objects(r, func(r decode.Record) error {
		text := string(r.Raw)
		if r.Reason != "" {
			text = "- " + r.Reason
		}
		out, records = append(out, text), append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, records
}

func TestObjects(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", " \n", nil},
		{"lines", "{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"one behind the other", `{"a":1}{"a":2} {"a":3}`, []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"an array", `[{"a":1}, {"a":[{"b":"]"}]}]`, []string{`{"a":1}`, `{"a":[{"b":"]"}]}`}},
		{"over several lines", "{\n  \"a\": [\n    1\n  ]\n}\n{}", []string{"{\n  \"a\": [\n    1\n  ]\n}", "{}"}},
		{"what looks like an event, or like an envelope", `{"eventTime":"x"}{"Records":[{"a":1}]}{"events":[]}`, []string{`{"eventTime":"x"}`, `{"Records":[{"a":1}]}`, `{"events":[]}`}},
		{"what looks like a digest", `{"digestStartTime":"x"}`, []string{`{"digestStartTime":"x"}`}},
		{"a byte order mark", "\ufeff{}", []string{"{}"}},
		{"a time in front of each line", "2026-01-02T03:04:05Z {\"a\":1}\n2026-01-02T03:04:06Z {\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}},
		{"a first line of text", "hello {}\n{}", []string{"- not JSON at byte 0", "{}"}},
		{"a head of CSV", "eventJson,b\n{}", []string{"- not JSON at byte 0", "{}"}},
		{"a number", "[12,{}]", []string{"- record is not an object", "{}"}},
		{"a line that was cut off", "{\"a\":{\"b\":1\n{\"a\":2}\n", []string{"- not JSON at byte 12", `{"a":2}`}},
		{"a line that was cut off in a text", "{\"a\":\"b\n{\"a\":2}\n", []string{"- not JSON at byte 7", `{"a":2}`}},
		{"too deep", deep + "{}", []string{"- record is nested deeper than 100 levels", "{}"}},
		{"an end inside", "{}\n{\"a\":[", []string{"{}", "- file is cut off"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in)), bytes.NewReader(zipped(tt.in))} {
				got, records := objectsIn(t, r)
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("objects (-want +got):\n%s", d)
				}
				for _, r := range records {
					if at := tt.in[r.Offset : r.Offset+r.Length]; at != string(r.Raw) {
						t.Errorf("at %d+%d stands %q; want %q", r.Offset, r.Length, at, r.Raw)
					}
				}
			}
		})
	}
}

// An object comes when its last bracket is there.
func TestObjectsDoNotWait(t *testing.T) {
	r, w := io.Pipe()
	come := make(chan string)
	done := make(chan error, 1)
	enough := errors.New("enough")
	go func() {
		var d decode.Decoder
		done <- d.Objects(r, func(r decode.Record) error {
			come <- string(r.Raw)
			if r.Number == 3 {
				return enough
			}
			return nil
		})
	}()
	for i := range 3 {
		want := fmt.Sprintf(`{"a":%d}`, i)
		if _, err := io.WriteString(w, want); err != nil {
			t.Fatal(err)
		}
		if got := <-come; got != want {
			t.Fatalf("%q came; want %s", got, want)
		}
	}
	if err := <-done; !errors.Is(err, enough) {
		t.Errorf("%v; want the error of fn", err)
	}
}

// FuzzObjects: records lie in the file, in order, and of a stream of objects all
// come out.
func FuzzObjects(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n[{\"b\":\"\\\"}\"}, {}]\n{\"c"))
	f.Add([]byte("{\"a\":{\n{\"b\":2}\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if bytes.HasPrefix(in, []byte{0x1f, 0x8b}) {
			return
		}
		got, records := objectsIn(t, bytes.NewReader(in))
		again, _ := objectsIn(t, iotest.HalfReader(bytes.NewReader(in)))
		if d := cmp.Diff(got, again); d != "" {
			t.Fatalf("%q (-whole +in pieces):\n%s", in, d)
		}
		checkPlaces(t, in, records)
		want := 0
		for d := json.NewDecoder(bytes.NewReader(in)); ; want++ {
			var v map[string]json.RawMessage
			if err := d.Decode(&v); err != nil || v == nil {
				if errors.Is(err, io.EOF) && len(got) != want {
					t.Fatalf("%d objects in %q; want %d", len(got), in, want)
				}
				return
			}
		}
	})
}
