package main

import (
	"context"
	"os"
	"time"

	"tarn/ingest"
	"tarn/ingest/history"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// beginJob begins to keep an import into a lake that is open for writing.
func (a *app) beginJob(store lake.Store, from *ingest.Listing) *history.Job {
	now := time.Now()
	i := statedb.Import{
		ID: uuid.NewV7(now), Store: store.ID, Status: statedb.Initializing, Created: now,
		ImportDetails: statedb.ImportDetails{StoreName: store.Name, Sources: from.Paths(), Options: a.given, Dir: a.dir()},
	}
	for _, arg := range a.args {
		i.Command = append(i.Command, withoutSecrets(arg))
	}
	if i.Dir == "" {
		i.Dir, _ = os.Getwd() // empty is unknown
	}
	warn := func(err error) { a.warn(err.Error()) }
	db, close, err := a.state()
	if err != nil {
		warn(err)
		return &history.Job{Import: i}
	}
	return history.Begin(i, db, close, warn)
}

// endJob keeps what became of an import.
func endJob(ctx context.Context, j *history.Job, r *ingest.Result, err error) {
	status := statedb.Completed
	switch {
	case err == nil:
		if err = partly(r); err != nil {
			status = statedb.Failed // as CloudTrail has it: some of it failed
		}
	case ctx.Err() != nil:
		status, err = statedb.Stopped, interruption(ctx)
	default:
		status = statedb.Failed
	}
	reason := ""
	if err != nil {
		reason = withoutSecrets(err.Error())
	}
	j.End(r, status, reason)
}
