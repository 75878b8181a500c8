package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/schemas/selector"
)

func (a *app) storeListCommand() *cobra.Command {
	var f storeFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the event data stores",
		Long: `List the event data stores, also those that are pending deletion. As JSON it is
what ListEventDataStores answers, with a few members more; as ndjson and csv it
has a line for each store, with these members.`,
		Example: `  tarn store list
  tarn store list --format json | jq -r '.EventDataStores[].EventDataStoreArn'`,
		Args: noArgs,
		RunE: f.checked(func(c *cobra.Command, _ []string, _ lake.StoreSettings) error {
			return a.read(func(snap *lake.Snapshot) error { return a.listStores(c.Context(), snap, f.format) })
		}),
	}
	f.output(c)
	return c
}

func (a *app) storeShowCommand() *cobra.Command {
	var f storeFlags
	c := &cobra.Command{
		Use:   "show STORE",
		Short: "Show an event data store",
		Long: `Show an event data store: its settings and what it holds. As JSON it is what
GetEventDataStore answers, with a few members more.`,
		Example: `  tarn store show prod
  tarn store show prod --format json | jq .RetentionPeriod`,
		Args: oneArg("event data store"),
		RunE: f.checked(func(c *cobra.Command, args []string, _ lake.StoreSettings) error {
			return a.read(func(snap *lake.Snapshot) error {
				st, err := snap.Store(args[0])
				if err != nil {
					return fmt.Errorf("store show: %w", err)
				}
				return a.showStore(c.Context(), snap, st, f.format)
			})
		}),
	}
	f.output(c)
	return c
}

// holding is what a store holds.
type holding struct {
	events, conflicts, segments int64
	bytes                       int64 // of its segments' files
	first, last                 string
}

func holdingOf(snap *lake.Snapshot, st lake.Store) (h holding) {
	for _, conflicts := range []bool{false, true} {
		for _, seg := range snap.Segments(st.ID, conflicts) {
			h.segments++
			h.bytes += seg.Parquet.Bytes + seg.Needles.Bytes + seg.Tree.Bytes
			if conflicts {
				h.conflicts += seg.Rows
				continue
			}
			h.events += seg.Rows
			if h.first == "" {
				h.first = seg.Day // they come in order of day
			}
			h.last = seg.Day
		}
	}
	return h
}

// storeJSON is a store in CloudTrail's words; what CloudTrail does not have
// stands behind them.
type storeJSON struct {
	EventDataStoreArn            string
	Name                         string
	Status                       lake.StoreStatus
	AdvancedEventSelectors       selector.Set
	RetentionPeriod              int
	TerminationProtectionEnabled bool
	BillingMode                  lake.BillingMode
	CreatedTimestamp             time.Time
	UpdatedTimestamp             time.Time

	Family          string
	Lock            lake.LockMode
	RestorableUntil time.Time  `json:",omitzero"`
	FirstEventTime  *time.Time `json:",omitempty"`
	LastEventTime   *time.Time `json:",omitempty"`
	EventCount      int64
	ConflictCount   int64
	SegmentCount    int64
	StoredBytes     int64
}

func describeStore(snap *lake.Snapshot, st lake.Store) storeJSON {
	h, sum := holdingOf(snap, st), summarize(snap, st)
	return storeJSON{
		EventDataStoreArn: st.ARN(), Name: st.Name, Status: st.Status(), AdvancedEventSelectors: st.Selectors, RetentionPeriod: st.RetentionDays,
		TerminationProtectionEnabled: st.TerminationProtection, BillingMode: st.Billing, Family: st.Family, Lock: st.Lock,
		CreatedTimestamp: st.Created, UpdatedTimestamp: st.Updated, RestorableUntil: st.RestorableUntil(),
		FirstEventTime: sum.First, LastEventTime: sum.Last, EventCount: h.events, ConflictCount: h.conflicts, SegmentCount: h.segments, StoredBytes: h.bytes,
	}
}

func (a *app) listStores(ctx context.Context, snap *lake.Snapshot, format string) error {
	stores := snap.Stores()
	switch {
	case format == "json":
		all := []storeJSON{}
		for _, st := range stores {
			all = append(all, describeStore(snap, st))
		}
		return printJSON(a.out, struct{ EventDataStores []storeJSON }{all})
	case format != "table":
		return a.storeLines(ctx, snap, stores, format)
	case len(stores) == 0:
		fmt.Fprintln(a.err, "there is no event data store yet; a first import makes one: tarn import ./AWSLogs")
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSTATUS\tRETENTION\tPROTECTION\tEVENTS\tON DISK\tFIRST DAY\tLAST DAY\tID")
	for _, st := range stores {
		h := holdingOf(snap, st)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", st.Name, st.Status(), period(st.RetentionDays), onOff(st.TerminationProtection),
			progress.Count(h.events), progress.Bytes(h.bytes), orDash(h.first), orDash(h.last), st.ID)
	}
	return w.Flush()
}

// storeLines writes a line for each store, for programs.
func (a *app) storeLines(ctx context.Context, snap *lake.Snapshot, stores []lake.Store, format string) error {
	r := newRows("EventDataStoreArn", "Name", "Status", "AdvancedEventSelectors", "RetentionPeriod#", "TerminationProtectionEnabled", "CreatedTimestamp", "UpdatedTimestamp",
		"RestorableUntil", "EventCount#", "ConflictCount#", "SegmentCount#", "StoredBytes#", "BillingMode", "Lock", "Family", "FirstEventTime", "LastEventTime")
	lines := newJSONLines(a.out)
	for _, st := range stores {
		d := describeStore(snap, st)
		if format == "ndjson" {
			if err := lines.Encode(d); err != nil {
				return err
			}
			continue
		}
		selectors, err := json.Marshal(d.AdvancedEventSelectors)
		if err != nil {
			return err
		}
		r.add(d.EventDataStoreArn, d.Name, d.Status, string(selectors), int64(d.RetentionPeriod), d.TerminationProtectionEnabled, d.CreatedTimestamp, d.UpdatedTimestamp,
			d.RestorableUntil, d.EventCount, d.ConflictCount, d.SegmentCount, d.StoredBytes, d.BillingMode, d.Lock, d.Family, timeOf(d.FirstEventTime), timeOf(d.LastEventTime))
	}
	if format == "ndjson" {
		return nil
	}
	return a.list(ctx, r, format)
}

func (a *app) showStore(ctx context.Context, snap *lake.Snapshot, st lake.Store, format string) error {
	switch format {
	case "json":
		return printJSON(a.out, describeStore(snap, st))
	case "ndjson", "csv":
		return a.storeLines(ctx, snap, []lake.Store{st}, format)
	}
	h := holdingOf(snap, st)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row("name", "%s", st.Name)
	row("ARN", "%s", st.ARN())
	row("status", "%s", st.Status())
	if until := st.RestorableUntil(); !until.IsZero() {
		row("restorable until", "%s", until.Format(time.RFC3339))
	}
	row("retention period", "%s", period(st.RetentionDays))
	row("billing mode", "%s", st.Billing)
	row("termination protection", "%s", onOff(st.TerminationProtection))
	row("lock", "%s", st.Lock)
	for _, h := range snap.Holds() {
		if h.Store == st.ID {
			row("hold "+h.ID[:8], "%s", holdSaid(h))
		}
	}
	selectors := describeSelectors(st)
	if len(selectors) == 0 {
		row("event selectors", "none: every event is taken")
	}
	for i, line := range selectors {
		row("event selector "+strconv.Itoa(i+1), "%s", line)
	}
	row("created", "%s", st.Created.Format(time.RFC3339))
	row("updated", "%s", st.Updated.Format(time.RFC3339))
	row("events", "%s", progress.Count(h.events))
	if h.conflicts > 0 {
		row("conflicts", "%s", progress.Count(h.conflicts))
	}
	if h.first != "" {
		row("days", "%s to %s", h.first, h.last)
	}
	row("on disk", "%s in %s", progress.Bytes(h.bytes), counted(h.segments, "segment"))
	return w.Flush()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
