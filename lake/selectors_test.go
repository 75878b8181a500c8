package lake_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
	"tarn/schemas/selector"
)

// selectors parses selectors that have to be right.
func selectors(t *testing.T, text string) *selector.Set {
	t.Helper()
	s, err := selector.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

const (
	writes = `[{"Name":"writes","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]`
	keyUse = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]}]`
)

// actsOf are the entries of the log, from one on, as they stand there.
func actsOf(t *testing.T, p laketest.Place, from int64, names ...string) (acts []string) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		err := s.Log(context.Background(), func(e lake.LogEntry) error {
			if e.Index >= from {
				acts = append(acts, strings.NewReplacer(names...).Replace(string(e.Payload)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return acts
}

// The bytes of these acts are read for ever.
func TestTheActsOfSelectors(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	var st lake.Store
	c.at(t, p, func(l *lake.Lake) {
		ok := must(t)
		st = ok(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", Selectors: selectors(t, writes)}))
		if st.Selectors != *selectors(t, writes) || !st.Updated.Equal(st.Created) {
			t.Errorf("the new store is %+v; want one that has the selectors", st)
		}
		ok(l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 90, Selectors: selectors(t, keyUse)}))
		ok(l.UpdateStore("prod", lake.StoreSettings{RetentionDays: 90, Selectors: selectors(t, " "+keyUse)})) // changes nothing
		if st := ok(l.UpdateStore("prod", lake.StoreSettings{Selectors: selectors(t, "[]")})); !st.Selectors.IsZero() {
			t.Errorf("selectors %s; want none", st.Selectors)
		}
		ok(l.UpdateStore("prod", lake.StoreSettings{Selectors: selectors(t, writes)}))
	})
	const at = `"time":"2026-03-01T12:00:00Z"`
	want := []string{
		`{"v":1,"type":"store",` + at + `,"store":{"id":"ID","name":"prod","family":"cloudtrail","retention_days":2557,"termination_protection":true,"billing_mode":"EXTENDABLE_RETENTION_PRICING","created":"2026-03-01T12:00:00Z"}}`,
		`{"v":1,"type":"store_selectors",` + at + `,"change":{"store":"ID","selectors":` + writes + `}}`,
		`{"v":1,"type":"store_update",` + at + `,"change":{"store":"ID","retention_days":90}}`,
		`{"v":1,"type":"store_selectors",` + at + `,"change":{"store":"ID","selectors":` + keyUse + `}}`,
		`{"v":1,"type":"store_selectors",` + at + `,"change":{"store":"ID","selectors":[]}}`,
		`{"v":1,"type":"store_selectors",` + at + `,"change":{"store":"ID","selectors":` + writes + `}}`,
	}
	if d := cmp.Diff(want, actsOf(t, p, 2, st.ID, "ID")); d != "" {
		t.Errorf("acts (-want +got):\n%s", d)
	}
	// What the store is, is a function of them.
	stores := storesOf(t, p, c.now)
	removeAll(t, p, "local/index.db")
	if d := cmp.Diff(stores, storesOf(t, p, c.now)); d != "" || stores[1].Selectors != *selectors(t, writes) {
		t.Errorf("stores without an index (-with +without):\n%s", d)
	}
	p.Sound(t)
}

func TestSelectorsThatNoStoreCanHaveAreRefused(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	var unread selector.Set
	if err := json.Unmarshal([]byte(`[{"FieldSelectors":[{"Field":"eventColour","Equals":["A"]}]}]`), &unread); err != nil {
		t.Fatal(err)
	}
	insight := selectors(t, `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]`)
	c.at(t, p, func(l *lake.Lake) {
		size := l.Snapshot().LogSize()
		for _, s := range []*selector.Set{&unread, insight} {
			_, err := l.UpdateStore(laketest.StoreName, lake.StoreSettings{Selectors: s})
			refuses(t, "UpdateStore", err, lake.ErrSelectors, "")
			_, err = l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", Selectors: s})
			refuses(t, "CreateStoreWith", err, lake.ErrSelectors, "")
		}
		must(t)(l.CreateStoreWith(schemas.Insights(), lake.StoreSettings{Name: "insights", Selectors: insight}))
		if now := l.Snapshot().LogSize(); now != size+2 {
			t.Errorf("%d entries in the log; want %d: the last store's two", now, size+2)
		}
	})
	p.Sound(t)
}

// The longest selectors there can be are an entry of the log.
func TestTheLongestSelectorsFitIntoTheLog(t *testing.T) {
	p, c := laketest.NewPlace(t), newClock()
	value := strings.Repeat("é<", 1020)
	var values []string
	for i := range 7 {
		values = append(values, strings.Repeat("x", i+1)+value)
	}
	list, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	text := `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","Equals":` + string(list) + `}]}]`
	c.at(t, p, func(l *lake.Lake) {
		st := must(t)(l.UpdateStore(laketest.StoreName, lake.StoreSettings{Name: strings.Repeat("n", 128), Selectors: selectors(t, text)}))
		if n := len(st.Selectors); n < selector.MaxBytes*9/10 {
			t.Fatalf("the selectors take %d bytes; want nearly %d", n, selector.MaxBytes)
		}
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{Name: laketest.StoreName}))
	})
	p.Sound(t)
}

// A source of which selectors left something out is complete under the same ones,
// whether the index knows it or the lists do.
func TestASourceIsCompleteUnderItsSelectors(t *testing.T) {
	p := laketest.NewPlace(t)
	whole, part := lake.Source{Key: "whole", SHA256: "w", Bytes: 1}, lake.Source{Key: "part", SHA256: "p", Bytes: 1}
	update := func(text string) {
		p.Write(t, func(l *lake.Lake, st lake.Store) {
			must(t)(l.UpdateStore(st.ID, lake.StoreSettings{Selectors: selectors(t, text)}))
		})
	}
	knows := func(l *lake.Lake, st lake.Store, s lake.Source, want bool) {
		t.Helper()
		for _, s := range []lake.Source{s, {Key: s.Key, Bytes: s.Bytes}} {
			if known, seen, err := l.Imported(st, s); known != want || seen != want || err != nil {
				t.Errorf("Imported(%s) under %s = %v, %v, %v; want %v", s.Key, st.Selectors, known, seen, err, want)
			}
		}
	}
	update(writes)
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		a, err := l.Append(st, lake.AppendOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []lake.Source{whole, part} {
			a.Begin(lake.Source{Key: s.Key})
			if _, err := a.Offer(laketest.Event(t, s.Key, noon, "")); err != nil {
				t.Fatal(err)
			}
			if s == part {
				a.Deselect()
			}
			a.End(s.SHA256, s.Bytes)
		}
		r, err := a.Finish()
		if want := (lake.Counts{Offered: 3, Stored: 2, Filtered: 1, Deselected: 1}); err != nil || r.Counts != want {
			t.Fatalf("Finish = %+v, %v; want %+v", r.Counts, err, want)
		}
		knows(l, st, part, true)
	})
	for _, index := range []bool{true, false} {
		for text, want := range map[string]bool{writes: true, strings.Replace(writes, `"writes"`, `"other"`, 1): true, keyUse: false, "[]": false} {
			update(text)
			if !index {
				removeAll(t, p, "local/index.db")
			}
			p.Write(t, func(l *lake.Lake, st lake.Store) {
				knows(l, st, whole, true)
				knows(l, st, part, want)
			})
			p.Sound(t)
		}
	}
}

// A store is never there without the selectors that it was made with, nor changed
// by half, at whatever moment the program ends.
func TestSelectorsComeWithTheRestOfAChange(t *testing.T) {
	p := laketest.NewPlace(t)
	disk := crashfs.New(p.Dir)
	p.FS = disk
	var moments []*crashfs.FS
	p.Write(t, func(l *lake.Lake, _ lake.Store) {
		disk.Watch(nil, func(op crashfs.Op) {
			if op.Changes() {
				moments = append(moments, disk.Freeze())
			}
		})
		must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "prod", Selectors: selectors(t, writes)}))
		must(t)(l.UpdateStore("prod", lake.StoreSettings{Name: "prod-2", Selectors: selectors(t, keyUse)}))
		disk.Watch(nil, nil)
	})
	seen := map[string]int{}
	for _, m := range moments {
		l, err := lake.View(p.Dir, lake.Options{FS: m})
		if err != nil {
			t.Fatal(err)
		}
		snap := l.Snapshot()
		state := "none"
		for _, st := range snap.Stores() {
			if st.Name != laketest.StoreName {
				state = st.Name + " takes " + string(st.Selectors)
			}
		}
		seen[state]++
		snap.Release()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, state := range []string{"none", "prod takes " + writes, "prod-2 takes " + keyUse} {
		if seen[state] == 0 {
			t.Errorf("at no moment: %s", state)
		}
		delete(seen, state)
	}
	if len(seen) > 0 {
		t.Errorf("at some moment: %v", seen)
	}
}
