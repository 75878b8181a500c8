package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"tarn/internal/jscan"
	"tarn/internal/uuid"
)

// Category is the eventCategory of all activity events.
const Category = "ActivityAuditLog"

// Account is the recipientAccountId of a mapped event that names none: the one of
// a lake, which AWS gives to nobody.
const Account = "000000000000"

// MaxBytes is how long a record may be: as long as those of a log file.
const MaxBytes = 16 << 20

// Errors of audit events that make no record.
var (
	errNotUTF8 = errors.New("record is not valid UTF-8")
	errTooDeep = errors.New("record is nested too deep: at most 100 levels, with the event around it")
	errTooLong = errors.New("record is longer than 16 MiB")
	errNoValue = errors.New("record is not an object")
)

// Event is an activity event.
type Event struct {
	// ID is its eventID, Time its eventTime in microseconds since 1970 in UTC.
	ID   string
	Time int64
	// Raw is the record.
	Raw []byte
}

// Origin says whose event data store takes the events in, and how. The zero value
// is a lake of no account and no region.
type Origin struct {
	// Account is the account of the lake; empty means that an event may be meant
	// for any.
	Account string
	// Region is the record's awsRegion, Channel its metadata.channelARN; they are
	// left out if empty.
	Region, Channel string
}

// record is what an activity event is made of.
type record struct {
	origin  Origin
	data    []byte // eventData, verbatim
	source  string // eventSource, which with account and uid makes the id
	account string // recipientAccountId
	uid     string
	time    int64
	// mapped and original are the name of the map and what it was given; empty if
	// eventData is what came in.
	mapped   string
	original []byte
}

// build writes the record. All that came in is checked by now to be JSON.
func (r record) build() (Event, error) {
	id := uuid.OfName(r.account, r.source, r.uid)
	b := make([]byte, 0, 512+len(r.data)+len(r.original))
	b = append(b, `{"eventVersion":"1.0","eventCategory":"`+Category+`","eventType":"ActivityLog","eventID":"`+id+`","eventTime":`...)
	b = append(b, instant(r.time)...)
	b = appendText(b, `,"awsRegion":`, r.origin.Region)
	b = appendText(b, `,"recipientAccountId":`, r.account)
	if r.origin.Channel != "" {
		b = appendText(b, `,"metadata":{"channelARN":`, r.origin.Channel)
		b = append(b, '}')
	}
	b = append(b, `,"eventData":`...)
	b = append(b, r.data...)
	if r.original != nil {
		b = appendText(b, `,"map":`, r.mapped)
		b = append(b, `,"original":`...)
		b = append(b, r.original...)
	}
	b = append(b, '}')
	if len(b) > MaxBytes {
		return Event{}, errTooLong
	}
	if bytes.Count(b, []byte{'{'})+bytes.Count(b, []byte{'['}) <= jscan.MaxDepth {
		return Event{ID: id, Time: r.time, Raw: b}, nil
	}
	if end, err := jscan.Value(b, 0); err != nil || end != len(b) {
		return Event{}, errTooDeep // its parts are valid, and it is deeper than they are
	}
	return Event{ID: id, Time: r.time, Raw: b}, nil
}

// Original returns the bytes of the audit event that a record was made of: what a
// map was given, or else eventData. It is nil if raw is no activity event.
func Original(raw []byte) []byte {
	if end, err := jscan.Value(raw, 0); err != nil || end != len(raw) {
		return nil
	}
	if original := member(raw, "original"); original != nil {
		return original
	}
	return member(raw, "eventData")
}

// appendText appends a text behind what leads to it, unless it is empty.
func appendText(b []byte, lead, text string) []byte {
	if text == "" {
		return b
	}
	return append(append(b, lead...), quote(text)...)
}

// quote is the text as a JSON value.
func quote(text string) []byte {
	b, _ := json.Marshal(text) // a string has no error
	return b
}

// instant is a time as the fields of a record write it.
func instant(micros int64) []byte {
	return []byte(time.UnixMicro(micros).UTC().Format(`"2006-01-02T15:04:05.999999Z"`))
}

// parseObject reads the JSON object that stands in text, alone but for space
// around it.
func parseObject(text []byte) (o object, err error) {
	start := jscan.Space(text, 0)
	if start == len(text) || text[start] != '{' {
		return o, errNoValue
	}
	text = text[start:]
	members, end, err := jscan.Record(text, 0, make([]jscan.Member, 0, 16))
	switch {
	case errors.Is(err, jscan.ErrDepth):
		return o, errTooDeep
	case err != nil || jscan.Space(text, end) != len(text):
		return o, errNoValue
	case !utf8.Valid(text):
		return o, errNotUTF8
	}
	return object{text[:end], members}, nil
}
