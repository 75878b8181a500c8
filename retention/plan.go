package retention

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tarn/lake"
)

// State says what is to become of a day, or what keeps it.
type State string

// The states of a day of a store.
const (
	// Kept means that the retention period is not over.
	Kept State = "kept"
	// Due means that it expires when the plan is applied.
	Due State = "due"
	// Held means that a legal hold keeps it, whatever its time is.
	Held State = "held"
	// Clock means that it would be due, and the clocks do not agree.
	Clock State = "clock"
)

// Day is a UTC day of a store.
type Day struct {
	Store   string    `json:"store"` // its name
	StoreID string    `json:"store_id"`
	Day     string    `json:"day"`
	State   State     `json:"state"`
	Expires time.Time `json:"expires"`
	// HeldBy are the ids of the holds that cover it.
	HeldBy []string `json:"held_by"`
	// Segments, Events, Conflicts and Bytes are what it has.
	Segments  int64 `json:"segments"`
	Events    int64 `json:"events"`
	Conflicts int64 `json:"conflicts"`
	Bytes     int64 `json:"bytes"`
	// Hot says that some of it is in the hot tier still. It is sealed before it expires.
	Hot bool `json:"hot"`
}

// Plan is what would expire, and what would not and why.
type Plan struct {
	// Clock is what the two clocks say; Doubt is empty if they agree.
	Clock lake.Clock `json:"clock"`
	Doubt string     `json:"doubt,omitempty"`
	// Days are ordered by store and day.
	Days []Day `json:"days"`
	// Pins are former sizes of the log that readers have pinned: of what has expired
	// since, the files stay until they are done.
	Pins []int64 `json:"pins"`
	// Files are what expired before: what can be removed, and what has to wait.
	Files *lake.PurgeReport `json:"files"`
}

// Make plans for the lake as it is, or for one store of it, by its id.
func Make(ctx context.Context, l *lake.Lake, storeID string) (*Plan, error) {
	clock, err := l.Clock(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Clock: clock, Days: []Day{}, Pins: []int64{}}
	doubt := clock.Doubt()
	if doubt != nil {
		p.Doubt = doubt.Error()
	}
	snap := l.Snapshot()
	defer snap.Release()
	for _, st := range snap.EveryStore() {
		if storeID != "" && st.ID != storeID {
			continue
		}
		for _, d := range daysOf(snap, st) {
			d.judge(st, snap.Holds(), clock.System, doubt != nil)
			p.Days = append(p.Days, d)
		}
	}
	pins, err := l.Pins()
	for _, size := range pins {
		if size < snap.LogSize() {
			p.Pins = append(p.Pins, size)
		}
	}
	return p, err
}

// daysOf adds up what a store has, by day.
func daysOf(snap *lake.Snapshot, st lake.Store) []Day {
	byDay := map[string]*Day{}
	for _, conflicts := range []bool{false, true} {
		for _, seg := range snap.Segments(st.ID, conflicts) {
			d := byDay[seg.Day]
			if d == nil {
				d = &Day{Store: st.Name, StoreID: st.ID, Day: seg.Day, HeldBy: []string{}}
				byDay[seg.Day] = d
			}
			d.Segments++
			d.Bytes += seg.Bytes()
			d.Hot = d.Hot || seg.Hot()
			if conflicts {
				d.Conflicts += seg.Rows
			} else {
				d.Events += seg.Rows
			}
		}
	}
	var days []Day
	for _, d := range byDay {
		days = append(days, *d)
	}
	slices.SortFunc(days, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) })
	return days
}

// judge says what is to become of the day.
func (d *Day) judge(st lake.Store, holds []lake.Hold, now time.Time, doubt bool) {
	d.Expires = st.ExpiresAt(d.Day)
	for _, h := range holds {
		if h.Covers(st.ID, d.Day) {
			d.HeldBy = append(d.HeldBy, h.ID)
		}
	}
	switch {
	case len(d.HeldBy) > 0:
		d.State = Held
	case now.Before(d.Expires):
		d.State = Kept
	case doubt:
		d.State = Clock
	default:
		d.State = Due
	}
}

// Result is what Apply did.
type Result struct {
	// Expired are what the log let expire, an entry each.
	Expired []lake.Expiry `json:"expired"`
	// Files are what of earlier expiries was removed, and what has to wait.
	Files *lake.PurgeReport `json:"files"`
}

// Apply lets the days of the plan that are due expire. Who applies a plan twice
// changes nothing by it: each day is judged again, by the log of record.
func (p *Plan) Apply(ctx context.Context, l *lake.Lake) ([]lake.Expiry, error) {
	var days []lake.StoreDay
	for _, d := range p.Days {
		if d.State == Due {
			days = append(days, lake.StoreDay{Store: d.StoreID, Day: d.Day})
		}
	}
	if len(days) == 0 {
		return nil, nil
	}
	return l.Expire(ctx, days)
}
