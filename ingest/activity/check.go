package activity

import (
	"bytes"
	"regexp"
	"strings"
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

// demands are what is documented, required fields first.
var demands = []demand{
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

var accountText = regexp.MustCompile(`^[0-9]{12}$`)

// check returns the event's time, or the first fault of an eventData.
func check(data object, o Origin) (int64, *Fault) {
	user := membersOf(data.member("userIdentity"))
	for _, d := range demands {
		if f := d.fault(data, user); f != nil {
			return 0, f
		}
	}
	account := plain(data.member("recipientAccountId"))
	switch {
	case !accountText.MatchString(account):
		return 0, fault(InvalidRecipient, "recipientAccountId %.40q is not an account of 12 digits", account)
	case o.Account != "" && account != o.Account:
		return 0, fault(InvalidRecipient, "recipientAccountId is %s; this channel is of account %s", account, o.Account)
	}
	text := plain(data.member("eventTime"))
	at, err := time.Parse(time.RFC3339Nano, text)
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return 0, fault(InvalidData, "eventTime %.60q is not a time such as \"2026-01-31T23:59:59Z\"", text)
	}
	return at.UnixMicro(), nil
}

// fault says what is wrong with the field, if anything is. user is the object
// userIdentity of the data.
func (d demand) fault(data, user object) *Fault {
	name, of := d.name, data
	if inner, ok := strings.CutPrefix(name, "userIdentity."); ok {
		name, of = inner, user
	}
	v := of.member(name)
	if v == nil || jscan.KindOf(v) == jscan.Null {
		if d.required {
			return fault(FieldNotFound, "eventData has no %s", d.name)
		}
		return nil
	}
	kind, want := jscan.Text, "text"
	if d.object {
		kind, want = jscan.Object, "JSON object"
	}
	if jscan.KindOf(v) != kind {
		return fault(InvalidData, "%s is not a %s", d.name, want)
	}
	length := len(v)
	if !d.object {
		length = characters(v)
	}
	switch {
	case d.required && length == 0:
		return fault(FieldNotFound, "%s is empty", d.name)
	case d.longest > 0 && length > d.longest:
		return fault(FieldTooLong, "%s has a length of %d; at most %d", d.name, length, d.longest)
	}
	return nil
}

// characters is how many a text has.
func characters(v []byte) int {
	body := v[1 : len(v)-1]
	if bytes.IndexByte(body, '\\') < 0 {
		return utf8.RuneCount(body)
	}
	return utf8.RuneCount(jscan.Unescape(nil, body))
}
