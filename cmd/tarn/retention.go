package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/retention"
)

func (a *app) retentionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retention",
		Short: "Plan and apply the expiry of events",
		Long: `Plan and apply the expiry of events. A day of a store, in UTC, expires when its
whole retention period is over, by event time; of a store that was deleted, when
its seven days are over. What a legal hold covers does not. Nothing expires by
itself: run tarn retention apply, once a day for instance.

What expires is named in the log of record, and is not there for queries from then
on; its files are removed when it is applied again, more than an hour and a quarter
later, and when nobody reads them any more. Proofs of events hold for ever.

EXIT STATUS
  0 done, 1 refused: the clocks do not agree, or a disk failed, 2 wrong usage, 10 no
  lake or store, 11 lake in use by another process, 12 the log is not what was signed`,
		Example: `  tarn retention plan
  tarn retention apply`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.retentionPlanCommand(), a.retentionApplyCommand())
	return c
}

// soon is how far ahead a plan looks unless asked for all.
const soon = 30 * 24 * time.Hour

type planOptions struct {
	store, format string
	all           bool
}

func (a *app) retentionPlanCommand() *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would expire, and why not yet",
		Long: `Show what would expire now, a line for each store and day, and what would not and
why: held by a legal hold, the clocks do not agree, not before a time. Days that
have more than a month to go are left out unless --all asks for them. Then what has
expired and is still on disk: until when queries may read it, by whom it is held or
read. Nothing is changed.`,
		Example: `  tarn retention plan
  tarn retention plan --store prod --all
  tarn retention plan --format json | jq .days[0].expires`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("retention plan", o.format)
			if err != nil {
				return err
			}
			o.format = format
			return a.showPlan(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.store, "store", "", "only this event data store")
	c.Flags().StringVar(&o.format, "format", "", "table, json, ndjson or csv")
	c.Flags().BoolVar(&o.all, "all", false, "all days, also those that have long to go; other formats have them anyway")
	return c
}

// plan makes the plan of a lake, with what is on disk of what expired before.
func (a *app) plan(ctx context.Context, l *lake.Lake, store string) (*retention.Plan, error) {
	id := ""
	if store != "" {
		st, err := l.StoreEver(store)
		if err != nil {
			return nil, err
		}
		id = st.ID
	}
	return retention.Make(ctx, l, id)
}

func (a *app) showPlan(ctx context.Context, o planOptions) error {
	l, err := a.view()
	if err != nil {
		return err
	}
	defer l.Close()
	p, err := a.plan(ctx, l, o.store)
	if err == nil {
		p.Files, err = a.purge(ctx, true)
	}
	if err != nil {
		return fmt.Errorf("retention plan: %w", err)
	}
	if o.format == "json" {
		return printJSON(a.out, p)
	}
	later := 0
	r := newRows("store", "day", "state", "expires", "events#", "conflicts#", "bytes#", "hot", "held_by[]")
	for _, d := range p.Days {
		if o.format == "table" && !o.all && d.State == retention.Kept && d.Expires.After(p.Clock.System.Add(soon)) {
			later++
			continue
		}
		r.add(d.Store, d.Day, d.State, d.Expires, d.Events, d.Conflicts, size(d.Bytes), d.Hot, d.HeldBy)
	}
	if err := a.list(ctx, r, o.format); err != nil {
		return err
	}
	if o.format == "table" {
		a.tellPlan(p, later)
	}
	return nil
}

// tellPlan says what the table does not.
func (a *app) tellPlan(p *retention.Plan, later int) {
	if later > 0 {
		fmt.Fprintf(a.err, "note: %s more than a month to go; --all shows them\n", countedHave(int64(later), "day"))
	}
	if p.Doubt != "" {
		fmt.Fprintln(a.err, "note: "+p.Doubt)
	}
	if p.Files.Segments > 0 {
		fmt.Fprintf(a.err, "note: %s of segments that expired before can be removed: tarn retention apply\n", progress.Bytes(p.Files.Bytes))
	}
	a.tellWaiting(p.Files)
}

// tellWaiting says why files of expired segments are still there, each reason once.
func (a *app) tellWaiting(r *lake.PurgeReport) {
	type reason struct {
		why   string
		until time.Time
	}
	bytes, segments := map[reason]int64{}, map[reason]int64{}
	var order []reason
	for _, w := range r.Waiting {
		k := reason{w.Why, w.Until}
		if segments[k] == 0 {
			order = append(order, k)
		}
		segments[k]++
		bytes[k] += w.Bytes
	}
	for _, k := range order {
		until := ""
		if !k.until.IsZero() {
			until = " until " + k.until.Format(time.RFC3339)
		}
		fmt.Fprintf(a.err, "note: %s of %s that expired stay on disk: %s%s\n", progress.Bytes(bytes[k]), counted(segments[k], "segment"), k.why, until)
	}
}

type applyOptions struct {
	store, reason   string
	confirm, asJSON bool
}

func (a *app) retentionApplyCommand() *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply",
		Short: "Let expire what is due, and remove what expired before",
		Long: `Let expire what is due by now (tarn retention plan shows it), and remove the files
of what expired before and nobody reads any more. Applied again, it changes nothing
that is done.

Two clocks have to agree: the system's, and that of the log of record. If the
system's is more than four days ahead of the last time that the log vouches for,
nothing expires. --confirm-clock says that the system's is right all the same; the
log keeps that, with its reason. What this is good for says docs/retention.md.`,
		Example: `  tarn retention apply
  tarn retention apply --store prod --json
  tarn retention apply --confirm-clock --reason "the machine was off in August"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.confirm != (o.reason != "") {
				return usage(errors.New("retention apply: --confirm-clock and --reason go together"), `tarn retention apply --confirm-clock --reason "…"`)
			}
			a.purges = true
			return a.writing(c.Context(), func(l *lake.Lake) error { return a.applyRetention(c.Context(), l, o) })
		},
	}
	c.Flags().StringVar(&o.store, "store", "", "only this event data store; files are removed of all")
	c.Flags().BoolVar(&o.confirm, "confirm-clock", false, "say that the system's clock is right, with --reason")
	c.Flags().StringVar(&o.reason, "reason", "", "how you know; the log keeps it for ever")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print what was done as a line of JSON")
	return c
}

func (a *app) applyRetention(ctx context.Context, l *lake.Lake, o applyOptions) error {
	if o.confirm {
		if err := l.ConfirmClock(ctx, o.reason); err != nil {
			return err
		}
	}
	p, err := a.plan(ctx, l, o.store)
	if err != nil {
		return fmt.Errorf("retention apply: %w", err)
	}
	expired, err := p.Apply(ctx, l)
	if err != nil {
		return fmt.Errorf("retention apply: %w", err)
	}
	files, err := a.purge(ctx, false)
	if err != nil {
		return fmt.Errorf("retention apply: %w", err)
	}
	if o.asJSON {
		return newJSONLines(a.out).Encode(retention.Result{Expired: expired, Files: files})
	}
	var segments, events int64
	for _, x := range expired {
		for _, t := range x.Segments {
			segments, events = segments+1, events+t.Rows
		}
	}
	a.tellWaiting(files)
	_, err = fmt.Fprintf(a.out, "expired: %s in %s; removed: %s, %s\n", counted(events, "event"), counted(segments, "segment"),
		counted(files.Files, "file"), progress.Bytes(files.Bytes))
	return err
}

// purge removes the files of what expired, or looks what it would remove.
func (a *app) purge(ctx context.Context, look bool) (*lake.PurgeReport, error) {
	if p := a.theirPurger(); p != nil && !look {
		return p.purge(ctx)
	}
	return lake.Purge(ctx, a.lakeDir, lake.PurgeOptions{Key: a.config.get("key"), Look: look})
}

// countedHave writes that a number of things have.
func countedHave(n int64, thing string) string {
	if n == 1 {
		return counted(n, thing) + " has"
	}
	return counted(n, thing) + " have"
}
