package lake

import (
	"bytes"
	"testing"
)

// FuzzEntry reads any bytes as an entry of the log. What is read says the same when
// it is written and read again.
func FuzzEntry(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"lake","time":"2026-01-02T03:04:05Z","lake":"l","key":"k"}`))
	f.Add([]byte(`{"v":1,"type":"store","store":{"id":"s","name":"n","created":"2026-01-02T03:04:05.123456789+01:00"}}`))
	f.Add([]byte(`{"v":1,"type":"commit","commit":{"store":"s","segments":[{"id":"i","format":1,"stats":{"accounts":["1"]}}],"sources":{"name":"x","lines":1},"next_seq":9007199254740993}}`))
	f.Add([]byte(`{"v":1,"type":"store_selectors","change":{"store":"s","selectors":[{"Name":"<","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]}}`))
	f.Add([]byte(`{"v":2,"type":"commit"}`))
	f.Add([]byte(`{"v":1,"type":"hold"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := decodeEntry(payload)
		if err != nil {
			return
		}
		once, err := encodeEntry(e)
		if err != nil {
			t.Skip("times that JSON cannot say") // years beyond 9999
		}
		again, err := decodeEntry(once)
		if err != nil {
			t.Fatalf("%s cannot be read: %v", once, err)
		}
		if twice, err := encodeEntry(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s\nbecomes\n%s\n%v", once, twice, err)
		}
		s := newState()
		s.apply(e)
		s.clone().apply(again)
	})
}
