package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tarn/lake"
	"tarn/lake/bucket"
)

// pushEvery is how often a server looks whether something is to be done about what lies in
// a bucket, and after every commit; the log alone follows within an hour.
const pushEvery = time.Minute

// pusher brings what is sealed to the bucket in which the lake lies, until its context is
// done, and lets go of it on disk.
func (a *app) pusher(h *host) func(context.Context) error {
	return func(ctx context.Context) error { return a.pushAgain(ctx, h) }
}

func (a *app) pushAgain(ctx context.Context, h *host) error {
	var last int64 // size of the log that was pushed
	var what string
	var at time.Time
	left := false // something that could not be let go of
	committed := make(chan struct{}, 1)
	defer h.hear(lake.Events{Committed: func(lake.Commit) {
		select {
		case committed <- struct{}{}:
		default: // the next look sees both
		}
	}})()
	againOr(ctx, pushEvery, committed, func() {
		place, err := bucket.PlaceOf(a.lakeDir)
		if err != nil || len(place.Stores) == 0 {
			return
		}
		snap := h.lake.Snapshot()
		size, now := snap.LogSize(), toPush(snap, place)
		snap.Release()
		if size == last || now == what && time.Since(at) < time.Hour {
			if left {
				left = a.letGo(ctx, h, place)
			}
			return
		}
		report, err := a.push(ctx, h.lake, place)
		if err != nil {
			h.log.Error().Err(err).Str("bucket", place.URI.String()).Msg("cannot push to the bucket; it is tried again")
			return
		}
		last, what, at = size, now, time.Now()
		h.log.Debug().Int64("files", report.Files).Int64("bytes", report.Bytes).Msg("pushed to the bucket")
		left = a.letGo(ctx, h, place)
	})
	return nil
}

// letGo lets go on disk of what the bucket has, and reports whether something is left.
func (a *app) letGo(ctx context.Context, h *host, place bucket.Place) bool {
	drop := func(ctx context.Context) (*bucket.DropReport, error) { return a.drop(ctx, place) }
	if h.purger != nil {
		drop = h.purger.drop
	}
	dropped, err := drop(ctx)
	if err != nil {
		h.log.Error().Err(err).Msg("what the bucket has stays on disk")
		return true
	}
	h.log.Debug().Int64("files", dropped.Files).Int64("bytes", dropped.Bytes).Int64("left", dropped.Kept).Msg("let go on disk")
	return dropped.Kept > 0
}

// toPush is what a push is about: it is another one when something was sealed, or when a
// store's period or lock, or a hold, changed.
func toPush(snap *lake.Snapshot, place bucket.Place) string {
	var said strings.Builder
	said.WriteString(fmt.Sprint(len(snap.Holds())))
	for _, id := range place.Stores {
		st, err := snap.Store(id)
		if err != nil {
			continue
		}
		said.WriteString(fmt.Sprint(" ", id, len(snap.Segments(id, false)), len(snap.Segments(id, true)), st.Updated.UnixNano()))
	}
	return said.String()
}
