package statedb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Schedule says which report is made when, and where it is brought.
type Schedule struct {
	// ID is a UUID, given at creation: another schedule of the same name is another one.
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	ScheduleDetails
}

// ScheduleDetails is what is known of a schedule besides. It is kept as JSON.
type ScheduleDetails struct {
	Pack string `json:"pack"`
	// Stores are the ids of the stores that the report is about.
	Stores     []string            `json:"stores"`
	Parameters []ScheduleParameter `json:"parameters,omitempty"`
	// Cron says when it is due, by the clock of a time zone.
	Cron string `json:"cron"`
	Zone string `json:"zone"`
	// Last is how far back a report looks, such as 7d; empty is to when it was due before.
	Last string `json:"last,omitempty"`
	// CatchUp says in the words of package schedule what becomes of reports that were
	// missed. Of more than Most the oldest are not made.
	CatchUp string `json:"catch_up"`
	Most    int    `json:"most"`
	// Jitter is by how much a report may be late on purpose, Timeout how long it may take.
	Jitter  time.Duration `json:"jitter_ns,omitempty"`
	Timeout time.Duration `json:"timeout_ns"`
	// Tries are how often making and each delivery are tried.
	Tries int `json:"tries"`
	// To are the addresses that it is brought to.
	To     []string `json:"to,omitempty"`
	Paused bool     `json:"paused,omitempty"`
	// Seen is up to when all that was due is recorded.
	Seen time.Time `json:"seen"`
}

// ScheduleParameter is a value for the statements of the controls.
type ScheduleParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// RunStatus is how far a report that was due has come.
type RunStatus string

// The states of a run.
const (
	// RunDue means that the report is to be made, or is being made.
	RunDue RunStatus = "DUE"
	// RunMade means that the report is made, and has not been brought everywhere.
	RunMade RunStatus = "MADE"
	// RunDone means that it is everywhere.
	RunDone RunStatus = "DONE"
	// RunFailed means that it was given up: making it, or a delivery.
	RunFailed RunStatus = "FAILED"
	// RunSkipped means that it was missed and, by the schedule's policy, is not made.
	RunSkipped RunStatus = "SKIPPED"
)

// Run is a report that was due. Schedule and Due are its key.
type Run struct {
	Schedule string    `json:"schedule"` // the id
	Due      time.Time `json:"due"`
	Status   RunStatus `json:"status"`
	RunDetails
}

// RunDetails is what is known of a run besides. It is kept as JSON.
type RunDetails struct {
	// From and To bound the events: from From on, before To.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Noted is when it was recorded, Ended when all was over.
	Noted time.Time `json:"noted"`
	Ended time.Time `json:"ended,omitzero"`
	// Attempts are how often making it was begun, Next is when it is tried again, and
	// Reason why it was not made.
	Attempts int       `json:"attempts,omitempty"`
	Next     time.Time `json:"next,omitzero"`
	Reason   string    `json:"reason,omitempty"`
	// Report is the id of the report, Parcel what is delivered, in the words of package
	// deliver.
	Report     string          `json:"report,omitempty"`
	Parcel     json.RawMessage `json:"parcel,omitempty"`
	Deliveries []Delivery      `json:"deliveries,omitempty"`
}

// Delivery is how far a report is on its way to one address.
type Delivery struct {
	To       string    `json:"to"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next,omitzero"` // it is not tried again before
	Done     time.Time `json:"done,omitzero"` // it is there
	GaveUp   bool      `json:"gave_up,omitempty"`
	Reason   string    `json:"reason,omitempty"` // why it is not there
}

// Errors that callers tell apart.
var (
	ErrNoSchedule     = errors.New("no such schedule")
	ErrScheduleExists = errors.New("there is a schedule of that name")
)

const (
	// schedulesSince is the version of the layout from which on there are schedules.
	schedulesSince = 8
	// keptRuns is how many runs of a schedule are kept that are over.
	keptRuns = 1000
)

// AddSchedule records a new schedule.
func (d *DB) AddSchedule(s Schedule) error {
	doc, err := json.Marshal(s.ScheduleDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM schedules WHERE name = ?", s.Name).Scan(&n); err != nil || n > 0 {
			return errors.Join(err, fmt.Errorf("%w: %s", ErrScheduleExists, s.Name))
		}
		_, err := tx.Exec("INSERT INTO schedules VALUES (?, ?, ?, ?)", s.ID, s.Name, s.Created.UnixMicro(), string(doc))
		return err
	})
}

// ChangeSchedule changes what is known of a schedule, whoever else does.
func (d *DB) ChangeSchedule(name string, change func(*ScheduleDetails)) error {
	return d.write(func(tx *sql.Tx) error {
		var text string
		err := tx.QueryRow("SELECT doc FROM schedules WHERE name = ?", name).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: %s", ErrNoSchedule, name)
		}
		if err != nil {
			return err
		}
		var s ScheduleDetails
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return err
		}
		change(&s)
		doc, err := json.Marshal(s)
		if err == nil {
			_, err = tx.Exec("UPDATE schedules SET doc = ? WHERE name = ?", string(doc), name)
		}
		return err
	})
}

// RemoveSchedule forgets a schedule and its runs.
func (d *DB) RemoveSchedule(name string) error {
	return d.write(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM schedule_runs WHERE schedule IN (SELECT id FROM schedules WHERE name = ?)", name); err != nil {
			return err
		}
		gone, err := tx.Exec("DELETE FROM schedules WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: %s", ErrNoSchedule, name))
		}
		return nil
	})
}

// Schedules returns all schedules, in order of their names.
func (d *DB) Schedules() (all []Schedule, err error) {
	err = d.scheduled(func(rows *sql.Rows) error {
		var s Schedule
		var created int64
		var doc string
		if err := rows.Scan(&s.ID, &s.Name, &created, &doc); err != nil {
			return err
		}
		s.Created = time.UnixMicro(created).UTC()
		if err := json.Unmarshal([]byte(doc), &s.ScheduleDetails); err != nil {
			return fmt.Errorf("%w: schedule %s: %w", errDamaged, s.Name, err)
		}
		all = append(all, s)
		return nil
	}, "SELECT id, name, created, doc FROM schedules ORDER BY name")
	return all, err
}

// ScheduleNamed returns the schedule of that name.
func (d *DB) ScheduleNamed(name string) (Schedule, error) {
	all, err := d.Schedules()
	if err != nil {
		return Schedule{}, err
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return Schedule{}, fmt.Errorf("%w: %s; there are none", ErrNoSchedule, name)
	}
	return Schedule{}, fmt.Errorf("%w: %s; there are %s", ErrNoSchedule, name, strings.Join(names, ", "))
}

// NoteRuns records what was due of a schedule that was looked at, up to a moment. What
// is recorded already stays as it is. If that moment is before the one up to which was
// looked, the clock was set back, and what was not made of what is due later is
// forgotten. Nothing is noted of a schedule that was changed meanwhile.
func (d *DB) NoteRuns(s Schedule, upTo time.Time, runs []Run) error {
	return d.write(func(tx *sql.Tx) error {
		var text string
		err := tx.QueryRow("SELECT doc FROM schedules WHERE id = ?", s.ID).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		var now ScheduleDetails
		if err := errors.Join(err, json.Unmarshal([]byte(text), &now)); err != nil {
			return err
		}
		if !now.Seen.Equal(s.Seen) || now.Paused {
			return nil
		}
		now.Seen = upTo.UTC()
		doc, err := json.Marshal(now)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE schedules SET doc = ? WHERE id = ?", string(doc), s.ID); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM schedule_runs WHERE schedule = ? AND due > ? AND status IN ('DUE', 'SKIPPED')", s.ID, upTo.UnixMicro()); err != nil {
			return err
		}
		for _, r := range runs {
			doc, err := json.Marshal(r.RunDetails)
			if err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT OR IGNORE INTO schedule_runs VALUES (?, ?, ?, ?)", s.ID, r.Due.UnixMicro(), r.Status, string(doc)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`DELETE FROM schedule_runs WHERE schedule = ?1 AND status NOT IN ('DUE', 'MADE') AND due <= (
			SELECT due FROM schedule_runs WHERE schedule = ?1 ORDER BY due DESC LIMIT 1 OFFSET ?2)`, s.ID, keptRuns)
		return err
	})
}

// PutRun records how far a run is. One whose schedule was removed stays forgotten.
func (d *DB) PutRun(r Run) error {
	doc, err := json.Marshal(r.RunDetails)
	if err != nil {
		return err
	}
	return d.write(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE schedule_runs SET status = ?, doc = ? WHERE schedule = ? AND due = ?", r.Status, string(doc), r.Schedule, r.Due.UnixMicro())
		return err
	})
}

// OpenRuns returns the runs that are not over, the first due first.
func (d *DB) OpenRuns() ([]Run, error) {
	return d.runs("WHERE status IN ('DUE', 'MADE') ORDER BY due, schedule")
}

// Runs returns the newest runs of a schedule, the newest first.
func (d *DB) Runs(schedule string, most int) ([]Run, error) {
	return d.runs("WHERE schedule = ? ORDER BY due DESC LIMIT ?", schedule, most)
}

func (d *DB) runs(where string, args ...any) (all []Run, err error) {
	err = d.scheduled(func(rows *sql.Rows) error {
		var r Run
		var due int64
		var doc string
		if err := rows.Scan(&r.Schedule, &due, &r.Status, &doc); err != nil {
			return err
		}
		r.Due = time.UnixMicro(due).UTC()
		if err := json.Unmarshal([]byte(doc), &r.RunDetails); err != nil {
			return fmt.Errorf("%w: run of schedule %s: %w", errDamaged, r.Schedule, err)
		}
		all = append(all, r)
		return nil
	}, "SELECT schedule, due, status, doc FROM schedule_runs "+where, args...)
	return all, err
}

// scheduled calls each with the rows of a statement about schedules.
func (d *DB) scheduled(each func(*sql.Rows) error, statement string, args ...any) error {
	if d.db == nil || d.warn == nil && d.had < schedulesSince {
		return nil // a reader of a file from before there were any
	}
	return d.each(each, statement, args...)
}
