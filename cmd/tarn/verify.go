package main

import (
	"encoding/json"
	"fmt"
	"slices"
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
  0 the lake is what was sealed, 1 some files could not be read, 10 no lake there,
  12 something differs`,
		Example: `  tarn verify
  tarn verify --json > report.json`,
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
	meter := a.meter(progress.Options{Label: "verify", Unit: "bytes", Total: a.sealedBytes(live), Live: live})
	var events atomic.Int64
	start := time.Now()
	report, err := lake.Verify(c.Context(), a.lakeDir, lake.VerifyOptions{
		Key: a.config.get("key"),
		Progress: func(bytes, n int64) {
			sum := events.Add(n)
			meter.Line(progress.Count(sum) + " events, " + perSecond(sum, start))
			meter.Add(bytes)
		},
	})
	meter.Finish()
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	locks := a.locks()
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		if err := e.Encode(verified{report, locks}); err != nil {
			return err
		}
	} else if err := a.tellVerify(report, time.Since(start)); err != nil {
		return err
	} else if locks != nil {
		fmt.Fprintf(a.err, "locks: %v\n", locks)
	}
	return verdict(report)
}

// verified is what verify prints as JSON.
type verified struct {
	*lake.Report
	// Locks are what keeps the files from being changed; nil if the lake cannot be read.
	Locks *lake.Locks `json:"locks"`
}

// locks looks what locks there are, as far as the lake can be read.
func (a *app) locks() (k *lake.Locks) {
	_ = a.read(func(snap *lake.Snapshot) error { // whatever is wrong with it, verify tells
		now := snap.Locks()
		k = &now
		return nil
	})
	return k
}

// verdict is the error of a lake that is not what was sealed, or of which not
// all could be read.
func verdict(r *lake.Report) error {
	if n := int64(len(r.Problems)); n > 0 {
		return hint.Add(fmt.Errorf("%w: %s", errDiffers, counted(n, "problem")),
			"keep the lake as it is for whoever investigates; compare with a backup",
			"an old checkpoint that somebody else kept shows since when it differs")
	}
	if n := int64(len(r.Unread)); n > 0 {
		return hint.Add(fmt.Errorf("verify: %s could not be read; the others are what was sealed", unreadFiles(n)),
			"that is no sign of a change: give the user who runs this the right to read them, or look after the disk, and verify again")
	}
	return nil
}

func unreadFiles(n int64) string {
	if n == 1 {
		return "1 file or folder"
	}
	return progress.Count(n) + " files or folders"
}

// sealedBytes is how much there is to verify, if somebody watches: as far as
// the lake can be read without verifying it, else 0.
func (a *app) sealedBytes(live bool) (n int64) {
	if !live {
		return 0
	}
	_ = a.read(func(snap *lake.Snapshot) error { // whatever is wrong with it, verify tells
		for _, st := range snap.Stores() {
			for _, conflicts := range []bool{false, true} {
				for _, seg := range snap.Segments(st.ID, conflicts) {
					n += seg.Bytes()
				}
			}
		}
		for _, c := range snap.Commits() {
			for _, list := range []*lake.Sidecar{c.Sources, c.Rejects} {
				if list != nil {
					n += list.Bytes
				}
			}
		}
		return nil
	})
	return n
}

func (a *app) tellVerify(r *lake.Report, took time.Duration) error {
	for _, p := range slices.Concat(r.Problems, r.Unread) {
		fmt.Fprintf(a.out, "%s: %s\n", p.Path, p.What)
	}
	if n := int64(len(r.Orphans)); n > 0 {
		fmt.Fprintf(a.err, "note: %s not in the log, and so no part of the lake, such as %s:\n"+
			"      left over from an interrupted import, or of one that runs now. They can be deleted while nobody writes;\n"+
			"      tarn verify --json lists them\n", counted(n, "file"), r.Orphans[0])
	}
	for _, n := range r.Notes {
		fmt.Fprintln(a.err, "note: "+n)
	}
	verdict := "verified"
	if len(r.Problems)+len(r.Unread) > 0 {
		verdict = "NOT verified"
	}
	_, err := fmt.Fprintf(a.out, "%s: %s in %s, %d log entries, %s, in %s\n", verdict,
		counted(r.Events, "event"), counted(r.Segments, "segment"), r.LogSize, progress.Bytes(r.Bytes), progress.Duration(took))
	return err
}

// counted writes a number of things.
func counted(n int64, thing string) string {
	return progress.Count(n) + " " + plural(n, thing)
}

// plural is the name of so many things.
func plural(n int64, thing string) string {
	if n == 1 {
		return thing
	}
	return thing + "s"
}

// countedAre writes that a number of things are.
func countedAre(n int64, thing string) string {
	if n == 1 {
		return counted(n, thing) + " is"
	}
	return counted(n, thing) + " are"
}

// countedWere writes that a number of things were.
func countedWere(n int64, thing string) string {
	if n == 1 {
		return counted(n, thing) + " was"
	}
	return counted(n, thing) + " were"
}
