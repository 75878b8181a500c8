package lake

// AppendRaw puts a payload into the log as it is, signed, as a program of another
// version would.
func AppendRaw(l *Lake, payload string) error {
	if err := l.log.Append([]byte(payload)); err != nil {
		return err
	}
	return l.log.Publish()
}

// ExpireAnyway lets a segment expire without asking whether it may.
func (l *Lake) ExpireAnyway(storeID string, s Segment) error {
	return l.record(entry{Type: typeExpire, Expiry: &Expiry{storeID, []Tombstone{tombstone(s)}}})
}
