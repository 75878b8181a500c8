package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tarn/lake"
	"tarn/query"
)

// place is where events come from: an account and a region of a store.
type place struct {
	store           string
	account, region query.Value
}

// coverage is on which days there are events of a place, in order, and how many.
type coverage struct {
	place
	days []covered
}

type covered struct {
	day    time.Time
	events int64
}

// gap is a stretch of days without events, first and last included.
type gap struct{ first, last time.Time }

func (g gap) days() int64 { return int64(g.last.Sub(g.first)/day) + 1 }

func (g gap) String() string {
	if g.first.Equal(g.last) {
		return g.first.Format(time.DateOnly)
	}
	return g.first.Format(time.DateOnly) + ".." + g.last.Format(time.DateOnly)
}

const day = 24 * time.Hour

// gaps returns the stretches of days without events between the first and the
// last day that has some.
func (c coverage) gaps() []gap {
	var all []gap
	for i := 1; i < len(c.days); i++ {
		from, to := c.days[i-1].day.Add(day), c.days[i].day.Add(-day)
		if !from.After(to) {
			all = append(all, gap{from, to})
		}
	}
	return all
}

// inspectCoverage asks the lake itself, in SQL.
func (a *app) inspectCoverage(ctx context.Context, snap *lake.Snapshot, stores []lake.Store, o inspectOptions) error {
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	var all []coverage
	for _, st := range stores {
		if o.store == "" && st.Usable() != nil {
			continue // it answers no queries; asked for by name, it says so
		}
		found, err := coverageOf(ctx, engine, snap, st)
		if err != nil {
			return fmt.Errorf("inspect the coverage of %s: %w", st.Name, err)
		}
		all = append(all, found...)
	}
	if o.days {
		return a.list(ctx, a.forTable(dayRows(all), o.format), o.format)
	}
	return a.list(ctx, a.forTable(coverageRows(all), o.format), o.format)
}

func coverageOf(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, st lake.Store) ([]coverage, error) {
	res, err := engine.Run(ctx, snap, `SELECT recipientAccountId, awsRegion, CAST(eventTime AS date), count(*)
		FROM `+st.ID+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	var all []coverage
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		at := place{st.Name, row[0], row[1]}
		if len(all) == 0 || all[len(all)-1].place != at {
			all = append(all, coverage{place: at})
		}
		d, err := time.Parse(time.DateOnly, row[2].Text)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(row[3].Text, 10, 64)
		if err != nil {
			return nil, err
		}
		last := &all[len(all)-1]
		last.days = append(last.days, covered{d, n})
	}
	return all, nil
}

// coverageRows has a line for each place.
func coverageRows(all []coverage) *rows {
	r := newRows("store", "account", "region", "first", "last", "days#", "events#", "missing#", "gaps[]")
	delete(r.prose, "gaps") // half a day would be none
	for _, c := range all {
		var events, missing int64
		for _, d := range c.days {
			events += d.events
		}
		gaps := []string{} // none, which is not the same as not known
		for _, g := range c.gaps() {
			missing += g.days()
			gaps = append(gaps, g.String())
		}
		r.add(c.store, cell(c.account), cell(c.region), c.days[0].day.Format(time.DateOnly),
			c.days[len(c.days)-1].day.Format(time.DateOnly), int64(len(c.days)), events, missing, gaps)
	}
	return r
}

// dayRows has a line for each day of each place, also for those in gaps.
func dayRows(all []coverage) *rows {
	r := newRows("store", "account", "region", "day", "events#", "gap")
	for _, c := range all {
		next := c.days[0].day
		for _, d := range c.days {
			for ; next.Before(d.day); next = next.Add(day) {
				r.add(c.store, cell(c.account), cell(c.region), next.Format(time.DateOnly), int64(0), "yes")
			}
			r.add(c.store, cell(c.account), cell(c.region), d.day.Format(time.DateOnly), d.events, "no")
			next = d.day.Add(day)
		}
	}
	return r
}

// cell is a value of an answer as a cell of rows.
func cell(v query.Value) any {
	if v.Null {
		return nil
	}
	return strings.Clone(v.Text)
}
