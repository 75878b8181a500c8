package follow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tarn/ingest"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/statedb"
)

// known reports whether the lake has the object.
func (f *follower) known(o ingest.Object) (bool, error) {
	store, err := f.o.Lake.Store(f.f.now().Store)
	if err != nil {
		return false, err
	}
	if ingest.IsDelivered(o.Key) {
		return f.o.Lake.ImportedAnyTime(store, o.Key, o.Bytes)
	}
	if _, same := f.same[f.version(o)]; same {
		return true, nil
	}
	known, _, err := f.o.Lake.Imported(store, lake.Source{Key: o.Key, Bytes: o.Bytes, Modified: o.Modified})
	return known, err
}

// take imports objects, a batch at a time. When it returns nil, each is in the ledger or
// recorded as a failure.
func (f *follower) take(ctx context.Context, objects []ingest.Object) error {
	for len(objects) > 0 {
		n, bytes := 0, int64(0)
		for n < min(len(objects), batchObjects) && (n == 0 || bytes+objects[n].Bytes <= batchBytes) {
			bytes += objects[n].Bytes
			n++
		}
		if err := f.batch(ctx, objects[:n]); err != nil {
			return err
		}
		objects = objects[n:]
	}
	return nil
}

// few is how many objects are imported at a time where some are refused: less than what
// lets an import believe that all will be.
const few = 8

func (f *follower) batch(ctx context.Context, objects []ingest.Object) error {
	unread, err := f.bring(ctx, objects)
	if errors.Is(err, s3.ErrDenied) {
		unread = map[string]error{}
		for some := range slices.Chunk(objects, few) {
			var failed map[string]error
			if failed, err = f.bring(ctx, some); err != nil {
				return err
			}
			maps.Copy(unread, failed)
		}
		if len(unread) == len(objects) { // it is nothing of the objects
			return unread[objects[0].Path]
		}
	}
	if err != nil {
		return err
	}
	var failed []statedb.FollowFailure
	var mended []string
	for _, o := range objects {
		delete(f.waiting, o.Path)
		if why, ok := unread[o.Path]; ok {
			failed = append(failed, f.failure(o, why))
			continue
		}
		if _, ok := f.failures[o.Path]; ok {
			mended = append(mended, o.Path)
		}
		if known, err := f.known(o); err == nil && !known {
			f.remember(o)
		}
	}
	if err := f.settle(failed, mended); err != nil {
		return err
	}
	f.tell()
	return nil
}

// remember notes an object that is in under another time of change.
func (f *follower) remember(o ingest.Object) {
	if len(f.same) >= mostSame {
		clear(f.same)
	}
	f.same[f.version(o)] = struct{}{}
}

// failure is that an object could not be read, once more.
func (f *follower) failure(o ingest.Object, why error) statedb.FollowFailure {
	one, again := f.failures[o.Path]
	now := f.o.Now().UTC()
	if !again {
		one = statedb.FollowFailure{Follow: f.f.now().ID, Key: o.Path, FailureDetails: statedb.FailureDetails{First: now}}
	}
	one.Attempts++
	one.Bytes, one.Modified, one.Reason = o.Bytes, o.Modified, why.Error()
	wait := longestTry
	if one.Attempts < 10 {
		wait = min(firstTry<<(one.Attempts-1), longestTry)
	}
	one.Next = now.Add(wait)
	f.log.Warn().Str("object", o.Path).Err(why).Int("attempt", one.Attempts).Time("next", one.Next).Msg("an object could not be read; it is tried again")
	return one
}

// settle records what failed, and forgets what does not any more.
func (f *follower) settle(failed []statedb.FollowFailure, mended []string) error {
	if len(failed)+len(mended) == 0 {
		return nil
	}
	if len(failed) > 0 && len(f.failures)+len(failed) > mostFailures {
		return fmt.Errorf("%d objects could not be read, and no more than %d are remembered: %s", len(f.failures)+len(failed), mostFailures, failed[0].Reason)
	}
	if err := f.o.State.PutFailures(f.f.now().ID, failed, mended); err != nil {
		return err
	}
	for _, one := range failed {
		f.failures[one.Key] = one
	}
	for _, path := range mended {
		delete(f.failures, path)
	}
	f.tell()
	return nil
}

// bring imports objects in one go, when it is their turn. Unread are those that could
// not be read, by their paths; the error is one of all of them, or of the lake.
func (f *follower) bring(ctx context.Context, objects []ingest.Object) (unread map[string]error, err error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		store, err := f.o.Lake.Store(f.f.now().Store)
		if err != nil {
			return nil, err
		}
		start := f.o.Now()
		r, err := ingest.Import(ctx, f.o.Lake, store, ingest.ListingOf(objects), ingest.Options{Brief: true, Digests: ingest.Digests{Mode: ingest.Off}})
		if !errors.Is(err, lake.ErrImporting) {
			if r != nil {
				f.account(r, objects, err == nil, f.o.Now().Sub(start))
			}
			if err != nil {
				return nil, err
			}
			unread = map[string]error{}
			for _, u := range r.Unread {
				unread[u.Path] = u.Err
			}
			return unread, nil
		}
		f.f.change(f.o, func(p *statedb.FollowProgress) { p.State = statedb.FollowWaiting })
		if sleep(ctx, wait); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// account counts what an import came to.
func (f *follower) account(r *ingest.Result, objects []ingest.Object, whole bool, took time.Duration) {
	c := statedb.FollowCounts{Stored: r.Counts.Stored, Duplicates: r.Counts.Duplicates, Conflicts: r.Counts.Conflicts,
		Filtered: r.Counts.Filtered, Rejected: r.Counts.Rejected}
	var newest ingest.Object
	if whole {
		failed := map[string]bool{}
		for _, u := range r.Unread {
			failed[u.Path] = true
		}
		for _, o := range objects {
			if failed[o.Path] {
				continue
			}
			c.Objects++
			c.Bytes += o.Bytes
			if o.Modified.After(newest.Modified) {
				newest = o
			}
		}
	}
	f.f.change(f.o, func(p *statedb.FollowProgress) {
		p.Counts = sum(p.Counts, c)
		if newest.Modified.After(p.NewestTime) {
			p.Newest, p.NewestTime = newest.Path, newest.Modified
		}
	})
	f.log.Info().Int64("objects", c.Objects).Int64("stored", c.Stored).Int64("duplicates", c.Duplicates).Int64("rejected", c.Rejected).
		Int("unread", len(r.Unread)).Dur("took", took).Msg("objects are in")
}

func sum(a, b statedb.FollowCounts) statedb.FollowCounts {
	return statedb.FollowCounts{Objects: a.Objects + b.Objects, Bytes: a.Bytes + b.Bytes, Stored: a.Stored + b.Stored, Duplicates: a.Duplicates + b.Duplicates,
		Conflicts: a.Conflicts + b.Conflicts, Filtered: a.Filtered + b.Filtered, Rejected: a.Rejected + b.Rejected, Messages: a.Messages + b.Messages,
		Ignored: a.Ignored + b.Ignored, Strange: a.Strange + b.Strange, Gone: a.Gone + b.Gone}
}
