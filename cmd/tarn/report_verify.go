package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/report/archive"
)

func (a *app) reportHistoryCommand() *cobra.Command {
	var pack, format string
	c := &cobra.Command{
		Use:   "history",
		Short: "List the reports that the log of record names",
		Long:  "List the reports that the log of record names, the newest first, with what came of\nthem.",
		Example: `  tarn report history
  tarn report history --pack cis-aws --format csv`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("report history", format)
			if err != nil {
				return err
			}
			return a.read(func(snap *lake.Snapshot) error {
				all, err := snap.Reports(c.Context())
				if err != nil {
					return err
				}
				return a.list(c.Context(), historyRows(snap, all, pack), format)
			})
		},
	}
	c.Flags().StringVar(&pack, "pack", "", "only reports of this pack")
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func historyRows(snap *lake.Snapshot, all []lake.ReportRecord, pack string) *rows {
	names := map[string]string{}
	for _, st := range snap.EveryStore() {
		names[st.ID] = st.Name
	}
	r := newRows("made", "pack", "schedule", "store", "from", "to", "failed#", "passed#", "unknown#", "report")
	for i := len(all) - 1; i >= 0; i-- {
		one := all[i]
		if pack != "" && one.Pack != pack {
			continue
		}
		n := map[string]int64{}
		for _, x := range one.Results {
			n[x.Verdict]++
		}
		store := ""
		if len(one.Stores) > 0 {
			store = names[one.Stores[0]]
		}
		r.add(one.Time, one.Pack, one.Schedule, store, one.From, one.To, n["failed"], n["passed"], n["unknown"], one.ID)
	}
	return r
}

func (a *app) reportVerifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify a report that somebody shows",
		Long: `Verify a report that somebody shows: a document as HTML, PDF, JSON or zip. That it
is the one that the log of record names; that the log is whole and signed, and goes
on from the checkpoint in the report; that the files of the period are those that
were sealed; and that every statement, asked again of the lake as it was then, has
the answer that the report says. What differs is named.

EXIT STATUS
  0 all holds, 1 cannot be checked, 10 no lake, 12 something differs`,
		Example: `  tarn report verify report.html
  tarn report verify report.pdf --json`,
		Args: oneArg("file"),
		RunE: func(c *cobra.Command, args []string) error { return a.verifyReport(c.Context(), args[0], asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print what was checked as JSON")
	return c
}

// errUnlike means that a report, or what it stands on, is not what it was.
var errUnlike = fmt.Errorf("%w: the report, or what it stands on, is not what was made", errDiffers)

func (a *app) verifyReport(ctx context.Context, file string, asJSON bool) error {
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	return a.read(func(snap *lake.Snapshot) error {
		_, live := terminal(a.err)
		meter := a.meter(progress.Options{Label: "verify", Unit: "statements", Live: live})
		v, err := archive.Verifier{Engine: engine, Snap: snap, Dir: a.lakeDir, Progress: func(done, all int) {
			meter.SetTotal(int64(all))
			meter.SetDone(int64(done))
		}}.Verify(ctx, a.inDir(file))
		meter.Finish()
		if v != nil {
			v.File = file
		}
		if errors.Is(err, archive.ErrUnknown) {
			err = fmt.Errorf("%w: %w", errDiffers, err)
		}
		if err != nil {
			return fmt.Errorf("report verify: %w", err)
		}
		if asJSON {
			err = newIndented(a).Encode(v)
		} else {
			err = a.tellVerified(v)
		}
		if err == nil && !v.Holds() {
			err = errUnlike
		}
		return err
	})
}

func (a *app) tellVerified(v *archive.Verification) error {
	fmt.Fprintf(a.out, "%s: report %s, %s, recorded %s in entry %d of the log\n", v.File, v.Record.ID, v.Record.Pack, moment(v.Time), v.Entry)
	for _, c := range v.Checks {
		sign := "ok    "
		if len(c.Problems) > 0 {
			sign = "DIFFERS"
		}
		fmt.Fprintf(a.out, "  %-7s %s\n", sign, c.What)
		for _, p := range c.Problems {
			fmt.Fprintf(a.out, "          %s\n", printable(p))
		}
		for _, n := range c.Notes {
			fmt.Fprintf(a.out, "          note: %s\n", printable(n))
		}
	}
	return nil
}
