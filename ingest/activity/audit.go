package activity

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"

	"tarn/internal/jscan"
)

// The limits of a body of PutAuditEvents.
const (
	maxAuditEvents = 100
	maxBody        = 1 << 20
)

// Entry is one audit event of a body: the caller's id of it, its bytes in the
// body, and what it makes.
type Entry struct {
	ID    string
	Raw   []byte
	Event Event
	// Fault says why the event was not taken; nil if it was.
	Fault *Fault
}

// Fault is an error as PutAuditEvents tells it: AWS's code, and a sentence.
type Fault struct{ Code, Message string }

// Error is the sentence.
func (f *Fault) Error() string { return f.Message }

// The codes of faults. The last two are of a whole body.
const (
	FieldTooLong       = "FieldTooLong"
	FieldNotFound      = "FieldNotFound"
	InvalidChecksum    = "InvalidChecksum"
	InvalidData        = "InvalidData"
	InvalidRecipient   = "InvalidRecipient"
	DuplicatedEventID  = "DuplicatedAuditEventId"
	UnsupportedRequest = "UnsupportedOperationException"
)

func fault(code, format string, args ...any) *Fault {
	return &Fault{code, fmt.Sprintf(format, args...)}
}

var auditID = regexp.MustCompile(`^[-_A-Za-z0-9]{1,128}$`)

// AuditEvents takes a body of PutAuditEvents apart: an Entry for each event, in
// order. The error is a *Fault of the whole body; then no event of it is taken.
func AuditEvents(body []byte, o Origin) ([]Entry, error) {
	if len(body) > maxBody {
		return nil, fault(UnsupportedRequest, "the body has %d bytes; at most %d", len(body), maxBody)
	}
	whole, err := parseObject(body)
	if err != nil {
		return nil, fault(UnsupportedRequest, "the body is not a JSON object")
	}
	list := whole.member("auditEvents")
	if len(list) == 0 || list[0] != '[' {
		return nil, fault(UnsupportedRequest, "the body has no list auditEvents")
	}
	events := elements(list)
	if len(events) == 0 || len(events) > maxAuditEvents {
		return nil, fault(UnsupportedRequest, "auditEvents has %d events; 1 to %d", len(events), maxAuditEvents)
	}
	entries, seen := make([]Entry, len(events)), map[string]bool{}
	for i, e := range events {
		sent := membersOf(e)
		id := plain(sent.member("id"))
		switch {
		case !auditID.MatchString(id):
			return nil, fault(UnsupportedRequest, "the id of event %d is not 1 to 128 letters, digits, - and _", i+1)
		case seen[id]:
			return nil, fault(DuplicatedEventID, "two events have the id %s", id)
		}
		seen[id] = true
		entries[i] = auditEvent(sent, o)
		entries[i].ID, entries[i].Raw = id, e
	}
	return entries, nil
}

// auditEvent takes one event of a body.
func auditEvent(sent object, o Origin) (entry Entry) {
	text := sent.member("eventData")
	if len(text) == 0 || text[0] != '"' {
		entry.Fault = fault(FieldNotFound, "eventData is missing, or no text that holds JSON")
		return entry
	}
	inner := jscan.Unescape(make([]byte, 0, len(text)), text[1:len(text)-1])
	if sum := sent.member("eventDataChecksum"); sum != nil && plain(sum) != checksum(inner) {
		entry.Fault = fault(InvalidChecksum, "eventDataChecksum is not the base64 SHA-256 of eventData, which is %s", checksum(inner))
		return entry
	}
	entry.Event, entry.Fault = fromData(inner, o)
	return entry
}

func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// fromData makes the record of an eventData that is checked as AWS does.
func fromData(text []byte, o Origin) (Event, *Fault) {
	whole, err := parseObject(text)
	if errors.Is(err, errNoValue) {
		return Event{}, fault(InvalidData, "eventData is not a JSON object")
	}
	if err != nil {
		return Event{}, fault(InvalidData, "eventData: %v", err)
	}
	micros, failed := check(whole, o)
	if failed != nil {
		return Event{}, failed
	}
	e, err := record{
		origin: o, data: whole.text, source: plain(whole.member("eventSource")),
		account: plain(whole.member("recipientAccountId")), uid: plain(whole.member("UID")), time: micros,
	}.build()
	if err != nil {
		return Event{}, fault(InvalidData, "eventData: %v", err)
	}
	return e, nil
}
