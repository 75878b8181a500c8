package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/query/result"
)

type inspectOptions struct {
	format, store                 string
	segments, log, coverage, days bool
}

func (a *app) inspectCommand() *cobra.Command {
	var o inspectOptions
	c := &cobra.Command{
		Use:   "inspect",
		Short: "Say what is in the lake",
		Long: `Say what is in the lake: its event data stores with their events, sizes and
time ranges, its log of record, and the checkpoint that vouches for all of it.
Nothing is locked, and nothing but reading rights is needed: it can be asked
while an import runs.

  --segments   the sealed files
  --log        the acts of the log of record, with the names of that time
  --coverage   per account and region, on how many days there are events, and
               the gaps: days without any between the first and the last.
               --days shows the days themselves

A gap says that the lake has no event of that account, region and day; whether
there was none, or its files are missing, CloudTrail's digests tell.

The answer is a table on a terminal and JSON lines (ndjson) elsewhere, unless
--format says otherwise.

EXIT STATUS
  0 done, 10 no lake or store, 12 lake is corrupt`,
		Example: `  tarn inspect
  tarn inspect --coverage --store cloudtrail
  tarn inspect --coverage --days
  tarn inspect --segments --format csv > segments.csv
  tarn inspect --log --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.inspect(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "table, json, ndjson or csv")
	f.StringVar(&o.store, "store", "", "only this event data store")
	f.BoolVar(&o.segments, "segments", false, "list the segments")
	f.BoolVar(&o.log, "log", false, "list the entries of the log of record")
	f.BoolVar(&o.coverage, "coverage", false, "show which days there are events of, and which not")
	f.BoolVar(&o.days, "days", false, "with --coverage: a line for each day")
	return c
}

// inspectFormats are the formats of what a command found; Parquet is for events.
func inspectFormats() []string { return []string{"table", "json", "ndjson", "csv"} }

func (a *app) inspect(ctx context.Context, o inspectOptions) error {
	asked := 0
	for _, flag := range []bool{o.segments, o.log, o.coverage} {
		if flag {
			asked++
		}
	}
	switch {
	case asked > 1:
		return usage(errors.New("inspect: --segments, --log and --coverage are three questions"), "ask one at a time")
	case o.days && !o.coverage:
		return usage(errors.New("inspect: --days goes with --coverage"), "tarn inspect --coverage --days")
	case o.log && o.store != "":
		return usage(errors.New("inspect: the log is the whole lake's, so --log takes no --store"))
	}
	format, err := a.listFormat("inspect", o.format)
	if err != nil {
		return err
	}
	o.format = format
	return a.read(func(snap *lake.Snapshot) error {
		stores, err := storesOf(snap, o.store)
		if err != nil {
			return fmt.Errorf("inspect: %w", err)
		}
		switch {
		case o.segments:
			return a.list(ctx, a.forTable(segmentRows(snap, stores), format), format)
		case o.log:
			return a.inspectLog(ctx, snap, format)
		case o.coverage:
			return a.inspectCoverage(ctx, snap, stores, o)
		}
		return a.glance(ctx, snap, stores, format)
	})
}

// listFormat is the format for what a command lists.
func (a *app) listFormat(command, format string) (string, error) {
	if format == "" {
		_, live := terminal(a.out)
		return usualFormat(live), nil
	}
	if !slices.Contains(inspectFormats(), format) {
		return "", usage(fmt.Errorf("%s: --format %q", command, format), "formats: "+strings.Join(inspectFormats(), ", "))
	}
	return format, nil
}

// forTable leaves out of a table for people that there is one store.
func (a *app) forTable(r *rows, format string) *rows {
	if format == "table" {
		return r.withoutSame("store")
	}
	return r
}

// list writes rows to the standard output.
func (a *app) list(ctx context.Context, r *rows, format string) error {
	width, _ := terminal(a.out)
	return r.write(ctx, a.out, format, result.Options{Width: width, Message: a.err})
}

// storesOf returns the store of that name, or all without one.
func storesOf(snap *lake.Snapshot, name string) ([]lake.Store, error) {
	if name == "" {
		return snap.Stores(), nil
	}
	st, err := snap.Store(name)
	return []lake.Store{st}, err
}

// storeSummary is a store at a glance.
type storeSummary struct {
	Name          string     `json:"store"`
	ID            string     `json:"id"`
	Status        string     `json:"status"`
	RetentionDays int        `json:"retention_days"`
	Events        int64      `json:"events"`
	Conflicts     int64      `json:"conflicts"`
	Rejected      int64      `json:"rejected"`
	Segments      int        `json:"segments"`
	Hot           int        `json:"hot"` // of these, not sealed yet
	RawBytes      int64      `json:"raw_bytes"`
	Bytes         int64      `json:"bytes"`
	First         *time.Time `json:"first,omitempty"`
	Last          *time.Time `json:"last,omitempty"`
}

func summarize(snap *lake.Snapshot, st lake.Store) storeSummary {
	sum := storeSummary{Name: st.Name, ID: st.ID, Status: string(st.Status()), RetentionDays: st.RetentionDays}
	for _, seg := range snap.Segments(st.ID, false) {
		sum.Segments++
		if seg.Hot() {
			sum.Hot++
		}
		sum.Events += seg.Rows
		sum.RawBytes += seg.RawBytes
		sum.Bytes += seg.Bytes()
		if sum.First == nil || seg.MinTime.Before(*sum.First) {
			sum.First = &seg.MinTime
		}
		if sum.Last == nil || seg.MaxTime.After(*sum.Last) {
			sum.Last = &seg.MaxTime
		}
	}
	for _, seg := range snap.Segments(st.ID, true) {
		sum.Segments++
		if seg.Hot() {
			sum.Hot++
		}
		sum.Conflicts += seg.Rows
		sum.RawBytes += seg.RawBytes
		sum.Bytes += seg.Bytes()
	}
	for _, c := range snap.Commits() {
		if c.Store == st.ID {
			sum.Rejected += c.Counts.Rejected
		}
	}
	return sum
}

// glance writes the lake as a whole.
func (a *app) glance(ctx context.Context, snap *lake.Snapshot, stores []lake.Store, format string) error {
	head, err := snap.Head()
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	sums := make([]storeSummary, len(stores))
	for i, st := range stores {
		sums[i] = summarize(snap, st)
	}
	switch format {
	case "json", "ndjson":
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		if format == "json" {
			e.SetIndent("", "  ")
		}
		return e.Encode(struct {
			lake.Head
			Stores []storeSummary `json:"stores"`
		}{head, sums})
	case "table":
		tellHead(a.out, a.lakeDir, head)
	}
	r := newRows("store", "status", "events#", "conflicts#", "rejected#", "segments#", "hot#", "raw_bytes#", "bytes#", "first", "last")
	for _, s := range sums {
		r.add(s.Name, s.Status, s.Events, s.Conflicts, s.Rejected, int64(s.Segments), int64(s.Hot), size(s.RawBytes), size(s.Bytes), timeOf(s.First), timeOf(s.Last))
	}
	width, _ := terminal(a.out)
	return r.write(ctx, a.out, format, result.Options{Width: width})
}

func tellHead(w io.Writer, dir string, h lake.Head) {
	fmt.Fprintf(w, "lake        %s (%s)\n", dir, h.Origin)
	fmt.Fprintf(w, "log         %s, %s\n", progress.Count(h.Size)+" entries", progress.Bytes(h.Bytes))
	fmt.Fprintf(w, "public key  %s\n", h.PublicKey)
	fmt.Fprintf(w, "checkpoint  %s\n\n", strings.ReplaceAll(h.Checkpoint, "\n", "\n            "))
}

func timeOf(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

// segmentRows are the segments in order of day.
func segmentRows(snap *lake.Snapshot, stores []lake.Store) *rows {
	r := newRows("store", "day", "events#", "raw_bytes#", "bytes#", "first", "last", "accounts[]", "regions[]", "conflicts", "hot", "id~", "file~")
	for _, st := range stores {
		for _, conflicts := range []bool{false, true} {
			for _, seg := range snap.Segments(st.ID, conflicts) {
				r.add(st.Name, seg.Day, seg.Rows, size(seg.RawBytes), size(seg.Bytes()), seg.MinTime, seg.MaxTime,
					seg.Stats.Accounts, seg.Stats.Regions, yes(conflicts), yes(seg.Hot()), seg.ID, snap.Path(st.ID, seg))
			}
		}
	}
	return r
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
