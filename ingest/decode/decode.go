// Package decode takes files and streams of events apart: from the bytes of an
// object, gzipped or not, to its records, each with its own bytes untouched and
// the few members that decide where it goes. What the records are wrapped in is
// known by looking at it (docs/envelopes.md), and is not kept.
//
// Every record comes out as an event or with a reason why not. One bad record
// does not cost the others: a record that is JSON but no event is left out
// alone; behind a syntax error, or a record that is too long, reading goes on
// with the next line that starts a value; behind a broken gzip stream the rest of
// the file is one reject. Rejects have their offset and length. Memory is bounded
// whatever the input: a window of at most 16 MiB over the inflated bytes, and as
// much again for what is packed in them.
package decode

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"tarn/internal/jscan"
	"tarn/schemas"
)

// Record is one record of a file: an event, or a reject if Reason is not empty.
type Record struct {
	// Raw is the record's bytes. They are never reused.
	Raw []byte
	// Number counts the records of the file from 1; Offset is where the record
	// starts in the inflated bytes, Line in which line that is, from 1; Length is how long it is there. That is more
	// than len(Raw) where a long reject was cut. Of a record that was packed in a
	// text, both are those of the text.
	Number         int64
	Offset, Length int64
	Line           int64
	// ID, Time (microseconds) and Category are the event's.
	ID       string
	Time     int64
	Category string
	// Leaf is the SHA-256 of a zero byte and Raw: its leaf hash.
	Leaf [sha256.Size]byte
	// Reason says why the record is not an event.
	Reason string
	// Sender is what the sender of a body of PutAuditEvents calls the record, Code
	// that operation's code of the reason; empty for others.
	Sender, Code string
}

// said is what an object says about itself, as it stands there; nil if it does
// not. sure means that it is a record by the way it says it: others have an EventTime
// and an eventId.
type said struct {
	id, category, time []byte
	sure               bool
}

// look finds what an object says about itself.
func look(v value) (s said) {
	var sureTime, sureID bool
	for _, m := range v.members {
		key := v.text[m.Key:m.KeyEnd]
		if !mayBeOurs(key) {
			continue
		}
		val := v.text[m.Val:m.End]
		switch {
		case s.time == nil && is(key, "eventTime"):
			s.time = val
			sureTime = string(key) == "eventTime"
		case s.id == nil && is(key, "eventID"):
			s.id = val
			sureID = string(key) == "eventID"
		case s.category == nil && is(key, "eventCategory"):
			s.category = val
		}
	}
	s.sure = sureTime && sureID
	return s
}

// reasonNoTime marks an object that is no event.
const reasonNoTime = "record has no eventTime"

// event emits the event that an object is which said so much about itself. If it
// is none, it says why.
func (s *splitter) event(v value, found said) (reason string) {
	if !utf8.Valid(v.text) {
		return "record is not valid UTF-8"
	}
	category := plain(found.category)
	if found.time == nil && category == "Aggregated" { // these have a window
		found.time = member(v.text, "timeWindow", "windowStart")
	}
	if found.time == nil {
		return reasonNoTime
	}
	at, ok := schemas.ParseTime([]byte(plain(found.time)))
	if !ok {
		return fmt.Sprintf("eventTime %.60s is not a time such as \"2026-01-31T23:59:59Z\"", found.time)
	}
	buf := s.arena.keep(v.text)
	s.emit(Record{Raw: buf[1:len(buf):len(buf)], Offset: v.offset, Length: v.length,
		ID: plain(found.id), Time: at, Category: category, Leaf: sha256.Sum256(buf)})
	return ""
}

// refuse emits a reject of a value, with its bytes.
func (s *splitter) refuse(v value, reason string) {
	raw := bytes.Clone(v.text[:min(len(v.text), keptOfReject)])
	s.emit(Record{Raw: raw, Offset: v.offset, Length: v.length, Reason: reason})
}

// mayBeOurs spares most members the comparing: describe's names start with an
// "event", and a key with escapes may be any.
func mayBeOurs(key []byte) bool {
	return len(key) >= len("eventID") && (key[0]|0x20 == 'e' || bytes.IndexByte(key, '\\') >= 0)
}

// is compares a member's name as columns are fed: unescaped and without case. Of
// repeated members the first counts, whatever its value; so an event's id here is
// its eventid column.
func is(key []byte, name string) bool {
	if string(key) == name {
		return true
	}
	if bytes.IndexByte(key, '\\') >= 0 {
		key = jscan.Unescape(nil, key)
	}
	return len(key) == len(name) && strings.EqualFold(string(key), name)
}

// plain returns the text of a JSON value as a text column would have it.
func plain(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	switch jscan.KindOf(v) {
	case jscan.Text:
		body := v[1 : len(v)-1]
		if bytes.IndexByte(body, '\\') < 0 {
			return string(body)
		}
		return string(jscan.Unescape(nil, body))
	case jscan.Number, jscan.Bool:
		return string(v)
	}
	return ""
}
