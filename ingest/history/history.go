// Package history keeps in state.db what is known of an import while it runs, whoever
// runs it.
package history

import (
	"errors"
	"fmt"
	"time"

	"tarn/ingest"
	"tarn/lake"
	"tarn/lake/statedb"
)

// keptEvery is how often it is kept how far an import is.
const keptEvery = 2 * time.Second

// Job keeps one import. What goes wrong with that is told once, and is no reason to
// end the import. The zero value keeps nothing.
type Job struct {
	statedb.Import
	db    *statedb.DB // nil: nothing is kept
	close func() error
	warn  func(error)
}

// Begin begins to keep an import. Close lets go of the file at its end; warn is told of
// what cannot be kept.
func Begin(i statedb.Import, db *statedb.DB, close func() error, warn func(error)) *Job {
	j := &Job{Import: i, db: db, close: close, warn: warn}
	j.keep(i.Created)
	return j
}

// give gives up keeping the import.
func (j *Job) give(err error) {
	j.db = nil
	j.warn(fmt.Errorf("tarn import list will not tell the truth about import %s: %w", j.ID, err))
}

func (j *Job) keep(now time.Time) {
	if j.db == nil {
		return
	}
	j.Updated = now
	if err := j.db.Put(j.Import); err != nil {
		close := j.close
		j.give(errors.Join(err, close()))
	}
}

// Progress hears how far the import is.
func (j *Job) Progress(p ingest.Progress) {
	now := time.Now()
	if j.db == nil || j.Status == statedb.InProgress && now.Sub(j.Updated) < keptEvery {
		return
	}
	j.Status = statedb.InProgress
	j.Counts.Files, j.Counts.Records = int64(p.Objects), p.Records
	j.keep(now)
}

// End keeps what became of the import, and why it has not completed. The result may
// be nil.
func (j *Job) End(r *ingest.Result, status statedb.ImportStatus, reason string) {
	if j.db == nil {
		return
	}
	if r != nil {
		j.account(r)
	}
	j.Status, j.Reason = status, reason
	j.keep(time.Now())
	if j.db != nil {
		if err := j.close(); err != nil {
			j.give(err)
		}
	}
}

// account takes over what the import came to.
func (j *Job) account(r *ingest.Result) {
	c := r.Counts
	j.Counts = statedb.ImportCounts{
		Files: r.Read + r.Known, Records: c.Offered, Stored: c.Stored, Duplicates: c.Duplicates, Conflicts: c.Conflicts,
		Filtered: c.Filtered, Rejected: c.Rejected, Unread: int64(len(r.Unread)),
	}
	j.Errors = nil
	for _, u := range r.Unread {
		j.Errors = append(j.Errors, fmt.Sprintf("%s: %v", u.Path, u.Err))
	}
	for _, rej := range r.Rejects {
		j.Errors = append(j.Errors, DescribeReject(rej))
	}
}

// DescribeReject says which record was rejected, and why.
func DescribeReject(r lake.Reject) string {
	return fmt.Sprintf("%s: record %d at byte %d: %s", r.Source, r.Record, r.Offset, r.Reason)
}
