package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

// maker is a lake that is open for writing, and who makes scheduled reports over it.
func maker(t *testing.T) (*lake.Lake, schedule.Make, statedb.Schedule) {
	t.Helper()
	t.Chdir(t.TempDir())
	vars := map[string]string{"XDG_CONFIG_HOME": "config", "TARN_LAKE": "lake", "TARN_KEY": "lake.key"}
	write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventCategory":"Management"}]}`)
	mustRun(t, vars, []string{"import", "log.json"})
	a := &app{process: process{nil, io.Discard, io.Discard, env(vars)}, lakeDir: "lake"}
	a.config = config{values: map[string]decided{}}
	l, err := lake.Open("lake", lake.Options{Key: "lake.key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	st, err := l.Store("cloudtrail")
	if err != nil {
		t.Fatal(err)
	}
	s := statedb.Schedule{ID: "one", Name: "monday", ScheduleDetails: statedb.ScheduleDetails{Pack: "cis-aws", Stores: []string{st.ID}}}
	return l, a.reportMaker(l, nil), s
}

// A report that is due is made once, however often it is asked for: the log of record
// knows it, also for who has forgotten all else.
func TestScheduledReportIsMadeOnce(t *testing.T) {
	l, make, s := maker(t)
	due := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	ask := func(s statedb.Schedule, due time.Time) deliver.Parcel {
		t.Helper()
		p, err := make(t.Context(), s, due, due.AddDate(0, 0, -7), due)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"report.html", "report.pdf", "report.json", "report.zip"} {
			if _, err := os.Stat(filepath.Join(p.Dir, name)); err != nil {
				t.Error(err)
			}
		}
		return p
	}
	first := ask(s, due)
	if !strings.Contains(first.Text, "Trails are not stopped (trail-stopped): 1 row") || first.Name != "monday-2026-01-05T0800Z" {
		t.Errorf("%+v", first)
	}
	if err := os.RemoveAll(first.Dir); err != nil { // it was not delivered yet
		t.Fatal(err)
	}
	if again := ask(s, due); again.ID != first.ID || string(again.Summary) != string(first.Summary) {
		t.Errorf("made twice: %+v", again)
	}
	if next := ask(s, due.AddDate(0, 0, 7)); next.ID == first.ID {
		t.Error("one report for two weeks")
	}
	other := s
	other.ID = "another of that name"
	if p := ask(other, due); p.ID == first.ID {
		t.Error("one report for two schedules")
	}
	snap := l.Snapshot()
	defer snap.Release()
	all, err := snap.Reports(t.Context())
	if err != nil || len(all) != 3 || all[0].Schedule != "monday" || !all[0].Due.Equal(due) {
		t.Errorf("%+v, %v", all, err)
	}
	s.Stores = append(s.Stores, s.Stores[0])
	if _, err := make(t.Context(), s, due.AddDate(0, 1, 0), due, due.AddDate(0, 1, 0)); err == nil || !strings.Contains(err.Error(), "one event data store") {
		t.Error(err)
	}
}
