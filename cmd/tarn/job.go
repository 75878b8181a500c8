package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tarn/ingest"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// job keeps in the lake's state what is known of an import while it runs. What
// goes wrong with that is told once, and is no reason to end the import.
type job struct {
	statedb.Import
	db    *statedb.DB // nil: nothing is kept
	close func() error
	warn  func(string)
}

// keptEvery is how often it is kept how far an import is.
const keptEvery = 2 * time.Second

// beginJob begins to keep an import into a lake that is open for writing.
func (a *app) beginJob(store lake.Store, from *ingest.Listing) *job {
	now := time.Now()
	j := &job{warn: a.warn, Import: statedb.Import{
		ID: uuid.NewV7(now), Store: store.ID, Status: statedb.Initializing, Created: now,
		ImportDetails: statedb.ImportDetails{StoreName: store.Name, Sources: from.Paths(), Options: a.given, Dir: a.dir()},
	}}
	for _, arg := range a.args {
		j.Command = append(j.Command, withoutSecrets(arg))
	}
	if j.Dir == "" {
		j.Dir, _ = os.Getwd() // empty is unknown
	}
	var err error
	if j.db, j.close, err = a.state(); err != nil {
		j.give(err)
		return j
	}
	j.keep(now)
	return j
}

// give gives up keeping the import.
func (j *job) give(err error) {
	j.db = nil
	j.warn(fmt.Sprintf("tarn import list will not tell the truth about import %s: %v", j.ID, err))
}

func (j *job) keep(now time.Time) {
	if j.db == nil {
		return
	}
	j.Updated = now
	if err := j.db.Put(j.Import); err != nil {
		close := j.close
		j.give(errors.Join(err, close()))
	}
}

// progress hears how far the import is.
func (j *job) progress(p ingest.Progress) {
	now := time.Now()
	if j.db == nil || j.Status == statedb.InProgress && now.Sub(j.Updated) < keptEvery {
		return
	}
	j.Status = statedb.InProgress
	j.Counts.Files, j.Counts.Records = int64(p.Objects), p.Records
	j.keep(now)
}

// end keeps what became of the import.
func (j *job) end(ctx context.Context, r *ingest.Result, err error) {
	if j.db == nil {
		return
	}
	if r != nil {
		j.account(r)
	}
	switch {
	case err == nil:
		err = partly(r)
		j.Status = statedb.Completed
		if err != nil {
			j.Status = statedb.Failed // as CloudTrail has it: some of it failed
		}
	case ctx.Err() != nil:
		j.Status, err = statedb.Stopped, interruption(ctx)
	default:
		j.Status = statedb.Failed
	}
	if err != nil {
		j.Reason = withoutSecrets(err.Error())
	}
	j.keep(time.Now())
	if j.db != nil {
		if err := j.close(); err != nil {
			j.give(err)
		}
	}
}

// account takes over what the import came to.
func (j *job) account(r *ingest.Result) {
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
		j.Errors = append(j.Errors, describeReject(rej))
	}
}
