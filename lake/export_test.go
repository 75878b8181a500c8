package lake

import "tarn/lake/internal/segment"

// AppendRaw puts a payload into the log as it is, signed, as a program of another
// version would.
func AppendRaw(l *Lake, payload string) error {
	if err := l.log.Append([]byte(payload)); err != nil {
		return err
	}
	return l.log.Publish()
}

// CountNow reports whether it is time for the log to count what was accepted.
func CountNow(l *Lake) bool { return l.hot.countNow() }

// WaitSealed returns when nothing is being sealed.
func WaitSealed(a *Appender) { _ = a.seals.Wait() }

// PlantHot puts an event into the hot tier that nobody accepted, under a number.
func PlantHot(l *Lake, st Store, e Event, seq int64) error {
	event := segment.Event{Raw: e.Raw, Time: e.Time, Seq: seq, Leaf: e.Leaf}
	seg, err := l.placeSegment(st, dayOf(e.Time), part{events: sorted([]segment.Event{event}), hot: true})
	if err != nil {
		return err
	}
	return l.publishHot(hotChange{add: []hotFile{{Store: st.ID, Segment: seg}}}, 0)
}

// ExpireAnyway lets a segment expire without asking whether it may.
func (l *Lake) ExpireAnyway(storeID string, s Segment) error {
	return l.record(entry{Type: typeExpire, Expiry: &Expiry{storeID, []Tombstone{tombstone(s)}}})
}
