package jscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"tarn/internal/jscan"
)

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		end      int
		err      error
	}{
		{"an object", `{"a":[1,2.5e-3,"x\u00e9\n"],"b":null} tail`, 37, nil},
		{"spaces inside", "{ \"a\" : [ ] , \"b\" : { } }", 25, nil},
		{"a long string", `"` + strings.Repeat("plain text ", 40) + `"`, 442, nil},
		{"text that ends early", `{"a":"b`, 7, jscan.ErrShort},
		{"a bad escape", `"a\x"`, 3, jscan.ErrSyntax},
		{"a control character", "\"a\nb\"", 2, jscan.ErrSyntax},
		{"a missing colon", `{"a" 1}`, 5, jscan.ErrSyntax},
		{"a leading zero ends the number", `01`, 1, nil},
		{"an unknown word", `nul!`, 3, jscan.ErrSyntax},
		{"a hundred levels", strings.Repeat("[", 100) + strings.Repeat("]", 100), 200, nil},
		{"a thousand levels", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), 100, jscan.ErrDepth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			end, err := jscan.Value([]byte(tt.in), 0)
			if end != tt.end || !errors.Is(err, tt.err) {
				t.Errorf("Value(%.60q) = %d, %v; want %d, %v", tt.in, end, err, tt.end, tt.err)
			}
		})
	}
}

func TestSkipDeep(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 1000) + strings.Repeat("]}", 1000)
	if end, ok := jscan.SkipDeep([]byte(deep+",{}"), 0); end != len(deep) || !ok {
		t.Errorf("SkipDeep = %d, %v; want %d, true", end, ok, len(deep))
	}
	if _, ok := jscan.SkipDeep([]byte(deep[:len(deep)-1]), 0); ok {
		t.Error("SkipDeep of an unclosed value = true; want false")
	}
}

// A Skipper finds the end that Value finds, in whatever pieces the text comes.
func TestSkipper(t *testing.T) {
	for _, in := range []string{
		`{"a":[1,{"b":"]}\\\"x\\\\"}],"c":{}}`, `[]`, `"a\"b\\"`, `[["\\"],"[{"]`, strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
	} {
		for _, step := range []int{1, 3, len(in) + 5} {
			var k jscan.Skipper
			text := []byte(in + `,"behind"]}`)
			end, found := 0, false
			for n := step; !found; n += step {
				if end, found = k.Skip(text[:min(n, len(text))]); !found && n >= len(text) {
					t.Fatalf("Skip(%.60q) by %d bytes finds no end", in, step)
				}
			}
			if end != len(in) {
				t.Errorf("Skip(%.60q) by %d bytes = %d; want %d", in, step, end, len(in))
			}
		}
	}
}

func TestKey(t *testing.T) {
	for _, tt := range []struct {
		in, key string
		val     int
		err     error
	}{
		{` "a" : 1`, "a", 7, nil},
		{` "a\"b":[`, `a\"b`, 8, nil},
		{` "a":`, "a", 5, nil},
		{` "a"`, "", 4, jscan.ErrShort},
		{` "a`, "", 3, jscan.ErrShort},
		{` `, "", 1, jscan.ErrShort},
		{` 1`, "", 1, jscan.ErrSyntax},
		{` "a" 1`, "", 5, jscan.ErrSyntax},
	} {
		key, val, err := jscan.Key([]byte(tt.in), 1)
		if string(key) != tt.key || val != tt.val || !errors.Is(err, tt.err) {
			t.Errorf("Key(%q) = %q, %d, %v; want %q, %d, %v", tt.in, key, val, err, tt.key, tt.val, tt.err)
		}
	}
}

// FuzzValue holds jscan to encoding/json: the same texts are valid, members
// come out the same, and compacting changes nothing but white space.
func FuzzValue(f *testing.F) {
	for _, s := range []string{
		`{"a":"b","c":[1,-2,3.5e+7,true,false,null,{}]}`, `"\ud83d\ude00 \ud800 \\\""`, ` {"a" : {"b":[ 1 , "x" ]} } `, `[`, `{"a":1,}`, `-0`, `1.`, "\"\x00\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start := jscan.Space(b, 0)
		end, err := jscan.Value(b, start)
		if errors.Is(err, jscan.ErrDepth) {
			return
		}
		ours := err == nil && jscan.Space(b, end) == len(b)
		if theirs := json.Valid(b); ours != theirs {
			t.Fatalf("Value(%q): valid = %v; encoding/json says %v", b, ours, theirs)
		}
		if !ours {
			return
		}
		v := b[start:end]
		compareText(t, v)
		var want bytes.Buffer
		if err := json.Compact(&want, v); err != nil {
			t.Fatal(err)
		}
		if got := jscan.AppendCompact(nil, v); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("AppendCompact(%q) = %q; want %q", v, got, want.Bytes())
		}
		compareMembers(t, v)
	})
}

func compareText(t *testing.T, v []byte) {
	var want string
	if jscan.KindOf(v) != jscan.Text || json.Unmarshal(v, &want) != nil {
		return
	}
	got := jscan.Unescape(nil, v[1:len(v)-1])
	// encoding/json also replaces invalid UTF-8, which jscan leaves alone.
	if utf8.Valid(v) && string(got) != want {
		t.Fatalf("Unescape(%q) = %q; want %q", v, got, want)
	}
}

func compareMembers(t *testing.T, v []byte) {
	switch jscan.KindOf(v) {
	case jscan.Object:
		n := 0
		for it := jscan.Members(v); ; n++ {
			_, val, ok := it.Next()
			if !ok {
				break
			}
			if !json.Valid(val) {
				t.Fatalf("member %d of %q is %q", n, v, val)
			}
		}
	case jscan.Array:
		var want []json.RawMessage
		if json.Unmarshal(v, &want) != nil {
			return
		}
		it := jscan.Members(v)
		for i := range want {
			got, ok := it.Elem()
			if !ok || !bytes.Equal(got, want[i]) {
				t.Fatalf("element %d of %q = %q, %v; want %q", i, v, got, ok, want[i])
			}
		}
	}
}
