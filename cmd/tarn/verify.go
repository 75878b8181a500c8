package main

import (
	"encoding/json"
	"errors"
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
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nothing in the lake was changed",
		Long: `Read everything in the lake and compare it with the log of record: every byte of
every sealed file, every event against its segment's tree hash, the log against
its signed checkpoints. Parquet is read with other code than wrote it.

Of a few events of each segment some columns, picked at random, are computed again
from the event's own bytes and compared. With --deep it is all columns of all events,
and each needle filter is asked for every value: it takes four to six times as long.

With --resume a verification notes in FILE how far it has come. One that was
interrupted, and is run again with the same file, does not read again what was
read and not touched since, by size and time. Keep the file where only you can
write: it is believed. Notes of a verification that came to its end begin anew.

A lake that was written anew and signed with the true key is whole, and yet not the
one it was. Only what others kept can tell: --checkpoint compares with a checkpoint
of earlier (log/checkpoint, copied away), --policy with what witnesses signed, --key
with verification keys that somebody handed you.

EXIT STATUS
  0 the lake is what was sealed, 1 some files could not be read, 10 no lake there,
  12 something differs`,
		Example: `  tarn verify
  tarn verify --deep
  tarn verify --resume ./verify.notes
  tarn verify --json > report.json
  tarn verify --checkpoint old.note --key lake.pub
  tarn verify --policy witnesses.policy`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.verify(c, o)
		},
	}
	c.Flags().BoolVar(&o.deep, "deep", false, "compare the columns of all events with their bytes, and the filters with all values")
	c.Flags().StringVar(&o.resume, "resume", "", "file of notes, to go on after an interruption")
	c.Flags().StringVar(&o.with.checkpoint, "checkpoint", "", "a checkpoint that was kept: the lake must be a continuation of it")
	c.Flags().StringVar(&o.with.keys, "key", "", "file of verification keys: the lake must be signed with one, or one that follows")
	c.Flags().StringVar(&o.with.policy, "policy", "", "a C2SP tlog-policy: witnesses must have signed as it wants")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	return c
}

type verifyOptions struct {
	deep, asJSON bool
	resume       string
	with         compared
}

// verifyReport is what --json prints.
type verifyReport struct {
	*lake.Report
	// Seconds is how long it took; EventsPerSecond are those that were read.
	Seconds         float64 `json:"seconds"`
	EventsPerSecond int64   `json:"events_per_second"`
	// Locks are what keeps the files from being changed; nil if the lake cannot be read.
	Locks *lake.Locks `json:"locks"`
}

func (a *app) verify(c *cobra.Command, o verifyOptions) error {
	how, err := a.comparing(o.with)
	if err != nil {
		return err
	}
	how.Deep, how.Notes, how.Far = o.deep, o.resume, a.far()
	if err := errors.Join(a.mirror(c.Context()), a.verifiesPart(c.Context(), &how)); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	_, live := terminal(a.err)
	meter := a.meter(progress.Options{Label: "verify", Unit: "bytes", Total: a.sealedBytes(live), Live: live})
	var events atomic.Int64
	start := time.Now()
	how.Progress = func(bytes, n int64) {
		sum := events.Add(n)
		meter.Line(progress.Count(sum) + " events, " + perSecond(sum, start))
		meter.Add(bytes)
	}
	report, err := lake.Verify(c.Context(), a.lakeDir, how)
	meter.Finish()
	if err != nil {
		if o.resume != "" && c.Context().Err() != nil {
			err = hint.Add(err, "go on with the same command: "+o.resume+" says what was read")
		}
		return fmt.Errorf("verify: %w", err)
	}
	took, locks := time.Since(start), a.locks()
	if o.asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		rate := int64(float64(report.Events) / max(took.Seconds(), 1e-3))
		if err := e.Encode(verifyReport{report, took.Seconds(), rate, locks}); err != nil {
			return err
		}
	} else if err := a.tellVerify(report, took); err != nil {
		return err
	} else if locks != nil {
		fmt.Fprintf(a.err, "locks: %v\n", locks)
	}
	return verdict(report)
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
		// Whoever can write to the folder names files.
		fmt.Fprintf(a.out, "%s: %s\n", printable(p.Path), printable(p.What))
	}
	if n := int64(len(r.Orphans)); n > 0 {
		fmt.Fprintf(a.err, "note: %s not in the log, and so no part of the lake, such as %s:\n"+
			"      left over from an interrupted import, or of one that runs now. They can be deleted while nobody writes;\n"+
			"      tarn verify --json lists them\n", counted(n, "file"), printable(r.Orphans[0]))
	}
	a.tellOthers(r)
	for _, n := range r.Notes {
		fmt.Fprintln(a.err, "note: "+printable(n))
	}
	verdict := "verified"
	if len(r.Problems)+len(r.Unread) > 0 {
		verdict = "NOT verified"
	}
	_, err := fmt.Fprintf(a.out, "%s: %s in %s, %d log entries, %s, in %s, %s; columns of %s looked at\n", verdict,
		counted(r.Events, "event"), counted(r.Segments, "segment"), r.LogSize, progress.Bytes(r.Bytes), progress.Duration(took),
		perSecond(r.Events, time.Now().Add(-took)), counted(r.Compared, "event"))
	if s := r.Resumed; s != nil && err == nil {
		_, err = fmt.Fprintf(a.out, "%s in %s more were read by the verification that began at %s; their files have had the same size and time since\n",
			counted(s.Events, "event"), counted(s.Segments, "segment"), s.Since.Format(time.RFC3339))
	}
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
