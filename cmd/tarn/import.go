package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/schemas"
)

// defaultStore is the event data store of commands that name none.
const defaultStore = "cloudtrail"

type importOptions struct {
	store      string
	duplicates string
	failures   bool
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import PATH...",
		Short: "Take in CloudTrail log files from disk",
		Long: `Take in CloudTrail log files: a bucket that was copied to disk, or single files.

Files are found below each PATH by their names (.json, .json.gz); digest files
are left alone. Every record is accounted for: stored, a duplicate (same event
id, same bytes), a conflict (same id, other bytes: kept apart, readable as
"STORE.conflicts"), filtered, or rejected with its reason and bytes. The same
import again adds nothing. The lake and the event data store are made if they
are not there.

EXIT STATUS
  0 done, 3 some records were rejected (tarn import --failures shows them),
  10 no such store, 11 lake in use, 130 interrupted; run it again to go on`,
		Example: `  tarn import ./AWSLogs
  tarn import --store prod s3-copy/AWSLogs one-more.json.gz
  tarn import --failures`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.failures {
				return a.showFailures(args)
			}
			if len(args) == 0 {
				return usage(errors.New("import: no path given"), "name a folder or file: tarn import ./AWSLogs")
			}
			return a.runImport(c.Context(), args, o)
		},
	}
	c.Flags().StringVar(&o.store, "store", defaultStore, "event data store to import into")
	c.Flags().StringVar(&o.duplicates, "duplicates", "drop", "records whose event id is there already: drop or keep")
	c.Flags().BoolVar(&o.failures, "failures", false, "show the rejected records of an import, by id; of all without")
	return c
}

func (a *app) runImport(ctx context.Context, paths []string, o importOptions) error {
	if o.duplicates != "drop" && o.duplicates != "keep" {
		return usage(fmt.Errorf("import: --duplicates %q", o.duplicates), "use --duplicates drop or --duplicates keep")
	}
	from, err := ingest.List(paths)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	l, store, err := a.openForImport(o.store)
	if err != nil {
		return err
	}
	start := time.Now()
	result, err := a.importWith(ctx, l, store, from, o)
	if closed := l.Close(); err == nil {
		err = closed
	}
	if result != nil {
		a.tellImport(a.err, store, result, time.Since(start))
	}
	if err != nil {
		return fmt.Errorf("import into %s: %w", store.Name, err)
	}
	return partly(result)
}

// openForImport opens the lake and the store, and makes what is not there.
func (a *app) openForImport(name string) (*lake.Lake, lake.Store, error) {
	l, err := lake.Open(a.lakeDir, a.options())
	if errors.Is(err, lake.ErrNoLake) {
		if l, err = lake.Create(a.lakeDir, a.options()); err == nil {
			fmt.Fprintf(a.err, "made a lake in %s; its signing key is %s: back it up\n", a.lakeDir, l.KeyFile())
		}
	}
	if errors.Is(err, lake.ErrLakeExists) { // somebody was faster
		l, err = lake.Open(a.lakeDir, a.options())
	}
	if err != nil {
		return nil, lake.Store{}, err
	}
	store, err := l.Store(name)
	if errors.Is(err, lake.ErrStoreNotFound) {
		if store, err = l.CreateStore(name, schemas.CloudTrail()); err == nil {
			fmt.Fprintf(a.err, "made the event data store %s, retention period %d days\n", name, store.RetentionDays)
		}
	}
	if err != nil {
		return nil, lake.Store{}, errors.Join(err, l.Close())
	}
	return l, store, nil
}

// importWith imports with a progress line on a terminal.
func (a *app) importWith(ctx context.Context, l *lake.Lake, store lake.Store, from *ingest.Listing, o importOptions) (*ingest.Result, error) {
	boundMemory(a.getenv)
	_, live := terminal(a.err)
	meter := progress.New(a.err, progress.Options{Label: "import", Unit: "bytes", Total: from.Bytes, Live: live})
	defer meter.Finish()
	start := time.Now()
	return ingest.Import(ctx, l, store, from, ingest.Options{
		KeepDuplicates: o.duplicates == "keep",
		Progress: func(p ingest.Progress) {
			meter.Line(fmt.Sprintf("%s events, %s, %s of %s files",
				progress.Count(p.Records), perSecond(p.Records, start), progress.Count(int64(p.Objects)), progress.Count(int64(p.TotalObjects))))
			meter.SetDone(p.Bytes)
		},
	})
}

// shownUnread is how many files that could not be read are named.
const shownUnread = 10

// importMemory is where the garbage collector starts to work harder. An import
// of any size lives in it; without it the heap would grow to twice what is in
// use. Measured: 1.03 GB without, no slower with.
const importMemory = 640 << 20

func boundMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(importMemory)
	}
}

// partly is the error of an import that is done but for some files or records.
func partly(r *ingest.Result) error {
	switch n := r.Counts.Rejected; {
	case r.NoRecords > 0 && r.NoRecords == r.Read:
		return hint.Add(fmt.Errorf("%w: none of the files read is a CloudTrail log file", errPartly),
			`a log file is {"Records":[...]}, gzipped or not`, "tarn import --failures shows what was found instead")
	case len(r.Unread) > 0:
		return hint.Add(fmt.Errorf("%w: %s could not be read", errPartly, counted(int64(len(r.Unread)), "path")),
			"mend that and run the same command again: it reads what is missing")
	case n > 0:
		return hint.Add(fmt.Errorf("%w: %s rejected", errPartly, counted(n, "record")),
			"see what and why with: tarn import --failures "+r.Import)
	}
	return nil
}

// tellImport says what became of every file and every record.
func (a *app) tellImport(w io.Writer, store lake.Store, r *ingest.Result, took time.Duration) {
	c := r.Counts
	fmt.Fprintf(w, "import %s into %s: %s stored", r.Import, store.Name, counted(c.Stored, "event"))
	for _, part := range []struct {
		n    int64
		what string
	}{{c.Duplicates, "duplicates"}, {c.Conflicts, "conflicts"}, {c.Filtered, "filtered (of another category)"}, {c.Rejected, "rejected"}} {
		if part.n > 0 {
			fmt.Fprintf(w, ", %s %s", progress.Count(part.n), part.what)
		}
	}
	fmt.Fprintf(w, "; %s in %s\n", counted(c.Offered, "record"), progress.Duration(took))
	fmt.Fprintf(w, "  files: %s read", progress.Count(r.Read))
	for _, part := range []struct {
		n    int64
		what string
	}{{r.Known, "imported before"}, {r.Digests, "digests"}, {r.Others, "no logs by their name"}, {r.Links, "links to folders, not followed"}} {
		if part.n > 0 {
			fmt.Fprintf(w, ", %s %s", progress.Count(part.n), part.what)
		}
	}
	fmt.Fprintf(w, "; %s sealed\n", counted(int64(len(r.Segments)), "segment"))
	if c.Older > 0 {
		fmt.Fprintf(w, "  note: %s events are older than the retention period of %d days\n", progress.Count(c.Older), store.RetentionDays)
	}
	if c.Future > 0 {
		fmt.Fprintf(w, "  note: %s events are more than a day in the future\n", progress.Count(c.Future))
	}
	for i, u := range r.Unread {
		if i == shownUnread {
			fmt.Fprintf(w, "  not read: ... and %d more\n", len(r.Unread)-i)
			break
		}
		fmt.Fprintf(w, "  not read: %s: %v\n", u.Path, u.Err)
	}
	for _, rej := range r.Rejects {
		fmt.Fprintf(w, "  rejected: %s\n", describeReject(rej))
	}
	if more := c.Rejected - int64(len(r.Rejects)); more > 0 && len(r.Rejects) > 0 {
		fmt.Fprintf(w, "  rejected: ... and %s more\n", progress.Count(more))
	}
}

func describeReject(r lake.Reject) string {
	return fmt.Sprintf("%s: record %d at byte %d: %s", r.Source, r.Record, r.Offset, r.Reason)
}

// showFailures prints the rejected records as JSON lines; raw is base64.
func (a *app) showFailures(args []string) error {
	if len(args) > 1 {
		return usage(errors.New("import --failures: at most one import id"))
	}
	return a.read(func(snap *lake.Snapshot) error {
		found := len(args) == 0
		out := newJSONLines(a.out)
		for _, c := range snap.Commits() {
			if len(args) == 1 && c.Import != args[0] {
				continue
			}
			found = true
			if err := snap.Rejects(c, func(r lake.Reject) error { return out.Encode(r) }); err != nil {
				return err
			}
		}
		if !found {
			return usage(fmt.Errorf("no import %s in this lake", args[0]), "tarn import --failures shows those of all imports")
		}
		return nil
	})
}
