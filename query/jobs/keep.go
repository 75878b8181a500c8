package jobs

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"tarn/lake/statedb"
)

const (
	// leastBytes is what a query takes whose results are small: a file, and a line in
	// state.db with its statement.
	leastBytes = 8 << 10
	// sweepEvery is how often somebody looks for what is over.
	sweepEvery = time.Hour
)

// Run removes what is over, again and again, until ctx is done.
func (j *Jobs) Run(ctx context.Context) error {
	j.tell(j.sweep(ctx))
	clock := time.NewTicker(sweepEvery)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
			j.tell(j.trim())
		}
	}
}

// trim removes queries that are too old, or that there is no room for.
func (j *Jobs) trim() error {
	for {
		some, err := j.o.State.OldestQueries(pieceOf)
		if err != nil {
			return err
		}
		over := j.over(some)
		if len(over) == 0 {
			return nil
		}
		// A file that nothing names is removed at the next start.
		if err := j.o.State.RemoveQueries(over); err != nil {
			return err
		}
		for _, q := range over {
			if err := j.fsys.Remove(fileOf(q)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
}

// over are those of the oldest queries that are to go.
func (j *Jobs) over(oldest []statedb.Query) (over []statedb.Query) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, q := range oldest {
		if _, busy := j.known[q.ID]; busy {
			continue
		}
		if !j.old(q) && j.kept <= j.o.KeptBytes {
			break
		}
		over = append(over, q)
		j.kept -= q.Bytes + leastBytes
	}
	return over
}

// sweep removes the files that no query names: a crash left them.
func (j *Jobs) sweep(ctx context.Context) error {
	if err := j.trim(); err != nil {
		return err
	}
	days, err := j.fsys.List(".")
	if err != nil {
		return err
	}
	for _, day := range days {
		files, err := j.fsys.List(day.Name())
		if err != nil {
			return err
		}
		left := len(files)
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return nil
			}
			name := path.Join(day.Name(), f.Name())
			named, err := j.names(name)
			if err != nil {
				return err
			}
			if named {
				continue
			}
			if err := j.fsys.Remove(name); err != nil {
				return err
			}
			left--
		}
		if left == 0 && day.Name() < j.o.Now().UTC().Add(-Days).Format(time.DateOnly) {
			if err := j.fsys.Remove(day.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// names reports whether a query names a file.
func (j *Jobs) names(file string) (bool, error) {
	id := path.Base(file)
	j.mu.Lock()
	_, busy := j.known[id]
	j.mu.Unlock()
	if busy {
		return true, nil
	}
	q, err := j.o.State.Query(id)
	if errors.Is(err, statedb.ErrNoQuery) {
		return false, nil
	}
	return hasResults(q) && fileOf(q) == file, err
}
