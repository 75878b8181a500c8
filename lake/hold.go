package lake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
)

// Hold is a legal hold: nothing that it covers expires, whatever the retention
// period, the clock or the deletion of the store say, until it is released.
type Hold struct {
	// ID is a UUID, given when it is placed.
	ID string `json:"id"`
	// Store is the id of the store. From and To are the first and the last UTC day
	// that it covers, as 2006-01-02; empty for all before, or all to come.
	Store string `json:"store,omitempty"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	// Reason says why it was placed; in the entry that releases it, why that was.
	Reason string `json:"reason"`
	// Placed is when.
	Placed time.Time `json:"-"`
}

// Covers reports whether events of a store's day are held.
func (h Hold) Covers(storeID, day string) bool {
	return h.Store == storeID && (h.From == "" || h.From <= day) && (h.To == "" || day <= h.To)
}

// Holds returns the holds that stand, in the order in which they were placed.
func (s *Snapshot) Holds() []Hold { return slices.Clone(s.state.holds) }

// holdsOn returns the ids of the holds that cover a store's day.
func (s *state) holdsOn(storeID, day string) (ids []string) {
	for _, h := range s.holds {
		if h.Covers(storeID, day) {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// hold applies an entry about a hold.
func (s *state) hold(e entry) {
	h := *e.Hold
	h.Placed = e.Time
	if e.Type == typeHold {
		s.holds = append(slices.Clip(s.holds), h)
		return
	}
	s.holds = slices.DeleteFunc(slices.Clone(s.holds), func(o Hold) bool { return o.ID == h.ID })
}

func (s *state) holdAt(id string) int {
	return slices.IndexFunc(s.holds, func(h Hold) bool { return h.ID == id })
}

// PlaceHold places a hold on the store of that name, id or ARN: on all of it, or on
// the days of h. It may be one that is pending deletion, or by its id one that is
// gone and of which there are segments. The hold has an id then.
func (l *Lake) PlaceHold(ref string, h Hold) (Hold, error) {
	h.ID = uuid.New()
	if err := h.check(); err != nil {
		return Hold{}, fmt.Errorf("place hold: %w", err)
	}
	return h, l.recordHold("place hold", func(s *state) (entry, error) {
		st, err := s.findEver(ref, l.opts.Now())
		h.Store, h.Placed = st.ID, l.moment()
		return entry{Type: typeHold, Hold: &h}, err
	})
}

// check refuses a hold that covers nothing or has no reason.
func (h Hold) check() error {
	for _, day := range []string{h.From, h.To} {
		if _, err := time.Parse(time.DateOnly, day); err != nil && day != "" {
			return hint.Add(fmt.Errorf("%w: %q", ErrHoldDays, day), "write a day in UTC, such as 2026-01-31")
		}
	}
	if h.From != "" && h.To != "" && h.From > h.To {
		return fmt.Errorf("%w: nothing is from %s to %s", ErrHoldDays, h.From, h.To)
	}
	return checkReason(h.Reason)
}

// ReleaseHold releases the hold of that id, or of the only one whose id begins so,
// and returns it.
func (l *Lake) ReleaseHold(id, reason string) (Hold, error) {
	if err := checkReason(reason); err != nil {
		return Hold{}, fmt.Errorf("release hold: %w", err)
	}
	var h Hold
	return h, l.recordHold("release hold", func(s *state) (entry, error) {
		var err error
		h, err = s.findHold(id)
		return entry{Type: typeRelease, Hold: &Hold{ID: h.ID, Reason: reason}}, err
	})
}

// recordHold records the entry that plan makes of the present state.
func (l *Lake) recordHold(what string, plan func(*state) (entry, error)) error {
	if l.log == nil {
		return ErrReadOnly
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := plan(l.state)
	if err == nil {
		err = l.recordLocked(hotChange{}, []entry{e})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (s *state) findHold(id string) (Hold, error) {
	var found []Hold
	for _, h := range s.holds {
		if strings.HasPrefix(h.ID, id) && id != "" {
			found = append(found, h)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Hold{}, hint.Add(fmt.Errorf("%w: %q", ErrHoldNotFound, id), "tarn hold list has their ids")
	}
	return Hold{}, hint.Add(fmt.Errorf("%w: %q is the beginning of %d of them", ErrHoldNotFound, id, len(found)), "write more of its id; tarn hold list has them")
}

// unheld is ErrHeld if a hold stands on anything of the store.
func (s *state) unheld(st Store) error {
	for _, h := range s.holds {
		if h.Store == st.ID {
			return hint.Add(fmt.Errorf("%w on %s: %s (%s)", ErrHeld, st.Name, h.ID, h.Reason), "release it first, if it may be: tarn hold release "+h.ID+` --reason "…"`)
		}
	}
	return nil
}
