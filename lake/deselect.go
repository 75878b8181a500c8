package lake

// Deselect counts a record that the store's selectors do not take. Its source is
// listed with their hash, so that an import under other ones reads it again.
func (a *Appender) Deselect() {
	a.Filter()
	a.current.Counts.Deselected++
	a.current.Selectors = a.store.Selectors.Hash()
}

// Deselect is Appender.Deselect.
func (r *Rehearsal) Deselect() {
	r.Filter()
	r.current.Deselected++
}
