package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/server/socket"
)

// guests are the commands that run in the server where one has the lake: those
// that write to it, and prove, where the log has to count an event first.
func guests() []string {
	return []string{"import", "follow", "follow add", "follow remove", "put", "store create", "store update", "store delete", "store restore", "store start-ingestion", "store stop-ingestion", "pin", "access create", "access revoke", "prove",
		"keys rotate", "keys results", "witness add", "witness remove", "witness submit", "hold place", "hold release", "retention apply",
		"report record", "report run-due", "report schedule add", "report schedule pause", "report schedule remove", "report schedule resume"}
}

// guest is a command of another process: where it comes from, and what the server
// lends it.
type guest struct {
	*host
	lake     *lake.Lake // for acts of who asks
	dir      string     // names of files are relative to it
	settings map[string]decided
	who      *caller // who is not on this machine; nil for those who are
}

// admit refuses to run in the server what is none of its business.
func (a *app) admit(c *cobra.Command) error {
	switch {
	case a.guest == nil, a.guest.who == nil && slices.Contains(guests(), named(c)):
		return nil
	case a.guest.who != nil:
		return nil // once it is known with what flags
	}
	return usage(fmt.Errorf("%s does not run in a server", named(c)))
}

// dir is the folder to which names of files are relative; empty for that of the
// process.
func (a *app) dir() string {
	if a.guest == nil {
		return ""
	}
	return a.guest.dir
}

// inDir is the file that a name means to who gave it.
func (a *app) inDir(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.dir(), name)
}

// elsewhereError means that the command has run in the server, which has said all
// there is to say, and ended with that exit code there.
type elsewhereError int

func (e elsewhereError) Error() string { return fmt.Sprintf("exit code %d in the server", int(e)) }

// elsewhere runs a command line in the server that has the lake, and returns false
// if none has it.
func (a *app) elsewhere(ctx context.Context, args []string) (done bool, err error) {
	in, isFile := a.in.(*os.File)
	out, isAlso := a.out.(*os.File)
	errs, isToo := a.err.(*os.File)
	if a.guest != nil || !isFile || !isAlso || !isToo {
		return false, nil // here is the server, or there are no files to hand over
	}
	server, err := socket.Dial(filepath.Join(a.lakeDir, lake.SocketFile))
	if err != nil {
		a.noServer = err
		return false, nil
	}
	defer server.Close()
	for _, arg := range args {
		if descriptor(arg) != "" {
			return true, usage(fmt.Errorf("%s is an open file of this process, and the command runs in the server that has the lake", arg),
				"give it on standard input: tarn import - <FILE, or in a pipe")
		}
	}
	r := socket.Request{Version: buildVersion(), Args: args, In: in, Out: out, Err: errs, Settings: a.config.sent()}
	if r.Dir, err = os.Getwd(); err != nil {
		return true, err
	}
	code, err := server.Run(ctx, r)
	if err == nil && code != exitDone {
		return true, elsewhereError(code)
	}
	if _, live := terminal(a.err); live && err != nil {
		fmt.Fprint(a.err, "\r\x1b[K") // it may have ended in the middle of a line
	}
	return true, err
}

// kept are settings that a server is not told: its key and its lake are its own, and who
// asks an endpoint is not its business.
var kept = []string{"key", "lake", "endpoint", "access-key", "secret-key", "token", "endpoint-ca"}

// sent are the settings that a server is told.
func (c *config) sent() []socket.Setting {
	var all []socket.Setting
	for name, d := range c.values {
		if !slices.Contains(kept, name) && !strings.HasPrefix(d.source, "--") {
			all = append(all, socket.Setting{Name: name, Value: d.value, Source: d.source})
		}
	}
	return all
}

// writing runs a command that writes: in the server if one has the lake, else here.
func (a *app) writing(ctx context.Context, fn func(*lake.Lake) error) error {
	if done, err := a.elsewhere(ctx, a.args); done {
		return err
	}
	l, err := a.open()
	if err != nil {
		return err
	}
	err = fn(l)
	return errors.Join(err, a.close(l, err))
}

// open opens the lake for writing, or takes the server's.
func (a *app) open() (*lake.Lake, error) {
	if a.guest != nil {
		a.deaf = a.guest.hear(a.events())
		return a.guest.lake, nil
	}
	if a.farLake.Bucket != "" {
		return nil, usage(fmt.Errorf("the lake in %s can be read here, and is written to by the machine that it is of", a.farLake))
	}
	l, err := lake.Open(a.lakeDir, a.options())
	if errors.Is(err, lake.ErrLocked) && errors.Is(a.noServer, syscall.EACCES) {
		err = hint.Add(err, "it may be another user's server: as that user, the command runs there")
	}
	return a.opened(l, err)
}

// close lets go of a lake. What the command that ends with err did is recorded.
func (a *app) close(l *lake.Lake, err error) error {
	if a.guest == nil || l != a.guest.lake {
		a.recordCommand(l, err)
		a.remember(l)
		err = l.Close()
		if a.purger != nil {
			err = errors.Join(err, a.purger.end())
		}
		return err
	}
	a.deaf()
	return l.PublishIndex()
}

// state opens the lake's state for who has the lake open for writing, or takes
// the server's; the function returned lets go of it.
func (a *app) state() (*statedb.DB, func() error, error) {
	if a.guest != nil {
		return a.guest.state, func() error { return nil }, nil
	}
	d, err := statedb.Open(filepath.Join(a.lakeDir, lake.StateFile), a.warn)
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

// warn tells of trouble that ends nothing.
func (a *app) warn(text string) { fmt.Fprintln(a.err, "tarn: warning: "+withoutSecrets(text)) }
