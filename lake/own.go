package lake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/schemas"
)

// OwnStoreName is the name of the lake's own store. No quotes are needed around it
// in a statement, and no other store may have it.
const OwnStoreName = "tarn_audit"

// ownStoreID is the id of the lake's own store, in every lake: whoever has the log
// knows without its name, and without asking anybody, which one it is.
var ownStoreID = uuid.OfName("tarn", "audit")

// ErrOwnStore means that only the lake itself puts events into its own store, and
// that nobody takes that away.
var ErrOwnStore = errors.New("this is the lake's own event data store")

// Own reports whether it is the lake's own store: that of what was asked of the lake.
func (s Store) Own() bool { return s.ID == ownStoreID }

// Audit accepts events of what was asked of the lake into its own store, as Put does
// into others. The store is made with the first of them.
func (l *Lake) Audit(ctx context.Context, events []Event) error {
	st, err := l.ownStore()
	if err == nil {
		_, err = l.put(ctx, st, events)
	}
	return err
}

// ownStore returns the lake's own store, which is made if it is not there.
func (l *Lake) ownStore() (Store, error) {
	if st, err := l.Store(ownStoreID); err == nil {
		return st, nil
	}
	family := schemas.CloudTrail()
	st, err := PlanStore(family, StoreSettings{Name: OwnStoreName})
	if err != nil {
		return Store{}, err
	}
	st.ID = ownStoreID
	return l.changeStore("create", func() (string, []entry, error) {
		if l.state.storeAt(ownStoreID) >= 0 {
			return ownStoreID, nil, nil // somebody was faster
		}
		st.Created = l.moment()
		return st.ID, []entry{{Type: typeStore, Store: &st}}, l.free(OwnStoreName, st)
	})
}

// keepsOwn refuses settings that the lake's own store cannot have, and its name for
// others.
func (s Store) keepsOwn(o StoreSettings) error {
	if !s.Own() {
		if strings.EqualFold(o.Name, OwnStoreName) {
			return hint.Add(fmt.Errorf("%w: %s is the name of the lake's own", ErrStoreName, o.Name), "choose another name")
		}
		return nil
	}
	off := o.TerminationProtection != nil && !*o.TerminationProtection
	if o.Selectors == nil && !off && (o.Name == "" || o.Name == s.Name) {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: its name, its termination protection and what it takes stay as they are", ErrOwnStore),
		"its retention period, billing mode and lock mode can be changed")
}

// takesOthers refuses events for the lake's own store that are not from the lake.
func (s Store) takesOthers() error {
	if !s.Own() {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: %s", ErrOwnStore, s.Name), "it takes what was asked of the lake, from the lake alone; name another with --store")
}
