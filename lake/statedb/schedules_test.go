package statedb_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tarn/lake/statedb"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func aSchedule(id, name string) statedb.Schedule {
	return statedb.Schedule{ID: id, Name: name, Created: noon, ScheduleDetails: statedb.ScheduleDetails{Pack: "cis-aws", Stores: []string{"s"}, Cron: "@daily", Zone: "UTC",
		CatchUp: "once", Most: 10, Timeout: time.Hour, Tries: 3, To: []string{"/reports"}, Seen: noon}}
}

func aRun(schedule string, due time.Time, status statedb.RunStatus) statedb.Run {
	return statedb.Run{Schedule: schedule, Due: due, Status: status, RunDetails: statedb.RunDetails{From: due.Add(-time.Hour), To: due, Noted: due, Deliveries: []statedb.Delivery{{To: "/reports", Attempts: 1}}, Parcel: json.RawMessage(`{"id":"1"}`)}}
}

func TestSchedulesAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	weekly, daily := aSchedule("1", "weekly"), aSchedule("2", "daily")
	must(t, d.AddSchedule(weekly))
	must(t, d.AddSchedule(daily))
	if err := d.AddSchedule(aSchedule("3", "daily")); !errors.Is(err, statedb.ErrScheduleExists) {
		t.Error(err)
	}
	must(t, d.ChangeSchedule("weekly", func(s *statedb.ScheduleDetails) { s.Paused = true }))
	weekly.Paused = true
	if err := d.ChangeSchedule("monthly", func(*statedb.ScheduleDetails) {}); !errors.Is(err, statedb.ErrNoSchedule) {
		t.Error(err)
	}
	run := aRun("2", noon, statedb.RunDue)
	must(t, d.NoteRuns(daily, noon.Add(time.Minute), []statedb.Run{run}))
	daily.Seen = noon.Add(time.Minute)
	reader, err := statedb.View(path)
	must(t, err)
	defer reader.Close()
	all, err := reader.Schedules()
	if diff := cmp.Diff([]statedb.Schedule{daily, weekly}, all); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	runs, err := reader.OpenRuns()
	if diff := cmp.Diff([]statedb.Run{run}, runs); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	must(t, d.RemoveSchedule("daily"))
	if err := d.RemoveSchedule("daily"); !errors.Is(err, statedb.ErrNoSchedule) {
		t.Error(err)
	}
	must(t, d.PutRun(run)) // it ends, and nobody wants to know
	if _, err := d.ScheduleNamed("daily"); !errors.Is(err, statedb.ErrNoSchedule) {
		t.Error(err)
	}
	if runs, err := d.Runs("2", 10); len(runs) != 0 || err != nil {
		t.Errorf("%v, %v", runs, err)
	}
}

// What is due is noted once, whoever looks, and as it was when somebody looked.
func TestWhatIsDueIsNotedOnce(t *testing.T) {
	d, _ := open(t, filepath.Join(t.TempDir(), "state.db"))
	s := aSchedule("1", "daily")
	must(t, d.AddSchedule(s))
	must(t, d.NoteRuns(s, noon.Add(1), []statedb.Run{aRun("1", noon, statedb.RunDue)}))
	must(t, d.PutRun(aRun("1", noon, statedb.RunDone)))
	must(t, d.NoteRuns(s, noon.Add(2), []statedb.Run{aRun("1", noon.Add(time.Hour), statedb.RunDue)})) // what s says is old
	s.Seen = noon.Add(1).Truncate(time.Microsecond)
	now, err := d.ScheduleNamed("daily")
	must(t, err)
	must(t, d.NoteRuns(now, noon.Add(3), []statedb.Run{aRun("1", noon, statedb.RunDue)})) // as after the clock was set back
	must(t, d.ChangeSchedule("daily", func(s *statedb.ScheduleDetails) { s.Paused = true }))
	now, err = d.ScheduleNamed("daily")
	must(t, err)
	must(t, d.NoteRuns(now, noon.Add(4), []statedb.Run{aRun("1", noon.Add(2*time.Hour), statedb.RunDue)}))
	runs, err := d.Runs("1", 10)
	if len(runs) != 1 || runs[0].Status != statedb.RunDone || !now.Seen.Equal(noon.Add(3)) || err != nil {
		t.Errorf("seen %v: %+v, %v", now.Seen, runs, err)
	}
}

// Of runs that are over, the newest are kept; of the others, all.
func TestOldRunsAreForgotten(t *testing.T) {
	d, _ := open(t, filepath.Join(t.TempDir(), "state.db"))
	s := aSchedule("1", "daily")
	must(t, d.AddSchedule(s))
	runs := []statedb.Run{aRun("1", noon.Add(-time.Hour), statedb.RunMade)}
	for i := range statedb.KeptRuns + 50 {
		runs = append(runs, aRun("1", noon.Add(time.Duration(i)*time.Minute), statedb.RunSkipped))
	}
	must(t, d.NoteRuns(s, noon, runs))
	kept, err := d.Runs("1", 10_000)
	open, _ := d.OpenRuns()
	if len(kept) != statedb.KeptRuns+1 || len(open) != 1 || err != nil {
		t.Errorf("%d runs, %d open, %v", len(kept), len(open), err)
	}
}

// A reader of a file from before there were schedules finds none.
func TestNoSchedulesInAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, _ := open(t, path)
	must(t, d.Exec("DROP TABLE schedules"))
	must(t, d.Exec("PRAGMA user_version = 7"))
	view, err := statedb.View(path)
	must(t, err)
	defer view.Close()
	if all, err := view.Schedules(); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}
