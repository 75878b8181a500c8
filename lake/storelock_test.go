package lake_test

import (
	"slices"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// What protects more is always allowed; what takes protection away is free without a
// lock, wants a bypass under governance, and is refused under compliance for ever.
func TestLocksKeepProtection(t *testing.T) {
	off := false
	for _, tt := range []struct {
		lock    lake.LockMode
		allow   []lake.Bypass
		want    error
		advice  string
		bypass  bool // is in the log
		deleted bool
	}{
		{lake.LockNone, nil, nil, "", false, true},
		{lake.LockNone, []lake.Bypass{{Reason: "because"}}, nil, "", false, true},
		{lake.LockGovernance, nil, lake.ErrStoreLocked, "--bypass-governance", false, false},
		{lake.LockGovernance, []lake.Bypass{{}}, lake.ErrReason, "--reason", false, false},
		{lake.LockGovernance, []lake.Bypass{{Reason: "because"}}, nil, "", true, true},
		{lake.LockCompliance, nil, lake.ErrStoreLocked, "for as long as", false, false},
		{lake.LockCompliance, []lake.Bypass{{Reason: "because"}}, lake.ErrStoreLocked, "for as long as", false, false},
	} {
		p, c := laketest.NewPlace(t), newClock()
		c.at(t, p, func(l *lake.Lake) {
			must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", RetentionDays: 100, Lock: tt.lock}))
			must(t)(l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 200})) // at once
			check := func(what string, err error) {
				t.Helper()
				if tt.want == nil && err == nil {
					return
				}
				refuses(t, string(tt.lock)+": "+what, err, tt.want, tt.advice)
			}
			_, err := l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 199}, tt.allow...)
			check("a shorter period", err)
			_, err = l.UpdateStore("prod", lake.StoreSettings{TerminationProtection: &off}, tt.allow...)
			check("protection off", err)
			if tt.lock != lake.LockNone {
				_, err = l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 300, Lock: lake.LockNone}, tt.allow...)
				check("a weaker lock", err)
			}
		})
		c.at(t, p, func(l *lake.Lake) { // as the index says it, too
			st := must(t)(l.Store("prod"))
			if free := tt.want == nil; free != (st.RetentionDays != 200) || free == st.TerminationProtection || free != (st.Lock == lake.LockNone) {
				t.Errorf("%s, %v: the store is %+v", tt.lock, tt.allow, st)
			}
			if _, err := l.UpdateStore("prod", lake.StoreSettings{Lock: lake.LockCompliance}, tt.allow...); err != nil {
				t.Errorf("a stronger lock: %v", err)
			}
			var said []string
			snap := l.Snapshot()
			defer snap.Release()
			err := snap.Log(t.Context(), func(e lake.LogEntry) error {
				if e.Change != nil && e.Change.Bypass != nil {
					said = append(said, e.Type+" "+e.Change.Bypass.Reason)
				}
				return nil
			})
			want := []string{"store_update because", "store_update because", "store_lock because"}
			if !tt.bypass {
				want = nil
			}
			if err != nil || !slices.Equal(said, want) {
				t.Errorf("%s: bypasses in the log: %q, %v; want %q", tt.lock, said, err, want)
			}
		})
		p.Sound(t)
	}
}

// Deleting wants a bypass of its own, behind termination protection.
func TestALockedStoreIsNotDeleted(t *testing.T) {
	p, c, off := laketest.NewPlace(t), newClock(), false
	c.at(t, p, func(l *lake.Lake) {
		for _, m := range []lake.LockMode{lake.LockGovernance, lake.LockCompliance} {
			name := string(m)
			must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: name, Lock: m, TerminationProtection: &off}))
			_, err := l.DeleteStore(name)
			refuses(t, "DeleteStore", err, lake.ErrStoreLocked, "")
		}
		_, err := l.DeleteStore("compliance", lake.Bypass{Reason: "because"})
		refuses(t, "DeleteStore under compliance", err, lake.ErrStoreLocked, "")
		must(t)(l.DeleteStore("governance", lake.Bypass{Reason: "because"}))
	})
	p.Sound(t)
}

// Billing modes bound the retention period as the service does, and go one way.
func TestBillingModes(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	c.at(t, p, func(l *lake.Lake) {
		fixed := lake.StoreSettings{Name: "fixed", Billing: lake.BillingFixed}
		if st := must(t)(l.CreateStoreWith(schemas.CloudTrail(), fixed)); st.RetentionDays != 2557 || st.Billing != lake.BillingFixed {
			t.Errorf("%+v", st)
		}
		_, err := l.UpdateStore("fixed", lake.StoreSettings{RetentionDays: 2558})
		refuses(t, "ten years with fixed pricing", err, lake.ErrRetention, "--billing-mode EXTENDABLE")
		_, err = l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "too-long", Billing: lake.BillingFixed, RetentionDays: 2558})
		refuses(t, "a new store with it", err, lake.ErrRetention, "2557")
		_, err = l.UpdateStore("fixed", lake.StoreSettings{Billing: "FREE"})
		refuses(t, "no billing mode", err, lake.ErrBilling, "")
		_, err = l.UpdateStore("fixed", lake.StoreSettings{Lock: "LOCKED"})
		refuses(t, "no lock mode", err, lake.ErrLockMode, "governance")
		if st := must(t)(l.UpdateStore("fixed", lake.StoreSettings{Billing: lake.BillingExtendable, RetentionDays: 3653})); st.RetentionDays != 3653 {
			t.Errorf("%+v", st)
		}
		_, err = l.UpdateStore("fixed", lake.StoreSettings{Billing: lake.BillingFixed, RetentionDays: 7})
		refuses(t, "back to fixed", err, lake.ErrBilling, "")
	})
	p.Sound(t)
}

// An expiry that should not have been, by a program that did not ask: verify says so,
// and nothing is removed.
func TestAnUnlawfulExpiryRemovesNothing(t *testing.T) {
	p, c, st := aged(t)
	c.at(t, p, func(l *lake.Lake) {
		snap := l.Snapshot()
		defer snap.Release()
		all := snap.Segments(st.ID, false)
		young := all[slices.IndexFunc(all, func(s lake.Segment) bool { return s.Day == "2026-01-05" && !s.Hot() })]
		if err := l.ExpireAnyway(st.ID, young); err != nil {
			t.Fatal(err)
		}
	})
	c.pass(3 * wholeDay)
	before := sealedDays(t, p)
	r := purge(t, p, c.now)
	if r.Files > 0 || len(r.Waiting) != 1 || !strings.Contains(r.Waiting[0].Why, "should not") || !slices.Equal(before, sealedDays(t, p)) {
		t.Errorf("%+v", r)
	}
	if r := p.Verify(t); len(r.Problems) != 1 || !strings.Contains(r.Problems[0].What, "retention period is not over") {
		t.Errorf("problems %+v; want that it expired too early", r.Problems)
	}
}
