package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/report"
	"tarn/report/archive"
	"tarn/report/control"
	"tarn/report/runner"
)

type reportOptions struct {
	store, last, from, to, format, failOn string
	set, files                            []string
	unrecorded                            bool
}

func (a *app) reportRunCommand() *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use:   "run PACK",
		Short: "Make a report",
		Long: `Ask the controls of a pack of an event data store, and make a report of what came
of it. -o writes it as a document, by the end of its name: .html, .pdf, .json, or
.zip with the answers as CSV, the events and their proofs; -o may be there more than
once. What is written is recorded in the log of record, with the hashes of all four,
so that tarn report verify can check it, unless --unrecorded says otherwise. Without
-o the verdicts are listed, and nothing is recorded.

The period is the last seven days, or --last, or from --from to --to. A report is
about the events that the log of record names or counts when it is made; of live
events those of the last minute may be missing.

Values for parameters of controls are given by --set; tarn report show has them.
--fail-on ends with exit code 3 if a control of that severity, or a worse one, failed.

EXIT STATUS
  0 done, 1 failed, 2 wrong usage, 3 findings (--fail-on), 10 no lake or store,
  11 lake in use by another process, 12 lake is corrupt`,
		Example: `  tarn report run cis-aws --store cloudtrail
  tarn report run cis-aws --store cloudtrail --last 7d -o report.html
  tarn report run bucket-access --store cloudtrail --set bucket=customer-exports --from 2026-01-01 --to 2026-01-31 -o bucket.pdf -o bucket.zip
  tarn report run daily-security-review --store cloudtrail --last 24h --fail-on high --format ndjson
  tarn report run ours --controls ./my-controls --store cloudtrail -o ours.html --unrecorded`,
		Args: oneArg("pack"),
		RunE: func(c *cobra.Command, args []string) error { return a.reportRun(c.Context(), args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.store, "store", "", "event data store to ask; may be left out where there is one for CloudTrail's events")
	f.StringVar(&o.last, "last", "", "the period up to now, such as 7d, 24h or 4w")
	f.StringVar(&o.from, "from", "", "from this day, or instant, on")
	f.StringVar(&o.to, "to", "", "up to this day, or before this instant")
	f.StringArrayVar(&o.set, "set", nil, "value of a parameter: NAME=VALUE")
	f.StringArrayVarP(&o.files, "output", "o", nil, "write the report to this file: .html, .pdf, .json or .zip")
	f.BoolVar(&o.unrecorded, "unrecorded", false, "do not record what is written in the log of record")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 3 if a control failed that is critical, high, medium or low, or worse")
	f.StringVar(&o.format, "format", "", "of the list of verdicts: table, json, ndjson or csv")
	controlsFlag(c)
	return c
}

func (a *app) reportRun(ctx context.Context, name string, o reportOptions) error {
	format, err := a.listFormat("report run", o.format)
	if err != nil {
		return err
	}
	lib, pack, settings, err := a.readReport(name, o, time.Now())
	if err != nil {
		return err
	}
	engine, err := a.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	var r *report.Report
	err = a.read(func(snap *lake.Snapshot) (err error) {
		if settings.Store, err = chooseStore(snap, o.store); err != nil {
			return err
		}
		if settings.Earlier, err = snap.Reports(ctx); err != nil {
			return err
		}
		_, live := terminal(a.err)
		meter := a.meter(progress.Options{Label: "report " + name, Unit: "controls", Total: int64(len(pack.Entries)), Live: live})
		defer meter.Finish()
		settings.By = "tarn " + buildVersion()
		settings.Progress = func(done, _ int) { meter.SetDone(int64(done)) }
		r, err = runner.Run(ctx, engine, snap, lib, pack, settings)
		return err
	})
	if err != nil {
		return fmt.Errorf("report run: %w", err)
	}
	if len(o.files) == 0 {
		err = a.list(ctx, verdictRows(r), format)
	} else {
		err = a.writeReport(ctx, r, o)
	}
	return errors.Join(err, o.fails(r))
}

// readReport reads what the command line says of a report.
func (a *app) readReport(name string, o reportOptions, now time.Time) (lib *control.Library, pack control.Pack, settings runner.Options, err error) {
	for _, file := range o.files {
		if format := strings.TrimPrefix(filepath.Ext(file), "."); !slices.Contains(archive.Formats(), format) {
			return nil, pack, settings, usage(fmt.Errorf("report run: -o %s: no document is called so", file), "names end in ."+strings.Join(archive.Formats(), ", ."))
		}
	}
	if o.failOn != "" && !slices.Contains(severities, report.Severity(o.failOn)) {
		return nil, pack, settings, usage(fmt.Errorf("report run: --fail-on %q", o.failOn), "severities: critical, high, medium, low")
	}
	settings.Params = map[string]string{}
	for _, one := range o.set {
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			return nil, pack, settings, usage(fmt.Errorf("report run: --set %q", one), "write --set NAME=VALUE")
		}
		settings.Params[name] = value
	}
	if settings.From, settings.To, err = o.period(now); err != nil {
		return nil, pack, settings, err
	}
	if lib, err = a.library(); err != nil {
		return lib, pack, settings, err
	}
	if pack, err = lib.Pack(name); err == nil {
		err = lib.Takes(pack, settings.Params)
	}
	if err != nil {
		err = usageOf(err)
	}
	return lib, pack, settings, err
}

var severities = []report.Severity{report.Critical, report.High, report.Medium, report.Low}

// usualPeriod is a report's where nobody says.
const usualPeriod = "7d"

func (o reportOptions) period(now time.Time) (from, to time.Time, err error) {
	if o.from == "" && o.to == "" {
		last := o.last
		if last == "" {
			last = usualPeriod
		}
		length, err := stretchOf(last)
		if err != nil {
			return from, to, usage(fmt.Errorf("report run: --last %q", last), "write a number with h, d or w: 24h, 7d, 4w")
		}
		to = now.UTC().Truncate(time.Second)
		return to.Add(-length), to, nil
	}
	if o.last != "" || o.from == "" {
		return from, to, usage(errors.New("report run: the period is --last, or --from with or without --to"), "tarn report run PACK --from 2026-01-01 --to 2026-01-31")
	}
	if from, err = boundary("report run: --from", o.from, 0); err != nil {
		return from, to, err
	}
	if to, err = boundary("report run: --to", o.to, 1); err == nil && to.IsZero() {
		to = now.UTC().Truncate(time.Second)
	}
	return from, to, err
}

// stretchOf is a length of time as 24h, 7d or 4w.
func stretchOf(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': day, 'w': 7 * day}
	if text == "" || units[text[len(text)-1]] == 0 {
		return 0, errUsage
	}
	var n int64
	if _, err := fmt.Sscanf(text[:len(text)-1]+"\n", "%d\n", &n); err != nil || n < 1 || n > 9600 {
		return 0, errUsage
	}
	return time.Duration(n) * units[text[len(text)-1]], nil
}

// chooseStore is the store that is named, or the only one that controls can ask.
func chooseStore(snap *lake.Snapshot, ref string) (string, error) {
	if ref != "" {
		st, err := snap.Store(ref)
		return st.ID, err
	}
	var names []string
	id := ""
	for _, st := range snap.Stores() {
		if st.Family == "cloudtrail" && st.Usable() == nil && !st.Own() {
			id, names = st.ID, append(names, st.Name)
		}
	}
	switch len(names) {
	case 0:
		return "", hint.Add(lake.ErrStoreNotFound, "tarn import ./AWSLogs makes one")
	case 1:
		return id, nil
	}
	return "", usage(errors.New("which event data store?"), "--store, one of "+strings.Join(names, ", "))
}

// writeReport writes the documents, and records them: in this order, because whoever has
// the lake open for writing can write nowhere else any more.
func (a *app) writeReport(ctx context.Context, r *report.Report, o reportOptions) error {
	for _, file := range o.files {
		err := intoFile(a.inDir(file), func(w io.Writer) error { return archive.Write(ctx, w, file, r) })
		if err != nil {
			return fmt.Errorf("report run: %w", err)
		}
		fmt.Fprintln(a.out, file)
	}
	if !o.unrecorded {
		err := a.sendToRecord(ctx, func(f *os.File) error { return archive.Write(ctx, f, "report.json", r) })
		if err != nil {
			return hint.Add(fmt.Errorf("report run: what was written is not in the log of record: %w", err), "--unrecorded writes a report without a record; tarn report verify does not know it")
		}
	}
	fmt.Fprintf(a.err, "report %s: %d failed, %d passed, %d unknown\n", r.ID, r.Count(report.Failed), r.Count(report.Passed), r.Count(report.Unknown))
	return nil
}

func verdictRows(r *report.Report) *rows {
	all := newRows("verdict", "severity", "control", "rows#", "title~", "note~")
	for _, v := range []report.Verdict{report.Failed, report.Unknown, report.Passed} {
		for _, one := range r.Results {
			if one.Verdict == v {
				all.add(string(v), string(one.Severity), one.ID, one.Total, one.Title, one.Note)
			}
		}
	}
	return all
}

// errFindings means that controls failed of which the caller wanted to know.
var errFindings = errors.New("there are findings")

func (o reportOptions) fails(r *report.Report) error {
	worst := slices.Index(severities, report.Severity(o.failOn))
	for _, one := range r.Failing() {
		if slices.Index(severities, one.Severity) <= worst {
			return fmt.Errorf("%w: %s (%s)", errFindings, one.ID, one.Severity)
		}
	}
	return nil
}
