package socket

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func framed(t testing.TB, v any) []byte {
	t.Helper()
	b, err := frame(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFramesThatAreNone(t *testing.T) {
	whole := framed(t, reply{Code: 3})
	other := bytes.Clone(whole)
	other[len(magic)] = protocol + 1
	long := bytes.Clone(whole)
	long[headBytes-1] = 0xff
	for _, tt := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a head", whole[:4], io.ErrUnexpectedEOF},
		{"half a payload", whole[:len(whole)-1], io.EOF},
		{"other letters", append([]byte("GET / HTTP/1.1"), whole...), errNoFrame},
		{"a length that no frame has", long, errNoFrame},
		{"another version", other, protocolError(protocol + 1)},
		{"no JSON", append(bytes.Clone(whole[:headBytes]), strings.Repeat("x", len(whole)-headBytes)...), errNoFrame},
	} {
		var r reply
		if err := readFrame(bytes.NewReader(tt.b), &r); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v; want %v", tt.name, err, tt.want)
		}
	}
	if _, err := frame(request{Dir: make([]byte, maxFrame)}); err == nil {
		t.Error("a frame may be as long as it likes")
	}
}

// What can be read is what can be written, and nothing else harms.
func FuzzReadFrame(f *testing.F) {
	f.Add(framed(f, reply{Code: 11, Refused: "no", Advice: []string{"do"}}))
	f.Add(framed(f, request{Version: []byte("1"), Dir: []byte("/\xff"), Args: [][]byte{[]byte("import"), nil}, Settings: []setting{{Name: []byte("store")}}}))
	f.Add([]byte(magic + "\x01\xff\xff\xff\xff{}"))
	f.Add([]byte(magic + "\x02\x02\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var q, again request
		if err := readFrame(bytes.NewReader(b), &q); err == nil {
			if err := readFrame(bytes.NewReader(framed(t, q)), &again); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(framed(t, q), framed(t, again)); d != "" {
				t.Errorf("-read +read again\n%s", d)
			}
		}
		var r reply
		_ = readFrame(bytes.NewReader(b), &r) // either way
	})
}
