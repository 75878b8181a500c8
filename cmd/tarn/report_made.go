package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/report"
	"tarn/report/archive"
	"tarn/report/control"
	"tarn/report/deliver"
	"tarn/report/runner"
	"tarn/report/schedule"
)

// reportParts are what schedules need of the rest of reports.
func (a *app) reportParts() reportParts {
	return reportParts{knownPack: a.knownPack, make: a.reportMaker}
}

// library are the controls that come with Tarn, and those of the setting.
func (a *app) library() (*control.Library, error) {
	lib, err := control.Open(a.config.get("controls"))
	if err != nil {
		err = usageOf(err)
	}
	return lib, err
}

// knownPack says what is wrong with a pack and values for its parameters.
func (a *app) knownPack(name string, params map[string]string) error {
	lib, err := a.library()
	if err != nil {
		return err
	}
	pack, err := lib.Pack(name)
	if err == nil {
		err = lib.Takes(pack, params)
	}
	return err
}

// documentsKept is how long the documents of a report lie in the lake for those who could
// not be reached; then they can be made again of what is kept.
const documentsKept = 30 * day

// reportMaker makes the reports of schedules, over a lake that is open for writing.
func (a *app) reportMaker(l *lake.Lake, _ *statedb.DB) schedule.Make {
	return func(ctx context.Context, s statedb.Schedule, due, from, to time.Time) (parcel deliver.Parcel, err error) {
		if err := archive.Sweep(a.lakeFolder(), time.Now().Add(-documentsKept)); err != nil {
			return parcel, err
		}
		occasion := archive.Occasion{Schedule: s.Name, ID: s.ID, Due: due}
		r, err := a.madeBefore(ctx, l, occasion)
		if err == nil && r == nil {
			if r, err = a.makeScheduled(ctx, l, s, from, to); err == nil {
				err = archive.File(ctx, l, a.lakeFolder(), r, occasion)
			}
		}
		if err != nil {
			return parcel, err
		}
		dir, err := archive.Documents(ctx, a.lakeFolder(), r)
		if err != nil {
			return parcel, err
		}
		return parcelOf(r, occasion, dir)
	}
}

// madeBefore is the report that the log names for an occasion; nil if it names none.
func (a *app) madeBefore(ctx context.Context, l *lake.Lake, o archive.Occasion) (*report.Report, error) {
	snap := l.Snapshot()
	defer snap.Release()
	record, err := snap.Report(ctx, o.Is)
	if errors.Is(err, lake.ErrReport) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := archive.Kept(a.lakeFolder(), record.ID)
	if err != nil {
		return nil, fmt.Errorf("the report %s was made, and what was kept of it cannot be read: %w", record.ID, err)
	}
	return archive.Read(strings.NewReader(string(text)))
}

func (a *app) makeScheduled(ctx context.Context, l *lake.Lake, s statedb.Schedule, from, to time.Time) (*report.Report, error) {
	if len(s.Stores) != 1 {
		return nil, fmt.Errorf("a report is about one event data store, and the schedule names %d", len(s.Stores))
	}
	lib, err := a.library()
	if err != nil {
		return nil, err
	}
	pack, err := lib.Pack(s.Pack)
	if err != nil {
		return nil, err
	}
	limits, err := a.queryLimits()
	if err != nil {
		return nil, err
	}
	limits.Sandbox = &query.Sandbox{} // it steps back before those who wait for answers
	engine, err := query.Open(limits)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if err := l.Count(); err != nil { // what came until now is in the report
		return nil, err
	}
	snap := l.Snapshot()
	defer snap.Release()
	o := runner.Options{Store: s.Stores[0], From: from, To: to, Params: givenBy(s), By: "tarn " + buildVersion()}
	if o.Earlier, err = snap.Reports(ctx); err != nil {
		return nil, err
	}
	return runner.Run(ctx, engine, snap, lib, pack, o)
}

// givenBy are the values that a schedule gives.
func givenBy(s statedb.Schedule) map[string]string {
	params := map[string]string{}
	for _, p := range s.Parameters {
		params[p.Name] = p.Value
	}
	return params
}

// parcelOf is what is delivered of a report.
func parcelOf(r *report.Report, o archive.Occasion, dir string) (deliver.Parcel, error) {
	title := fmt.Sprintf("%s: %d failed, %d passed, %d unknown", r.Pack.Title, r.Count(report.Failed), r.Count(report.Passed), r.Count(report.Unknown))
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\nEvents from %s to %s of %s.\n\n", title, r.From.Format(time.RFC3339), r.To.Format(time.RFC3339), r.Stores[0].Name)
	failing := []map[string]any{}
	for _, one := range r.Failing() {
		fmt.Fprintf(&text, "%-9s %s (%s): %s\n", one.Severity, one.Title, one.ID, counted(one.Total, "row"))
		failing = append(failing, map[string]any{"control": one.ID, "severity": one.Severity, "rows": one.Total})
	}
	fmt.Fprintf(&text, "\nThe report is %s. Whoever has the lake can verify it: tarn report verify report.html\n", r.ID)
	summary, err := json.Marshal(map[string]any{
		"report": r.ID, "pack": r.Pack.ID, "schedule": o.Schedule, "due": o.Due.UTC(), "from": r.From, "to": r.To, "store": r.Stores[0].Name,
		"failed": r.Count(report.Failed), "passed": r.Count(report.Passed), "unknown": r.Count(report.Unknown), "findings": failing,
	})
	return deliver.Parcel{ID: r.ID, Name: o.Schedule + "-" + o.Due.UTC().Format("2006-01-02T1504Z"), Title: title, Text: text.String(), Summary: summary, Dir: dir}, err
}

// oneStore refuses a report about several stores.
func oneStore(stores []string) error {
	if len(stores) > 1 {
		return usage(errors.New("report schedule add: a report is about one event data store"), "add a schedule for each")
	}
	return nil
}
