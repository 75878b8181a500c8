package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/ingest/history"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/query/result"
	"tarn/schemas"
)

// defaultStore is the event data store of commands that name none.
const defaultStore = "cloudtrail"

type importOptions struct {
	store      string
	duplicates string
	failures   bool
	format     string // of the failures
	dryRun     bool
	filter     filterFlags
	digests    digestFlags
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import PATH...",
		Short: "Take in CloudTrail log files: folders, files, tar archives, standard input",
		Long: `Take in CloudTrail log files: a bucket in S3 or copied to disk, single files, tar
archives (plain, gzip, zstd), and with - what comes on standard input: a tar
archive or one file. A file is a log file, JSON lines, what LookupEvents,
EventBridge, CloudWatch Logs, SNS, SQS, Kinesis or Firehose give, or results of
SELECT eventJson from CloudTrail Lake as CSV, gzipped or not: its bytes tell. The
raw event is what CloudTrail wrote, without what it is wrapped in.

Files are found below each PATH, and in archives, by their names (.json, .jsonl,
.ndjson, .csv, also with .gz, and .gz alone). Nothing is unpacked to disk: a member of an archive is an object like a file, with the
same name from AWSLogs/ on.

s3://BUCKET/KEY is an object, a folder, or what keys begin with; who asks is settled
as for AWS's own programs, and by the settings s3-... (tarn config). Objects are
fetched ahead, each is imported once, by its key, length and time, wherever it was
read from, and folders of accounts, regions and days that a filter leaves out are
not listed.

Every record is accounted for: stored, a duplicate (same event id, same bytes), a
conflict (same id, other bytes: kept apart, readable as "STORE.conflicts"),
filtered, or rejected with its reason and bytes. The same import again adds
nothing. The lake and the event data store are made if they are not there. What
the event selectors of a store leave out counts as filtered, and the same import
takes it when they are other ones.

--from, --to, --account, --region and --source take a part: an event has to pass
all that are given. What they leave out counts as filtered, and a later import
without them brings it. Files are not opened where their path in the bucket
tells that nothing in them passes; a day on either side is read, since events
come late. --dry-run reads and counts everything and writes nothing.

Where CloudTrail's digest files lie beside the log files, each log file is checked
by them, and the verdict is kept: verified, mismatch (it was changed),
not_covered, chain_gap, unsigned_head. Signatures are checked with AWS's public
keys (--public-keys); the newest digest's is in S3 alone (--digest-metadata).
--verify-digests require does not take what is in a changed file, but keeps its
bytes among the rejects; off leaves digests alone (docs/digests.md).

EXIT STATUS
  0 done, 3 some records were rejected (tarn import --failures shows them), a file
  or archive could not be read to its end, or is not what CloudTrail's digests
  say; what came before is stored,
  10 no such store, 11 lake in use, 130 interrupted; run it again to go on`,
		Example: `  tarn import ./AWSLogs
  tarn import --store prod s3-copy/AWSLogs one-more.json.gz
  tarn import --from 2026-01-01 --region eu-central-1 s3://BUCKET/AWSLogs/
  tarn import AWSLogs.tar.gz more/
  ssh host tar c -C /backup AWSLogs | tarn import -
  aws s3 cp s3://BUCKET/AWSLogs.tar - | tarn import -
  tarn import --from 2026-01-01 --to 2026-03-31 --account 111122223333 ./AWSLogs
  tarn import --source iam.amazonaws.com,sts.amazonaws.com --region us-east-1 --dry-run ./AWSLogs
  tarn import --duplicates keep ./AWSLogs
  tarn import --verify-digests require --public-keys public_keys.json --digest-metadata digests.json ./AWSLogs
  tarn import --failures --format json`,
		RunE: func(c *cobra.Command, args []string) error { return a.importOrShow(c.Context(), args, o) },
	}
	c.AddCommand(a.importListCommand(), a.importShowCommand())
	c.Flags().StringVar(&o.store, "store", defaultStore, "event data store to import into")
	c.Flags().StringVar(&o.duplicates, "duplicates", "drop", "records whose event id is there already: drop or keep")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "read and count, and write nothing")
	o.filter.add(c, "take")
	o.digests.add(c)
	c.Flags().BoolVar(&o.failures, "failures", false, "show the rejected records of an import, by id; of all without")
	c.Flags().StringVar(&o.format, "format", "", "of --failures: table, or json with the bytes, a line each")
	return c
}

// importOrShow imports, here or in the server that has the lake, or shows failures.
func (a *app) importOrShow(ctx context.Context, args []string, o importOptions) error {
	if o.failures {
		return a.showFailures(ctx, args, o.format)
	}
	if a.config.given("format") {
		return usage(errors.New("import: --format is for --failures"), "tarn import --failures --format json")
	}
	if len(args) == 0 {
		return usage(errors.New("import: no path given"), "name a folder or file: tarn import ./AWSLogs")
	}
	if !o.dryRun {
		if done, err := a.elsewhere(ctx, a.args); done {
			return err
		}
	}
	return a.runImport(ctx, args, o)
}

func (a *app) runImport(ctx context.Context, paths []string, o importOptions) error {
	a.resumes = !o.dryRun
	if o.duplicates != "drop" && o.duplicates != "keep" {
		return usage(fmt.Errorf("import: --duplicates %q", o.duplicates), "use --duplicates drop or --duplicates keep")
	}
	filter, err := o.filter.parse()
	if err != nil {
		return err
	}
	if o.duplicates == "keep" && filter.String() != "" {
		return usage(errors.New("import: --duplicates keep takes no filter"),
			"a file of which a filter left something out is read again by a later import, which would store the rest twice")
	}
	digests, err := o.digests.parse(a.inDir)
	if err != nil {
		return err
	}
	from, err := a.listing(ctx, paths, filter, digests.Mode == ingest.Off)
	if err == nil {
		err = a.fetchKeys(ctx, from, &digests)
	}
	if err != nil {
		return err
	}
	open := a.openForImport
	if o.dryRun {
		open = a.openForDryRun
	}
	l, store, err := open(o.store)
	if err != nil {
		return err
	}
	start := time.Now()
	result, err := a.importWith(ctx, l, store, from, ingest.Options{
		KeepDuplicates: o.duplicates == "keep", Filter: filter, Digests: digests, DryRun: o.dryRun, Stdin: a.in,
	})
	if err == nil && !o.dryRun {
		err = a.pushImport(ctx, l, store)
	}
	if closed := a.close(l, err); err == nil {
		err = closed
	}
	if result != nil {
		a.tellImport(a.err, store, result, time.Since(start))
	}
	if err != nil {
		return importError(store, err)
	}
	return partly(result)
}

func importError(store lake.Store, err error) error {
	err = fmt.Errorf("import into %s: %w", store.Name, err)
	if errors.Is(err, lake.ErrImporting) {
		err = hint.Add(err, "a lake takes one import at a time; tarn import list shows how far that one is")
	}
	return err
}

// openOrCreate opens the lake for writing, and makes it if there is none.
func (a *app) openOrCreate() (*lake.Lake, error) {
	l, err := a.open()
	if errors.Is(err, lake.ErrNoLake) {
		if l, err = a.opened(lake.Create(a.lakeDir, a.options())); err == nil {
			fmt.Fprintf(a.err, "made a lake in %s; its signing key is %s: back it up\n", a.lakeDir, l.KeyFile())
		}
	}
	if errors.Is(err, lake.ErrLakeExists) { // somebody was faster
		l, err = a.opened(lake.Open(a.lakeDir, a.options()))
	}
	return l, err
}

// openForImport opens the lake and the store, and makes what is not there.
func (a *app) openForImport(name string) (*lake.Lake, lake.Store, error) {
	return a.openStore(name, schemas.CloudTrail())
}

// openStore opens the lake and the store, and makes what is not there; a store
// that is made is of the family.
func (a *app) openStore(name string, family *schemas.Family) (*lake.Lake, lake.Store, error) {
	l, err := a.openOrCreate()
	if err != nil {
		return nil, lake.Store{}, err
	}
	store, err := l.Store(name)
	if errors.Is(err, lake.ErrStoreNotFound) && !isStoreID(name) {
		if store, err = l.CreateStore(name, family); err == nil {
			fmt.Fprintf(a.err, "made the event data store %s, retention period %s\n", name, period(store.RetentionDays))
		}
	}
	if err != nil {
		return nil, lake.Store{}, errors.Join(err, a.close(l, err))
	}
	return l, store, nil
}

// openForDryRun opens what is there, and makes nothing.
func (a *app) openForDryRun(name string) (*lake.Lake, lake.Store, error) {
	l, err := a.view()
	if errors.Is(err, lake.ErrNoLake) {
		if l, err = lake.Unmade(a.lakeDir, a.options()); err == nil {
			fmt.Fprintf(a.err, "would make a lake in %s\n", a.lakeDir)
		}
	}
	if err != nil {
		return nil, lake.Store{}, err
	}
	store, err := l.Store(name)
	if errors.Is(err, lake.ErrStoreNotFound) && !isStoreID(name) {
		if store, err = lake.PlanStore(schemas.CloudTrail(), lake.StoreSettings{Name: name}); err == nil {
			fmt.Fprintf(a.err, "would make the event data store %s, retention period %s\n", name, period(store.RetentionDays))
		}
	}
	if err != nil {
		return nil, lake.Store{}, errors.Join(err, l.Close())
	}
	return l, store, nil
}

// isStoreID reports whether a reference to a store can be no name.
func isStoreID(ref string) bool { return strings.HasPrefix(ref, "arn:") || uuid.Valid(ref) }

// importWith imports with a progress line on a terminal, and keeps in the lake's
// state how far that is.
func (a *app) importWith(ctx context.Context, l *lake.Lake, store lake.Store, from *ingest.Listing, o ingest.Options) (*ingest.Result, error) {
	boundMemory(a.getenv)
	j := &history.Job{}
	if !o.DryRun {
		j = a.beginJob(store, from)
		o.Import = j.ID
	}
	_, live := terminal(a.err)
	label := "import"
	if o.DryRun {
		label = "dry run"
	}
	meter := a.meter(progress.Options{Label: label, Unit: "bytes", Total: from.Bytes, Live: live})
	defer meter.Finish()
	start := time.Now()
	o.Progress = func(p ingest.Progress) {
		files := progress.Count(int64(p.Objects))
		if p.TotalObjects > 0 {
			files += " of " + progress.Count(int64(p.TotalObjects))
		}
		meter.Line(fmt.Sprintf("%s events, %s, %s files", progress.Count(p.Records), perSecond(p.Records, start), files))
		meter.SetDone(p.Bytes)
		j.Progress(p)
	}
	result, err := ingest.Import(ctx, l, store, from, o)
	meter.Finish()
	endJob(ctx, j, result, err)
	return result, err
}

// importMemory is where the garbage collector starts to work harder. An import
// of any size lives in it; without it the heap would grow to twice what is in
// use. Measured: 1.03 GB without, no slower with.
const importMemory = 512 << 20

func boundMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(importMemory)
	}
}

// showFailures prints the rejected records: a table for people, elsewhere JSON
// lines, in which raw is base64.
func (a *app) showFailures(ctx context.Context, args []string, format string) error {
	if len(args) > 1 {
		return usage(errors.New("import --failures: at most one import id"))
	}
	width, live := terminal(a.out)
	if a.config.given("format") && !slices.Contains([]string{"table", "json", "ndjson"}, format) {
		return usage(fmt.Errorf("import --failures: --format %q", format), "formats: table, json, ndjson")
	}
	if format == "" {
		format = usualFormat(live)
	}
	if format != "table" {
		out := newJSONLines(a.out)
		return a.failures(args, func(r lake.Reject) error { return out.Encode(r) })
	}
	table := newRows("source~", "record#", "offset#", "length#", "reason~")
	err := a.failures(args, func(r lake.Reject) error {
		table.add(printable(r.Source), r.Record, r.Offset, r.Length, printable(r.Reason))
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return table.write(ctx, a.out, format, result.Options{Width: width, Message: a.err})
}

// failures calls fn with the rejected records of an import, or of all.
func (a *app) failures(args []string, fn func(lake.Reject) error) error {
	return a.read(func(snap *lake.Snapshot) error {
		found := len(args) == 0
		for _, c := range snap.Commits() {
			if len(args) == 1 && c.Import != args[0] {
				continue
			}
			found = true
			if err := snap.Rejects(c, fn); err != nil {
				return err
			}
		}
		if !found {
			return usage(fmt.Errorf("no import %s in this lake", args[0]), "tarn import --failures shows those of all imports")
		}
		return nil
	})
}
