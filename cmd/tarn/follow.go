package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest/follow"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/internal/s3"
	"tarn/internal/sqs"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// followFlags are what can be said of a follow.
type followFlags struct {
	statedb.FollowDetails
	store string
}

func (f *followFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.store, "store", defaultStore, "event data store to import into")
	flags.StringVar(&f.Queue, "sqs", "", "URL of an SQS queue that tells of new objects")
	flags.StringVar(&f.NATS, "nats", "", "URL of a NATS server, of which a stream tells of new objects")
	flags.StringVar(&f.Stream, "stream", "", "the JetStream stream of --nats that does")
	flags.StringVar(&f.Subject, "subject", "", "subject of the messages in the stream that do (without: all of them)")
	flags.DurationVar(&f.Every, "every", 0, "how often the source is listed (without: a bucket every 5m, a folder every 10s)")
	flags.IntVar(&f.Days, "days", 3, "how many days a list looks at, today among them")
	flags.DurationVar(&f.FullEvery, "full-every", 24*time.Hour, "how often everything is listed; 0 for the first time alone")
}

// shortest is the least time between two lists.
const shortest = 100 * time.Millisecond

// follow is the follow of a source that the flags say.
func (f *followFlags) follow(a *app, name, text string) (statedb.Follow, error) {
	wrong := func(err error) (statedb.Follow, error) {
		return statedb.Follow{}, usage(fmt.Errorf("%s: %w", name, err), hint.Of(err)...)
	}
	source, err := a.source(text)
	if err != nil {
		return wrong(err)
	}
	d := f.FollowDetails
	if d.Every == 0 {
		if d.Every = 10 * time.Second; s3.IsURI(source) {
			d.Every = 5 * time.Minute
		}
	}
	now := time.Now().UTC()
	one := statedb.Follow{ID: uuid.NewV7(now), Source: source, Created: now, FollowDetails: d}
	switch {
	case d.Every < shortest:
		return wrong(fmt.Errorf("--every %s: it is too often", d.Every))
	case d.Days < 1 || d.Days > 3660:
		return wrong(fmt.Errorf("--days %d: from 1 to 3660", d.Days))
	case d.FullEvery < 0:
		return wrong(fmt.Errorf("--full-every %s: less than nothing", d.FullEvery))
	case (d.Queue != "" || d.NATS != "") && !s3.IsURI(source):
		return wrong(errors.New("a queue tells of a bucket's objects, and this is a folder"))
	case d.Queue != "" && d.NATS != "":
		return wrong(errors.New("--sqs and --nats: one queue is enough"))
	case d.NATS == "" && d.Stream+d.Subject != "":
		return wrong(errors.New("--stream and --subject are for --nats"))
	}
	if d.Queue != "" {
		err = sqs.Check(d.Queue)
	} else if d.NATS != "" {
		err = follow.Stream(one, "").Check()
	}
	if err != nil {
		return wrong(err)
	}
	return one, nil
}

// source is the name of a source that somebody gives.
func (a *app) source(text string) (string, error) {
	dir := a.dir()
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil {
			return "", err
		}
	}
	return follow.Source(text, dir)
}

func (a *app) followCommand() *cobra.Command {
	var f followFlags
	c := &cobra.Command{
		Use:   "follow SOURCE",
		Short: "Import new log files as they land in a bucket or a folder",
		Long: `Import new log files as they land in a bucket, s3://BUCKET/PREFIX, or in a folder,
until ^C or SIGTERM. What is there and not in the store yet is imported first; of a
bucket with years of history, tarn import takes that faster.

The source is listed again and again: the last --days days every --every, everything
every --full-every. A queue tells of new objects within seconds: one of SQS that has
S3's event notifications, EventBridge's, or those of CloudTrail's SNS topic; or a
stream of NATS JetStream. Nothing is taken for true that it says: Tarn looks at the
bucket that is followed, and nowhere else. A message is removed when its objects are
stored, so give Tarn a queue of its own.

What cannot be read is tried again later and later, and is shown by tarn status. An
import of others goes before; follows import a few objects at a time. Killed at any
moment, it goes on where it was.

tarn follow add has the server do that for as long as it runs. Who asks S3 and SQS is
settled as for tarn import; NATS takes a file of credentials (setting nats-creds).
docs/follow.md tells the rest.

EXIT STATUS
  0 ended as asked, 1 failed, 2 wrong usage, 10 no such store, 11 lake in use`,
		Example: `  tarn follow ./AWSLogs
  tarn follow s3://BUCKET/AWSLogs/ --store prod --every 5m
  tarn follow s3://BUCKET/AWSLogs/ --sqs https://sqs.eu-west-1.amazonaws.com/111122223333/trail --every 1h --days 2 --full-every 48h
  tarn follow s3://BUCKET/AWSLogs/ --nats nats://127.0.0.1:4222 --stream S3 --subject s3events
  tarn follow add s3://BUCKET/AWSLogs/ --store prod
  tarn follow list`,
		Args: oneArg("source"),
		RunE: func(c *cobra.Command, args []string) error {
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			one, err := f.follow(a, "follow", args[0])
			if err != nil {
				return err
			}
			return a.followHere(c.Context(), one, f.store)
		},
	}
	f.add(c)
	c.AddCommand(a.followAddCommand(), a.followListCommand(), a.followRemoveCommand())
	return c
}

// followHere follows in the foreground.
func (a *app) followHere(ctx context.Context, one statedb.Follow, ref string) error {
	one.Foreground = true
	l, store, err := a.openForImport(ref)
	if err != nil {
		return err
	}
	one.Store, one.StoreName = store.ID, store.Name
	boundMemory(a.getenv)
	err = a.withFollows(l, func(all *follow.Follows) error {
		_, live := terminal(a.err)
		meter := a.meter(progress.Options{Label: "follow", Unit: "objects", Live: live})
		defer meter.Finish()
		o := a.followOptions(l)
		if !live {
			o.Log = a.serverLog()
			o.Log.Info().Str("source", one.Source).Str("store", store.Name).Msg("following")
		}
		o.Progress = func(f statedb.Follow) {
			meter.Line(followLine(f.Progress, time.Now()))
			meter.SetDone(f.Progress.Counts.Objects)
		}
		before := one.Created
		one, err := all.Foreground(ctx, o, one)
		meter.Finish()
		if err == nil {
			fmt.Fprintf(a.err, "followed %s for %s; %s\n", one.Source, progress.Duration(time.Since(before)), followSum(one.Progress))
		}
		return err
	})
	if closed := a.close(l, err); err == nil {
		err = closed
	}
	if errors.Is(err, statedb.ErrFollowExists) {
		err = hint.Add(err, "tarn follow list tells who does; tarn follow remove "+one.Source+" ends that")
	}
	return err
}

// followLine says on one line how far a follow is.
func followLine(p statedb.FollowProgress, now time.Time) string {
	parts := []string{progress.Count(p.Counts.Stored) + " events"}
	if p.Waiting > 0 {
		parts = append(parts, fmt.Sprintf("%s waiting, lag %s", progress.Count(int64(p.Waiting)), progress.Duration(p.Lag(now).Truncate(time.Second))))
	}
	if p.Failures > 0 {
		parts = append(parts, progress.Count(int64(p.Failures))+" cannot be read")
	}
	if !p.Listed.IsZero() {
		parts = append(parts, "listed at "+p.Listed.Local().Format(time.TimeOnly))
	}
	switch {
	case p.State == statedb.FollowWaiting:
		parts = append(parts, "another import is under way")
	case p.Reason != "":
		parts = append(parts, p.Reason)
	}
	return strings.Join(parts, ", ")
}

// followSum says what a follow has come to.
func followSum(p statedb.FollowProgress) string {
	text := fmt.Sprintf("since it was added: %s, %s stored", counted(p.Counts.Objects, "object"), counted(p.Counts.Stored, "event"))
	if p.Failures > 0 {
		text += fmt.Sprintf("; %s cannot be read (tarn status)", counted(int64(p.Failures), "object"))
	}
	return text
}

// followOptions are how this process follows.
func (a *app) followOptions(l *lake.Lake) follow.Options {
	return follow.Options{Lake: l, S3: a.s3Options(), NATSCredentials: a.config.get("nats-creds"), Log: a.logger(a.err)}
}

// hostFollows are the follows of a server.
func (a *app) hostFollows(h *host) *follow.Follows {
	o := a.followOptions(h.lake)
	o.State, o.Log = h.state, h.log
	return follow.New(o)
}

// withFollows calls fn with the follows of the server, or of this process.
func (a *app) withFollows(l *lake.Lake, fn func(*follow.Follows) error) error {
	if a.guest != nil {
		return fn(a.guest.follows)
	}
	return a.inState(func(db *statedb.DB) error {
		o := a.followOptions(l)
		o.State = db
		return fn(follow.New(o))
	})
}
