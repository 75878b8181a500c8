package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tarn/lake"
)

// A backup of a lake that a server has is made by the command itself: the server
// pins the lake meanwhile. It has given up the right to write where backups go.

// pinCommand is for that command alone.
func (a *app) pinCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "pin",
		Short:  "Keep the files of the server's lake until standard input ends",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.guest == nil {
				return usage(errors.New("pin: this runs in a server"), "tarn backup DIR makes a backup, with a server or without")
			}
			return a.pin(c.Context())
		},
	}
}

// pin pins the lake, says so, and waits for the end of its input.
func (a *app) pin(ctx context.Context) error {
	unpin, err := a.guest.lake.Pin(ctx)
	if err != nil {
		return err
	}
	defer unpin()
	if _, err := fmt.Fprintln(a.out, pinnedLine); err != nil {
		return err
	}
	over := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, a.in)
		over <- err
	}()
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

const pinnedLine = "pinned"

// pinned has the server that has the lake pin it until unpin is called; without a
// server it is not pinned.
func (a *app) pinned(ctx context.Context) (unpin func(), pinned bool, err error) {
	nothing := func() {}
	if a.guest != nil {
		return nothing, false, nil
	}
	in, hold, err := os.Pipe()
	if err != nil {
		return nothing, false, err
	}
	said, out, err := os.Pipe()
	if err != nil {
		return nothing, false, errors.Join(err, in.Close(), hold.Close())
	}
	asker := *a
	asker.in, asker.out = in, out
	type end struct {
		done bool
		err  error
	}
	ended := make(chan end, 1)
	go func() {
		var e end
		e.done, e.err = asker.elsewhere(ctx, []string{"pin", "--lake", a.lakeDir})
		in.Close()
		out.Close()
		ended <- e
	}()
	line, _ := bufio.NewReader(said).ReadString('\n')
	if strings.TrimSuffix(line, "\n") == pinnedLine {
		return func() { hold.Close(); said.Close(); <-ended }, true, nil
	}
	hold.Close()
	said.Close()
	e := <-ended
	a.noServer = asker.noServer
	if e.done && e.err == nil {
		e.err = errors.New("the server does not pin the lake")
	}
	return nothing, false, e.err
}

// openForBackup opens the lake: for reading where a server has it, and pins it.
func (a *app) openForBackup(pinned bool) (*lake.Lake, error) {
	if pinned {
		return a.view()
	}
	return a.open()
}
