package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/ingest/activity"
	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/query/result"
	"tarn/schemas"
)

// activityStore is the event data store of mapped events that go to none by name.
const activityStore = "activity"

type putOptions struct {
	store    string
	mapName  string
	maps     bool
	receipts bool
}

func (a *app) putCommand() *cobra.Command {
	var o putOptions
	c := &cobra.Command{
		Use:   "put [FILE|-]...",
		Short: "Take in events as they come: CloudTrail's, or another audit log by way of a map",
		Long: `Take in events from files or from standard input, and say what became of each as
soon as it is durable: what comes through a pipe is not kept waiting for its end.
The input is CloudTrail records in lines, log files, or whatever AWS wraps them
in, as tarn import takes them, or bodies of PutAuditEvents; gzipped or not.

--map takes the audit log of another program: a map says which of its members
feed which field of an activity event, as CloudTrail Lake has it for events that
do not come from AWS. The input is JSON objects then, in lines, in arrays or one
behind the other. --maps lists the maps that are built in, --maps NAME prints
one, and a file (--map ./my.json) is one of your own; docs/activity.md says how
maps are written. The original record stays in the event, byte for byte, under
"original" in eventJson. Mapped events go into an event data store of the family
activity: one called activity unless --store names another. It is made if it is
not there.

Every record is accounted for: stored, duplicate (same id, same bytes), conflict
(same id, other bytes: kept apart), filtered (not of the store's family, or left
out by its event selectors), or rejected with its reason. --receipts prints a
line of JSON for each, in order.

EXIT STATUS
  0 done, 2 no such map, or a mistake in it, 3 some records were rejected (tarn
  import --failures shows them) or are not for this store, 10 no such store,
  11 lake in use, 130 interrupted; what has a receipt is stored`,
		Example: `  tarn put --map okta okta.jsonl
  tail -f /var/log/kubernetes/audit.log | tarn put --map kubernetes --receipts -
  tarn put --store prod events.json
  tarn put --maps
  tarn put --maps okta > my-map.json
  tarn put --map ./my-map.json --store identity okta.jsonl`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.maps {
				return a.showMaps(c.Context(), args)
			}
			if done, err := a.elsewhere(c.Context(), a.args); done {
				return err
			}
			return a.runPut(c.Context(), args, o)
		},
	}
	c.Flags().StringVar(&o.store, "store", defaultStore, "event data store to put into; with --map, activity")
	c.Flags().StringVar(&o.mapName, "map", "", "map of the audit log: a name of --maps, or a file such as ./my.json")
	c.Flags().BoolVar(&o.maps, "maps", false, "list the maps that are built in; with a name, print that map")
	c.Flags().BoolVar(&o.receipts, "receipts", false, "print what became of each record, a line of JSON for each")
	return c
}

func (a *app) runPut(ctx context.Context, paths []string, o putOptions) error {
	a.resumes = true
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	inputs, done, err := a.openInputs(paths)
	if err != nil {
		return err
	}
	defer done()
	to, family := ingest.PutOptions{}, schemas.CloudTrail()
	if o.mapName != "" {
		if to.Map, err = activity.FindMap(a.dir(), o.mapName); err != nil {
			return fmt.Errorf("put: %w", usage(err))
		}
		family = schemas.Activity()
		if !a.config.given("store") {
			o.store = activityStore
		}
	}
	l, store, err := a.openForPut(o.store, family)
	if err != nil {
		return err
	}
	start := time.Now()
	rest := func() error { return nil } // a server does it all the time
	if a.guest == nil {
		rest = inBackground(ctx, l.Run) // queries elsewhere see the events meanwhile
	}
	counts, shown, err := a.putAll(ctx, l, store, inputs, to, o.receipts)
	err = errors.Join(err, rest())
	if closed := a.close(l, err); err == nil {
		err = closed
	}
	if _, live := terminal(a.err); live || !o.receipts {
		a.tellPut(store, counts, shown, time.Since(start))
	}
	if err != nil {
		return fmt.Errorf("put into %s: %w", store.Name, err)
	}
	return notAll(store, counts)
}

// inBackground runs fn until the function returned is called, which waits for its
// end.
func inBackground(ctx context.Context, fn func(context.Context) error) (rest func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- fn(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

// input is something to put.
type input struct {
	name string
	io.Reader
}

// openInputs opens all files before anything is put: a name that is misspelt
// should cost nothing.
func (a *app) openInputs(paths []string) (all []input, done func(), err error) {
	var files []*os.File
	done = func() {
		for _, f := range files {
			f.Close() // was only read
		}
	}
	for _, path := range paths {
		if path == "-" {
			if isTerminal(a.in) {
				done()
				return nil, nil, usage(errors.New("put: standard input is a terminal"), "name a file, or pipe something into it: tail -f audit.log | tarn put --map NAME")
			}
			all = append(all, input{"stdin", a.in})
			continue
		}
		f, err := os.Open(a.inDir(path))
		if err == nil {
			files = append(files, f)
			var st os.FileInfo
			if st, err = f.Stat(); err == nil && st.IsDir() {
				err = hint.Add(fmt.Errorf("%s is a folder", path), "put takes files; CloudTrail's folders are for tarn import "+path)
			}
		}
		if err != nil {
			done()
			return nil, nil, usage(fmt.Errorf("put: %w", err))
		}
		all = append(all, input{filepath.ToSlash(path), f})
	}
	return all, done, nil
}

// openForPut opens the lake and the store, and makes what is not there.
func (a *app) openForPut(name string, family *schemas.Family) (*lake.Lake, lake.Store, error) {
	l, store, err := a.openStore(name, family)
	if err != nil || family.Name == schemas.CloudTrail().Name || store.Family == family.Name {
		return l, store, err // without a map, the store decides what it takes
	}
	err = hint.Add(usage(fmt.Errorf("put: the event data store %s is for %s events; mapped events are of the family %s", store.Name, store.Family, family.Name)),
		"leave out --store, or name one of that family; a new one is made by: tarn store create NAME --family "+family.Name)
	return nil, store, errors.Join(err, a.close(l, err))
}

// shownPutRejects is how many rejects a summary shows.
const shownPutRejects = 5

// putAll puts the inputs one after the other. It returns the first rejects too.
func (a *app) putAll(ctx context.Context, l *lake.Lake, store lake.Store, inputs []input, o ingest.PutOptions, receipts bool) (lake.Counts, []ingest.PutReceipt, error) {
	_, live := terminal(a.err)
	if to, ok := terminal(a.out); ok && to > 0 && receipts {
		live = false // the receipts are what moves
	}
	meter := a.meter(progress.Options{Label: "put", Unit: "records", Live: live})
	defer meter.Finish()
	var shown []ingest.PutReceipt
	var all lake.Counts
	out := newJSONLines(a.out)
	o.Receipt = func(r ingest.PutReceipt) error {
		meter.Add(1)
		if r.Outcome == ingest.PutRejected && len(shown) < shownPutRejects {
			shown = append(shown, r)
		}
		if receipts {
			return out.Encode(r)
		}
		return nil
	}
	for _, in := range inputs {
		o.Name = in.name
		counts, err := ingest.Put(ctx, l, store, in, o)
		all.Add(counts)
		if err != nil {
			return all, shown, err
		}
	}
	return all, shown, nil
}

// tellPut says what became of the records.
func (a *app) tellPut(store lake.Store, c lake.Counts, shown []ingest.PutReceipt, took time.Duration) {
	fmt.Fprintf(a.err, "put into %s: %s stored%s; %s in %s\n", store.Name, counted(c.Stored, "event"),
		list(", ", part{c.Duplicates, plural(c.Duplicates, "duplicate")}, part{c.Conflicts, plural(c.Conflicts, "conflict")},
			part{c.Filtered - c.Deselected, "filtered (of another category)"}, part{c.Deselected, "left out by the store's event selectors"}, part{c.Rejected, "rejected"}),
		counted(c.Offered, "record"), progress.Duration(took))
	for _, r := range shown {
		fmt.Fprintf(a.err, "  rejected: %s\n", printable(fmt.Sprintf("%s: record %d: %s", r.Input, r.Number, r.Reason)))
	}
	if more := c.Rejected - int64(len(shown)); more > 0 {
		fmt.Fprintf(a.err, "  rejected: ... and %s more\n", progress.Count(more))
	}
}

// notAll is the error of a put that did not take every record.
func notAll(store lake.Store, c lake.Counts) error {
	var parts []string
	var advice []string
	if c.Rejected > 0 {
		parts = append(parts, counted(c.Rejected, "record")+" rejected")
		advice = append(advice, "see what and why with: tarn import --failures")
	}
	if n := c.Filtered - c.Deselected; n > 0 {
		parts = append(parts, fmt.Sprintf("%s not of the family %s", countedAre(n, "record"), store.Family))
		advice = append(advice, "put them into an event data store of their family; tarn store create NAME --family FAMILY makes one")
	}
	if parts == nil {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: %s", errPartly, strings.Join(parts, ", ")), advice...)
}

// showMaps lists the maps that are built in, or prints one.
func (a *app) showMaps(ctx context.Context, names []string) error {
	if len(names) == 1 {
		m, err := activity.FindMap(a.dir(), names[0])
		if err != nil {
			return usage(fmt.Errorf("put --maps: %w", err))
		}
		_, err = a.out.Write(m.Text)
		return err
	}
	if len(names) > 1 {
		return usage(errors.New("put --maps: at most one name"))
	}
	all, err := activity.Maps()
	if err != nil {
		return err
	}
	table := newRows("map", "about~")
	for _, m := range all {
		table.add(m.Name, m.About)
	}
	width, live := terminal(a.out)
	return table.write(ctx, a.out, usualFormat(live), result.Options{Width: width, Message: a.err})
}

// completeMap offers the names of the maps, and files.
func completeMap(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := activity.Maps()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Name+"\t"+m.About)
	}
	return names, cobra.ShellCompDirectiveDefault
}
