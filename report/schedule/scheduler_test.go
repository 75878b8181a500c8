package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake/statedb"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

// office is one daily schedule, and whoever works at it.
type office struct {
	t   *testing.T
	now time.Time
	db  *statedb.DB
	schedule.Options
	id string
}

var morning = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func newOffice(t *testing.T, change func(*statedb.ScheduleDetails)) *office {
	t.Helper()
	o := &office{t: t, now: morning.Add(time.Second)}
	var err error
	o.db, err = statedb.Open(filepath.Join(t.TempDir(), "state.db"), func(text string) { t.Error(text) })
	must(t, err)
	t.Cleanup(func() { must(t, o.db.Close()) })
	d := schedule.Usual()
	d.Cron, d.Tries = "@daily", 3
	change(&d)
	s, err := schedule.New("daily", d, morning.Add(-time.Hour))
	must(t, err)
	must(t, o.db.AddSchedule(s))
	o.id = s.ID
	o.Options = schedule.Options{State: o.db, Log: zerolog.Nop(), Now: func() time.Time { return o.now },
		Make: func(context.Context, statedb.Schedule, time.Time, time.Time, time.Time) (deliver.Parcel, error) {
			return deliver.Parcel{ID: "1", Name: "n", Dir: t.TempDir()}, nil
		}}
	return o
}

// look is a look of a new process, after some time, and the newest run after it.
func (o *office) look(ctx context.Context, after time.Duration) statedb.Run {
	o.t.Helper()
	o.now = o.now.Add(after)
	_, err := schedule.NewScheduler(o.Options).RunDue(ctx)
	if err != nil && ctx.Err() == nil {
		o.t.Fatal(err)
	}
	runs, err := o.db.Runs(o.id, 1)
	if err != nil || len(runs) != 1 {
		o.t.Fatal(runs, err)
	}
	return runs[0]
}

// A report that cannot be made is tried again, later and later, and given up with the
// reason.
func TestWhatCannotBeMadeIsGivenUp(t *testing.T) {
	o, calls := newOffice(t, func(*statedb.ScheduleDetails) {}), 0
	o.Make = func(context.Context, statedb.Schedule, time.Time, time.Time, time.Time) (deliver.Parcel, error) {
		calls++
		return deliver.Parcel{}, fmt.Errorf("no such pack, for the %d. time", calls)
	}
	for i, wait := range []time.Duration{0, 59 * time.Second, time.Second, 119 * time.Second, time.Second, time.Hour} {
		r := o.look(t.Context(), wait)
		if want := []int{1, 1, 2, 2, 3, 3}[i]; r.Attempts != want || calls != want || (r.Status == statedb.RunFailed) != (i >= 4) || !strings.HasSuffix(r.Reason, fmt.Sprintf("%d. time", want)) {
			t.Errorf("look %d: %d calls, %+v", i, calls, r)
		}
	}
}

// One that ends its process is not begun for ever.
func TestAReportThatEndsItsProcessIsGivenUp(t *testing.T) {
	o := newOffice(t, func(*statedb.ScheduleDetails) {})
	o.Make = func(context.Context, statedb.Schedule, time.Time, time.Time, time.Time) (deliver.Parcel, error) {
		panic("as if the process were gone")
	}
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			o.look(t.Context(), time.Hour)
		}()
	}
	if r := o.look(t.Context(), time.Hour); r.Status != statedb.RunFailed || r.Attempts != 3 || !strings.Contains(r.Reason, "the process ended") {
		t.Errorf("%+v", r)
	}
}

// That somebody ends the process is no attempt; that it takes too long is.
func TestReportsThatDoNotEnd(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	o := newOffice(t, func(d *statedb.ScheduleDetails) { d.Timeout = time.Nanosecond })
	o.Make = func(making context.Context, _ statedb.Schedule, _, _, _ time.Time) (deliver.Parcel, error) {
		end()
		<-making.Done()
		return deliver.Parcel{}, making.Err()
	}
	if r := o.look(ctx, 0); r.Status != statedb.RunDue || r.Attempts != 0 || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	if r := o.look(t.Context(), 0); r.Attempts != 1 || !strings.Contains(r.Reason, "longer than 1ns") {
		t.Errorf("%+v", r)
	}
}

// Who could not take a report is left alone for as long as they said; the others have
// theirs. Nothing is made twice for that.
func TestDeliveriesAreTriedByThemselves(t *testing.T) {
	busy, answers := true, 0
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answers++; busy {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer hook.Close()
	folder := filepath.Join(t.TempDir(), "reports")
	o := newOffice(t, func(d *statedb.ScheduleDetails) { d.To = []string{hook.URL, folder, "mailto:a@example.com"} })
	o.Deliver = (&deliver.Courier{}).Deliver
	for i, wait := range []time.Duration{0, time.Minute, 58 * time.Minute} {
		r := o.look(t.Context(), wait)
		hook, dir, mail := r.Deliveries[0], r.Deliveries[1], r.Deliveries[2]
		if r.Status != statedb.RunMade || r.Attempts != 1 || answers != 1 || hook.Attempts != 1 || dir.Done.IsZero() || dir.Attempts != 1 || mail.Attempts != i+1 || mail.GaveUp != (i == 2) {
			t.Errorf("look %d: %d answers, %+v", i, answers, r)
		}
	}
	busy = false
	if r := o.look(t.Context(), time.Minute); r.Status != statedb.RunFailed || r.Deliveries[0].Done.IsZero() || answers != 2 || r.Ended.IsZero() || r.Parcel != nil {
		t.Errorf("%d answers, %+v", answers, r)
	}
}

// Where the clock was a year ahead and is set back, reports are made again when they
// are due, and none that was made.
func TestAClockThatWasWrong(t *testing.T) {
	o, made := newOffice(t, func(d *statedb.ScheduleDetails) { d.CatchUp = schedule.Latest }), map[time.Time]int{}
	o.Make = func(_ context.Context, _ statedb.Schedule, due, _, _ time.Time) (deliver.Parcel, error) {
		made[due]++
		return deliver.Parcel{}, nil
	}
	o.look(t.Context(), 0)
	o.look(t.Context(), 300*24*time.Hour)
	o.look(t.Context(), -300*24*time.Hour)
	for range 2 {
		o.look(t.Context(), 12*time.Hour)
	}
	for due, n := range made {
		if n != 1 {
			t.Errorf("%s is made %d times", due, n)
		}
	}
	if runs, err := o.db.Runs(o.id, 10); len(runs) != 3 || err != nil { // nothing is skipped before its time
		t.Errorf("%+v, %v", runs, err)
	}
	if made[morning] != 1 || made[morning.AddDate(0, 0, 1)] != 1 || len(made) != 3 {
		t.Errorf("made are %v", made)
	}
}

// The scheduler of a server makes what is due as soon as it runs, and ends when it is
// asked to.
func TestRun(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	o := newOffice(t, func(*statedb.ScheduleDetails) {})
	o.Make = func(context.Context, statedb.Schedule, time.Time, time.Time, time.Time) (deliver.Parcel, error) {
		end()
		return deliver.Parcel{}, errors.New("ended")
	}
	must(t, schedule.NewScheduler(o.Options).Run(ctx))
}
