package decode

import (
	"bytes"
	"crypto/sha256"
	"errors"

	"tarn/ingest/activity"
)

// auditEvents takes the events of a body of PutAuditEvents. If it is refused as a
// whole, it says why.
func (s *splitter) auditEvents(v value) (reason string) {
	entries, err := activity.AuditEvents(v.text, activity.Origin{})
	var whole *activity.Fault
	if errors.As(err, &whole) {
		s.emit(Record{Raw: bytes.Clone(v.text[:min(len(v.text), keptOfReject)]), Offset: v.offset, Length: v.length, Code: whole.Code, Reason: whole.Message})
		return ""
	}
	for _, e := range entries {
		r := Record{Offset: v.offset, Length: v.length, Sender: e.ID}
		if e.Fault != nil {
			r.Raw, r.Code, r.Reason = bytes.Clone(e.Raw), e.Fault.Code, e.Fault.Message
		} else {
			buf := s.arena.keep(e.Event.Raw)
			r.Raw, r.Leaf = buf[1:len(buf):len(buf)], sha256.Sum256(buf)
			r.ID, r.Time, r.Category = e.Event.ID, e.Event.Time, activity.Category
		}
		s.emit(r)
	}
	return ""
}
