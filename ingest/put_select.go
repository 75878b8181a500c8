package ingest

import (
	"tarn/lake"
	"tarn/schemas/selector"
)

// selects is the matcher of a store's selectors as they are now: a put may last for
// months, in which somebody gives the store other ones.
type selects struct {
	selectors selector.Set
	matcher   *selector.Matcher
}

// now returns the matcher; nil takes every event. Where the store is not there any
// more, it is the one before: putting into it says what is wrong.
func (s *selects) now(l *lake.Lake, store lake.Store) *selector.Matcher {
	st, err := l.Store(store.ID)
	if err != nil || st.Selectors == s.selectors {
		return s.matcher
	}
	// What cannot be compiled, nobody could have given the store.
	if m, err := st.Selectors.Compile(); err == nil {
		s.selectors, s.matcher = st.Selectors, m
	}
	return s.matcher
}
