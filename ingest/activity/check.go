package activity

import (
	"regexp"
	"time"
	"unicode/utf8"

	"tarn/internal/jscan"
)

// demand is what PutAuditEvents asks of a field of eventData. Lengths are in
// characters of texts, in bytes of objects; zero is no bound.
type demand struct {
	name     string
	required bool
	object   bool
	longest  int
}

// demands returns what is documented, required fields first.
func demands() []demand {
	return []demand{
		{"version", true, false, 256},
		{"userIdentity.type", true, false, 128},
		{"userIdentity.principalId", true, false, 1024},
		{"eventSource", true, false, 0},
		{"eventName", true, false, 0},
		{"eventTime", true, false, 0},
		{"UID", true, false, 1024},
		{"recipientAccountId", true, false, 0},
		{"userIdentity.details", false, true, 0},
		{"userAgent", false, false, 1024},
		{"sourceIPAddress", false, false, 0},
		{"requestParameters", false, true, 100 << 10},
		{"responseElements", false, true, 100 << 10},
		{"additionalEventData", false, true, 28 << 10},
		{"errorCode", false, false, 256},
		{"errorMessage", false, false, 256},
	}
}

var accountText = regexp.MustCompile(`^[0-9]{12}$`)

// check returns the event's time, or the first fault of an eventData.
func check(data []byte, o Origin) (int64, *Fault) {
	for _, d := range demands() {
		if f := d.fault(data); f != nil {
			return 0, f
		}
	}
	account := plain(member(data, "recipientAccountId"))
	switch {
	case !accountText.MatchString(account):
		return 0, fault(InvalidRecipient, "recipientAccountId %.40q is not an account of 12 digits", account)
	case o.Account != "" && account != o.Account:
		return 0, fault(InvalidRecipient, "recipientAccountId is %s; this channel is of account %s", account, o.Account)
	}
	text := plain(member(data, "eventTime"))
	at, err := time.Parse(time.RFC3339Nano, text)
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return 0, fault(InvalidData, "eventTime %.60q is not a time such as \"2026-01-31T23:59:59Z\"", text)
	}
	return at.UnixMicro(), nil
}

// fault says what is wrong with the field, if anything is.
func (d demand) fault(data []byte) *Fault {
	p, err := parsePath(d.name)
	if err != nil {
		return fault(InvalidData, "%v", err)
	}
	v := p.find(data)
	if v == nil {
		if d.required {
			return fault(FieldNotFound, "eventData has no %s", d.name)
		}
		return nil
	}
	kind, want, length := jscan.Text, "text", utf8.RuneCountInString(plain(v))
	if d.object {
		kind, want, length = jscan.Object, "JSON object", len(v)
	}
	switch {
	case jscan.KindOf(v) != kind:
		return fault(InvalidData, "%s is not a %s", d.name, want)
	case d.required && length == 0:
		return fault(FieldNotFound, "%s is empty", d.name)
	case d.longest > 0 && length > d.longest:
		return fault(FieldTooLong, "%s has a length of %d; at most %d", d.name, length, d.longest)
	}
	return nil
}
