package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/bucket"
)

func (a *app) storeMoveCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "move STORE --to s3://BUCKET/PREFIX|local",
		Short: "Move a store's sealed segments into a bucket, or back",
		Long: `Move the sealed segments of an event data store into a bucket, each locked there as
the store is (tarn store update --lock): until the end of its day and the retention
period, held while a hold covers its day. The log of record comes along. Afterwards
the Parquet files on disk are let go of; what queries read is fetched, checked
against the log, and kept in the folder of the setting cache, at most cache-size.

What is sealed later goes there too: in a server within minutes, with an import at
its end; so do longer retention periods and holds. The same command again brings what
is missing. A lake lies in one bucket, as many of its stores as you move; live events
are in the lake's folder until they are sealed.

--to local brings the segments back. What is in the bucket stays there as long as it
is locked, and until somebody removes it.

Whoever can read the bucket can read the lake: tarn query --lake s3://BUCKET/PREFIX.

EXIT STATUS
  0 done, 3 done, and some files are still on disk, 1 failed; again goes on`,
		Example: `  tarn store move prod --to s3://audit-lake/main
  tarn store move prod --to local`,
		Args: oneArg("store"),
		RunE: func(c *cobra.Command, args []string) error {
			var uri s3.URI
			if to != "local" {
				var err error
				if uri, err = s3.ParseURI(to); err != nil {
					return usage(fmt.Errorf("store move: --to %w", err), "tarn store move "+args[0]+" --to s3://BUCKET/PREFIX, or --to local")
				}
				uri.Key = strings.TrimSuffix(uri.Key, "/")
			}
			a.purges, a.resumes = true, true
			return a.writing(c.Context(), func(l *lake.Lake) error { return a.moveStore(c.Context(), l, args[0], uri) })
		},
	}
	c.Flags().StringVar(&to, "to", "", "where to: s3://BUCKET/PREFIX, or local for the lake's folder")
	return c
}

func (a *app) moveStore(ctx context.Context, l *lake.Lake, ref string, uri s3.URI) error {
	st, err := l.Store(ref)
	if err != nil {
		return fmt.Errorf("store move: %w", err)
	}
	place, err := bucket.PlaceOf(a.lakeDir)
	if err != nil {
		return err
	}
	if uri.Bucket == "" {
		return a.bringBack(ctx, l, st, place)
	}
	if place.URI.Bucket != "" && place.URI != uri {
		return usage(fmt.Errorf("store move: this lake lies in %s", place.URI), "a lake lies in one bucket; bring its stores back first: --to local")
	}
	place.URI = uri
	place = place.With(st.ID)
	report, err := a.push(ctx, l, place)
	if err == nil {
		err = place.Write(a.lakeDir)
	}
	if err != nil {
		return fmt.Errorf("store move %s: %w", st.Name, err)
	}
	dropped, err := a.drop(ctx, place)
	if err != nil {
		return fmt.Errorf("%s lies in %s; what is on disk of it stays there: %w", st.Name, uri, err)
	}
	fmt.Fprintf(a.err, "%s lies in %s: %s put there, %s, %s there before%s; %s let go of on disk, %s\n", st.Name, uri,
		counted(report.Files, "file"), progress.Bytes(report.Bytes), progress.Count(report.Known),
		list(", ", part{report.Locks, "locked anew"}, part{report.Removed, "expired and removed"}, part{report.Locked, "expired and still locked"}), counted(dropped.Files, "file"), progress.Bytes(dropped.Bytes))
	if st.Lock == lake.LockNone {
		fmt.Fprintf(a.err, "note: no lock holds it there, and whoever may delete in the bucket can: tarn store update %s --lock compliance, then the same command again\n", st.Name)
	}
	if dropped.Kept > 0 {
		return fmt.Errorf("%w: %s still on disk: %s", errPartly, countedAre(dropped.Kept, "file"), dropped.Why)
	}
	return nil
}

// bringBack fetches a store's segments into the lake's folder.
func (a *app) bringBack(ctx context.Context, l *lake.Lake, st lake.Store, place bucket.Place) error {
	if !place.Has(st.ID) {
		return usage(fmt.Errorf("store move: %s lies in the lake's folder", st.Name))
	}
	snap := l.Snapshot()
	defer snap.Release()
	files, err := l.Keep(ctx, snap, st.ID)
	if err != nil {
		return fmt.Errorf("store move %s: %w", st.Name, err)
	}
	place = place.Without(st.ID)
	if len(place.Stores) == 0 {
		err = bucket.Forget(a.lakeDir)
	} else {
		err = place.Write(a.lakeDir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("store move %s", st.Name), err)
	}
	fmt.Fprintf(a.err, "%s lies in the lake's folder: %s brought back; what is in %s stays there\n", st.Name, counted(files, "file"), place.URI)
	return nil
}
