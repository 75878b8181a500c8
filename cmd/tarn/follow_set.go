package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest/follow"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/result"
)

func (a *app) followAddCommand() *cobra.Command {
	var f followFlags
	c := &cobra.Command{
		Use:   "add SOURCE",
		Short: "Have the server import new log files as they land",
		Long: `Have the server import new log files as they land in a bucket or a folder, for as
long as it runs. It begins at once where a server has the lake, else at its next
start. There is one follow of a source. The flags are those of tarn follow; the
server asks as whom it was started.`,
		Example: `  tarn follow add ./AWSLogs --every 10s --days 3 --full-every 24h
  tarn follow add s3://BUCKET/AWSLogs/ --store prod --sqs https://sqs.eu-west-1.amazonaws.com/111122223333/trail
  tarn follow add s3://BUCKET/AWSLogs/ --nats nats://127.0.0.1:4222 --stream S3 --subject s3events`,
		Args: oneArg("source"),
		RunE: func(c *cobra.Command, args []string) error {
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			one, err := f.follow(a, "follow add", args[0])
			if err != nil {
				return err
			}
			l, store, err := a.openForImport(f.store)
			if err != nil {
				return err
			}
			one.Store, one.StoreName = store.ID, store.Name
			err = a.withFollows(l, func(all *follow.Follows) error { return all.Add(one) })
			if err == nil && a.guest == nil {
				fmt.Fprintf(a.err, "tarn serve will follow %s\n", one.Source)
			}
			if errors.Is(err, statedb.ErrFollowExists) {
				err = hint.Add(err, "tarn follow remove "+one.Source+" ends that")
			}
			return errors.Join(err, a.close(l, err))
		},
	}
	f.add(c)
	return c
}

func (a *app) followRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove SOURCE",
		Short: "Follow a source no longer",
		Long: `Follow a source no longer, and forget what could not be read of it. What was
imported stays. The queue stays as it is.`,
		Example: "  tarn follow remove ./AWSLogs\n  tarn follow remove s3://BUCKET/AWSLogs/",
		Args:    oneArg("source"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.writing(c.Context(), func(l *lake.Lake) error {
				source, err := a.source(args[0])
				if err != nil {
					source = args[0] // a folder that is gone
				}
				err = a.withFollows(l, func(all *follow.Follows) error { return all.Remove(source) })
				if errors.Is(err, statedb.ErrNoFollow) {
					err = usage(err, "tarn follow list")
				}
				return err
			})
		},
	}
}

func (a *app) followListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "List what is followed, and how far that is",
		Long: `List what is followed, into which event data store, and how far that is: FOLLOWING;
WAITING, for another import's end; FAILING, for the reason that stands there; IDLE,
where it does not run. The lag is the age of the oldest object that was seen and is
not in.`,
		Example: "  tarn follow list\n  tarn follow list --format json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := rowFormat("follow list", format)
			if err != nil {
				return err
			}
			r := newRows("source", "store", "state", "lag_seconds#", "listed", "objects#", "events#", "failures#", "newest", "queue", "every", "reason~")
			err = a.viewState(func(_ *lake.Snapshot, db *statedb.DB) error {
				all, err := db.Follows()
				for _, f := range all {
					p := f.Progress
					r.add(f.Source, f.StoreName, string(followState(f, lake.Writer(a.lakeDir))), int64(p.Lag(time.Now()).Seconds()), orNever(p.Listed), p.Counts.Objects, p.Counts.Stored,
						int64(p.Failures), orNull(p.Newest), orNull(queueOf(f)), progress.Duration(f.Every), orNull(p.Reason))
				}
				return err
			})
			if err != nil {
				return err
			}
			width, _ := terminal(a.out)
			return r.write(c.Context(), a.out, format, result.Options{Width: width, Message: a.err, Expand: result.ExpandWide})
		},
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

// orNever is a time, nil if it has not come.
func orNever(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// queueOf is where a follow hears of new objects.
func queueOf(f statedb.Follow) string {
	if f.NATS != "" {
		return f.NATS + " " + f.Stream
	}
	return f.Queue
}
