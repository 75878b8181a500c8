package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tarn/internal/progress"
	"tarn/report"
)

// coverage is when there were events, and of whom.
type coverage struct {
	Table  table
	Legend string
	Maps   []heatMap
	// More says how many maps are left out.
	More string
}

// heatMap is the map of one account and region.
type heatMap struct {
	Name  string
	Chart *chart
}

// covered says when there were events: in a table all of it, as maps those with gaps
// first.
func covered(r *report.Report) (c coverage) {
	c.Table.Caption = "Events by store, account and region"
	for _, name := range []string{"store", "account", "region", "events", "hours with events", "missing"} {
		c.Table.Columns = append(c.Table.Columns, column{Name: name, Numbers: name == "events"})
	}
	for i := range r.Coverage[:min(len(r.Coverage), shownPlaces)] {
		one := &r.Coverage[i]
		sum, hours := int64(0), 0
		for _, n := range one.Hours {
			if sum += n; n > 0 {
				hours++
			}
		}
		var row []cell
		for i, text := range []string{one.Store, one.Account, one.Region, progress.Count(sum),
			fmt.Sprintf("%d of %d", hours, len(one.Hours)), stretches(one.Missing)} {
			row = append(row, cell{Text: text})
			c.Table.Columns[i].Longest = max(c.Table.Columns[i].Longest, utf8.RuneCountInString(text))
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	if n := len(r.Coverage) - shownPlaces; n > 0 {
		c.Table.More = "The first " + progress.Count(shownPlaces) + "; " + progress.Count(int64(n)) + " more are in the report as JSON."
	}
	order := slices.Clone(r.Coverage)
	slices.SortStableFunc(order, func(a, b report.Coverage) int { return len(b.Missing) - len(a.Missing) })
	for i := range order[:min(len(order), shownMaps)] {
		one := &order[i]
		if chart := heat(one, r.From.UTC(), r.To.UTC()); chart != nil {
			c.Maps = append(c.Maps, heatMap{strings.Join([]string{one.Store, one.Account, one.Region}, " · "), chart})
		}
	}
	if c.Maps != nil {
		c.Legend = "The stronger the colour, the more events. A dash is a time without events where some are expected."
	}
	if n := len(order) - shownMaps; n > 0 {
		c.More = "Drawn are the " + progress.Count(shownMaps) + " with most gaps."
	}
	return c
}

// stretches writes pieces of time, the end not included.
func stretches(all []report.Stretch) string {
	const most = 20
	var words []string
	for _, s := range all[:min(len(all), most)] {
		end := moment(s.To)
		if s.From.UTC().Format(time.DateOnly) == s.To.UTC().Format(time.DateOnly) {
			end = s.To.UTC().Format("15:04")
		}
		words = append(words, moment(s.From)+" to "+end+" ("+progress.Duration(s.To.Sub(s.From))+")")
	}
	if n := len(all) - most; n > 0 {
		words = append(words, progress.Count(int64(n))+" more")
	}
	if words == nil {
		return "nothing"
	}
	return strings.Join(words, "; ")
}

// steps says how to check a report.
func steps(r *report.Report) []step {
	all := []step{{
		"With Tarn and the lake, check this file: that it is what was written then, that the log of record continues the checkpoint below, " +
			"and that the same statements over the same events give the same answers.",
		"tarn report verify FILE",
	}}
	if slices.ContainsFunc(r.Events, func(e report.Event) bool { return e.Proof != "" }) {
		all = append(all, step{
			"Without the lake, check an event of the appendix that has a proof. The evidence (a zip) has the event and its proof as files; " +
				"take the key from the lake's owner, and not from this document.",
			"tarn check-proof events/ID.tlog-proof --key tarn.pub --event events/ID.json",
		})
	}
	if r.Log.Checkpoint != "" {
		all = append(all, step{
			"Keep the checkpoint where those who run the lake cannot change it. Whoever has it can tell later whether the lake still continues it.",
			"tarn verify --checkpoint kept.note --key tarn.pub",
		})
	}
	return all
}
