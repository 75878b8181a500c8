package lake_test

import (
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/schemas"
)

// forger writes entries that no program of ours would, and signs them.
type forger struct {
	t   *testing.T
	l   *lake.Lake
	now time.Time
	// victim is in compliance mode for ten years, seg one of its segments; own is a
	// store of the forger's, in which everything is over after a week.
	victim, own lake.Store
	seg         lake.Segment
}

func (f forger) write(kind string, member string, value any) {
	f.t.Helper()
	text, err := json.Marshal(map[string]any{"v": 1, "type": kind, "time": f.now, member: value})
	if err == nil {
		err = lake.AppendRaw(f.l, string(text))
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// adopt has a segment of the victim stand in the forger's store, under a name and a
// day that is over, and expire there.
func (f forger) adopt(id, day string) {
	s := f.seg
	s.ID, s.Day = id, day
	f.write("commit", "commit", lake.Commit{Store: f.own.ID, Import: "x", Segments: []lake.Segment{s}})
	f.expire(f.own, s)
}

func (f forger) expire(st lake.Store, segs ...lake.Segment) {
	x := lake.Expiry{Store: st.ID, Segments: []lake.Tombstone{}}
	for _, s := range segs {
		x.Segments = append(x.Segments, lake.Tombstone{ID: s.ID, Day: s.Day, Rows: s.Rows, Root: s.Root})
	}
	f.write("expire", "expiry", x)
}

func (f forger) change(kind string, o lake.StoreSettings) {
	f.write(kind, "change", lake.StoreChange{Store: f.victim.ID, StoreSettings: o})
}

// Whoever has the signing key writes what they like. What our own commands refuse to
// everybody frees nothing even so, and verify tells of it.
func TestForgedActsFreeNothing(t *testing.T) {
	off := false
	for name, forge := range map[string]func(forger){
		"a segment whose name leads into another store": func(f forger) {
			f.adopt(path.Join("../..", f.victim.ID, f.seg.Day, f.seg.ID), "2026-01-01")
		},
		"a day that leads into another store": func(f forger) { f.adopt(f.seg.ID, path.Join("../", f.victim.ID, f.seg.Day)) },
		"a segment of two stores": func(f forger) {
			f.adopt(f.seg.ID, "2026-01-01")
			f.expire(f.victim)
		},
		"a store whose id leads into another": func(f forger) {
			st := f.own
			st.ID, st.Name = f.victim.ID+"/"+f.seg.Day+"/..", "third"
			f.write("store", "store", st)
		},
		"a shorter period in compliance mode": func(f forger) {
			f.change("store_update", lake.StoreSettings{RetentionDays: 7})
			f.expire(f.victim, f.seg)
		},
		"a weaker lock, then a shorter period": func(f forger) {
			f.change("store_lock", lake.StoreSettings{Lock: lake.LockNone})
			f.change("store_update", lake.StoreSettings{RetentionDays: 7})
			f.expire(f.victim, f.seg)
		},
		"a period of no days":            func(f forger) { f.change("store_update", lake.StoreSettings{RetentionDays: 1}) },
		"termination protection off":     func(f forger) { f.change("store_update", lake.StoreSettings{TerminationProtection: &off}) },
		"deleted in spite of protection": func(f forger) { f.change("store_delete", lake.StoreSettings{}) },
	} {
		t.Run(name, func(t *testing.T) { freesNothing(t, forge) })
	}
}

func freesNothing(t *testing.T, forge func(forger)) {
	p, c, st := aged(t)
	c.pass(3 * wholeDay)
	var id string
	c.at(t, p, func(l *lake.Lake) {
		f := forger{t: t, l: l, now: c.now}
		f.victim = must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 3653, Lock: lake.LockCompliance}))
		f.own = must(t)(l.CreateStoreWith(schemas.CloudTrail(), lake.StoreSettings{Name: "own", RetentionDays: 7}))
		snap := l.Snapshot()
		defer snap.Release()
		all := snap.Segments(st.ID, false)
		f.seg = all[slices.IndexFunc(all, func(s lake.Segment) bool { return s.Day == "2026-01-02" && !s.Hot() })]
		if err := os.MkdirAll(p.Path("segments/"+f.own.ID+"/2026-01-01"), 0o755); err != nil {
			t.Fatal(err)
		}
		id = f.seg.ID
		forge(f)
	})
	c.pass(3 * time.Hour)
	_, err := lake.Purge(t.Context(), p.Dir, lake.PurgeOptions{Key: p.Key, FS: p.FS, Now: func() time.Time { return c.now }})
	left := slices.DeleteFunc(p.Files(t), func(name string) bool { return !strings.Contains(name, id) })
	if len(left) != 3 {
		t.Errorf("of the segment's files there are %v (%v)", left, err)
	}
	r := must2(t)(lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: p.FS, Now: func() time.Time { return c.now }}))
	if !slices.ContainsFunc(r.Problems, func(p lake.Problem) bool { return strings.Contains(p.What, "entry ") }) {
		t.Errorf("verify tells %+v", r.Problems)
	}
}

func must2(t *testing.T) func(*lake.Report, error) *lake.Report {
	return func(r *lake.Report, err error) *lake.Report {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// What is governed may be loosened with a bypass, and what was loosened so expires.
func TestABypassIsLawful(t *testing.T) {
	p, c, st := aged(t)
	c.pass(3 * wholeDay)
	c.at(t, p, func(l *lake.Lake) {
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 20, Lock: lake.LockGovernance}))
		must(t)(l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: 7, Lock: lake.LockNone}, lake.Bypass{Reason: "a test"}))
		if got := expire(t, l, januaryOf(st)); len(got) == 0 {
			t.Error("nothing expired")
		}
	})
	soundAt(t, p, c.now)
}
