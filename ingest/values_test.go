package ingest

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
)

// cutUp returns what stands in a text: an object, or "- reason".
func cutUp(t testing.TB, r io.Reader) (out []string, all []value) {
	t.Helper()
	for s := (&values{r: r}); ; {
		v, err := s.next()
		if errors.Is(err, io.EOF) {
			return out, all
		}
		if err != nil {
			t.Fatal(err)
		}
		text := string(v.raw)
		if v.reason != "" {
			text = "- " + v.reason
		}
		out, all = append(out, text), append(all, v)
	}
}

func TestValues(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", " \n", nil},
		{"lines", "{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"one behind the other", `{"a":1}{"a":2} {"a":3}`, []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"an array", `[{"a":1}, {"a":[{"b":"]"}]}]`, []string{`{"a":1}`, `{"a":[{"b":"]"}]}`}},
		{"arrays", "[{\"a\":1}]\n[{\"a\":2},\n{\"a\":3}]", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"over several lines", "{\n  \"a\": [\n    1\n  ]\n}\n{}", []string{"{\n  \"a\": [\n    1\n  ]\n}", "{}"}},
		{"brackets in texts", `{"a":"}{\"\\"}{}`, []string{`{"a":"}{\"\\"}`, "{}"}},
		{"a line of text", "hello {}\n{}", []string{"- not a JSON object", "{}"}},
		{"a number", "12\n{}", []string{"- not a JSON object", "{}"}},
		{"a line that was cut off", "{\"a\":{\"b\":1\n{\"a\":2}\n", []string{"- not JSON at byte 12", `{"a":2}`}},
		{"a line that was cut off in a text", "{\"a\":\"b\n{\"a\":2}\n", []string{"- not JSON at byte 7", `{"a":2}`}},
		{"a line with a mistake", "{\"a\":}\n{\"a\":2}\n", []string{"- not JSON at byte 5", `{"a":2}`}},
		{"the wrong bracket", "{\"a\":[1}}\n{}", []string{"- not JSON at byte 7", "{}"}},
		{"too deep", deep + "{}", []string{"- nested deeper than 100 levels", "{}"}},
		{"an end inside", "{}\n{\"a\":[", []string{"{}", "- the input ends inside of it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in)), iotest.DataErrReader(strings.NewReader(tt.in))} {
				got, all := cutUp(t, r)
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("values (-want +got):\n%s", d)
				}
				for _, v := range all {
					if at := tt.in[v.offset : v.offset+v.length]; at != string(v.raw) {
						t.Errorf("at %d+%d stands %q; want %q", v.offset, v.length, at, v.raw)
					}
				}
			}
		})
	}
}

// A value is handed out when its last bracket is there.
func TestValuesDoNotWait(t *testing.T) {
	r, w := io.Pipe()
	s := &values{r: r}
	for i := range 3 {
		want := fmt.Sprintf(`{"a":%d}`, i)
		go io.WriteString(w, want)
		if v, err := s.next(); err != nil || string(v.raw) != want {
			t.Fatalf("%q, %v; want %s", v.raw, err, want)
		}
	}
}

func TestLongValues(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", maxValue) + `"}`
	got, all := cutUp(t, strings.NewReader(long+"\n{}"))
	if d := cmp.Diff([]string{"- longer than 64 MiB", "{}"}, got); d != "" {
		t.Fatalf("values (-want +got):\n%s", d)
	}
	if v := all[0]; v.length != int64(len(long)) || len(v.raw) > keptOfValue {
		t.Errorf("the reject has a length of %d and %d bytes are kept; want %d and at most %d", v.length, len(v.raw), len(long), keptOfValue)
	}
}

func TestReadErrorsAreTold(t *testing.T) {
	broken := errors.New("disk on fire")
	s := &values{r: io.MultiReader(strings.NewReader(`{} {"a":`), iotest.ErrReader(broken))}
	if _, err := s.next(); err != nil {
		t.Fatal(err)
	}
	if v, err := s.next(); !errors.Is(err, broken) {
		t.Errorf("%+v, %v; want the error", v, err)
	}
}

// FuzzValues: nothing is lost and nothing comes twice, and of a stream of objects
// all come out.
func FuzzValues(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n[{\"b\":\"\\\"}\"}, {}]\n{\"c"))
	f.Add([]byte("{\"a\":{\n{\"b\":2}\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, all := cutUp(t, iotest.HalfReader(bytes.NewReader(in)))
		at := int64(0)
		for _, v := range all {
			if between := in[at:v.offset]; separators(between, 0) != len(between) {
				t.Fatalf("%q between the values of %q", between, in)
			}
			if !bytes.Equal(in[v.offset:v.offset+v.length], v.raw) || v.reason == "" && !json.Valid(v.raw) {
				t.Fatalf("%+v of %q", v, in)
			}
			at = v.offset + v.length
		}
		if rest := in[at:]; separators(rest, 0) != len(rest) {
			t.Fatalf("%q behind the values of %q", rest, in)
		}
		want, objects := 0, true
		for d := json.NewDecoder(bytes.NewReader(in)); objects; want++ {
			var v map[string]json.RawMessage
			if err := d.Decode(&v); err != nil {
				objects = errors.Is(err, io.EOF)
				break
			}
			objects = v != nil
		}
		if objects && len(all) != want {
			t.Fatalf("%d values of %q; want %d", len(all), in, want)
		}
	})
}
