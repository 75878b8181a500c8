package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tarn/lake/statedb"
)

// Sight is what somebody may know of.
type Sight struct {
	// By is the id of their credential.
	By string
	// Store says whether they may ask questions of a store.
	Store func(id string) bool
}

// sees reports whether somebody may know of a query: whoever may read all that it
// reads. One that reads no store is for whoever asked alone.
func (s Sight) sees(q statedb.Query) bool {
	for _, id := range q.Stores {
		if !s.Store(id) {
			return false
		}
	}
	return len(q.Stores) > 0 || q.By == s.By
}

// old reports whether a query is not kept any more.
func (j *Jobs) old(q statedb.Query) bool { return j.o.Now().Sub(q.Created) > Days }

// now is what is known of a query now: what is under way is newer than its file.
func (j *Jobs) now(q statedb.Query) statedb.Query {
	j.mu.Lock()
	defer j.mu.Unlock()
	if one, ok := j.known[q.ID]; ok {
		return one.facts
	}
	return q
}

// Query returns one query.
func (j *Jobs) Query(id string, s Sight) (statedb.Query, error) {
	j.mu.Lock()
	one, ok := j.known[id]
	var q statedb.Query
	if ok {
		q = one.facts
	}
	j.mu.Unlock()
	if !ok {
		var err error
		if q, err = j.o.State.Query(id); err != nil && !errors.Is(err, statedb.ErrNoQuery) {
			return statedb.Query{}, err
		}
	}
	if q.ID == "" || !s.sees(q) || j.old(q) {
		return statedb.Query{}, fmt.Errorf("%w: %s", ErrNone, id)
	}
	return q, nil
}

// Await is Query for somebody who waits a little for its end.
func (j *Jobs) Await(ctx context.Context, id string, s Sight, patience time.Duration) (statedb.Query, error) {
	q, err := j.Query(id, s)
	if err != nil || !q.Status.UnderWay() {
		return q, err
	}
	j.mu.Lock()
	one, ok := j.known[id]
	j.mu.Unlock()
	if ok {
		clock := time.NewTimer(patience)
		defer clock.Stop()
		select {
		case <-one.done:
		case <-clock.C:
			return q, nil
		case <-ctx.Done():
			return q, ctx.Err()
		}
	}
	return j.Query(id, s)
}

// Filter says which queries somebody looks for. What is zero does not count.
type Filter struct {
	// Store is the id of a store that they read.
	Store string
	// Alias is the name under which they were asked for.
	Alias string
	// Refresh is that of a dashboard that they belong to.
	Refresh string
	// Status is how far they have come.
	Status statedb.QueryStatus
	// From and To are between which times they were asked, both inclusive.
	From, To time.Time
}

func (f Filter) fits(q statedb.Query) bool {
	reads := f.Store == ""
	for _, id := range q.Stores {
		reads = reads || id == f.Store
	}
	return reads && (f.Refresh == "" || f.Refresh == q.Refresh) && (f.Status == "" || f.Status == q.Status) &&
		!q.Created.Before(f.From) && (f.To.IsZero() || !q.Created.After(f.To))
}

// pieceOf is how many queries are looked at in one go.
const pieceOf = 500

// List returns the next so many queries before an id, the newest first; an empty one is
// behind all. It reports whether there are more.
func (j *Jobs) List(ctx context.Context, s Sight, f Filter, before string, most int) (found []statedb.Query, more bool, err error) {
	for {
		some, err := j.o.State.Queries(f.Alias, before, pieceOf)
		if err != nil {
			return nil, false, err
		}
		for _, q := range some {
			before = q.ID
			if q = j.now(q); j.old(q) || q.Created.Before(f.From) {
				return found, false, nil
			}
			if !s.sees(q) || !f.fits(q) {
				continue
			}
			if len(found) == most {
				return found, true, nil
			}
			found = append(found, q)
		}
		if len(some) < pieceOf || ctx.Err() != nil {
			return found, false, ctx.Err()
		}
	}
}

// Cancel ends a query that is under way, and waits a little for that.
func (j *Jobs) Cancel(ctx context.Context, id string, s Sight, patience time.Duration) (statedb.Query, error) {
	q, err := j.Query(id, s)
	if err != nil {
		return q, err
	}
	j.mu.Lock()
	one, ok := j.known[id]
	if ok = ok && one.facts.Status.UnderWay(); ok {
		one.cancel(errCancelled)
	}
	j.mu.Unlock()
	if !ok {
		return q, fmt.Errorf("%w: it is %s", ErrEnded, q.Status)
	}
	return j.Await(ctx, id, s, patience)
}

// Rows opens the results of a query that has some, in pages or as text. Close them.
func (j *Jobs) Rows(q statedb.Query) (*Rows, error) {
	if !hasResults(q) || q.Format != "" {
		return nil, ErrNoResults
	}
	f, err := j.resultsOf(q)
	if err != nil {
		return nil, err
	}
	return openRows(f, fileOf(q))
}
