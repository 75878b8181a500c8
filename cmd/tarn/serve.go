package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tarn/ingest/follow"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/report/schedule"
	"tarn/server/audit"
	"tarn/server/socket"
)

func (a *app) serveCommand() *cobra.Command {
	var f listenFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Keep the lake open for writing, run there what others want to write, and answer over HTTP",
		Long: `Keep the lake open for writing until ^C or SIGTERM. Commands that write (import,
follow, put, keys rotate, store create, update, delete, restore, hold place, release,
retention apply, witness add, remove, submit, report run-due, report schedule add,
pause, resume, remove) then run in this process: they find its
socket, local/lake.sock in the lake's folder, and look and end as if they ran in their
own. Several may run at a time; of imports a lake takes one at a time. Commands
that read (query, inspect, verify, export, store list) need no server and notice
none.

The socket is for the user who runs the server, and for root: whoever may use it
can have the server read any file that it can read. The signing key, and its
settings for the key and the lake, are the server's.

It also answers over HTTP, at 127.0.0.1:8276 unless --listen says otherwise, to whom
tarn access lets in:
  curl -u ID:SECRET --data-binary "SELECT …" http://127.0.0.1:8276/sql
Statements run in a sandbox. An address that other machines reach needs TLS: files
(SIGHUP has them read anew), or a certificate that signs itself, whose fingerprint
the log shows. At a terminal the first start makes an access key for an admin, and
shows it once. What is asked is recorded in the event data store tarn_audit. Who asks
more than the limits let them, by one access key or token, is told to wait.

The server may change nothing on the machine but what the lake's work takes, and no
sealed file at all (docs/locks.md).

At its end the server interrupts the commands that run; the same command again
goes on where an import was. Reports that are scheduled are made here when they are
due (docs/schedules.md), and sources are followed (tarn follow add). It logs JSON lines to stderr, on a terminal in
colours; --log-level debug, info (as without) or off.

EXIT STATUS
  0 ended as asked, 10 no lake there, 11 lake in use by another process`,
		Example: `  tarn serve
  tarn serve --log-level debug
  tarn serve --listen off
  tarn serve --bucket logs=./s3-copy --results-bucket results=./more
  tarn serve --limit-per-second 200 --limit-at-once 20
  tarn serve --listen 0.0.0.0:8276 --tls-self-signed
  tarn serve --listen 0.0.0.0:8276 --tls-cert server.crt --tls-key server.key --tls-client-ca server.crt`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a.serves = true
			return a.serve(c.Context(), f)
		},
	}
	f.add(c)
	return c
}

// host is what a server has and lends to its guests.
type host struct {
	hearers
	lakeDir string
	lake    *lake.Lake
	state   *statedb.DB
	log     zerolog.Logger
	audit   *audit.Recorder
	// scheduler makes reports when they are due, one at a time.
	scheduler *schedule.Scheduler
	follows   *follow.Follows
	purger    *purger // nil where the server may remove files itself
}

// quickly lets the system's scheduler share the processors out where a command both
// answers and works in the background. Ours lets whoever wakes up wait while every
// processor compresses a file: of single events, 4,000 a second on two processors,
// acknowledging took up to 198 ms (the slowest hundredth 34), and 23 ms (5) since. An
// import has six goroutines that may all work; there is a place for each, and they step
// aside (lake.Options.Aside).
func quickly() { runtime.GOMAXPROCS(2*runtime.GOMAXPROCS(0) + 6) }

func (a *app) serve(ctx context.Context, f listenFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	quickly()
	signal.Ignore(syscall.SIGPIPE) // nobody who reads the log any more is no reason to end
	h := &host{lakeDir: a.lakeDir, log: a.serverLog()}
	closing := func(close func() error) { err = errors.Join(err, close()) }
	h.hear(logged(h.log))
	if h.lake, err = lake.Open(a.lakeDir, lake.Options{Key: a.config.get("key"), Events: h.events(), By: self(), Aside: true, Far: a.far()}); err != nil {
		return err
	}
	defer closing(h.lake.Close)
	h.state, err = statedb.Open(filepath.Join(a.lakeDir, lake.StateFile), func(text string) { h.log.Warn().Msg(text) })
	if err != nil {
		return err
	}
	defer closing(h.state.Close)
	defer closing(h.beginAudit())
	if h.scheduler, err = a.scheduler(h.lake, h.state, a.reportParts(), h.log); err != nil {
		return err
	}
	h.follows = a.hostFollows(h)
	folders, err := schedule.Folders(h.state)
	if err != nil {
		return err
	}
	a.writable = append(a.writable, folders...)
	path := filepath.Join(a.lakeDir, lake.SocketFile)
	listener, err := socket.Listen(path)
	if err != nil {
		return err
	}
	// Whatever comes from the socket finds the process without what it gave up.
	// Access keys may be made by any command that comes.
	if err := a.keepsSeals(); err != nil && f.address != nowhere {
		return errors.Join(err, listener.Close())
	}
	a.writable = append(a.writable, f.resultPlaces()...)
	a.purges = true
	if err := a.giveUp(h.lake); err != nil {
		return errors.Join(err, listener.Close())
	}
	if h.purger = a.purger; h.purger != nil {
		defer closing(h.purger.end)
	}
	h.log.Info().Str("socket", path).Int("pid", os.Getpid()).Str("version", buildVersion()).Msg("listening")
	face, err := a.face(h, f)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer closing(face.close)
	g, ctx := errgroup.WithContext(ctx) // what cannot go on ends the others
	for _, run := range []func(context.Context) error{
		face.serve, h.lake.Run, h.audit.Run, h.publishIndex, h.askWitnesses, a.pusher(h), h.scheduler.Run, h.follows.Run,
	} {
		g.Go(func() error { return run(ctx) })
	}
	g.Go(func() error { return face.secured.reload(ctx, h.log) })
	g.Go(func() error {
		return listener.Serve(ctx, socket.Server{
			Version: buildVersion(), Log: h.log,
			Run: func(ctx context.Context, r socket.Request) int { return a.serveGuest(ctx, h, r) },
		})
	})
	err = g.Wait()
	h.log.Info().Msg("ended")
	return err
}

// publishEvery keeps readers from reading more than an hour of the log: while
// events come, that has an entry a minute.
const publishEvery = time.Hour

// publishIndex publishes the lake's index again and again until ctx is done.
func (h *host) publishIndex(ctx context.Context) error {
	again(ctx, publishEvery, func() {
		if err := h.lake.PublishIndex(); err != nil {
			h.log.Error().Err(err).Msg("cannot publish the index; it is tried again")
		}
	})
	return nil
}

// again calls fn again and again, so often, until ctx is done.
func again(ctx context.Context, every time.Duration, fn func()) { againOr(ctx, every, nil, fn) }

// againOr does so also when something comes.
func againOr(ctx context.Context, every time.Duration, when <-chan struct{}, fn func()) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
		case <-when:
		}
		fn()
	}
}

// serveGuest runs a command of another process, with its files and settings.
func (a *app) serveGuest(ctx context.Context, h *host, r socket.Request) int {
	log := h.log.With().Int("uid", r.Peer.UID).Int("pid", r.Peer.PID).Logger()
	args := r.Args
	if slices.Contains(args, "schedule") {
		args = withoutHooks(args)
	}
	log.Info().Strs("args", args).Str("dir", r.Dir).Msg("command")
	start := time.Now()
	g := &app{process: process{r.In, r.Out, r.Err, a.getenv}, args: r.Args, guest: &guest{host: h, lake: h.lake.As(userOf(r.Peer.UID)), dir: r.Dir, settings: map[string]decided{}}}
	for _, s := range r.Settings {
		g.guest.settings[s.Name] = decided{s.Value, s.Source}
	}
	code := g.run(ctx)
	h.recordCommand(g, userOf(r.Peer.UID))
	log.Info().Int("exit_code", code).Dur("took", time.Since(start)).Msg("command done")
	return code
}

// serverLog is a server's log: unless somebody decided otherwise, of level info.
func (a *app) serverLog() zerolog.Logger {
	if _, decided := a.config.values["log-level"]; !decided {
		a.logLevel = "info"
	}
	if _, ok := terminal(a.err); ok {
		return a.logger(zerolog.ConsoleWriter{Out: withoutKeys{a.err}, TimeFormat: time.TimeOnly})
	}
	return a.logger(withoutKeys{a.err})
}

// buildVersion tells one build of the program from another.
func buildVersion() string {
	b := thisBuild()
	return strings.TrimSpace(b.Version + " " + b.Commit)
}
