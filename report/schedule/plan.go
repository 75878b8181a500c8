package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/uuid"
	"tarn/lake/statedb"
	"tarn/report/deliver"
)

// What becomes of reports that were due while nobody was there to make them.
const (
	// Once is to make each of them once, the oldest first; of very many, the newest.
	Once = "once"
	// Latest is to make the newest alone.
	Latest = "latest"
	// Skip is to make the newest alone, and not if it is late by more than an hour.
	Skip = "skip"
)

// CatchUps are all of them.
func CatchUps() []string { return []string{Once, Latest, Skip} }

// ErrSchedule means that a schedule says something that cannot be.
var ErrSchedule = errors.New("no such schedule can be")

const (
	// late is how late a report may be that is not to be caught up on.
	late = time.Hour
	// keptSkips is how many reports that are not made are recorded at a time.
	keptSkips = 100

	mostCatchUp = 500
	mostTries   = 50
	longest     = 24 * time.Hour
)

// Usual are the details of a schedule where nobody says otherwise.
func Usual() statedb.ScheduleDetails {
	return statedb.ScheduleDetails{Zone: "UTC", CatchUp: Once, Most: 100, Timeout: time.Hour, Tries: 10}
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// New is a schedule that begins now, if it can be.
func New(name string, d statedb.ScheduleDetails, now time.Time) (statedb.Schedule, error) {
	d.Seen = now.UTC()
	s := statedb.Schedule{ID: uuid.NewV7(now), Name: name, Created: now.UTC(), ScheduleDetails: d}
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrSchedule, fmt.Sprintf(format, args...))
	}
	if _, err := ParseCron(d.Cron, d.Zone); err != nil {
		return s, hint.Add(fmt.Errorf("%w: %w", ErrSchedule, err), hint.Of(err)...)
	}
	if _, _, err := parseLast(d.Last); err != nil {
		return s, err
	}
	switch {
	case !nameForm.MatchString(name):
		return s, hint.Add(wrong("the name %q", name), "letters, digits, '.', '_' and '-', at most 64")
	case !slices.Contains(CatchUps(), d.CatchUp):
		return s, hint.Add(wrong("to catch up by %q", d.CatchUp), strings.Join(CatchUps(), ", "))
	case d.Most < 1 || d.Most > mostCatchUp:
		return s, wrong("to catch up on %d reports; it may be 1 to %d", d.Most, mostCatchUp)
	case d.Jitter < 0 || d.Jitter > longest:
		return s, wrong("to be late by %s; it may be up to %s", d.Jitter, longest)
	case d.Timeout <= 0 || d.Timeout > longest:
		return s, wrong("to take %s; it may be up to %s", d.Timeout, longest)
	case d.Tries < 1 || d.Tries > mostTries:
		return s, wrong("to try %d times; it may be 1 to %d", d.Tries, mostTries)
	}
	return s, nil
}

// parseLast reads how far back a report looks: days of the calendar, or hours.
func parseLast(text string) (days int, hours time.Duration, err error) {
	if text == "" {
		return 0, 0, nil
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	switch unit := text[len(text)-1]; {
	case err != nil || n < 1 || n > 4000:
	case unit == 'd':
		return n, 0, nil
	case unit == 'h':
		return 0, time.Duration(n) * time.Hour, nil
	}
	return 0, 0, hint.Add(fmt.Errorf("%w: to look back by %q", ErrSchedule, text), "such as 7d or 24h")
}

// Period is what events a report is about that is due then: from From on, before To.
func Period(s statedb.Schedule, due time.Time) (from, to time.Time, err error) {
	c, err := ParseCron(s.Cron, s.Zone)
	if err != nil {
		return from, to, err
	}
	days, hours, err := parseLast(s.Last)
	switch {
	case err != nil:
	case days > 0:
		from = due.In(c.zone).AddDate(0, 0, -days)
	case hours > 0:
		from = due.Add(-hours)
	default:
		from, err = c.Before(due)
	}
	return from.UTC(), due.UTC(), err
}

// starts is when a report is begun that is due then: later by some of the schedule's
// jitter, always the same.
func starts(s statedb.Schedule, due time.Time) time.Time {
	if s.Jitter <= 0 {
		return due
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.ID, due.Unix()))
	return due.Add(time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(s.Jitter)))
}

// Due are the reports of a schedule that are due now and were not seen yet, and up to
// when it has been looked. Those that its policy does not want are skipped.
func Due(s statedb.Schedule, now time.Time) (runs []statedb.Run, upTo time.Time, err error) {
	c, err := ParseCron(s.Cron, s.Zone)
	if err != nil {
		return nil, upTo, err
	}
	// Where the clock was wrong and has been set back, what was seen then says nothing.
	upTo = earlier(s.Seen, now)
	kept := s.Most + keptSkips
	var all []time.Time
	for {
		next, err := c.Next(upTo)
		if err != nil {
			return nil, upTo, err
		}
		if starts(s, next).After(now) {
			break
		}
		if upTo = next; len(all) == 2*kept {
			all = slices.Delete(all, 0, kept)
		}
		all = append(all, next)
	}
	all = all[max(0, len(all)-kept):]
	for i, due := range all {
		r := statedb.Run{Schedule: s.ID, Due: due.UTC(), Status: statedb.RunDue, RunDetails: statedb.RunDetails{Noted: now.UTC()}}
		if r.From, r.To, err = Period(s, due); err != nil {
			return nil, upTo, err
		}
		if r.Reason = skipped(s, now.Sub(starts(s, due)), len(all)-1-i); r.Reason != "" {
			r.Status, r.Ended = statedb.RunSkipped, r.Noted
		}
		runs = append(runs, r)
	}
	return runs, upTo, nil
}

// skipped says why a report is not made that is so late, and after which so many more
// were due; empty, and it is made.
func skipped(s statedb.Schedule, by time.Duration, newer int) string {
	switch {
	case s.CatchUp == Once && newer >= s.Most:
		return fmt.Sprintf("missed, and %d newer ones too: at most %d are caught up on", newer, s.Most)
	case s.CatchUp != Once && newer > 0:
		return "missed, and a newer one was due"
	case s.CatchUp == Skip && by > late:
		return "missed: nobody was there within an hour"
	}
	return ""
}

// Pending are the runs that a scheduler would work on now, and those that it would
// skip: what is due and was not seen yet, and what is not over.
func Pending(db *statedb.DB, now time.Time) (all []statedb.Run, err error) {
	schedules, err := db.Schedules()
	if err != nil {
		return nil, err
	}
	active := map[string]bool{}
	var fresh []statedb.Run
	for _, s := range schedules {
		if s.Paused {
			continue
		}
		active[s.ID] = true
		runs, _, err := Due(s, now)
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", s.Name, err)
		}
		fresh = append(fresh, runs...)
	}
	open, err := db.OpenRuns()
	known := map[string]bool{}
	for _, r := range open {
		known[key(r)] = true
		if next := soonest(r); active[r.Schedule] && !next.After(now) {
			all = append(all, r)
		}
	}
	for _, r := range fresh {
		if !known[key(r)] {
			all = append(all, r)
		}
	}
	return all, err
}

func key(r statedb.Run) string { return r.Schedule + r.Due.String() }

// Upcoming are the next n times at which a schedule is due after a moment.
func Upcoming(s statedb.Schedule, after time.Time, n int) (all []time.Time, err error) {
	c, err := ParseCron(s.Cron, s.Zone)
	for range n {
		if err != nil {
			break
		}
		if after, err = c.Next(after); err == nil {
			all = append(all, after.In(c.zone))
		}
	}
	return all, err
}

// Folders are the folders that schedules bring reports to.
func Folders(db *statedb.DB) (all []string, err error) {
	schedules, err := db.Schedules()
	for _, s := range schedules {
		for _, to := range s.To {
			if dir := deliver.Folder(to); dir != "" && !slices.Contains(all, dir) {
				all = append(all, dir)
			}
		}
	}
	return all, err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
