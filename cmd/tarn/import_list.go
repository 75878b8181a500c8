package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/lake/statedb"
)

type importListOptions struct{ store, status, format string }

func (a *app) importListCommand() *cobra.Command {
	var o importListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List the imports, also those that are under way",
		Long: `List the imports that were run into this lake, the newest last, also those that
are under way: the last 10,000 (a folder called list is imported as ./list). As
JSON it is what ListImports answers, with a few members more; as ndjson and csv
it has a line for each import, with these members.

An import is INITIALIZING, IN_PROGRESS, COMPLETED, FAILED or STOPPED, as in
CloudTrail Lake: FAILED also when a part of it was rejected or not readable,
STOPPED when it was interrupted. That of a process that died becomes FAILED as
soon as the next one opens the lake for importing, or serving.`,
		Example: `  tarn import list
  tarn import list --store prod --status FAILED --format json | jq -r '.Imports[].ImportId'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.listImports(c.Context(), o) },
	}
	c.Flags().StringVar(&o.store, "store", "", "event data store that was imported into; of all without")
	c.Flags().StringVar(&o.status, "status", "", "imports of this status")
	c.Flags().StringVar(&o.format, "format", "", "table, or json, ndjson or csv, which have CloudTrail's field names")
	return c
}

func (a *app) importShowCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "show IMPORT",
		Short: "Show an import, and how to resume it",
		Long: `Show an import by its id: what was imported into which event data store, how far
it came, what went wrong first, and, if it did not complete, the command that
resumes it. What it took and refused of every record, the lake itself knows:
tarn import --failures IMPORT. As JSON it is what GetImport answers, with a few
members more.`,
		Example: `  tarn import show 019a9f3c-12ab-7000-8000-0123456789ab
  tarn import show 019a9f3c-12ab-7000-8000-0123456789ab --format json | jq .ImportStatistics`,
		Args: oneArg("import"),
		RunE: func(c *cobra.Command, args []string) error { return a.showImport(c.Context(), args[0], format) },
	}
	c.Flags().StringVar(&format, "format", "", "table, or json, ndjson or csv, which have CloudTrail's field names")
	return c
}

// importJSON is an import in CloudTrail's words; what CloudTrail does not have
// stands behind them.
type importJSON struct {
	ImportId         string
	ImportStatus     statedb.ImportStatus
	Destinations     []string
	CreatedTimestamp time.Time
	UpdatedTimestamp time.Time
	ImportStatistics importStatistics

	StoreName string
	Sources   []string
	Options   []string
	Reason    string   `json:",omitempty"`
	Errors    []string `json:",omitempty"`
	Resume    string   `json:",omitempty"`
}

type importStatistics struct {
	FilesCompleted  int64
	EventsCompleted int64
	FailedEntries   int64

	Records, Duplicates, Conflicts, Filtered, Rejected, Unread int64
}

func describeImport(i statedb.Import) importJSON {
	c := i.Counts
	d := importJSON{
		ImportId: i.ID, ImportStatus: i.Status, Destinations: []string{lake.Store{ID: i.Store}.ARN()},
		CreatedTimestamp: i.Created, UpdatedTimestamp: i.Updated,
		ImportStatistics: importStatistics{c.Files, c.Stored, c.Rejected + c.Unread, c.Records, c.Duplicates, c.Conflicts, c.Filtered, c.Rejected, c.Unread},
		StoreName:        i.StoreName, Sources: i.Sources, Options: i.Options, Reason: i.Reason, Errors: i.Errors, Resume: resume(i),
	}
	if i.MoreSources > 0 {
		d.Sources = append(slices.Clone(i.Sources), fmt.Sprintf("... and %d more", i.MoreSources))
	}
	return d
}

// plainWord is a word that means itself in a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// resume is the command that goes on with an import, empty if it needs none.
func resume(i statedb.Import) string {
	switch {
	case i.Status == statedb.Completed || i.Status == statedb.Initializing || i.Status == statedb.InProgress:
		return ""
	case i.Command == nil:
		return "the same command again in " + i.Dir
	}
	words := []string{"tarn"}
	if i.Dir != "" {
		words = []string{"cd", i.Dir, "&&", "tarn"}
	}
	words = append(words, i.Command...)
	for n, w := range words {
		if w != "&&" && !plainWord.MatchString(w) {
			words[n] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// imports calls fn with what the lake's state knows.
func (a *app) imports(format *string, fn func(*lake.Snapshot, *statedb.DB) error) error {
	if *format == "" {
		*format = "table"
	}
	if !slices.Contains(inspectFormats(), *format) {
		return usage(fmt.Errorf("--format %q", *format), "formats: "+strings.Join(inspectFormats(), ", "))
	}
	return a.read(func(snap *lake.Snapshot) (err error) {
		db, err := statedb.View(lake.StateOf(a.lakeDir))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return fn(snap, db)
	})
}

func (a *app) listImports(ctx context.Context, o importListOptions) error {
	return a.imports(&o.format, func(snap *lake.Snapshot, db *statedb.DB) error {
		var store lake.Store
		if o.store != "" {
			var err error
			if store, err = snap.Store(o.store); err != nil {
				return err
			}
		}
		status := statedb.ImportStatus(strings.ToUpper(o.status))
		if status != "" && !slices.Contains(statedb.Statuses(), status) {
			return usage(fmt.Errorf("import list: --status %q", o.status), fmt.Sprintf("statuses: %v", statedb.Statuses()))
		}
		all, err := db.Imports()
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(i statedb.Import) bool {
			return o.store != "" && i.Store != store.ID || status != "" && i.Status != status
		})
		return a.tellImports(ctx, all, o.format)
	})
}

func (a *app) tellImports(ctx context.Context, all []statedb.Import, format string) error {
	switch {
	case format == "json":
		imports := []importJSON{}
		for _, i := range all {
			imports = append(imports, describeImport(i))
		}
		return printJSON(a.out, struct{ Imports []importJSON }{imports})
	case format != "table":
		return a.importLines(ctx, all, format)
	case len(all) == 0:
		fmt.Fprintln(a.err, "no such import is known; one begins with: tarn import ./AWSLogs")
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATUS\tBEGUN\tSTORE\tEVENTS\tFILES\tSOURCES")
	for _, i := range all {
		sources := strings.Join(i.Sources[:min(len(i.Sources), shownElements)], " ")
		if more := len(i.Sources) + i.MoreSources - shownElements; more > 0 {
			sources += fmt.Sprintf(" … and %d more", more)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, i.Status, i.Created.Format(time.DateTime), i.StoreName,
			progress.Count(i.Counts.Stored), progress.Count(i.Counts.Files), printable(sources))
	}
	return w.Flush()
}

// importLines writes a line for each import, for programs.
func (a *app) importLines(ctx context.Context, all []statedb.Import, format string) error {
	r := newRows("ImportId", "ImportStatus", "Destinations[]", "CreatedTimestamp", "UpdatedTimestamp", "FilesCompleted#", "EventsCompleted#", "FailedEntries#",
		"Records#", "Duplicates#", "Conflicts#", "Filtered#", "Rejected#", "Unread#", "StoreName", "Sources[]", "Options[]", "Reason~", "Errors[]", "Resume~")
	lines := newJSONLines(a.out)
	for _, i := range all {
		d := describeImport(i)
		if format == "ndjson" {
			if err := lines.Encode(d); err != nil {
				return err
			}
			continue
		}
		s := d.ImportStatistics
		r.add(d.ImportId, d.ImportStatus, d.Destinations, d.CreatedTimestamp, d.UpdatedTimestamp, s.FilesCompleted, s.EventsCompleted, s.FailedEntries,
			s.Records, s.Duplicates, s.Conflicts, s.Filtered, s.Rejected, s.Unread, d.StoreName, d.Sources, d.Options, d.Reason, d.Errors, d.Resume)
	}
	if format == "ndjson" {
		return nil
	}
	return a.list(ctx, r, format)
}

func (a *app) showImport(ctx context.Context, id, format string) error {
	return a.imports(&format, func(_ *lake.Snapshot, db *statedb.DB) error {
		i, err := db.Import(id)
		if errors.Is(err, statedb.ErrNoImport) {
			return usage(fmt.Errorf("import show: %w", err), "tarn import list shows those that are known; of older ones: tarn inspect --log")
		}
		if err != nil {
			return err
		}
		switch format {
		case "json":
			return printJSON(a.out, describeImport(i))
		case "ndjson", "csv":
			return a.importLines(ctx, []statedb.Import{i}, format)
		}
		return a.tellImportState(describeImport(i))
	})
}

func (a *app) tellImportState(d importJSON) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, printable(text))
		}
	}
	s := d.ImportStatistics
	row("import", d.ImportId)
	row("status", string(d.ImportStatus))
	row("why", strings.ReplaceAll(d.Reason, "\n", "; "))
	row("store", d.StoreName)
	row("begun", d.CreatedTimestamp.Format(time.RFC3339))
	row("last heard of", d.UpdatedTimestamp.Format(time.RFC3339))
	row("sources", strings.Join(d.Sources, " "))
	row("options", strings.Join(d.Options, " "))
	row("files", progress.Count(s.FilesCompleted))
	row("records", progress.Count(s.Records))
	row("events stored", progress.Count(s.EventsCompleted)+list(", ", part{s.Duplicates, plural(s.Duplicates, "duplicate")},
		part{s.Conflicts, plural(s.Conflicts, "conflict")}, part{s.Filtered, "filtered"}, part{s.Rejected, "rejected"}))
	for _, e := range d.Errors {
		row("refused", e)
	}
	row("resume with", d.Resume)
	return w.Flush()
}
