package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
)

type exportOptions struct {
	raw, nul, unsigned, asJSON bool
	store, into, as, trail     string
	shown                      string // into, as it was given
	filter                     filterFlags
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export --into DIR | --raw",
		Short: "Write the stored events as they came, as CloudTrail's log files or as lines",
		Long: `Write the bytes of the stored events as they came in.

--into writes log files as CloudTrail delivers them into a bucket, in a folder or in
a bucket (s3://BUCKET/PREFIX): AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/….json.gz,
by the hour of the events, and every hour a digest that names them with their hashes,
signed, which aws cloudtrail validate-logs and tarn import --verify-digests check. In
a folder, the public keys (public_keys.json), the signatures (digest-metadata.json)
and a README lie beside them. --as says in which bucket the files of a folder will
lie, since digests name it; --trail what they call the trail; --unsigned leaves the
digests out. Insights, network activity and aggregated events have folders of their
own as CloudTrail's have; Tarn-Conflicts has records whose event id another one had;
Tarn-Events, of account 000000000000, what tells no account or region, and activity
events, configuration items and evidence (docs/export.md).

--from, --to, --account, --region and --source take a part, as for tarn import. The
same export again writes nothing; a later one adds to it and continues the digests;
nothing is ever written over. Events of the hour that is not over wait for the next
export. Those that came after the digest of their hour was written are counted, named
and left (exit code 3): export them, with --from and --to, to another folder.

--raw writes to standard output, each event followed by a line feed (a raw event may
contain one itself: use -0 then), segment by segment in order of day, within a
segment in order of time; without conflicts, which STORE.conflicts has.

EXIT STATUS
  0 done, 1 something else is there under a file's name, 3 done but for events that
  came late, 10 no lake or store, 12 lake is corrupt, 130 interrupted: the same command
  goes on`,
		Example: `  tarn export --into ./exported
  tarn export --into ./october --from 2026-10-01 --to 2026-10-31 --account 111122223333 --json
  tarn export --into ./exported --region eu-central-1 --source s3.amazonaws.com,iam.amazonaws.com --unsigned
  tarn export --into ./for-upload --as s3://my-bucket/from-tarn --trail main --store prod
  tarn export --into s3://my-bucket/from-tarn
  tarn export --raw > events.jsonl
  tarn export --raw -0 --store cloudtrail.conflicts | xargs -0 -n1 echo`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.exportOrRaw(c, o) },
	}
	f := c.Flags()
	f.StringVar(&o.into, "into", "", "write CloudTrail's layout into this folder, or s3://BUCKET/PREFIX")
	f.StringVar(&o.as, "as", "", "s3://BUCKET/PREFIX where the files of a folder will lie: digests name it")
	f.StringVar(&o.trail, "trail", "", "what digests call the trail; the store's name without")
	f.BoolVar(&o.unsigned, "unsigned", false, "write no digests")
	o.filter.add(c, "write")
	f.BoolVar(&o.asJSON, "json", false, "print what was written as a line of JSON")
	f.BoolVar(&o.raw, "raw", false, "the events' own bytes, to standard output")
	f.BoolVarP(&o.nul, "null", "0", false, "end each event of --raw with NUL instead of a line feed")
	f.StringVar(&o.store, "store", defaultStore, "event data store; STORE.conflicts for its conflicts, with --raw")
	return c
}

// exportOrRaw refuses flags that do not belong together.
func (a *app) exportOrRaw(c *cobra.Command, o exportOptions) error {
	only := func(of string, names ...string) error {
		for _, name := range names {
			if c.Flags().Changed(name) {
				return usage(fmt.Errorf("export: --%s is for --%s", name, of), c.CommandPath()+" --help")
			}
		}
		return nil
	}
	switch {
	case o.raw == (o.into != ""):
		return usage(errors.New("export: --into or --raw"), "tarn export --into ./exported", "tarn export --raw > events.jsonl")
	case o.raw:
		if err := only("into", "as", "trail", "unsigned", "from", "to", "account", "region", "source", "json"); err != nil {
			return err
		}
		return a.read(func(snap *lake.Snapshot) error { return a.export(c.Context(), snap, o.store, o.nul) })
	}
	if err := only("raw", "null"); err != nil {
		return err
	}
	a.resumes = true
	return a.exportInto(c.Context(), o)
}

func (a *app) export(ctx context.Context, snap *lake.Snapshot, name string, nul bool) error {
	plain, conflicts := strings.CutSuffix(name, lake.ConflictsSuffix)
	store, err := snap.Store(plain)
	if err == nil {
		err = store.Usable()
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	end := byte('\n')
	if nul {
		end = 0
	}
	var total int64
	for _, seg := range snap.Segments(store.ID, conflicts) {
		total += seg.RawBytes
	}
	_, live := terminal(a.err)
	_, screen := terminal(a.out) // the events themselves run over it
	meter := a.meter(progress.Options{Label: "export", Unit: "bytes", Total: total, Live: live && !screen})
	defer meter.Finish()
	start, events := time.Now(), int64(0)
	w := bufio.NewWriterSize(a.out, 1<<20)
	err = snap.Raw(ctx, store.ID, conflicts, func(raw []byte) error {
		if events++; events%1000 == 0 {
			meter.Line(progress.Count(events) + " events, " + perSecond(events, start))
		}
		meter.Add(int64(len(raw)))
		w.Write(raw)
		return w.WriteByte(end)
	})
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	return w.Flush()
}

func newJSONLines(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
