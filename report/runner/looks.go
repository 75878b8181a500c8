package runner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tarn/lake"
)

// look answers a control that has no statement.
func (r *maker) look(ctx context.Context, check string) (a Answer, err error) {
	switch check {
	case "hours-covered":
		return r.hoursMissing(), r.blind
	case "log-whole":
		return r.logFaults(), nil
	case "segments-sealed":
		return r.changedSegments(ctx)
	case "records-rejected":
		return r.rejects()
	case "digests-hold":
		return r.digests()
	case "store-protected":
		return r.protection(), nil
	}
	return a, fmt.Errorf("this program does not know how to look at %q", check)
}

// add appends a row, of which a report has the first so many.
func (a *Answer) add(cells ...string) {
	if a.Total++; a.Total <= heldRows {
		a.Rows = append(a.Rows, cells)
	}
}

func (r *maker) hoursMissing() Answer {
	a := Answer{Columns: []string{"account", "region", "from", "to", "hours"}}
	for _, c := range r.report.Coverage {
		for _, m := range c.Missing {
			a.add(c.Account, c.Region, m.From.Format(time.RFC3339), m.To.Format(time.RFC3339), strconv.Itoa(int(m.To.Sub(m.From)/time.Hour)))
		}
	}
	return a
}

func (r *maker) logFaults() Answer {
	a := Answer{Columns: []string{"problem"}}
	for _, p := range r.now.CheckLog(nil) {
		a.add(p)
	}
	return a
}

// changedSegments compares the files that have events of the period.
func (r *maker) changedSegments(ctx context.Context) (Answer, error) {
	a := Answer{Columns: []string{"day", "segment", "problem"}}
	err := ChangedSegments(ctx, r.past, r.store.ID, r.From, r.To, func(s lake.Segment, wrong error) {
		if a.Bytes += s.Parquet.Bytes; wrong != nil {
			a.add(s.Day, s.ID, wrong.Error())
		}
	})
	return a, err
}

// ChangedSegments compares the files of a store that have events of a period with what
// was written, and tells of each what is wrong with it, nil if nothing is.
func ChangedSegments(ctx context.Context, snap *lake.Snapshot, store string, from, to time.Time, tell func(lake.Segment, error)) error {
	for _, conflicts := range []bool{false, true} {
		for _, s := range snap.Segments(store, conflicts) {
			if s.MaxTime.Before(from) || !s.MinTime.Before(to) {
				continue
			}
			wrong := snap.CheckSegment(ctx, store, s)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			tell(s, wrong)
		}
	}
	return nil
}

// commits are those of the store's imports since the period began.
func (r *maker) commits() (all []lake.Commit) {
	for _, c := range r.past.Commits() {
		if c.Store == r.store.ID && !c.Time.Before(r.From) {
			all = append(all, c)
		}
	}
	return all
}

func (r *maker) rejects() (Answer, error) {
	a := Answer{Columns: []string{"import", "file", "record", "reason"}}
	for _, c := range r.commits() {
		err := r.past.Rejects(c, func(x lake.Reject) error {
			a.add(c.Import, x.Source, strconv.FormatInt(x.Record, 10), x.Reason)
			return nil
		})
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

// doubtful are the verdicts of CloudTrail's digests that are none to be content with.
// Files that no digest covers are left alone: most buckets have none.
var doubtful = []string{"mismatch", "chain_gap"}

func (r *maker) digests() (Answer, error) {
	a, checked := Answer{Columns: []string{"import", "verdict", "files"}}, false
	for _, c := range r.commits() {
		checked = checked || len(c.Digests) > 0
		for _, verdict := range doubtful {
			if n := c.Digests[verdict]; n > 0 {
				a.add(c.Import, verdict, strconv.FormatInt(n, 10))
			}
		}
	}
	if !checked {
		return a, errors.New("no file that was imported since then was checked with CloudTrail's digests: tarn import --public-keys does it")
	}
	return a, nil
}

// sevenYears is how long a store should keep events, in days.
const sevenYears = 2557

func (r *maker) protection() Answer {
	a := Answer{Columns: []string{"setting", "value"}}
	if r.store.RetentionDays < sevenYears {
		a.add("retention period", strconv.Itoa(r.store.RetentionDays)+" days")
	}
	if !r.store.TerminationProtection {
		a.add("termination protection", "off")
	}
	return a
}
