package lake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

var protectionOff = false

// clock is a lake's time, which tests set; and what lakes told of their stores.
type clock struct {
	now  time.Time
	told []string
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) pass(d time.Duration) time.Time {
	c.now = c.now.Add(d)
	return c.now
}

const wholeDay = 24 * time.Hour

// at opens the lake of the place for writing at the clock's time.
func (c *clock) at(t *testing.T, p laketest.Place, fn func(*lake.Lake)) {
	t.Helper()
	o := p.Options()
	o.Now = func() time.Time { return c.now }
	o.Events.StoreChanged = func(what string, st lake.Store) { c.told = append(c.told, what+" "+st.Name) }
	p.WriteWith(t, o, func(l *lake.Lake, _ lake.Store) { fn(l) })
}

// fill brings an object into a lake that is made at the clock's time.
func (c *clock) fill(t *testing.T, p laketest.Place, o laketest.Object) {
	t.Helper()
	opts := p.Options()
	opts.Now = func() time.Time { return c.now }
	p.WriteWith(t, opts, func(l *lake.Lake, st lake.Store) {
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{o}, nil)
	})
}

// must returns the store of an act that has to succeed.
func must(t *testing.T) func(lake.Store, error) lake.Store {
	return func(st lake.Store, err error) lake.Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
}

// refuses fails the test unless the act failed for that reason, and with advice
// if any is named.
func refuses(t *testing.T, what string, err, want error, advice string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(strings.Join(hint.Of(err), "\n"), advice) {
		t.Errorf("%s = %v, hints %q; want %v, a hint of %q", what, err, hint.Of(err), want, advice)
	}
}

// storesOf are the stores that a reader sees at that time.
func storesOf(t *testing.T, p laketest.Place, now time.Time) []lake.Store {
	t.Helper()
	l, err := lake.View(p.Dir, lake.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	return snap.Stores()
}

func TestAStoreLivesAsTheLogSays(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	created := c.now
	c.at(t, p, func(l *lake.Lake) {
		ok := must(t)
		ok(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", RetentionDays: 90, TerminationProtection: &protectionOff}))
		c.pass(time.Hour)
		ok(l.UpdateStore("PROD", lake.StoreSettings{Name: "Prod", RetentionDays: 3653}))
		c.pass(time.Hour)
		deleted := ok(l.DeleteStore("prod"))
		if want := c.now.Add(7 * wholeDay); deleted.Status() != lake.StorePendingDeletion || !deleted.RestorableUntil().Equal(want) {
			t.Errorf("the deleted store is %s until %v; want PENDING_DELETION until %v", deleted.Status(), deleted.RestorableUntil(), want)
		}
		c.pass(6 * wholeDay)
		ok(l.RestoreStore(deleted.ARN()))
		ok(l.CreateStore("scratch", schemas.CloudTrail()))
		ok(l.UpdateStore("scratch", lake.StoreSettings{TerminationProtection: &protectionOff}))
		ok(l.DeleteStore("scratch"))
	})
	got := storesOf(t, p, c.now)
	for i := range got {
		got[i].ID = ""
		if got[i].Billing != lake.BillingExtendable || got[i].Lock != lake.LockNone {
			t.Errorf("%s has billing mode %s and lock %s; want the defaults", got[i].Name, got[i].Billing, got[i].Lock)
		}
		got[i].Billing, got[i].Lock = "", ""
	}
	want := []lake.Store{
		{Name: "Prod", Family: "cloudtrail", RetentionDays: 3653, Created: created, Updated: c.now},
		{Name: "cloudtrail", Family: "cloudtrail", RetentionDays: 2557, TerminationProtection: true, Created: created, Updated: created},
		{Name: "scratch", Family: "cloudtrail", RetentionDays: 2557, Created: c.now, Updated: c.now, Deleted: c.now},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("stores (-want +got):\n%s", d)
	}
	told := []string{"create cloudtrail", "create prod", "update Prod", "delete Prod", "restore Prod",
		"create scratch", "update scratch", "delete scratch"}
	if d := cmp.Diff(told, c.told); d != "" {
		t.Errorf("what the lake told (-want +got):\n%s", d)
	}
	p.Sound(t)
}

// The log alone says what the stores are; an index, whole, older or gone, changes
// nothing about it.
func TestStoresAreAFunctionOfTheLogAlone(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	c.at(t, p, func(l *lake.Lake) {
		must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", TerminationProtection: &protectionOff}))
	})
	early := contentOf(t, p, "local/index.db")
	c.at(t, p, func(l *lake.Lake) {
		ok := must(t)
		ok(l.UpdateStore("prod", lake.StoreSettings{Name: "old-prod", RetentionDays: 7}))
		ok(l.DeleteStore("old-prod"))
		ok(l.CreateStore("prod", schemas.CloudTrail()))
	})
	want := storesOf(t, p, c.now)
	for name, index := range map[string][]byte{"an older index": early, "no index": nil} {
		t.Run(name, func(t *testing.T) {
			q := p.Copy(t)
			removeAll(t, q, "local/index.db")
			if index != nil {
				replace(t, q, "local/index.db", index)
			}
			if d := cmp.Diff(want, storesOf(t, q, c.now)); d != "" {
				t.Errorf("stores for a reader (-want +got):\n%s", d)
			}
			c.at(t, q, func(l *lake.Lake) {
				must(t)(l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 8}))
				must(t)(l.UpdateStore("prod", lake.StoreSettings{RetentionDays: lake.DefaultRetentionDays}))
			})
			if d := cmp.Diff(want, storesOf(t, q, c.now)); d != "" {
				t.Errorf("stores behind a writer (-want +got):\n%s", d)
			}
			q.Sound(t)
		})
	}
}

func TestADeletedStoreRestsForSevenDays(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	o := laketest.Object{Key: "k", Events: []lake.Event{laketest.Event(t, "a", noon, "")}}
	c.fill(t, p, o)
	c.at(t, p, func(l *lake.Lake) {
		ok := must(t)
		ok(l.UpdateStore(laketest.StoreName, lake.StoreSettings{TerminationProtection: &protectionOff}))
		st := ok(l.DeleteStore(laketest.StoreName))
		refuses(t, "Usable", st.Usable(), lake.ErrStoreInactive, "tarn store restore cloudtrail")
		_, err := l.Append(st, lake.AppendOptions{})
		refuses(t, "Append", err, lake.ErrStoreInactive, "tarn store restore")
		_, err = l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 8})
		refuses(t, "UpdateStore", err, lake.ErrStoreInactive, "tarn store restore")
		_, err = l.DeleteStore(st.ID)
		refuses(t, "a second DeleteStore", err, lake.ErrStoreInactive, "")
		_, err = l.CreateStore("CloudTrail", schemas.CloudTrail())
		refuses(t, "CreateStore of its name", err, lake.ErrStoreExists, "2026-03-08T12:00:00Z")
		if err := must(t)(l.RestoreStore(st.ARN())).Usable(); err != nil {
			t.Error(err)
		}
		_, err = l.RestoreStore(st.Name)
		refuses(t, "a second RestoreStore", err, lake.ErrNotPending, "")
	})
	if n := len(p.Events(t)); n != 1 {
		t.Errorf("%d events in the restored store; want 1", n)
	}
}

// Behind the seven days the store is no more, but its bytes are: until retention
// removes them they are proven like all others.
func TestBehindTheSevenDaysANameIsFreeAndNoByteIsGone(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	var old, fresh lake.Store
	c.fill(t, p, laketest.Object{Key: "k", Events: []lake.Event{laketest.Event(t, "a", noon, "")}})
	c.at(t, p, func(l *lake.Lake) {
		must(t)(l.UpdateStore(laketest.StoreName, lake.StoreSettings{TerminationProtection: &protectionOff}))
		old = must(t)(l.DeleteStore(laketest.StoreName))
	})
	if n := len(storesOf(t, p, old.RestorableUntil().Add(-1))); n != 1 {
		t.Errorf("%d stores at the last moment of the seven days; want 1", n)
	}
	if n := len(storesOf(t, p, old.RestorableUntil())); n != 0 {
		t.Errorf("%d stores behind the seven days; want none", n)
	}
	c.pass(7 * wholeDay)
	c.at(t, p, func(l *lake.Lake) { // which makes a new store, as a first import would
		fresh = must(t)(l.Store(laketest.StoreName))
		for _, ref := range []string{old.ID, old.ARN()} {
			_, err := l.RestoreStore(ref)
			refuses(t, "RestoreStore", err, lake.ErrStoreNotFound, "")
		}
		_, err := l.Append(old, lake.AppendOptions{})
		refuses(t, "Append", err, lake.ErrStoreNotFound, "")
	})
	if fresh.ID == old.ID || len(p.Events(t)) != 0 {
		t.Errorf("the new store %s has %d events; want another than %s, empty", fresh.ID, len(p.Events(t)), old.ID)
	}
	p.Sound(t)
	if r := p.Verify(t); r.Events != 1 || len(r.Orphans) > 0 {
		t.Errorf("Verify read %d events, orphans %q; want that of the store that is gone, none", r.Events, r.Orphans)
	}
	for _, f := range sealedFiles(t, p) {
		if strings.HasSuffix(f, ".parquet") {
			removeAll(t, p, f)
		}
	}
	if r := p.Verify(t); len(r.Problems) == 0 {
		t.Error("Verify does not miss a segment of the store that is gone")
	}
}

func TestAStoreIsNotDeletedInPassing(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	c.at(t, p, func(l *lake.Lake) {
		_, err := l.DeleteStore(laketest.StoreName)
		refuses(t, "DeleteStore", err, lake.ErrProtected, "tarn store update cloudtrail --termination-protection off")
		st := must(t)(l.UpdateStore(laketest.StoreName, lake.StoreSettings{TerminationProtection: &protectionOff}))
		other := must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "other", TerminationProtection: &protectionOff}))
		a, err := l.Append(st, lake.AppendOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.DeleteStore(st.Name)
		refuses(t, "DeleteStore while an import is under way", err, lake.ErrImporting, "")
		must(t)(l.DeleteStore(other.Name))
		if _, err := a.Finish(); err != nil {
			t.Fatal(err)
		}
		must(t)(l.DeleteStore(st.Name))
	})
}

func TestStoreSettingsAreChecked(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	c.at(t, p, func(l *lake.Lake) {
		must(t)(l.CreateStore("other", schemas.CloudTrail()))
		size := l.Snapshot().LogSize()
		for _, tt := range []struct {
			o    lake.StoreSettings
			want error
		}{
			{lake.StoreSettings{Name: "ab"}, lake.ErrStoreName},
			{lake.StoreSettings{Name: "cloudtrail.Conflicts"}, lake.ErrStoreName},
			{lake.StoreSettings{Name: "2cd2e2b4-0000-4000-8000-000000000000"}, lake.ErrStoreName},
			{lake.StoreSettings{Name: "Other"}, lake.ErrStoreExists},
			{lake.StoreSettings{Name: "fine", RetentionDays: 6}, lake.ErrRetention},
			{lake.StoreSettings{Name: "fine", RetentionDays: 3654}, lake.ErrRetention},
			{lake.StoreSettings{Name: "fine", RetentionDays: -1}, lake.ErrRetention},
		} {
			_, err := l.UpdateStore(laketest.StoreName, tt.o)
			refuses(t, "UpdateStore", err, tt.want, "")
			_, err = l.CreateStoreWith(schemas.CloudTrail(), tt.o)
			refuses(t, "CreateStoreWith", err, tt.want, "")
		}
		_, err := l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{})
		refuses(t, "CreateStoreWith no name", err, lake.ErrStoreName, "3 to 128")
		for _, act := range []func(string) (lake.Store, error){func(ref string) (lake.Store, error) { return l.DeleteStore(ref) }, l.RestoreStore} {
			_, err := act("nowhere")
			refuses(t, "an act on no store", err, lake.ErrStoreNotFound, "other")
		}
		// What is refused, and what changes nothing, is not written.
		on := true
		must(t)(l.UpdateStore("other", lake.StoreSettings{Name: "other", RetentionDays: lake.DefaultRetentionDays, TerminationProtection: &on}))
		if now := l.Snapshot().LogSize(); now != size {
			t.Errorf("%d entries in the log; want %d as before", now, size)
		}
	})
	view, err := lake.View(p.Dir, p.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	_, err = view.DeleteStore("other")
	refuses(t, "DeleteStore of a View", err, lake.ErrReadOnly, "")
}

// A store whose ingestion is stopped takes no live events until it is started again;
// imports it takes.
func TestStoppedIngestion(t *testing.T) {
	p := laketest.NewPlace(t)
	no, yes := false, true
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		put := func() error {
			_, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "live", "2026-01-02T03:04:05Z", "")})
			return err
		}
		stopped, err := l.UpdateStore(st.Name, lake.StoreSettings{Ingestion: &no})
		if err != nil || stopped.Status() != lake.StoreStopped || stopped.Usable() != nil {
			t.Fatalf("stopped, it is %s, %v", stopped.Status(), err)
		}
		if err := put(); !errors.Is(err, lake.ErrStopped) {
			t.Errorf("a live event: %v; want ErrStopped", err)
		}
		laketest.Bring(t, l, st, lake.AppendOptions{}, []laketest.Object{{Key: "a", Events: []lake.Event{laketest.Event(t, "1", "2026-01-02T03:04:05Z", "")}}}, nil)
		size := l.Snapshot().LogSize()
		if _, err := l.UpdateStore(st.Name, lake.StoreSettings{Ingestion: &no}); err != nil || l.Snapshot().LogSize() != size {
			t.Errorf("stopped twice: %v, and the log has %d entries, not %d", err, l.Snapshot().LogSize(), size)
		}
	})
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		if st.Status() != lake.StoreStopped {
			t.Errorf("opened again, it is %s", st.Status())
		}
		started, err := l.UpdateStore(st.Name, lake.StoreSettings{Ingestion: &yes})
		if err != nil || started.Status() != lake.StoreEnabled {
			t.Errorf("started, it is %s, %v", started.Status(), err)
		}
		if _, err := l.Put(t.Context(), st, []lake.Event{laketest.Event(t, "live", "2026-01-02T03:04:05Z", "")}); err != nil {
			t.Error(err)
		}
	})
	p.Sound(t)
}
