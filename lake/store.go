package lake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/schemas"
	"tarn/schemas/selector"
)

// Store is an event data store: a named collection of events of one family. It
// is what the log's entries about it come to.
type Store struct {
	// ID is a UUID, given at creation.
	ID string `json:"id"`
	// Name is unique in the lake: 3 to 128 letters, digits, '.', '_' and '-'.
	Name string `json:"name"`
	// Family names the schema family of its events.
	Family string `json:"family"`
	// RetentionDays is the retention period by event time.
	RetentionDays int `json:"retention_days"`
	// TerminationProtection refuses deletion while it is on.
	TerminationProtection bool `json:"termination_protection"`
	// Billing says how long the retention period may be.
	Billing BillingMode `json:"billing_mode,omitempty"`
	// Created is when the store was created.
	Created time.Time `json:"created"`

	// Selectors say which events it takes; the zero Set takes every event. They come
	// from entries of their own (FORMAT.md).
	Selectors selector.Set `json:"-"`
	// Stopped says that it takes no live events; imports it takes.
	Stopped bool `json:"-"`
	// Lock says who may take protection away from it; it has entries of its own too.
	Lock LockMode `json:"-"`
	// Updated is when the last of the log's entries about it was written;
	// Deleted is when it was deleted, zero unless it is pending deletion. Both
	// come from later entries and are not in the one that creates the store.
	Updated time.Time `json:"-"`
	Deleted time.Time `json:"-"`
}

// StoreStatus is what can be done with a store, in CloudTrail Lake's words.
type StoreStatus string

// The states of a store. CloudTrail Lake's CREATED, STARTING_INGESTION and
// STOPPING_INGESTION are none of them: all happens with the entry that says so.
const (
	// StoreEnabled means that it takes events and answers queries.
	StoreEnabled StoreStatus = "ENABLED"
	// StoreStopped means that it takes no live events, and imports and queries as before.
	StoreStopped StoreStatus = "STOPPED_INGESTION"
	// StorePendingDeletion means that it was deleted and can be restored.
	StorePendingDeletion StoreStatus = "PENDING_DELETION"
)

// PendingDays is how many days of 24 hours a deleted store can be restored.
const PendingDays = 7

// Status is the store's state.
func (s Store) Status() StoreStatus {
	switch {
	case !s.Deleted.IsZero():
		return StorePendingDeletion
	case s.Stopped:
		return StoreStopped
	}
	return StoreEnabled
}

// RestorableUntil is when the days of a store that is pending deletion are over;
// zero if it is not.
func (s Store) RestorableUntil() time.Time {
	if s.Deleted.IsZero() {
		return time.Time{}
	}
	return s.Deleted.Add(PendingDays * 24 * time.Hour)
}

// Usable is nil if the store takes imports and answers queries, and
// ErrStoreInactive if it is pending deletion.
func (s Store) Usable() error {
	if s.Deleted.IsZero() {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: %s", ErrStoreInactive, s.Name),
		"bring it back before "+s.RestorableUntil().Format(time.RFC3339)+" with: tarn store restore "+s.Name)
}

// Takes is nil if the store takes live events: ErrStopped if its ingestion is stopped,
// ErrStoreInactive if it is pending deletion.
func (s Store) Takes() error {
	if err := s.Usable(); err != nil || !s.Stopped {
		return err
	}
	return hint.Add(fmt.Errorf("%w: %s", ErrStopped, s.Name), "imports work as before; start it with: tarn store start-ingestion "+s.Name)
}

// Deletable is nil if the store can be deleted: ErrStoreInactive if it was
// deleted already, ErrProtected while termination protection is on.
func (s Store) Deletable() error {
	if err := s.Usable(); err != nil {
		return err
	}
	return s.unprotected()
}

// unprotected is ErrProtected while termination protection is on.
func (s Store) unprotected() error {
	if !s.TerminationProtection {
		return nil
	}
	if s.Own() {
		return hint.Add(fmt.Errorf("%w: %s", ErrProtected, s.Name), "it is the lake's own event data store, and stays as long as the lake")
	}
	return hint.Add(fmt.Errorf("%w: %s", ErrProtected, s.Name),
		"turn it off first with: tarn store update "+s.Name+" --termination-protection off")
}

// gone reports whether the store was deleted and its days are over.
func (s Store) gone(now time.Time) bool {
	return s.Status() == StorePendingDeletion && !now.Before(s.RestorableUntil())
}

// localRegion and localAccount stand in a store's ARN. A lake is in no region
// and of no account: the region is AWS's first, which every client knows, and
// the account is the one that AWS gives to nobody.
const (
	localRegion  = "us-east-1"
	localAccount = "000000000000"
)

// ARN is the store's name in CloudTrail Lake's form.
func (s Store) ARN() string {
	return "arn:aws:cloudtrail:" + localRegion + ":" + localAccount + ":eventdatastore/" + s.ID
}

// Schema is the schema family of the store's events.
func (s Store) Schema() *schemas.Family { return schemas.FamilyNamed(s.Family) }

// Store returns the event data store of that name, id or ARN, also one that is
// pending deletion (Store.Usable tells), or ErrStoreNotFound.
func (l *Lake) Store(ref string) (Store, error) { return l.now().find(ref, l.opts.Now()) }

// storeAt returns the place of the store of that id, -1 if there is none.
func (s *state) storeAt(id string) int {
	return slices.IndexFunc(s.stores, func(st Store) bool { return st.ID == id })
}

// storesAt returns the stores that are there at that time, by name.
func (s *state) storesAt(now time.Time) []Store {
	all := slices.DeleteFunc(slices.Clone(s.stores), func(st Store) bool { return st.gone(now) })
	slices.SortStableFunc(all, func(a, b Store) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// storeNamed returns the store of that name, id or ARN that is there at that
// time. Should a clock that was set back show two of one name, it is the newer.
func (s *state) storeNamed(ref string, now time.Time) (Store, bool) {
	id := ref
	if strings.HasPrefix(ref, "arn:") {
		id = ref[strings.LastIndexByte(ref, '/')+1:]
	}
	for _, st := range slices.Backward(s.stores) {
		if !st.gone(now) && (strings.EqualFold(st.ID, id) || strings.EqualFold(st.Name, ref)) {
			return st, true
		}
	}
	return Store{}, false
}

// findEver is find for a store that may be gone: then by its id.
func (s *state) findEver(ref string, now time.Time) (Store, error) {
	st, err := s.find(ref, now)
	if i := s.storeAt(ref); err != nil && i >= 0 {
		return s.stores[i], nil
	}
	return st, err
}

func (s *state) find(ref string, now time.Time) (Store, error) {
	if st, ok := s.storeNamed(ref, now); ok {
		return st, nil
	}
	err := fmt.Errorf("%w: %s", ErrStoreNotFound, ref)
	var names []string
	for _, st := range s.storesAt(now) {
		if names = append(names, st.Name); st.Usable() != nil {
			names[len(names)-1] += " (pending deletion)"
		}
	}
	if len(names) == 0 {
		return Store{}, hint.Add(err, "this lake has none yet; a first import makes one: tarn import ./AWSLogs")
	}
	return Store{}, hint.Add(err, "event data stores of this lake: "+strings.Join(names, ", "))
}

// StoreEver is Store for one that may be gone: then by its id.
func (l *Lake) StoreEver(ref string) (Store, error) { return l.now().findEver(ref, l.opts.Now()) }

// appendable is nil if events can be appended to the store as it is now.
func (l *Lake) appendable(store Store) error {
	st, err := l.Store(store.ID)
	if err != nil {
		return err
	}
	return st.Usable()
}

// takes is nil if live events can be put into the store as it is now.
func (l *Lake) takes(store Store) error {
	st, err := l.Store(store.ID)
	if err != nil {
		return err
	}
	return st.Takes()
}
