package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/server/witness"
)

const (
	// remembering is how long a command waits for witnesses at its end.
	remembering = 3 * time.Second
	// askEvery is how often a server shows them what is new.
	askEvery = time.Minute
)

func (a *app) witnessCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "witness",
		Short: "Have others remember the lake's checkpoints",
		Long: `Have others remember the lake's checkpoints. A witness (C2SP tlog-witness) keeps the
newest checkpoint that it was shown, signs it, and signs no other history: then not
even who has the signing key can write the past anew. It sees the log's size and
tree hash, and none of its entries. Who is asked is an act, and in the log.

Commands that write show witnesses the new checkpoint at their end and wait three
seconds at most; tarn serve does it every minute. Nothing fails because a witness
does not answer. tarn verify checks what they signed; with --policy, whether enough
of them did. Who runs a witness has to let it know the lake's key: tarn keys public.

EXIT STATUS
  0 done, 1 a witness did not sign, 2 wrong usage, 10 no lake there, 11 lake in use,
  12 a witness remembers another history`,
		Example: `  tarn witness add https://witness.example.com/ witness.example.com+5ce00245+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop
  tarn witness list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.witnessAddCommand(), a.witnessListCommand(), a.witnessRemoveCommand(), a.witnessSubmitCommand())
	return c
}

func (a *app) witnessAddCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "add URL KEY",
		Short: "Ask a witness from now on",
		Long: `Ask a witness from now on. URL is where it takes checkpoints (its submission
prefix), KEY its verifier key, a line name+hash+base64. One that is asked already
gets another URL.`,
		Example: `  tarn witness add https://witness.example.com/ witness.example.com+5ce00245+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(errors.New("witness add: a URL and a key"), c.CommandPath()+" --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.writing(c.Context(), func(l *lake.Lake) error {
				return l.AddWitness(lake.Witness{URL: args[0], Key: args[1]})
			})
		},
	}
}

func (a *app) witnessListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the witnesses, and what each remembers",
		Long:    "List the witnesses that are asked, and how many entries of the log each has signed.",
		Example: "  tarn witness list\n  tarn witness list --format json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("witness list", format)
			if err != nil {
				return err
			}
			r := newRows("name", "url", "entries#", "behind#", "signed", "key~")
			err = a.read(func(snap *lake.Snapshot) error {
				all, err := snap.Cosigned()
				for _, s := range all {
					r.add(s.Witness.Name(), s.Witness.URL, s.Size, max(snap.LogSize()-s.Size, 0), s.Time, s.Witness.Key)
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("witness list: %w", err)
			}
			return a.list(c.Context(), r, format)
		},
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func (a *app) witnessRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Ask a witness no more",
		Long:    "Ask a witness no more, by its name or key. What it has signed stays, and is checked.",
		Example: "  tarn witness remove witness.example.com",
		Args:    oneArg("witness"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.writing(c.Context(), func(l *lake.Lake) error {
				_, err := l.RemoveWitness(args[0])
				return err
			})
		},
	}
}

func (a *app) witnessSubmitCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "submit",
		Short:   "Show all witnesses the newest checkpoint now",
		Long:    "Show all witnesses the newest checkpoint now, and keep what they sign.",
		Example: "  tarn witness submit",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.writing(c.Context(), func(l *lake.Lake) error { return a.submit(c.Context(), l) })
		},
	}
}

func (a *app) submit(ctx context.Context, l *lake.Lake) error {
	snap := l.Snapshot()
	all := snap.Witnesses()
	snap.Release()
	if len(all) == 0 {
		fmt.Fprintln(a.err, "no witness is asked; tarn witness add names one")
	}
	var errs []error
	for _, r := range witness.SubmitAll(ctx, l, all) {
		if errs = append(errs, r.Err); r.Err == nil {
			fmt.Fprintf(a.out, "%s has signed %s\n", r.Witness.Name(), countedEntries(r.Size))
		}
	}
	return errors.Join(errs...)
}

func countedEntries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// behind shows the newest checkpoint to those witnesses that have not signed it.
func behind(ctx context.Context, l *lake.Lake) []witness.Result {
	snap := l.Snapshot()
	defer snap.Release()
	all := slices.DeleteFunc(snap.Witnesses(), func(w lake.Witness) bool {
		s, err := l.Submission(w)
		return err == nil && s.Old == s.Size
	})
	if len(all) == 0 {
		return nil
	}
	return witness.SubmitAll(ctx, l, all)
}

// askWitnesses shows witnesses what is new, again and again until ctx is done.
func (h *host) askWitnesses(ctx context.Context) error {
	again(ctx, askEvery, func() {
		for _, r := range behind(ctx, h.lake) {
			switch {
			case errors.Is(r.Err, lake.ErrForgets):
				h.log.Error().Err(r.Err).Msg("a witness contradicts the lake")
			case r.Err != nil:
				h.log.Warn().Err(r.Err).Msg("a witness did not sign; it is asked again")
			default:
				h.log.Info().Str("witness", r.Witness.Name()).Int64("log_size", r.Size).Msg("witnessed")
			}
		}
	})
	return nil
}
