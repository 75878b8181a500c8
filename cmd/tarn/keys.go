package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tarn/lake"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Show, replace, or give up the lake's signing key",
		Long: `Show, replace, or give up the key that signs the lake's log. The signing key is a
secret, and never in the lake: it is a file of mode 0600, <lake-id>.key in the
configuration folder, or what TARN_KEY names. The verification key that belongs to
it is for everybody: hand it to whoever is to check the lake, before they need it.

EXIT STATUS
  0 done, 1 refused, 2 wrong usage, 10 no lake there, 11 lake in use`,
		Example: "  tarn keys public > lake.pub\n  tarn keys rotate --reason \"every January\"",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.keysPublicCommand(), a.keysResultsCommand(), a.keysRotateCommand(), a.keysLostCommand())
	return c
}

func (a *app) keysPublicCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "public",
		Short: "Print the lake's verification keys",
		Long: `Print the lake's verification keys, all since the beginning: signed-note key lines,
with a comment before each that says which checkpoints it signs. tarn verify --key
and tarn check-proof --key read what is printed. Whoever has an older key only can
follow to the newest, unless a key was lost on the way. A key that was declared lost
is printed as a comment: what it signed may be a thief's.`,
		Example: `  tarn keys public > lake.pub
  tarn keys public --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.publicKeys(asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return c
}

func (a *app) publicKeys(asJSON bool) error {
	return a.read(func(snap *lake.Snapshot) error {
		keys := snap.Keys()
		if asJSON {
			e := json.NewEncoder(a.out)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			return e.Encode(keys)
		}
		for i, k := range keys {
			until := "on"
			if i+1 < len(keys) {
				until = fmt.Sprintf("to %d", keys[i+1].From-1)
			}
			fmt.Fprintf(a.out, "# %s: signs checkpoints from log size %d %s", k.Time.Format("2006-01-02"), k.From, until)
			switch {
			case k.Lost:
				fmt.Fprint(a.out, "; the key before it was lost, and did not sign this one in")
			case i > 0:
				fmt.Fprint(a.out, "; signed in by the key before it")
			}
			if i+1 < len(keys) && keys[i+1].Lost {
				// Whoever has it can sign any event into a log of its size, and check-proof
				// takes what a key in the file has signed.
				fmt.Fprint(a.out, "\n# declared lost: who has it can sign what they like. Without the # it is taken all the same\n# ", k.Key, "\n")
				continue
			}
			fmt.Fprintf(a.out, "\n%s\n", k.Key)
		}
		return nil
	})
}

func (a *app) keysRotateCommand() *cobra.Command {
	var reason string
	var destroy bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the signing key by a new one, which the old one signs in",
		Long: `Replace the signing key by a new one. The log names the new key, and the checkpoint
behind that entry is signed by both: who knows any earlier key can follow. The old
key stays beside the new one as <file>.old-<n>, unless --destroy removes it. Back
the new key up. Witnesses have to be told the new key (tarn keys public).

Killed at any moment, the lake has the one key or the other, and the next command
that writes to it puts things in order.`,
		Example: `  tarn keys rotate --reason "every January"
  tarn keys rotate --destroy`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			l, err := a.open()
			if err != nil {
				return err
			}
			key, err := l.RotateKey(reason, destroy)
			return a.newKey(key, l.KeyFile(), errors.Join(err, a.close(l, err)))
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; the log keeps it")
	c.Flags().BoolVar(&destroy, "destroy", false, "do not keep the old key")
	return c
}

// newKey ends a command that made a key.
func (a *app) newKey(key lake.Key, file string, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "a new key signs from log size %d on; it is %s: back it up\n", key.From, file)
	_, err = fmt.Fprintln(a.out, key.Key)
	return err
}

func (a *app) keysLostCommand() *cobra.Command {
	var reason string
	var yes bool
	c := &cobra.Command{
		Use:   "lost",
		Short: "Declare the signing key lost or stolen, and go on with a new one",
		Long: `Declare the signing key lost or stolen, and go on with a new one. No signature leads
from the old key to the new one, so nothing but your word ties them, and tarn verify
says so for ever. Old checkpoints that somebody kept, and witnesses, still tell
whether the log goes on from what it was: tarn verify --checkpoint. Hand out the new
verification key by a way that a thief does not have.

If you still have the key, and nobody else has: tarn keys rotate. End tarn serve
before. At a terminal you are asked; elsewhere --yes says that you mean it.`,
		Example: `  tarn keys lost --reason "laptop stolen on 3 May, case 4711" --yes`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.confirmLost(yes); err != nil {
				return fmt.Errorf("keys lost: %w", err)
			}
			o := a.options()
			key, err := lake.LoseKey(a.lakeDir, o, reason)
			if err != nil {
				return err
			}
			l, err := lake.View(a.lakeDir, o)
			if err != nil {
				return err
			}
			return a.newKey(key, l.KeyFile(), l.Close())
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "what happened; the log keeps it")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) confirmLost(yes bool) error {
	if yes {
		return nil
	}
	if in, ok := a.in.(*os.File); !ok || !term.IsTerminal(int(in.Fd())) {
		return usage(errors.New("nobody is there to be asked"), "if you mean it: tarn keys lost --yes")
	}
	fmt.Fprint(a.err, "Go on with a new key that the old one does not sign in? tarn verify will say so for ever. [y/N] ")
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("not confirmed; nothing was done")
}

// knownKeys reads a file of verification keys: a line each, comments begin with #.
func (a *app) knownKeys(name string) (lines []string, err error) {
	b, err := os.ReadFile(a.inDir(name))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, usage(fmt.Errorf("%s holds no verification key", name), "tarn keys public prints them")
	}
	return lines, nil
}

// remember shows witnesses the newest checkpoint at the end of a command that wrote,
// if there are any, and waits for them no longer than a person would. What they do
// not hear now they hear the next time.
func (a *app) remember(l *lake.Lake) {
	ctx, cancel := context.WithTimeout(context.Background(), remembering)
	defer cancel()
	for _, r := range behind(ctx, l) {
		if r.Err != nil {
			a.warn(r.Err.Error() + "; it is asked again at the end of the next command")
		}
	}
}
