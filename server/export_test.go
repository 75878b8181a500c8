package server

import "time"

// Bounds that tests make shorter, before a server listens.
var (
	EndTime     = &endTime
	BodyTime    = &bodyTime
	SlowTime    = &slowTime
	SilentTime  = &silentTime
	AskAgain    = &askAgain
	ReceiptTime = &receiptTime
	Streams     = &streams
	Connections = &connections
)

// Limiter is what counts what is asked.
type Limiter struct{ limiter }

// Enter is limiter's.
func (l *Limiter) Enter(most Limits, id string, now time.Time) (func(), error) {
	return l.enter(most, id, now)
}

// Len is how many credentials are remembered.
func (l *Limiter) Len() int { return len(l.uses) }
