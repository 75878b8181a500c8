package lake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/schemas"
	"tarn/schemas/selector"
)

// The bounds of a retention period are CloudTrail Lake's (BillingMode.MaxDays). A
// new store has seven years in either mode: an archive is what a lake is for.
const (
	MinRetentionDays     = 7
	MaxRetentionDays     = 3653
	DefaultRetentionDays = 2557
)

// ConflictsSuffix behind a store's name means its conflicting records.
const ConflictsSuffix = ".conflicts"

// storeName is what CloudTrail Lake accepts as a name.
var storeName = regexp.MustCompile(`^[a-zA-Z0-9._-]{3,128}$`)

// StoreSettings are what can be chosen of a store. A field that is zero means
// the default where a store is created, and no change where one is updated.
type StoreSettings struct {
	// Name is the store's name; a store is not created without.
	Name string `json:"name,omitempty"`
	// RetentionDays is the retention period, MinRetentionDays to MaxRetentionDays.
	RetentionDays int `json:"retention_days,omitempty"`
	// TerminationProtection refuses deletion while it is on, which is the default.
	TerminationProtection *bool `json:"termination_protection,omitempty"`
	// Selectors say which events the store takes: from then on, in an update. The
	// default is none, which takes every event.
	Selectors *selector.Set `json:"selectors,omitempty"`
	// Billing says how long the retention period may be; the default is extendable.
	Billing BillingMode `json:"billing_mode,omitempty"`
	// Ingestion says whether the store takes live events, which is the default. Imports
	// and queries work either way.
	Ingestion *bool `json:"ingestion,omitempty"`
	// Lock says who may take protection away; the default is nobody's leave is needed.
	Lock LockMode `json:"lock,omitempty"`
}

// StoreChange is what an entry says of a store that was there.
type StoreChange struct {
	// Store is its id.
	Store string `json:"store"`
	// StoreSettings are, for an update, the settings that changed.
	StoreSettings
	// Bypass is there where the lock mode governance was passed over.
	Bypass *Bypass `json:"bypass,omitempty"`
}

// change applies an entry about a store.
func (s *state) change(e entry) {
	i := s.storeAt(e.Change.Store)
	if i < 0 {
		return // applyRaw has refused the log, and an index says nothing that is not in the log
	}
	st := &s.stores[i]
	st.Updated = e.Time
	switch e.Type {
	case typeUpdate:
		o := e.Change.StoreSettings
		o.Selectors, o.Ingestion, o.Lock = nil, nil, "" // have entries of their own
		st.set(o)
	case typeLock:
		st.Lock = e.Change.Lock
	case typeIngestion:
		st.Stopped = !*e.Change.Ingestion
	case typeSelectors:
		st.Selectors = *e.Change.Selectors
	case typeDelete:
		st.Deleted = e.Time
	case typeRestore:
		st.Deleted = time.Time{}
	}
}

// set takes over the settings that are not zero.
func (s *Store) set(o StoreSettings) {
	if o.Name != "" {
		s.Name = o.Name
	}
	if o.RetentionDays != 0 {
		s.RetentionDays = o.RetentionDays
	}
	if o.TerminationProtection != nil {
		s.TerminationProtection = *o.TerminationProtection
	}
	if o.Selectors != nil {
		s.Selectors = *o.Selectors
	}
	if o.Billing != "" {
		s.Billing = o.Billing
	}
	if o.Ingestion != nil {
		s.Stopped = !*o.Ingestion
	}
	if o.Lock != "" {
		s.Lock = o.Lock
	}
}

// check refuses settings that no store of the family can have.
func (o StoreSettings) check(family *schemas.Family) error {
	if o.Name != "" && (!storeName.MatchString(o.Name) || uuid.Valid(o.Name) ||
		strings.HasSuffix(strings.ToLower(o.Name), ConflictsSuffix)) {
		return badStoreName(o.Name)
	}
	if o.RetentionDays != 0 && (o.RetentionDays < MinRetentionDays || o.RetentionDays > MaxRetentionDays) {
		return hint.Add(fmt.Errorf("%w: %d days", ErrRetention, o.RetentionDays),
			fmt.Sprintf("%d to %d days, which is ten years", MinRetentionDays, MaxRetentionDays))
	}
	if o.Billing != "" && !slices.Contains(BillingModes(), o.Billing) {
		return hint.Add(fmt.Errorf("%w: %q", ErrBilling, o.Billing), fmt.Sprintf("billing modes: %s, %s", BillingExtendable, BillingFixed))
	}
	if o.Lock != "" && o.Lock.strength() < 0 {
		return hint.Add(fmt.Errorf("%w: %q", ErrLockMode, o.Lock), "lock modes: none, governance, compliance")
	}
	if o.Selectors == nil {
		return nil
	}
	if err := o.Selectors.Check(family); err != nil {
		return fmt.Errorf("%w: %w", ErrSelectors, err)
	}
	return nil
}

func badStoreName(name string) error {
	return hint.Add(fmt.Errorf("%w: %q", ErrStoreName, name),
		"3 to 128 letters, digits, '.', '_' and '-', not ending in "+ConflictsSuffix+", and not like an id")
}

// PlanStore returns the store of the family that CreateStoreWith would create,
// without a lake: it has no id and no time yet.
func PlanStore(family *schemas.Family, o StoreSettings) (Store, error) {
	if o.Name == "" {
		return Store{}, badStoreName(o.Name)
	}
	if err := o.check(family); err != nil {
		return Store{}, err
	}
	st := Store{Family: family.Name, RetentionDays: DefaultRetentionDays, TerminationProtection: true, Billing: BillingExtendable, Lock: LockNone}
	err := st.checkPeriod(o)
	st.set(o)
	return st, err
}

// CreateStore creates an event data store of the family with the default
// retention period and termination protection on; see CreateStoreWith.
func (l *Lake) CreateStore(name string, family *schemas.Family) (Store, error) {
	return l.CreateStoreWith(family, StoreSettings{Name: name})
}

// CreateStoreWith creates an event data store of the family. Its name must be
// free; names that differ only in case are the same. The name of a store that is
// pending deletion is free when its days are over.
func (l *Lake) CreateStoreWith(family *schemas.Family, o StoreSettings) (Store, error) {
	st, err := PlanStore(family, o)
	if err == nil {
		err = st.keepsOwn(o)
	}
	if err != nil {
		return Store{}, err
	}
	st.ID = uuid.New()
	chosen := st
	st.Selectors, st.Lock, st.Stopped = "", LockNone, false
	return l.changeStore("create", func() (string, []entry, error) {
		st.Created = l.moment()
		entries := []entry{{Type: typeStore, Store: &st}}
		if !chosen.Selectors.IsZero() {
			entries = append(entries, selectorsEntry(st, chosen.Selectors))
		}
		if chosen.Stopped {
			entries = append(entries, ingestionEntry(st, false))
		}
		if chosen.Lock != LockNone {
			entries = append(entries, lockEntry(st, chosen.Lock, nil))
		}
		return st.ID, entries, l.free(o.Name, st)
	})
}

func selectorsEntry(st Store, s selector.Set) entry {
	return entry{Type: typeSelectors, Change: &StoreChange{Store: st.ID, StoreSettings: StoreSettings{Selectors: &s}}}
}

func ingestionEntry(st Store, on bool) entry {
	return entry{Type: typeIngestion, Change: &StoreChange{Store: st.ID, StoreSettings: StoreSettings{Ingestion: &on}}}
}

func lockEntry(st Store, m LockMode, by *Bypass) entry {
	return entry{Type: typeLock, Change: &StoreChange{Store: st.ID, StoreSettings: StoreSettings{Lock: m}, Bypass: by}}
}

// UpdateStore changes the settings of the store of that name, id or ARN that are
// not zero, and returns it as it is then. Nothing is written where nothing
// changes. A shorter retention period deletes nothing by itself. The error is
// ErrStoreInactive while the store is pending deletion, and ErrStoreLocked where
// its lock mode keeps it as it is; allow is a bypass of governance, if one is given.
func (l *Lake) UpdateStore(ref string, o StoreSettings, allow ...Bypass) (Store, error) {
	return l.changeStore("update", func() (string, []entry, error) {
		st, err := l.state.find(ref, l.opts.Now())
		if err == nil {
			err = st.Usable()
		}
		if err == nil {
			err = o.check(st.Schema())
		}
		if err == nil {
			err = errors.Join(st.keepsOwn(o), st.checkPeriod(o))
		}
		if err == nil && o.Name != "" {
			err = l.free(o.Name, st)
		}
		if err != nil {
			return "", nil, err
		}
		by, err := st.permit(st.loosens(o), allow)
		return st.ID, st.updates(o, by), err
	})
}

// updates are the entries that give the store the settings: none for those that it
// has. Those that take protection away have the bypass.
func (s Store) updates(o StoreSettings, by *Bypass) []entry {
	var entries []entry
	selectors, lock, ingestion := o.Selectors, o.Lock, o.Ingestion
	o.Selectors, o.Lock, o.Ingestion = nil, "", nil
	then := s
	if then.set(o); then != s {
		change := &StoreChange{Store: s.ID, StoreSettings: o}
		if len(s.loosens(o)) > 0 {
			change.Bypass = by
		}
		entries = append(entries, entry{Type: typeUpdate, Change: change})
	}
	if selectors != nil && *selectors != s.Selectors {
		entries = append(entries, selectorsEntry(s, *selectors))
	}
	if ingestion != nil && *ingestion == s.Stopped {
		entries = append(entries, ingestionEntry(s, *ingestion))
	}
	if lock != "" && lock != s.Lock {
		if lock.strength() > s.Lock.strength() {
			by = nil
		}
		entries = append(entries, lockEntry(s, lock, by))
	}
	return entries
}

// DeleteStore puts the store of that name, id or ARN into pending deletion: for
// PendingDays it takes no events, answers no queries, keeps its name, and can be
// restored; then it is not there any more. Its events stay on disk, and Verify
// covers them, until retention removes them. The error is ErrProtected while
// termination protection is on, ErrHeld while a legal hold stands on any of it,
// ErrStoreLocked where its lock mode keeps it (allow is a bypass of governance, if
// one is given), ErrImporting while an import into it is under way,
// ErrStoreInactive if it is pending already, and ErrClock if the system's clock is
// behind the log's.
func (l *Lake) DeleteStore(ref string, allow ...Bypass) (Store, error) {
	clock, failed := l.Clock(context.Background())
	return l.changeStore("delete", func() (string, []entry, error) {
		st, err := l.state.find(ref, l.opts.Now())
		if err == nil {
			err = st.Deletable()
		}
		if err == nil {
			err = l.state.unheld(st)
		}
		var by *Bypass
		if err == nil {
			by, err = st.permit([]string{"delete it"}, allow)
		}
		if into := l.appending.Load(); err == nil && into != nil && into.store.ID == st.ID {
			err = fmt.Errorf("%w: %s", ErrImporting, st.Name)
		}
		if err == nil {
			err = errors.Join(failed, clock.behind())
		}
		return st.ID, []entry{{Type: typeDelete, Change: &StoreChange{Store: st.ID, Bypass: by}}}, err
	})
}

// RestoreStore brings a store back that is pending deletion, with all its events
// and settings. The error is ErrNotPending if it is not, ErrStoreNotFound if its
// days are over.
func (l *Lake) RestoreStore(ref string) (Store, error) {
	return l.changeStore("restore", func() (string, []entry, error) {
		st, err := l.state.find(ref, l.opts.Now())
		switch {
		case err != nil:
		case st.Status() != StorePendingDeletion:
			err = fmt.Errorf("%w: %s", ErrNotPending, st.Name)
		default:
			err = l.free(st.Name, st)
		}
		return st.ID, []entry{{Type: typeRestore, Change: &StoreChange{Store: st.ID}}}, err
	})
}

// changeStore records the entries that plan returns, if any, and returns the store
// of that id as it is then. Nobody changes a store between the plan and the
// entries, which are there together or not at all.
func (l *Lake) changeStore(what string, plan func() (id string, entries []entry, err error)) (Store, error) {
	if l.log == nil {
		return Store{}, ErrReadOnly
	}
	st, written, err := l.planAndRecord(plan)
	if err != nil {
		return Store{}, fmt.Errorf("%s event data store: %w", what, err)
	}
	if written && l.opts.Events.StoreChanged != nil {
		l.opts.Events.StoreChanged(what, st)
	}
	return st, nil
}

func (l *Lake) planAndRecord(plan func() (string, []entry, error)) (st Store, written bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, entries, err := plan()
	if err == nil && len(entries) > 0 {
		err = l.recordLocked(hotChange{}, entries)
	}
	if err != nil {
		return Store{}, false, err
	}
	return l.state.stores[l.state.storeAt(id)], len(entries) > 0, nil
}

// free is nil if the name is free, or is that of the store itself.
func (l *Lake) free(name string, own Store) error {
	st, taken := l.state.storeNamed(name, l.opts.Now())
	if !taken || st.ID == own.ID {
		return nil
	}
	err := fmt.Errorf("%w: %s", ErrStoreExists, st.Name)
	if st.Usable() != nil {
		return hint.Add(err, "it is pending deletion; its name is free from "+st.RestorableUntil().Format(time.RFC3339),
			"or bring it back with: tarn store restore "+st.Name)
	}
	return err
}
