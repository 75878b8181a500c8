package lake

import "tarn/schemas/selector"

// selected keeps the hash of the selectors that were asked for last: an import asks
// for every source.
type selected struct {
	selectors selector.Set
	hash      string
}

func (s *selected) of(selectors selector.Set) string {
	if s.selectors != selectors {
		*s = selected{selectors, selectors.Hash()}
	}
	return s.hash
}

// Deselect counts a record that the store's selectors do not take. Its source is
// listed with their hash, so that an import under other ones reads it again.
func (a *Appender) Deselect() {
	a.Filter()
	a.current.Counts.Deselected++
	if a.current.Selectors == "" {
		a.lake.mu.Lock()
		a.current.Selectors = a.lake.selected.of(a.store.Selectors)
		a.lake.mu.Unlock()
	}
}

// Deselect is Appender.Deselect.
func (r *Rehearsal) Deselect() {
	r.Filter()
	r.current.Deselected++
}
