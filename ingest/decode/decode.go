// Package decode takes CloudTrail log files apart: from the bytes of an object,
// gzipped or not, to its records, each with its own bytes untouched and the few
// members that decide where it goes.
//
// Every record comes out as an event or with a reason why not. One bad record
// does not cost the others: a record that is JSON but no event is left out
// alone; behind a syntax error, a broken gzip stream or a limit the rest of the
// file is one reject with its offset and length. Memory is bounded whatever the
// input: a window of at most 16 MiB over the inflated bytes.
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
	// starts in the inflated bytes; Length is how long it is, which is more than
	// len(Raw) where a long reject was cut.
	Number         int64
	Offset, Length int64
	// ID, Time (microseconds) and Category are the event's.
	ID       string
	Time     int64
	Category string
	// Leaf is the SHA-256 of a zero byte and Raw: its leaf hash.
	Leaf [sha256.Size]byte
	// Reason says why the record is not an event.
	Reason string
}

// describe fills in what the record says about itself, or why it is no event.
// buf is its bytes behind a zero byte, which is how leaves are hashed; members
// are those of the object that it is.
func describe(buf []byte, members []jscan.Member) Record {
	r := Record{Raw: buf[1:len(buf):len(buf)]}
	r.Length = int64(len(r.Raw))
	if r.Raw[0] != '{' {
		r.Reason = "record is not an object"
		return r
	}
	if !utf8.Valid(r.Raw) {
		r.Reason = "record is not valid UTF-8"
		return r
	}
	var id, category, timeText []byte
	for _, m := range members {
		key := r.Raw[m.Key:m.KeyEnd]
		if !mayBeOurs(key) {
			continue
		}
		val := r.Raw[m.Val:m.End]
		switch {
		case timeText == nil && is(key, "eventTime"):
			timeText = val
		case id == nil && is(key, "eventID"):
			id = val
		case category == nil && is(key, "eventCategory"):
			category = val
		}
	}
	r.ID, r.Category = plain(id), plain(category)
	var ok bool
	if r.Time, ok = schemas.ParseTime([]byte(plain(timeText))); !ok {
		r.Reason = "record has no eventTime"
		if timeText != nil {
			r.Reason = fmt.Sprintf("eventTime %.60s is not a time such as \"2026-01-31T23:59:59Z\"", timeText)
		}
		return r
	}
	r.Leaf = sha256.Sum256(buf)
	return r
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
