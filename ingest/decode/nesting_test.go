package decode_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tarn/ingest/decode"
)

// maker wraps records at random, and remembers them.
type maker struct {
	*rand.Rand
	records []string
}

// odd are parts of texts that are not what they look like.
var odd = []string{`"`, `\`, "\n", "\r", "\t", "/", "é", "\u2028", "😀", "<&>", "{", "}", "[", "]", ",", ":", "eventTime", `\u0041`, " "}

// record returns a record with an odd text, sometimes pretty-printed.
func (m *maker) record() string {
	var text strings.Builder
	for range m.IntN(12) {
		text.WriteString(odd[m.IntN(len(odd))])
	}
	r := fmt.Sprintf(`{"eventTime":"2026-01-02T03:04:05Z","eventID":"%d","x":%s}`, len(m.records), quoted(text.String()))
	if m.IntN(4) == 0 {
		r = strings.Replace(strings.Replace(r, `{"`, "{\n  \"", 1), `,"x":`, ",\r\n\t\"x\" : ", 1)
	}
	m.records = append(m.records, r)
	return r
}

// several returns values one behind the other.
func (m *maker) several(depth int) string {
	var b strings.Builder
	for i := range 1 + m.IntN(3) {
		if i > 0 {
			b.WriteString([]string{"\n", "\r\n\r\n", "", " ", ",\n", ", "}[m.IntN(6)])
		}
		b.WriteString(m.value(depth))
	}
	return b.String()
}

// list returns the elements of an array.
func (m *maker) list(depth int, wrap func(string) string) string {
	var all []string
	for range m.IntN(4) {
		all = append(all, wrap(m.value(depth)))
	}
	return "[" + strings.Join(all, []string{",", " , ", ",\n"}[m.IntN(3)]) + "]"
}

// value returns a record, or an envelope with values in it.
func (m *maker) value(depth int) string {
	if depth == 0 {
		return m.record()
	}
	depth--
	plain := func(v string) string { return v }
	switch m.IntN(12) {
	case 0:
		return `{"Records":` + m.list(depth, plain) + `,"x":[{}]}`
	case 1:
		return `{"a":{"b":[1]}, "Events" : ` + m.list(depth, message("CloudTrailEvent")) + "}"
	case 2:
		return `{"version":"0","detail-type":"AWS API Call via CloudTrail","time":"2026-01-02T03:04:05Z","detail": ` + m.value(depth) + ` }`
	case 3:
		return `{"messageType":"DATA_MESSAGE","logEvents":` + m.list(depth, message("message")) + "}"
	case 4:
		return `{"Type":"Notification","Message":` + quoted(m.several(depth)) + "}"
	case 5:
		return `{"Messages":` + m.list(depth, message("Body")) + "}"
	case 6:
		return `{"kinesis":{"data":"` + base64.StdEncoding.EncodeToString([]byte(m.several(depth))) + `"},"eventID":"shard:1"}`
	case 7:
		return `{"awslogs":{"data":"` + base64.StdEncoding.EncodeToString(zipped(m.several(depth))) + `"}}`
	case 8:
		return `{"preview":false,"result":{"_raw":` + quoted(m.several(depth)) + "}}"
	case 9:
		return `{"\u0052ecords":` + m.list(depth, func(v string) string { return `{"Sns":{"Message":` + quoted(v) + "}}" }) + "}"
	case 10:
		return `{"records":` + m.list(depth, func(v string) string {
			return `{"recordId":"1","data":"` + base64.StdEncoding.EncodeToString([]byte(v)) + `"}`
		}) + "}"
	}
	return m.value(depth)
}

// Whatever records are wrapped in, how often and how many, they come out in order
// with their own bytes and nothing else does.
func TestRandomNesting(t *testing.T) {
	for seed := range uint64(300) {
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 1))}
		in := m.several(m.IntN(5))
		for _, one := range []bool{false, true} {
			var got []string
			var d decode.Decoder
			r := iotest.HalfReader(bytes.NewReader([]byte(in)))
			if one {
				r = iotest.OneByteReader(bytes.NewReader(zipped(in)))
			}
			_, err := d.File(r, func(r decode.Record) error {
				got = append(got, string(r.Raw)+r.Reason)
				return nil
			})
			if d := cmp.Diff(m.records, got); d != "" || err != nil {
				t.Fatalf("seed %d: error %v, of %q (-want +got):\n%s", seed, err, in, d)
			}
		}
	}
}
