package lake

import "time"

// Protection is what a segment's files have to be protected as, in the words of S3
// Object Lock: what a disk that can do that is to be told.
type Protection struct {
	// Mode is the store's lock mode.
	Mode LockMode `json:"mode"`
	// RetainUntil is when its retention period is over, by what is decided now: it may
	// become later, and in compliance mode not earlier.
	RetainUntil time.Time `json:"retain_until"`
	// LegalHold tells whether a hold covers it.
	LegalHold bool `json:"legal_hold"`
}

// Protection returns that of a segment of the store.
func (s *Snapshot) Protection(st Store, seg Segment) Protection {
	return Protection{st.Lock, st.ExpiresAt(seg.Day), len(s.state.holdsOn(st.ID, seg.Day)) > 0}
}
