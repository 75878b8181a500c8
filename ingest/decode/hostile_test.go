package decode_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/decode"
)

// Records of an endless stream come out before the next ones go in.
func TestStream(t *testing.T) {
	for name, parts := range map[string][]string{
		"lines":                  {event("a") + "\n", event("b") + "\r\n", "\n" + event("c")},
		"without newline":        {event("a"), event("b"), `[` + event("c")},
		"a log":                  {`{"Records":[` + event("a"), "," + event("b"), "," + event("c")},
		"log events":             {`{"events":[{"message":` + quoted(event("a")) + "}", `,{"message":` + quoted(event("b")) + "}", `{"message":` + quoted(event("c")) + "}"},
		"times in front":         {"2026-01-02T03:04:05Z " + event("a") + "\n", "2026-01-02T03:04:05Z " + event("b") + "\n", event("c")},
		"lines that are cut off": {`{"x":[1,` + "\n" + event("x") + "\n" + event("a"), "\n" + event("b"), "\n" + event("c")},
	} {
		t.Run(name, func(t *testing.T) {
			out, in := io.Pipe()
			seen := make(chan string)
			go func() {
				var d decode.Decoder
				_, err := d.File(out, func(r decode.Record) error {
					if r.Reason == "" && r.ID != "x" {
						seen <- r.ID
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				close(seen)
			}()
			for i, part := range parts {
				if _, err := io.WriteString(in, part); err != nil {
					t.Fatal(err)
				}
				if id := <-seen; id != string(rune('a'+i)) {
					t.Fatalf("after part %d came %q", i+1, id)
				}
			}
			in.Close()
			if id, more := <-seen; more {
				t.Errorf("at the end came %q", id)
			}
		})
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// wrapped is a record in so many messages, each in a text of the next.
func wrapped(times int) string {
	s := event("a")
	for range times {
		s = `{"Body":` + quoted(s) + "}"
	}
	return s
}

// Envelopes in envelopes have a bound, whatever they are.
func TestWrappedTooOften(t *testing.T) {
	for name, in := range map[string]string{
		"objects": strings.Repeat(`{"detail":`, 80) + event("a") + strings.Repeat("}", 80),
		"lists":   strings.Repeat(`{"Records":[`, 40) + event("a") + strings.Repeat("]}", 40),
		"texts":   wrapped(12),
	} {
		if got, _, _ := read(t, []byte(in)); len(got) != 1 || got[0] != "wrapped too often" {
			t.Errorf("%s: %q; want that they are wrapped too often", name, got)
		}
	}
	for _, in := range []string{wrapped(9), strings.Repeat(`{"detail":`, 10) + event("a") + strings.Repeat("}", 10)} {
		if got, _, _ := read(t, []byte(in)); len(got) != 1 || got[0] != "ok a" {
			t.Errorf("%.60s: %q; want the event", in, got)
		}
	}
}

// What is packed in a file may not be much larger than the file.
func TestPackedBomb(t *testing.T) {
	blank := base64.StdEncoding.EncodeToString(zipped(strings.Repeat(" ", 12<<20)))
	large := base64.StdEncoding.EncodeToString(zipped(strings.Repeat(" ", 17<<20)))
	one := fmt.Sprintf(`{"data":%q}`, base64.StdEncoding.EncodeToString(zipped(event("a"))))
	in := `{"Records":[{"data":"` + large + `"}` + strings.Repeat(`,{"data":"`+blank+`"}`, 8) + "," + one + "]}"
	got, _, _ := read(t, []byte(in))
	want := []string{"data cannot be unpacked: it is longer than 16 MiB"}
	for range 4 {
		want = append(want, "data is empty")
	}
	for range 5 {
		want = append(want, "data cannot be unpacked: it inflates to more than 250 times its size and is no log file")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
}

// A value that is too long costs its line, a list of any length is read whatever
// stands before it.
func TestLongValues(t *testing.T) {
	filler := strings.Repeat("y", 9<<20)
	long := `{"x":"` + filler + filler + `"}`
	for name, tt := range map[string]struct {
		in   string
		want []string
	}{
		"a line":          {event("a") + "\n" + long + "\n" + event("b"), []string{"ok a", "record is longer than 16 MiB", "ok b"}},
		"in a list":       {`[` + event("a") + "," + long + "," + event("b") + "]\n" + event("c"), []string{"ok a", "record is longer than 16 MiB", "ok c"}},
		"before a list":   {`{"x":"` + filler + `","Records":[` + event("a") + `,{"eventTime":"","x":"` + filler + `"}]}`, []string{"ok a", `eventTime "" is not a time such as "2026-01-31T23:59:59Z"`}},
		"behind a list":   {`{"Records":[` + event("a") + `],"x":"` + filler + `","events":[` + event("b") + `]}`, []string{"ok a", "ok b"}},
		"packed twice":    {`{"Body":` + quoted(`{"Body":"`+filler+`"}`) + "}", []string{"Body is longer than 16 MiB"}},
		"a cell of a CSV": {"eventJson,x\r\n\"" + filler + filler + `",1`, []string{"record is longer than 16 MiB"}},
		"brackets":        {strings.Repeat("[", 17<<20), []string{"record is longer than 16 MiB"}},
		"garbage":         {event("a") + strings.Repeat(`,"`, 1<<18), []string{"ok a", "the text is not JSON at its byte 0"}},
	} {
		got, _, _ := read(t, []byte(tt.in))
		if d := cmp.Diff(tt.want, got[:min(len(got), len(tt.want))]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// Lines that look like the starts of values, and never end, are not read again for
// each of them.
func TestLinesThatNeverEnd(t *testing.T) {
	for _, line := range []string{"{\"a\":\n", "[\n", "{\"Records\":[\n", "{\"a\":[1\n,", "\"", "{\n"} {
		if got, _, _ := read(t, []byte(event("a")+"\n"+strings.Repeat(line, 1<<20))); got[0] != "ok a" {
			t.Errorf("of lines %q came %q; want the event first", line, got[0])
		}
	}
}

// A file whose caller has enough of it is not read on.
func TestTheCallerEndsIt(t *testing.T) {
	enough := errors.New("enough")
	for path, a := range examples(t) {
		var d decode.Decoder
		n := 0
		_, err := d.File(bytes.NewReader(a.Files[0].Data), func(decode.Record) error {
			n++
			return enough
		})
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("%s: %d records, error %v; want one and what it returned", path, n, err)
		}
	}
}
