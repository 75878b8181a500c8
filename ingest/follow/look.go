package follow

import (
	"context"
	"errors"
	"maps"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/ingest"
	"tarn/lake/statedb"
)

// relist looks for objects that are not in: among those of the last days, or now and
// then among all. What a queue tells meanwhile is heard.
func (f *follower) relist(ctx context.Context) error {
	now := f.f.now()
	start, p := f.o.Now(), now.Progress
	all := p.ListedAll.IsZero() || now.FullEvery > 0 && start.Sub(p.ListedAll) >= now.FullEvery
	var from time.Time
	if !all {
		from = start
		if p.Listed.Before(from) {
			from = p.Listed // nobody has looked since
		}
		from = from.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-now.Days)
	}
	before := f.place.requests()
	var found []ingest.Object
	unsettled, err := f.place.list(ctx, from, func(page []ingest.Object) error {
		fresh, err := f.fresh(page)
		if err != nil {
			return err
		}
		if found = append(found, fresh...); len(found) >= batchObjects {
			if err := f.take(ctx, found); err != nil {
				return err
			}
			found = nil
		}
		if f.queue != nil && f.o.Now().Sub(f.heard) > time.Second {
			return f.hear(ctx, 0)
		}
		return nil
	})
	// What was found is found, also where a part of the source cannot be listed.
	if taken := f.take(ctx, found); err == nil || ctx.Err() != nil {
		err = errors.Join(err, taken)
	}
	if err != nil {
		return err
	}
	took := f.o.Now().Sub(start)
	pause := now.Every
	if !all {
		pause = max(pause, 10*took) // listing is not to be all that is done
	}
	if unsettled {
		pause = min(pause, settled)
	}
	f.nextList = f.o.Now().Add(pause - min(took, pause/2))
	f.f.change(f.o, func(p *statedb.FollowProgress) {
		p.Listed, p.Took, p.Requests = start.UTC(), took, f.place.requests()-before
		if all {
			p.ListedAll = p.Listed
		}
	})
	f.tell()
	return nil
}

// fresh returns the objects that are not in, as far as they are not to be left alone
// for a while, because they could not be read.
func (f *follower) fresh(objects []ingest.Object) (fresh []ingest.Object, err error) {
	now := f.o.Now()
	for _, o := range objects {
		if failure, ok := f.failures[o.Path]; ok && failure.Next.After(now) && failure.Bytes == o.Bytes && failure.Modified.Equal(o.Modified) {
			continue
		}
		known, err := f.known(o)
		if err != nil {
			return nil, err
		}
		if !known {
			f.waiting[o.Path] = o.Modified
			fresh = append(fresh, o)
		}
	}
	if len(fresh) > 0 {
		f.tell()
	}
	return fresh, nil
}

// hear takes what the queue has, and waits for the first so long. Trouble with the queue
// is no error.
func (f *follower) hear(ctx context.Context, wait time.Duration) error {
	f.heard = f.o.Now()
	if f.o.Lake.Importing() { // what was received would come again before it is our turn
		f.f.change(f.o, func(p *statedb.FollowProgress) { p.State = statedb.FollowWaiting })
		sleep(ctx, min(wait, time.Second))
		return nil
	}
	if f.f.now().Progress.State == statedb.FollowWaiting {
		f.tell()
	}
	all, err := f.queue.Receive(ctx, wait)
	for more := all; err == nil && len(more) > 0 && len(all) < batchObjects && f.o.Now().Sub(f.heard) < gather+wait; {
		if more, err = f.queue.Receive(ctx, 0); err == nil {
			maps.Copy(all, more)
		}
	}
	f.heard = f.o.Now()
	if err != nil || len(all) == 0 {
		if ctx.Err() == nil {
			f.listened(err)
		}
		return nil // what was received comes again
	}
	return f.messages(ctx, all)
}

// messages takes what messages tell of, and then says that they are done with.
func (f *follower) messages(ctx context.Context, all map[string][]byte) error {
	var counts statedb.FollowCounts
	paths := map[string][]string{} // by the first of them
	var receipts []string
	for receipt, text := range all {
		receipts = append(receipts, receipt)
		named, others, err := read(text)
		if err != nil {
			counts.Strange++
			f.log.Warn().Err(err).Int("bytes", len(text)).Msg("a message cannot be understood")
			continue
		}
		counts.Ignored += int64(others)
		for _, n := range named {
			if meant := f.place.named(n); len(meant) > 0 {
				paths[meant[0]] = meant
			} else {
				counts.Ignored++
			}
		}
	}
	objects, gone, err := f.find(ctx, paths)
	if err != nil {
		return err
	}
	fresh, err := f.fresh(objects)
	if err == nil {
		err = f.take(ctx, fresh)
	}
	if err != nil {
		return err
	}
	counts.Messages, counts.Gone = int64(len(all)), gone
	f.f.change(f.o, func(p *statedb.FollowProgress) {
		p.Notified = f.o.Now().UTC()
		p.Counts = sum(p.Counts, counts)
	})
	f.listened(f.queue.Done(ctx, receipts))
	return nil
}

// find asks the source for objects, each by the first path at which there is one.
func (f *follower) find(ctx context.Context, paths map[string][]string) (objects []ingest.Object, gone int64, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(listers)
	found := make(chan ingest.Object, len(paths))
	for _, all := range paths {
		g.Go(func() error {
			for _, path := range all {
				o, err := f.place.find(ctx, path)
				if errors.Is(err, errGone) {
					continue
				}
				if err == nil {
					found <- o
				}
				return err
			}
			return nil
		})
	}
	err = g.Wait()
	close(found)
	for o := range found {
		objects = append(objects, o)
	}
	return objects, int64(len(paths) - len(objects)), err
}

// due returns the paths of failures that it is time to try again.
func (f *follower) due(now time.Time) map[string][]string {
	due := map[string][]string{}
	for path, failure := range f.failures {
		if !failure.Next.After(now) && len(due) < batchObjects {
			due[path] = []string{path}
		}
	}
	return due
}

// again tries what failed.
func (f *follower) again(ctx context.Context, due map[string][]string) error {
	objects, _, err := f.find(ctx, due)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, o := range objects {
		there[o.Path] = true
	}
	var gone []string
	for path := range due {
		if !there[path] {
			gone = append(gone, path)
		}
	}
	if err := f.settle(nil, gone); err != nil {
		return err
	}
	if len(gone) > 0 {
		f.f.change(f.o, func(p *statedb.FollowProgress) { p.Counts.Gone += int64(len(gone)) })
	}
	fresh, err := f.fresh(objects)
	if err != nil {
		return err
	}
	return f.take(ctx, fresh)
}
