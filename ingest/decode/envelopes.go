package decode

import (
	"bytes"
	"fmt"

	"tarn/internal/jscan"
)

// holding says how an envelope holds what is in it.
type holding int

const (
	nested       holding = iota // as JSON: a record, or an envelope
	list                        // as an array of these, of any length
	text                        // as a text with JSON in it
	encoded                     // as base64, gzipped or not
	subscription                // as a list, unless it is a control message
	bucketNotice                // somewhere else: S3 tells of a new object
	trailNotice                 // somewhere else: CloudTrail tells of new log files
	signature                   // not at all: it signs files
	request                     // as a body of PutAuditEvents has them
)

// envelope is something that events are wrapped in, an object with a member of
// this name and kind.
type envelope struct {
	member string
	kind   jscan.Kind
	holds  holding
}

// timed is how many envelopes, the first ones, have a time as events have.
const timed = 3

// envelopes are all that are known, those first that count if an object looks
// like several. docs/envelopes.md says where they come from.
var envelopes = []envelope{
	{"CloudTrailEvent", jscan.Text, text},
	{"cloudTrailEvent", jscan.Text, text},
	{"s3", jscan.Object, bucketNotice},
	{"Records", jscan.Array, list},
	{"Events", jscan.Array, list},
	{"logEvents", jscan.Array, subscription},
	{"events", jscan.Array, list},
	{"records", jscan.Array, list},
	{"Messages", jscan.Array, list},
	{"test_events", jscan.Array, list},
	{"auditEvents", jscan.Array, request},
	{"s3ObjectKey", jscan.Array, trailNotice},
	{"detail", jscan.Object, nested},
	{"Message", jscan.Text, text},
	{"Sns", jscan.Object, nested},
	{"Body", jscan.Text, text},
	{"body", jscan.Text, text},
	{"kinesis", jscan.Object, nested},
	{"awslogs", jscan.Object, nested},
	{"Data", jscan.Text, encoded},
	{"data", jscan.Text, encoded},
	{"data", jscan.Object, nested},
	{"_raw", jscan.Text, text},
	{"message", jscan.Text, text},
	{"original", jscan.Text, text},
	{"result", jscan.Object, nested},
	{"event", jscan.Object, nested},
	{"event", jscan.Text, text},
	{"cloudtrail", jscan.Object, nested},
	{"aws", jscan.Object, nested},
	{"digestStartTime", jscan.Text, signature},
	{"digestEndTime", jscan.Text, signature},
	{"hashSignature", jscan.Text, signature},
	{"PublicKeyList", jscan.Array, signature},
}

// mark is what an envelope is known by.
type mark struct {
	member string
	kind   jscan.Kind
}

// byMark finds envelopes, by their place in the table.
var byMark = func() map[mark]int {
	found := map[mark]int{}
	for i, e := range envelopes {
		found[mark{e.member, e.kind}] = i
	}
	return found
}()

// isList reports whether an object with an array of this name holds a list of
// events, so that its elements can be taken as they come.
func isList(key []byte) bool {
	i, ok := byMark[mark{name(key), jscan.Array}]
	return ok && envelopes[i].holds == list
}

// name is a key without its escapes.
func name(key []byte) string {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = jscan.Unescape(nil, key)
	}
	return string(key)
}

// unwrap opens the envelope that an object is, if it is known. If nothing is in it,
// it says why.
func (s *splitter) unwrap(v value, hasTime bool) (known bool, reason string) {
	limit := len(envelopes)
	if hasTime {
		limit = timed
	}
	best := limit
	for _, m := range v.members {
		if i, ok := v.envelope(m); ok {
			best = min(best, i)
		}
	}
	if best == limit {
		return false, ""
	}
	for _, m := range v.members { // of repeated members none is dropped
		if i, ok := v.envelope(m); ok && i == best && s.failed == nil {
			reason = s.open(envelopes[i], v, m)
		}
	}
	return true, reason
}

// envelope says which one an object is by one of its members.
func (v value) envelope(m jscan.Member) (int, bool) {
	i, ok := byMark[mark{name(v.text[m.Key:m.KeyEnd]), jscan.KindOf(v.text[m.Val:m.End])}]
	return i, ok
}

// open takes what is in a member of an envelope.
func (s *splitter) open(e envelope, v value, m jscan.Member) (reason string) {
	in := v.part(m.Val, m.End)
	switch e.holds {
	case nested:
		if part, _, err := s.parse(in, 0); err == nil { // it was read before
			return s.take(part)
		}
	case list:
		s.inside(in)
	case subscription:
		if Texts(v.text, "messageType")[0] != "CONTROL_MESSAGE" {
			s.inside(in)
		}
	case text:
		return s.unescape(in, e.member)
	case encoded:
		return s.decode(in, e.member)
	case bucketNotice:
		return elsewhere("S3", member(in.text, "bucket", "name"), member(in.text, "object", "key"))
	case trailNotice:
		keys := jscan.Members(in.text)
		key, _ := keys.Elem()
		return elsewhere("CloudTrail", member(v.text, "s3Bucket"), key)
	case signature:
		if s.EachLine {
			return "it signs log files, and holds no events"
		}
		s.signatures++
	case request:
		return s.auditEvents(v)
	}
	return ""
}

// elsewhere says that the events are in an object, of which there is a notice.
func elsewhere(from string, bucket, key []byte) string {
	return fmt.Sprintf("a notification of %s, which holds no events: import the objects that it names, such as s3://%.80s/%.300s",
		from, plain(bucket), plain(key))
}

// member is the member of an object at this path, nil if it has none.
func member(v []byte, path ...string) []byte {
	for _, p := range path {
		it := jscan.Members(v)
		for v = nil; v == nil; {
			key, val, ok := it.Next()
			if !ok {
				return nil
			}
			if name(key) == p {
				v = val
			}
		}
	}
	return v
}
