package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/internal/progress"
	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/bucket"
	"tarn/server/access"
	"tarn/server/remote"
	"tarn/server/socket"
)

// process is what a command knows of the world: what a test can stand in for.
type process struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

// app carries the global flags to the commands.
type app struct {
	process
	args       []string // the command line
	command    string   // its name, once it is known
	failure    error    // what it ended with
	given      []string // the flags in it, as --name=value
	guest      *guest   // nil in a process of its own
	alone      bool     // nothing else runs in this process, which may give up rights for good
	writable   []string // what the command writes to beside the lake
	purges     bool     // the command removes files that have expired
	purger     *purger  // who does that for it; nil if it may do so itself
	configFile string
	config     config
	lakeDir    string
	s3         *s3.Client // the door to buckets, once somebody opened it
	farLake    s3.URI     // of a lake in a bucket, for which lakeDir stands
	mirrored   bool       // that has been brought up to date
	cache      *bucket.Cache
	serves     bool // it goes on while others change the lake
	logLevel   string
	sandbox    bool          // queries run in workers
	timeout    time.Duration // of a statement; 0 is no end
	resumes    bool          // the command goes on where it was interrupted: an import
	noServer   error         // why no server has the lake, as far as that is known
	deaf       func()        // ends what open began to hear
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, p process) int {
	return (&app{process: p, args: args}).run(ctx)
}

func (a *app) run(ctx context.Context) int {
	root := a.rootCommand()
	root.SetArgs(a.args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := a.addCompletions(root)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	var there elsewhereError
	if errors.As(err, &there) {
		return int(there)
	}
	if ctx.Err() != nil && err != nil {
		err = interruption(ctx)
		if a.resumes {
			err = hint.Add(err, "what was committed stays; the same command goes on from there")
		}
	}
	a.failure = err
	a.complain(err)
	return exitCode(err)
}

// interruption is the error of a command whose ctx is done.
func interruption(ctx context.Context) error {
	cause := context.Cause(ctx)
	if cause == nil || errors.Is(cause, context.Canceled) || errors.Is(cause, socket.ErrLeft) || errors.Is(cause, remote.ErrInterrupted) {
		return errInterrupted
	}
	return fmt.Errorf("%w: %w", errInterrupted, cause)
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tarn",
		Short: "CloudTrail Lake on your own machine",
		Long: `Tarn keeps audit events unchanged and provable for seven years and more, and
answers SQL over them in seconds.`,
		Example: `  tarn demo                       # a lake to play with, made and questioned in seconds
  tarn import ./AWSLogs           # take in a bucket of CloudTrail logs
  tarn query "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1 ORDER BY 2 DESC"
  tarn query                      # on a terminal: a shell
  tarn verify                     # prove that nothing was changed`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, args []string) error {
			if completing(c) {
				return nil
			}
			a.command = named(c)
			if err := a.admit(c); err != nil {
				return err
			}
			if err := a.configure(c); err != nil {
				return err
			}
			if a.guest != nil && a.guest.who != nil {
				return a.admitCaller(c)
			}
			return a.atEndpoint(c, args)
		},
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&a.lakeDir, "lake", "./tarn-lake", "folder of the lake (TARN_LAKE)")
	root.PersistentFlags().String("endpoint", "", "URL of a server that has the lake, such as https://lake.example.com:8276 (TARN_ENDPOINT)")
	root.PersistentFlags().String("access-key", "", "id of the access key for the endpoint (TARN_ACCESS_KEY); its secret is TARN_SECRET_KEY")
	root.PersistentFlags().StringVar(&a.logLevel, "log-level", "off", "log what the lake does as JSON lines to stderr: debug, info, off")
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "configuration file (TARN_CONFIG; tarn help config)")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.importCommand(), a.followCommand(), a.statusCommand(), a.putCommand(), a.queryCommand(), a.reportCommand(), a.inspectCommand(), a.connectCommand(), a.exportCommand(), a.verifyCommand(), a.proveCommand(), a.checkProofCommand(),
		a.storeCommand(), a.holdCommand(), a.retentionCommand(), a.logCommand(), a.keysCommand(), a.witnessCommand(), a.serveCommand(), a.accessCommand(), a.backupCommand(), a.pinCommand(), a.restoreCommand(), a.demoCommand(), a.configCommand(), a.completionCommand(), a.manCommand(), a.versionCommand())
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

// flagError is the error of a flag that cannot be read.
func flagError(c *cobra.Command, err error) error {
	if !c.HasParent() {
		return usage(err, "tarn --help")
	}
	advice := []string{c.CommandPath() + " --help"}
	if name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --"); unknown {
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := nearest.Of(name, known); near != "" {
			advice[0] = "did you mean --" + near + "? " + advice[0] + " lists the flags"
		}
	}
	if strings.Contains(err.Error(), `"--timeout"`) {
		return usage(fmt.Errorf("%s: %w", named(c), err), timeoutForm)
	}
	if c.Name() == "query" {
		advice = append(advice, "SQL that starts with a dash goes behind --, or into a file with -f")
	}
	return usage(fmt.Errorf("%s: %w", named(c), err), advice...)
}

// errUsage marks a command line that makes no sense.
var errUsage = errors.New("wrong usage")

type usageError struct{ error }

func (u usageError) Is(target error) bool { return target == errUsage }
func (u usageError) Unwrap() error        { return u.error }

func usage(err error, advice ...string) error { return hint.Add(usageError{err}, advice...) }

// noArgs is for commands that take none.
func noArgs(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !c.HasParent():
		return noCommand(c, args[0])
	}
	return usage(fmt.Errorf("%s: %q is one argument too many", named(c), args[0]), c.CommandPath()+" --help")
}

// noCommand is the error of a command that c does not have.
func noCommand(c *cobra.Command, name string) error {
	var known []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			known = append(known, sub.Name())
		}
	}
	near := nearest.Of(name, known)
	meant := otherNames[strings.ToLower(name)]
	if command, _, _ := strings.Cut(meant, " "); near == "" && slices.Contains(known, command) {
		near = meant
	}
	advice := c.CommandPath() + " --help lists the commands"
	if near != "" {
		advice = "did you mean " + c.CommandPath() + " " + near + "? " + advice
	}
	return usage(fmt.Errorf("no command %q", strings.TrimSpace(strings.TrimPrefix(c.CommandPath()+" "+name, "tarn "))), advice)
}

// otherNames are what other programs, or people, call a command.
var otherNames = map[string]string{
	"rm": "delete", "remove": "delete", "del": "delete", "drop": "delete", "ls": "list", "add": "create", "new": "create", "make": "create",
	"get": "show", "describe": "show", "info": "show", "undelete": "restore", "set": "update", "edit": "update", "rename": "update",
	"sql": "query", "select": "query", "search": "query", "shell": "query", "sample": "query --sample", "samples": "query --sample", "check": "verify", "fsck": "verify", "load": "import", "ingest": "import",
	"dump": "export", "stats": "inspect", "settings": "config",
}

// named is how a command is called in messages, such as "store create".
func named(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), "tarn ") }

// oneArg is for commands that take one; what says which.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return usage(fmt.Errorf("%s: which %s?", named(c), what), c.CommandPath()+" --help")
		case 1:
			return nil
		}
		return usage(fmt.Errorf("%s: %q is one argument too many", named(c), args[1]), c.CommandPath()+" --help")
	}
}

// complain prints the error and its hints.
func (a *app) complain(err error) {
	if err == nil {
		return
	}
	for i, line := range strings.Split(a.plain(err.Error()), "\n") {
		if i == 0 {
			line = "tarn: error: " + line
		}
		fmt.Fprintln(a.err, line)
	}
	var statement *statementError
	if errors.As(err, &statement) && statement.excerpt != "" {
		fmt.Fprintln(a.err, statement.excerpt)
	}
	hints := hint.Of(err)
	switch {
	case len(hints) > 0:
	case errors.Is(err, lake.ErrCorrupt):
		hints = []string{"tarn verify says what differs"}
	case errors.Is(err, fs.ErrPermission):
		hints = []string{"who runs this has no right to it: run it as who has, or name another place; the lake's is --lake DIR or TARN_LAKE"}
	case errors.Is(err, syscall.ENOSPC) && !a.resumes:
		hints = []string{"make room and run the same command again"}
	case errors.Is(err, syscall.ENOSPC):
		hints = []string{"make room and run the same command again: what was committed stays, and it goes on from there"}
	}
	for _, h := range hints {
		fmt.Fprintln(a.err, "tarn: hint: "+a.plain(h))
	}
}

// plain is a message for who has the command run: no secret is in it, nor where the
// server has the files that came along.
func (a *app) plain(text string) string {
	if a.guest != nil && a.guest.who != nil {
		text = strings.ReplaceAll(text, a.guest.dir+string(filepath.Separator), "")
	}
	return withoutSecrets(text)
}

// options are how this process opens lakes.
func (a *app) options() lake.Options {
	return lake.Options{Key: a.config.get("key"), Events: a.events(), By: self(), Far: a.far()}
}

// read opens the lake for reading and calls fn with a snapshot of it.
func (a *app) read(fn func(*lake.Snapshot) error) error {
	if a.guest != nil {
		snap := a.guest.lake.Snapshot()
		defer snap.Release()
		return fn(a.guest.sees(snap, access.Query))
	}
	l, err := a.view()
	if err != nil {
		return err
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	return fn(snap)
}

// isTerminal reports whether r is one.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// meter starts a progress line on the terminal, as wide as that is.
func (a *app) meter(o progress.Options) *progress.Meter {
	o.Width = func() int {
		width, _ := terminal(a.err)
		return width
	}
	return progress.New(a.err, o)
}

// terminal reports whether w is one, and how wide.
func terminal(w io.Writer) (width int, ok bool) {
	if s, elsewhere := w.(screenOf); elsewhere {
		return s.columns, s.columns > 0
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	return width, true
}
