package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tarn/lake"
)

// inspectLog lists the acts of the log.
func (a *app) inspectLog(ctx context.Context, snap *lake.Snapshot, format string) error {
	r := newRows("index#", "time", "type", "summary~")
	t := teller{}
	err := snap.Log(ctx, func(e lake.LogEntry) error {
		r.add(e.Index, e.Time, e.Type, t.summary(e))
		return nil
	})
	if err != nil {
		return fmt.Errorf("inspect the log: %w", err)
	}
	return a.list(ctx, r, format)
}

// teller tells the log in words. It knows the stores, by their ids, as they are
// at the entry that it tells: later ones may give them other names.
type teller map[string]lake.Store

// summary says in a line what an entry did.
func (t teller) summary(e lake.LogEntry) string {
	switch {
	case e.Commit != nil:
		return commitSummary(e.Commit, t[e.Commit.Store].Name)
	case e.Journal != nil:
		return t.accepted(e.Journal)
	case e.Store != nil:
		t[e.Store.ID] = *e.Store
		return fmt.Sprintf("store %s was made: %s events, retention period %s", e.Store.Name, e.Store.Family, period(e.Store.RetentionDays))
	case e.NewKey != nil:
		return keyChanged(e)
	case e.Witness != nil && e.Type == "witness_add":
		return fmt.Sprintf("the witness %s is asked from now on, at %s", e.Witness.Name(), e.Witness.URL)
	case e.Witness != nil:
		return fmt.Sprintf("the witness %s is asked no more", e.Witness.Name())
	case e.Hold != nil:
		return t.hold(e)
	case e.Expiry != nil:
		return t.expiry(e.Expiry)
	case e.Clock != nil:
		return "the system's clock was said to be right: " + e.Clock.Reason
	case e.Report != nil:
		return reportMade(*e.Report)
	case e.Change == nil:
		return "the lake was made"
	}
	st := t[e.Change.Store]
	what := "restored"
	switch e.Type {
	case "store_update":
		what = "changed: " + strings.Join(t.update(e.Change), ", ")
	case "store_selectors":
		what = "told to take every event"
		if said := describeSelectors(lake.Store{Selectors: *e.Change.Selectors}); len(said) > 0 {
			what = "told to take " + strings.Join(said, ", or ")
		}
	case "store_ingestion":
		what = "told to take no live events"
		if *e.Change.Ingestion {
			what = "told to take live events again"
		}
	case "store_lock":
		what = "locked: " + string(e.Change.Lock) + " mode"
	case "store_delete":
		st.Deleted = e.Time
		what = "deleted; it can be restored until " + st.RestorableUntil().Format(time.RFC3339)
	}
	if e.Change.Bypass != nil {
		what += "; governance was bypassed: " + e.Change.Bypass.Reason
	}
	return "store " + st.Name + " was " + what
}

// keyChanged says that another key signs.
func keyChanged(e lake.LogEntry) string {
	said := "the signing key was replaced, and signed the new one in"
	if e.Type == "key_lost" {
		said = "the signing key was declared lost; a new one signs, and no signature leads to it"
	}
	if e.NewKey.Reason != "" {
		said += ": " + e.NewKey.Reason
	}
	return said
}

// hold says what became of a hold.
func (t teller) hold(e lake.LogEntry) string {
	if e.Type == "hold_release" {
		return "hold " + e.Hold.ID + " was released: " + e.Hold.Reason
	}
	return "hold " + e.Hold.ID + " was placed on " + t[e.Hold.Store].Name + ": " + holdSaid(*e.Hold)
}

// holdSaid says what a hold covers, and why.
func holdSaid(h lake.Hold) string {
	switch {
	case h.From == "" && h.To == "":
		return "all of it, " + h.Reason
	case h.From == "":
		return "to " + h.To + ", " + h.Reason
	case h.To == "":
		return "from " + h.From + " on, " + h.Reason
	}
	return h.From + " to " + h.To + ", " + h.Reason
}

// expiry says what expired.
func (t teller) expiry(x *lake.Expiry) string {
	if len(x.Segments) == 0 {
		return "nothing expired"
	}
	var events int64
	for _, s := range x.Segments {
		events += s.Rows
	}
	return fmt.Sprintf("%s with %s of %s expired, of %s to %s", counted(int64(len(x.Segments)), "segment"), counted(events, "event"),
		t[x.Store].Name, x.Segments[0].Day, x.Segments[len(x.Segments)-1].Day)
}

// update takes over what an update changed, and says it.
func (t teller) update(c *lake.StoreChange) (said []string) {
	st := t[c.Store]
	if c.Name != "" {
		said = append(said, "name to "+c.Name)
		st.Name = c.Name
	}
	if c.RetentionDays != 0 {
		said = append(said, fmt.Sprintf("retention period from %s to %s", period(st.RetentionDays), period(c.RetentionDays)))
		st.RetentionDays = c.RetentionDays
	}
	if c.Billing != "" {
		said = append(said, "billing mode to "+string(c.Billing))
	}
	if c.TerminationProtection != nil {
		said = append(said, "termination protection to "+onOff(*c.TerminationProtection))
		st.TerminationProtection = *c.TerminationProtection
	}
	t[c.Store] = st
	return said
}

// accepted says what came into the hot tier.
func (t teller) accepted(j *lake.Journal) string {
	if len(j.Parts) == 0 {
		return "the hot tier was begun"
	}
	var said []string
	for _, p := range j.Parts {
		s := counted(p.Events, "event") + " accepted in " + t[p.Store].Name
		if p.Import != "" {
			s += " (import " + p.Import + ")"
		}
		said = append(said, s)
	}
	return strings.Join(said, ", ")
}

func commitSummary(c *lake.Commit, store string) string {
	var events int64
	for _, seg := range c.Segments {
		events += seg.Rows
	}
	s := fmt.Sprintf("%s with %s sealed in %s", counted(int64(len(c.Segments)), "segment"), counted(events, "event"), store)
	if c.Sources != nil {
		s += ", " + counted(c.Sources.Lines, "source") + " listed"
	}
	if n := c.Counts.Rejected; n > 0 {
		s += ", " + counted(n, "record") + " rejected"
	}
	if c.Hot {
		return s + " (from the hot tier)"
	}
	return s + " (import " + c.Import + ")"
}

// reportMade says in a line what a report came to.
func reportMade(r lake.ReportRecord) string {
	n := map[string]int{}
	for _, one := range r.Results {
		n[one.Verdict]++
	}
	by := ""
	if r.Schedule != "" {
		by = " by the schedule " + r.Schedule
	}
	return fmt.Sprintf("report %s of pack %s was made%s: %s, %d failed, %d passed, %d unknown", r.ID, r.Pack, by,
		stretch(r.From, r.To), n["failed"], n["passed"], n["unknown"])
}

// stretch is a period, in days where it is of whole ones.
func stretch(from, to time.Time) string {
	layout := time.DateOnly
	last := to.Add(-time.Second)
	if !from.Equal(from.Truncate(24*time.Hour)) || !to.Equal(to.Truncate(24*time.Hour)) {
		layout, last = time.RFC3339, to
	}
	return from.UTC().Format(layout) + " to " + last.UTC().Format(layout)
}
