package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/lake/statedb"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plan is a schedule of the year, with what its cron expression means.
type plan struct {
	rule
	zone, catchUp string
	jitter        time.Duration
	to            []string
}

func plans() []plan {
	return []plan{
		{rule{"30 2 * * *", func(w time.Time) bool { return w.Hour() == 2 && w.Minute() == 30 }}, "Europe/Berlin", schedule.Once, 0, []string{"/a", "/gone", "/b"}},
		{rule{"45 * * * *", func(w time.Time) bool { return w.Minute() == 45 }}, "Europe/Berlin", schedule.Latest, 0, []string{"/a"}},
		{rule{"0 8 * * MON", func(w time.Time) bool { return w.Hour() == 8 && w.Minute() == 0 && w.Weekday() == time.Monday }}, "America/New_York", schedule.Once, 3 * time.Hour, []string{"/a", "/b"}},
		{rule{"0 */6 * * *", func(w time.Time) bool { return w.Hour()%6 == 0 && w.Minute() == 0 }}, "Asia/Kolkata", schedule.Skip, 0, nil},
		{rule{"15 2 * * *", func(w time.Time) bool { return w.Hour() == 2 && w.Minute() == 15 }}, "Australia/Lord_Howe", schedule.Latest, 10 * time.Minute, []string{"/b"}},
	}
}

var errDead = errors.New("the process is dead")

// life is a year of processes that die, each of which knows what is on disk alone.
type life struct {
	t      *testing.T
	chance *rand.Rand
	dir    string
	now    time.Time
	quiet  bool // nothing goes wrong any more

	db        *statedb.DB
	scheduler *schedule.Scheduler
	mu        sync.Mutex
	dead      bool
	deaths    int

	calls    int
	made     map[string]deliver.Parcel // by schedule and due time
	arrived  map[string]int            // by address, schedule and due time
	finished map[string]statedb.Run    // that are over
}

func runKey(schedule string, due time.Time) string {
	return schedule + " " + due.UTC().Format(time.RFC3339)
}

// dies may end the process, here.
func (l *life) dies() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.dead && !l.quiet && l.chance.IntN(50) == 0 {
		l.dead = true
	}
	return l.dead
}

func (l *life) fails(percent int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.quiet && l.chance.IntN(100) < percent
}

// begin begins a process over what is on disk.
func (l *life) begin() {
	path := filepath.Join(l.dir, "state.db")
	var err error
	l.db, err = statedb.Open(path, func(text string) { l.t.Error(text) })
	must(l.t, err)
	l.dead = false
	l.scheduler = schedule.NewScheduler(schedule.Options{State: l.db, Make: l.make, Deliver: l.deliver, Log: zerolog.Nop(), Now: func() time.Time { return l.now }})
	l.scheduler.Around(func(change func() error) error {
		if l.dies() {
			return errDead
		}
		err := change()
		if l.dies() {
			return errDead
		}
		return err
	})
}

// restart takes away what the process had in memory, and leaves the files as they are
// at this moment.
func (l *life) restart() {
	l.deaths++
	next := l.t.TempDir()
	must(l.t, os.CopyFS(next, os.DirFS(l.dir)))
	must(l.t, l.db.Close())
	must(l.t, os.RemoveAll(l.dir))
	l.dir = next
	l.begin()
}

func (l *life) make(_ context.Context, s statedb.Schedule, due, from, to time.Time) (p deliver.Parcel, err error) {
	if l.dies() {
		return p, errDead
	}
	if l.fails(5) {
		return p, errors.New("no memory")
	}
	open, err := l.db.OpenRuns()
	must(l.t, err)
	for _, r := range open {
		if r.Schedule == s.ID && r.Due.Equal(due) && r.Status != statedb.RunDue {
			l.t.Errorf("%s, due %s, is made when it is made", s.Name, due)
		}
	}
	l.calls++
	key := runKey(s.ID, due)
	p, known := l.made[key]
	if !known {
		p = deliver.Parcel{ID: fmt.Sprint(len(l.made)), Text: fmt.Sprint(from.Unix(), to.Unix()), Name: key}
		l.made[key] = p
	}
	if l.dies() {
		return p, errDead
	}
	return p, nil
}

func (l *life) deliver(_ context.Context, to string, p deliver.Parcel) error {
	if l.dies() {
		return errDead
	}
	switch {
	case to == "/gone":
		return fmt.Errorf("%w: nobody is there", deliver.ErrFinal)
	case l.fails(20):
		return errors.New("nobody opens")
	}
	l.mu.Lock()
	l.arrived[to+" "+p.Name]++
	l.mu.Unlock()
	if l.dies() {
		return errDead
	}
	return nil
}

// look lets the process do what it does now, and lets time pass until it would look
// again; or it dies, or somebody ends it for a while.
func (l *life) look() (idle bool) {
	pass, err := l.scheduler.RunDue(l.t.Context())
	switch {
	case l.dead:
		l.restart()
		l.now = l.now.Add(time.Duration(l.chance.IntN(120)) * time.Second)
	case err != nil:
		l.t.Fatal(err)
	case !l.quiet && l.chance.IntN(60) == 0: // a night, or days
		l.now = l.now.Add(time.Duration(l.chance.IntN(1+l.chance.IntN(80))) * time.Hour)
		l.restart()
	case pass.Next.After(l.now):
		l.now = pass.Next
	default:
		l.now = l.now.Add(time.Second)
	}
	return err == nil && len(pass.Runs) == 0
}

// harvest collects the runs that are over; they do not change any more.
func (l *life) harvest(all []statedb.Schedule) {
	for _, s := range all {
		runs, err := l.db.Runs(s.ID, 400)
		must(l.t, err)
		for _, r := range runs {
			if r.Ended.IsZero() {
				continue
			}
			key := runKey(s.ID, r.Due)
			if before, known := l.finished[key]; known && (before.Status != r.Status || !before.Ended.Equal(r.Ended)) {
				l.t.Errorf("%s was over, and was begun again: %+v", key, r)
			}
			l.finished[key] = r
		}
	}
}

// A year of reports, in four time zones, of processes that die between any two steps
// and are away for days: every period has its report once, or none as its schedule
// says, and every report has arrived where it should. TARN_YEAR_DAYS=365 is a year.
func TestAYearOfReports(t *testing.T) {
	days := 12
	if text := os.Getenv("TARN_YEAR_DAYS"); text != "" {
		var err error
		days, err = strconv.Atoi(text)
		must(t, err)
	}
	begin := time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC) // a clock changes soon
	l := &life{t: t, chance: rand.New(rand.NewPCG(3, 4)), dir: t.TempDir(), now: begin,
		made: map[string]deliver.Parcel{}, arrived: map[string]int{}, finished: map[string]statedb.Run{}}
	l.begin()
	var all []statedb.Schedule
	for i, p := range plans() {
		d := schedule.Usual()
		d.Cron, d.Zone, d.CatchUp, d.Jitter, d.To, d.Tries = p.expr, p.zone, p.catchUp, p.jitter, p.to, 20
		s, err := schedule.New(fmt.Sprint("plan-", i), d, begin)
		must(t, err)
		must(t, l.db.AddSchedule(s))
		all = append(all, s)
	}
	end := begin.AddDate(0, 0, days)
	for n := 0; l.now.Before(end); n++ {
		if l.look(); n%50 == 0 {
			l.harvest(all)
		}
	}
	l.quiet = true
	for open := []statedb.Run{{}}; len(open) > 0; { // what is left is done
		l.look()
		var err error
		open, err = l.db.OpenRuns()
		must(t, err)
	}
	l.harvest(all)
	skipped := 0
	for i, p := range plans() {
		skipped += l.check(all[i], p, begin)
	}
	if len(l.finished)-skipped != len(l.made) {
		t.Errorf("%d reports were made, %d are known of", len(l.made), len(l.finished)-skipped)
	}
	t.Logf("%d days, %d periods, %d reports made by %d calls, %d skipped by policy, %d deaths", days, len(l.finished), len(l.made), l.calls, skipped, l.deaths)
	must(t, l.db.Close())
}

// check compares what became of a schedule with what the clock on the wall says.
func (l *life) check(s statedb.Schedule, p plan, begin time.Time) (skipped int) {
	dues := walk(l.t, []rule{p.rule}, p.zone, begin, l.now)[0]
	known := 0
	for i, due := range dues {
		r, ok := l.finished[runKey(s.ID, due)]
		if !ok {
			if !schedule.Begins(s, due).Add(time.Minute).After(l.now) {
				l.t.Errorf("%s, due %s, was forgotten", s.Cron, due)
			}
			continue
		}
		known++
		if i > 0 && !r.From.Equal(dues[i-1]) || !r.To.Equal(due) {
			l.t.Errorf("%s, due %s, is about %s to %s", s.Cron, due, r.From, r.To)
		}
		newer := i+1 < len(dues) && !schedule.Begins(s, dues[i+1]).After(r.Noted)
		wanted := s.CatchUp == schedule.Once || !newer && (s.CatchUp == schedule.Latest || r.Noted.Sub(due) <= time.Hour)
		if (r.Status != statedb.RunSkipped) != wanted {
			l.t.Errorf("%s (%s), due %s and noted %s, is %s", s.Cron, s.CatchUp, due, r.Noted, r.Status)
		}
		if !wanted {
			skipped++
			continue
		}
		l.arrivedEverywhere(s, r)
	}
	for key := range l.finished {
		if key[:len(s.ID)] == s.ID {
			known--
		}
	}
	if known != 0 {
		l.t.Errorf("%s has %d reports that were never due", s.Cron, -known)
	}
	return skipped
}

func (l *life) arrivedEverywhere(s statedb.Schedule, r statedb.Run) {
	key, want := runKey(s.ID, r.Due), statedb.RunDone
	if p, ok := l.made[key]; !ok || p.ID != r.Report || p.Text != fmt.Sprint(r.From.Unix(), r.To.Unix()) {
		l.t.Errorf("%s: the report is %+v, and the run %+v", key, p, r)
	}
	for _, d := range r.Deliveries {
		if d.GaveUp {
			want = statedb.RunFailed
		}
		if d.GaveUp != (d.To == "/gone") || d.GaveUp == (l.arrived[d.To+" "+key] > 0) {
			l.t.Errorf("%s: %+v, and it has arrived %d times", key, d, l.arrived[d.To+" "+key])
		}
	}
	if r.Status != want || len(r.Deliveries) != len(s.To) {
		l.t.Errorf("%s: %+v", key, r)
	}
}
