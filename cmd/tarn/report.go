package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/report/archive"
	"tarn/report/control"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Make compliance reports, and verify them",
		Long: `Make compliance reports, and verify them. A control is a question with what is
expected of its answer; a pack is the controls of a framework, such as cis-aws or
pci-dss; a report is what came of a pack over a period: a document with verdicts,
findings, raw events and their proofs (docs/reports.md). The log of record names
each report that was written, with the hashes of its documents.

EXIT STATUS
  0 done, 1 failed, 2 wrong usage, 3 findings (--fail-on), 10 no lake or store,
  11 lake in use by another process, 12 a document, or the lake, is not what it was`,
		Example: `  tarn report list
  tarn report run cis-aws --store cloudtrail --last 7d -o report.html
  tarn report verify report.html
  tarn report schedule list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.reportListCommand(), a.reportShowCommand(), a.reportRunCommand(), a.reportHistoryCommand(), a.reportVerifyCommand(), a.reportRecordCommand(),
		a.newReportScheduleCommand(a.reportParts()), a.newReportRunDueCommand(a.reportParts()))
	return c
}

// controlsFlag names a user's folder of controls; it is a setting too.
func controlsFlag(c *cobra.Command) {
	c.Flags().String("controls", "", "folder with controls and packs of your own, and acknowledged.csv")
}

func (a *app) reportListCommand() *cobra.Command {
	var format string
	var each bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the packs, or the controls",
		Long:  "List the packs of controls that reports are made of, or with --each all controls\nwith the packs that have them.",
		Example: `  tarn report list
  tarn report list --each --format csv
  tarn report list --controls ./my-controls`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("report list", format)
			if err != nil {
				return err
			}
			lib, err := a.library()
			if err != nil {
				return err
			}
			if each {
				return a.list(c.Context(), controlRows(lib), format)
			}
			r := newRows("pack", "controls#", "title~")
			for _, p := range lib.Packs() {
				r.add(p.ID, int64(len(p.Entries)), p.Title)
			}
			return a.list(c.Context(), r, format)
		},
	}
	c.Flags().BoolVar(&each, "each", false, "list the controls")
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	controlsFlag(c)
	return c
}

func controlRows(lib *control.Library) *rows {
	packs := map[string][]string{}
	for _, p := range lib.Packs() {
		for _, e := range p.Entries {
			packs[e.Control] = append(packs[e.Control], p.ID)
		}
	}
	r := newRows("control", "severity", "expects", "packs[]", "title~")
	for _, c := range lib.Controls() {
		r.add(c.ID, string(c.Severity), c.Expect.String(), packs[c.ID], c.Title)
	}
	return r
}

// usageOf marks what is wrong with files of controls as wrong usage.
func usageOf(err error) error { return usageError{err} }

func (a *app) reportShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a pack, or a control with its SQL",
		Long:  "Show a pack with its controls and their numbers in the framework, or a control as it\nis written: copy it into a folder of your own to change it.",
		Example: `  tarn report show cis-aws
  tarn report show root-used
  tarn report show our-trails --controls ./my-controls`,
		Args: oneArg("pack or control"),
		RunE: func(_ *cobra.Command, args []string) error {
			lib, err := a.library()
			if err != nil {
				return err
			}
			if p, err := lib.Pack(args[0]); err == nil {
				return a.showPack(lib, p)
			}
			one, err := lib.Control(args[0])
			if err != nil {
				return usageOf(err)
			}
			_, err = fmt.Fprint(a.out, one.Source())
			return err
		},
	}
	controlsFlag(c)
	return c
}

func (a *app) showPack(lib *control.Library, p control.Pack) error {
	fmt.Fprintf(a.out, "%s: %s\n%s\n\n", p.ID, p.Title, p.About)
	for _, e := range p.Entries {
		c, err := lib.Control(e.Control)
		if err != nil {
			return err
		}
		numbers := ""
		if len(e.Numbers) > 0 {
			numbers = "  (" + strings.Join(e.Numbers, ", ") + ")"
		}
		fmt.Fprintf(a.out, "%-9s %-26s %s%s\n", c.Severity, c.ID, c.Title, numbers)
	}
	return nil
}

// reportRecordCommand is what report run sends to the server that has the lake.
func (a *app) reportRecordCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "record",
		Short:  "Record a report that is read from standard input",
		Long:   "Record a report that is read from standard input as JSON: tarn report run does it.",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(c *cobra.Command, _ []string) error { return a.recordReport(c.Context()) },
	}
}

// recordReport records the report that is read from standard input, and keeps it.
func (a *app) recordReport(ctx context.Context) error {
	return a.writing(ctx, func(l *lake.Lake) error {
		r, err := archive.Read(a.in)
		if err != nil {
			return err
		}
		return archive.File(ctx, l, a.lakeFolder(), r, archive.Occasion{})
	})
}

// lakeFolder is the folder of the lake that is written to.
func (a *app) lakeFolder() string {
	if a.guest != nil {
		return a.guest.lakeDir
	}
	return a.lakeDir
}

// sendToRecord has a report recorded: in the server if one has the lake, else here.
func (a *app) sendToRecord(ctx context.Context, write func(*os.File) error) error {
	f, err := os.CreateTemp("", "tarn-report-*")
	if err != nil {
		return err
	}
	defer f.Close()
	// At once: later this process may have no right to it.
	if err := errors.Join(os.Remove(f.Name()), write(f)); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	b := *a
	b.in, b.args, b.command = f, []string{"report", "record"}, "report record"
	return b.recordReport(ctx)
}

// newIndented writes JSON for people and programs.
func newIndented(a *app) *json.Encoder {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e
}
