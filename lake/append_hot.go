package lake

import (
	"cmp"
	"slices"
	"time"
)

// An import's events of days that are not over go to the hot tier, so that an
// import every hour does not make a segment every hour. So do those of days that
// have their segments already.

// fewSegments is how many sealed segments of a day, from which on further events of
// it wait for others.
const fewSegments = 2

// staysOpen reports whether the day's events go to the hot tier. Where duplicates
// are kept they do not: what an interrupted import left there would be doubled.
func (a *Appender) staysOpen(d *openDay) bool {
	if a.opts.KeepDuplicates || d.spilled > 0 {
		return false
	}
	now := a.lake.opts.Now()
	if !isOver(d.number, now) {
		return d.number <= dayOf(now.UnixMicro())+1
	}
	day := dayName(d.number)
	n := 0
	for _, s := range a.lake.now().segments[a.store.ID] {
		if s.Day == day && !s.Conflicts {
			n++
		}
	}
	return n >= fewSegments
}

// chooseHot chooses the days whose events go to the hot tier, as far as there is
// place, the latest first.
func (a *Appender) chooseHot() error {
	var open []*openDay
	for _, d := range a.days {
		if a.staysOpen(d) {
			open = append(open, d)
		}
	}
	if len(open) == 0 {
		return nil
	}
	slices.SortFunc(open, func(x, y *openDay) int { return cmp.Compare(y.number, x.number) })
	const each = 2 // a file of events, and one of conflicts
	places, err := a.lake.hot.makePlaces(a.store, each*min(len(open), crowded/each))
	for _, d := range open[:max(0, min(len(open), places/each))] {
		d.hot = true
	}
	return err
}

// splitHot parts segments of the hot tier from those that are sealed.
func splitHot(all []Segment) (hot, sealed []Segment) {
	for _, s := range all {
		if s.hot {
			hot = append(hot, s)
		} else {
			sealed = append(sealed, s)
		}
	}
	return hot, sealed
}

// acceptHot returns the files of the hot tier that a commit brings, and the entry
// that counts their events.
func (a *Appender) acceptHot(files []Segment, days []sealedDay) (hotChange, []entry) {
	if len(files) == 0 {
		return hotChange{}, nil
	}
	var change hotChange
	for _, s := range files {
		change.add = append(change.add, hotFile{Store: a.store.ID, Segment: s, Arrived: a.lake.opts.Now().UTC().Round(time.Second)})
	}
	var all []numbered
	for _, d := range days {
		all = append(all, d.day.accepted...)
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	var t tally
	for _, n := range all {
		t.add(n.seq, n.leaf)
	}
	return change, []entry{{Type: typeJournal, Journal: &Journal{Parts: []Accepted{t.accepted(a.store.ID, a.opts.Import)}}}}
}
