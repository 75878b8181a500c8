package segment_test

import (
	"bytes"
	"crypto/sha256"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"

	"tarn/lake/internal/segment"
	"tarn/schemas"
)

const keysOfHeavy = 1 << 20

// Events of a million keys have little in common with their bytes' size in
// memory: each is a row group of its own, so that one is held at a time.
func TestAnEventOfAMillionKeysIsARowGroup(t *testing.T) {
	b := []byte("\x00" + `{"eventID":"a","eventTime":"2026-01-02T03:04:05Z","requestParameters":{"first":"one"`)
	for i := range keysOfHeavy {
		b = append(b, `,"`...)
		b = strconv.AppendInt(b, int64(i), 36)
		b = append(b, `":0`...)
	}
	b = append(b, "}}"...)
	var events []segment.Event
	for i := range 3 {
		events = append(events, segment.Event{Raw: b[1:], Time: int64(i), Seq: int64(i), Leaf: sha256.Sum256(b)})
	}
	var p, needles, tree bytes.Buffer
	if _, err := segment.Write(schemas.CloudTrail(), segment.InOrder(events), segment.Files{Parquet: &p, Needles: &needles, Tree: &tree}); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(p.Bytes()), int64(p.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(f.RowGroups()); got != len(events) {
		t.Errorf("%d row groups; want %d", got, len(events))
	}
	keys, ok := f.Schema().Lookup("requestparameters", "key_value", "key")
	if !ok {
		t.Fatal("there is no column of keys")
	}
	for _, g := range f.RowGroups() {
		if n := g.ColumnChunks()[keys.ColumnIndex].NumValues(); n != keysOfHeavy+1 {
			t.Errorf("a row group has %d keys; want %d", n, keysOfHeavy+1)
		}
	}
}
