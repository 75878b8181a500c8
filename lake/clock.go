package lake

import (
	"context"
	"fmt"
	"time"

	"tarn/internal/hint"
)

// Two clocks have to agree before anything expires or is removed: the system's, and
// the log's, which is the time of its newest entry that can be believed. An entry is
// stamped by the system's clock too, so one that jumped would vouch for itself: an
// entry is believed only if it comes soon after one that is. What this is good for,
// and what not, says docs/retention.md.

// clockGap is how far the system's clock may be ahead of the log's: a long weekend
// without an entry.
const clockGap = 4 * 24 * time.Hour

// Confirmation is the act of saying that the system's clock is right although it is
// far from the log's.
type Confirmation struct {
	// Log is what the log's clock said.
	Log time.Time `json:"log"`
	// Reason says how the person knows.
	Reason string `json:"reason"`
}

// clockBehind is how far it may be behind before somebody has to say so: a store's
// days in which it can be restored are counted by it.
const clockBehind = time.Hour

// Clock is what the two clocks say.
type Clock struct {
	// System is the time of the system's clock, Log that of the log's.
	System time.Time `json:"system"`
	Log    time.Time `json:"log"`
}

// Doubt is ErrClock if the system's clock is too far ahead of the log's for anything
// to expire. One that is behind lets days expire late, which does no harm.
func (c Clock) Doubt() error {
	ahead := c.System.Sub(c.Log)
	if ahead <= clockGap {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: the system's says %s, which is %d days after the last time that the log of record vouches for, %s; nothing expires meanwhile",
		ErrClock, c.System.Format(time.RFC3339), int(ahead.Hours()/24), c.Log.Format(time.RFC3339)),
		"if the system's clock is wrong, set it right",
		`if it is right, because nothing was written to the lake for so long: tarn retention apply --confirm-clock --reason "…", which the log keeps`)
}

// behind is ErrClock if the system's clock is behind the log's: days that are counted
// from now would be over as soon as it is set right.
func (c Clock) behind() error {
	if !c.Log.After(c.System.Add(clockBehind)) {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: the system's says %s, and the log of record has an entry of %s",
		ErrClock, c.System.Format(time.RFC3339), c.Log.Format(time.RFC3339)),
		"if the system's clock is wrong, set it right",
		`if it is right, because it was ahead before: tarn retention apply --confirm-clock --reason "…", which the log keeps`)
}

// hear takes in the time of an entry, as the log has it.
func (c *Clock) hear(e entry) {
	believed := e.Time.After(c.Log) && !e.Time.After(c.Log.Add(clockGap))
	if e.Type == typeLake || e.Type == typeClock || believed {
		c.Log = e.Time
	}
}

// Clock returns what the two clocks say. It reads the log of record from its
// beginning: the index is no evidence.
func (l *Lake) Clock(ctx context.Context) (Clock, error) {
	a := newAudit()
	if err := a.follow(ctx, l.fsys, l.now().pos.Size); err != nil {
		return Clock{}, err
	}
	return a.at(l.moment()), nil
}

// ConfirmClock records that somebody says that the system's clock is right, and why.
// Nothing is written where the clocks agree.
func (l *Lake) ConfirmClock(ctx context.Context, reason string) error {
	if l.log == nil {
		return ErrReadOnly
	}
	if err := checkReason(reason); err != nil {
		return fmt.Errorf("confirm the clock: %w", err)
	}
	c, err := l.Clock(ctx)
	if err != nil || c.Doubt() == nil && c.behind() == nil {
		return err
	}
	return l.record(entry{Type: typeClock, Clock: &Confirmation{Log: c.Log, Reason: reason}})
}
