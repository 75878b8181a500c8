package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/fault"
	"tarn/server/remote"
)

// commandsAtOnce is how many command lines run at a time.
const commandsAtOnce = 16

// Command is a command line of somebody who has proven who they are.
type Command struct {
	Who   access.Principal
	Order remote.Order
	// Dir is an empty folder but for the files of the order. The command reads and writes
	// none elsewhere by a name of the client's.
	Dir string
	// Act is filled in with what was asked, and why it failed if it did.
	Act *audit.Act
	remote.Streams
}

// Commands runs command lines of clients. What somebody may not do it refuses, as a
// command does that fails: on standard error, and with an exit code.
type Commands interface {
	// Run runs one to its end, and says what it wrote: the names of files in its folder.
	Run(context.Context, Command) (code int, written []string)
}

// command runs a command line.
func (s *Server) command(w http.ResponseWriter, c *call) error {
	c.act.Changes = true // until it is known what it is
	if s.Commands == nil {
		return fault.New("NotFound", "this server runs no commands of others")
	}
	select {
	case s.commands <- struct{}{}:
		defer func() { <-s.commands }()
	default:
		return fault.New(fault.Throttled, "%d commands are running", commandsAtOnce).With("send it again later")
	}
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		return err
	}
	body := &patient{c.Body, control, bodyTime}
	session, order, err := remote.Begin(body, w, control.Flush)
	if err != nil {
		return fault.New(fault.Invalid, "%v", err)
	}
	dir, err := s.commandFolder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // at the next start at the latest
	if err := session.Fetch(order, dir); err != nil {
		return unfetched(err)
	}
	// From now on nothing has to come: who has gone is found out by what is sent.
	body.each = 0
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", remote.MediaType)
	h.Set("Cache-Control", "no-store")
	ctx, end := s.whileAllowed(c)
	defer end()
	hurry := func() { _ = control.SetReadDeadline(time.Now().Add(lingerTime)) }
	err = session.Run(ctx, hurry, func(ctx context.Context, std remote.Streams) (code int, written []string) {
		code, written = s.Commands.Run(ctx, Command{Who: c.who, Order: order, Dir: dir, Act: &c.act, Streams: std})
		if failed := s.audit(c, nil); failed != nil {
			fmt.Fprintln(std.Err, "tarn: warning: the command's record has to wait: "+s.told(failed).Msg)
		}
		return code, written
	})
	if err != nil {
		s.Log.Warn().Err(err).Str("access_key", c.who.ID).Msg("the answer to a command was cut off")
		return cutOff(w)
	}
	return nil
}

// patient is a body of which each piece has so much time to come.
type patient struct {
	io.Reader
	control *http.ResponseController
	each    time.Duration // 0 for ever
}

// Read is io.Reader's.
func (p *patient) Read(b []byte) (int, error) {
	if p.each > 0 {
		if err := p.control.SetReadDeadline(time.Now().Add(p.each)); err != nil {
			return 0, err
		}
	}
	return p.Reader.Read(b)
}

// unfetched is the error of files that did not come.
func unfetched(err error) error {
	if errors.Is(err, remote.ErrTooLong) {
		return fault.New("RequestTooLarge", "%v", err).With("what is longer goes through standard input")
	}
	if path := new(os.PathError); errors.As(err, &path) {
		return err
	}
	return fault.New("IncompleteBody", "%v", err)
}

// commandFolder makes an empty folder for a command.
func (s *Server) commandFolder() (string, error) {
	if err := os.MkdirAll(s.CommandDir, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(s.CommandDir, "")
}

// errNoMore means that who sent a command may not any more.
var errNoMore = errors.New("the access key or token has expired, or was revoked")

// whileAllowed is a context for what somebody sent: it ends with the server, and when
// they may not any more.
func (s *Server) whileAllowed(c *call) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(c.Context()))
	over := make(chan struct{})
	go func() {
		clock := time.NewTicker(askAgain)
		defer clock.Stop()
		for {
			select {
			case <-over:
				return
			case <-s.ending:
				cancel(ends())
				return
			case <-clock.C:
				if s.Access.Still(c.who) != nil {
					cancel(errNoMore)
				}
			}
		}
	}()
	return ctx, func() {
		close(over)
		cancel(nil)
	}
}
