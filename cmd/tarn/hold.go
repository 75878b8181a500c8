package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tarn/lake"
)

func (a *app) holdCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hold",
		Short: "Place, list and release legal holds",
		Long: `Place, list and release legal holds. What a hold covers does not expire, whatever
the retention period or the clock says, and its store cannot be deleted, until the
hold is released. Both are entries of the log of record, with their reasons.

EXIT STATUS
  0 done, 1 refused, 2 wrong usage, 10 no lake or store, 11 lake in use by another
  process`,
		Example: `  tarn hold place --store prod --reason "case 4711"
  tarn hold list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.holdPlaceCommand(), a.holdListCommand(), a.holdReleaseCommand())
	return c
}

func (a *app) holdPlaceCommand() *cobra.Command {
	var store string
	var h lake.Hold
	c := &cobra.Command{
		Use:   "place",
		Short: "Keep a store, or days of it, from expiring",
		Long: `Keep an event data store, or days of it, from expiring, until the hold is released.
Without --from and --to it covers all events, also those to come. Of what had
expired before, the files that are still there stay; to queries they do not come
back. The hold is shown as a line of JSON, with its id.`,
		Example: `  tarn hold place --store prod --reason "case 4711"
  tarn hold place --store prod --from 2026-01-01 --to 2026-03-31 --reason "subpoena of 2026-10-01"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if store == "" {
				return usage(errors.New("hold place: which event data store?"), `tarn hold place --store NAME --reason "…"`)
			}
			return a.writing(c.Context(), func(l *lake.Lake) error {
				placed, err := l.PlaceHold(store, h)
				if err != nil {
					return err
				}
				return newJSONLines(a.out).Encode(placed)
			})
		},
	}
	c.Flags().StringVar(&store, "store", "", "event data store to hold: its name, its id or its ARN")
	c.Flags().StringVar(&h.From, "from", "", "first day that it covers, in UTC: 2026-01-31")
	c.Flags().StringVar(&h.To, "to", "", "last day that it covers, in UTC")
	c.Flags().StringVar(&h.Reason, "reason", "", "why; the log keeps it for ever")
	return c
}

func (a *app) holdReleaseCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "release ID",
		Short: "Release a legal hold",
		Long: `Release a legal hold, by its id or the beginning of it. What it kept expires when
the retention is applied the next time, if it is its time.`,
		Example: `  tarn hold release 3dd25c7f-d6eb-480f-9de3-f8e54cfbcfac --reason "case 4711 is closed"`,
		Args:    oneArg("hold"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.writing(c.Context(), func(l *lake.Lake) error {
				h, err := l.ReleaseHold(args[0], reason)
				if err == nil {
					fmt.Fprintf(a.err, "released the hold %s (%s)\n", h.ID, h.Reason)
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; the log keeps it for ever")
	return c
}

func (a *app) holdListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the legal holds that stand",
		Long:  "List the legal holds that stand. Those that were released are in the log: tarn\ninspect --log.",
		Example: `  tarn hold list
  tarn hold list --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := a.listFormat("hold list", format)
			if err != nil {
				return err
			}
			return a.read(func(snap *lake.Snapshot) error { return a.list(c.Context(), holdRows(snap), format) })
		},
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func holdRows(snap *lake.Snapshot) *rows {
	names := storeNames(snap)
	r := newRows("id", "store", "from", "to", "placed", "reason~")
	for _, h := range snap.Holds() {
		r.add(h.ID, names[h.Store], orNull(h.From), orNull(h.To), h.Placed, h.Reason)
	}
	return r
}

// storeNames are the names of all stores that ever were, by their ids.
func storeNames(snap *lake.Snapshot) map[string]string {
	names := map[string]string{}
	for _, st := range snap.EveryStore() {
		names[st.ID] = st.Name
	}
	return names
}

// orNull is a cell that is empty where there is no text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
