package main

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
)

func (a *app) verifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nothing in the lake was changed",
		Long: `Read everything in the lake and compare it with the log of record: every byte of
every sealed file, every event against its segment's tree hash, the log against
its signed checkpoints. Parquet is read with other code than wrote it.

EXIT STATUS
  0 the lake is what was sealed, 10 no lake there, 12 something differs`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.verify(c, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return c
}

func (a *app) verify(c *cobra.Command, asJSON bool) error {
	_, live := terminal(a.err)
	meter := progress.New(a.err, progress.Options{Label: "verify", Unit: "bytes", Live: live})
	var events atomic.Int64
	start := time.Now()
	report, err := lake.Verify(c.Context(), a.lakeDir, lake.VerifyOptions{
		Key: a.getenv("TARN_KEY"),
		Progress: func(bytes, n int64) {
			meter.Line(progress.Count(events.Add(n)) + " events")
			meter.Add(bytes)
		},
	})
	meter.Finish()
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		if err := e.Encode(report); err != nil {
			return err
		}
	} else {
		a.tellVerify(report, time.Since(start))
	}
	if n := len(report.Problems); n > 0 {
		return hint.Add(fmt.Errorf("%w: %d problems", errDiffers, n),
			"keep the lake as it is for whoever investigates; compare with a backup",
			"an old checkpoint that somebody else kept shows since when it differs")
	}
	return nil
}

func (a *app) tellVerify(r *lake.Report, took time.Duration) {
	for _, p := range r.Problems {
		fmt.Fprintf(a.out, "%s: %s\n", p.Path, p.What)
	}
	for _, o := range r.Orphans {
		fmt.Fprintf(a.err, "note: %s is not in the log, and so no part of the lake: a left-over of an interrupted import, or put there by somebody\n", o)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(a.err, "note: "+n)
	}
	verdict := "verified"
	if len(r.Problems) > 0 {
		verdict = "NOT verified"
	}
	fmt.Fprintf(a.out, "%s: %s events in %d segments, %d log entries, %s, in %s\n", verdict,
		progress.Count(r.Events), r.Segments, r.LogSize, progress.Bytes(r.Bytes), progress.Duration(took))
}
