package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/result"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

// shownRuns is how many runs of a schedule are shown, if nobody wants more.
const shownRuns = 20

func (a *app) scheduleListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the schedules, and when each is due next",
		Long:    "List the schedules: what is made when, where it is brought, and when it is due next.",
		Example: "  tarn report schedule list\n  tarn report schedule list --format json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listSchedules(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func (a *app) listSchedules(ctx context.Context, format string) error {
	format, err := rowFormat("report schedule list", format)
	if err != nil {
		return err
	}
	r := newRows("name", "pack", "stores[]", "cron", "zone", "next", "status", "last", "catch_up", "jitter", "time_limit", "tries#", "to[]", "parameters[]", "created")
	err = a.viewState(func(snap *lake.Snapshot, db *statedb.DB) error {
		all, err := db.Schedules()
		for _, s := range all {
			status, next := "active", any(nil)
			if s.Paused {
				status = "paused"
			} else if due, err := schedule.Upcoming(s, time.Now(), 1); err == nil {
				next = due[0].UTC()
			}
			var to, set []string
			for _, one := range s.To {
				to = append(to, deliver.Shown(one))
			}
			for _, p := range s.Parameters {
				set = append(set, p.Name+"="+p.Value)
			}
			r.add(s.Name, s.Pack, namesOf(snap, s.Stores), s.Cron, s.Zone, next, status, orNull(s.Last), s.CatchUp, s.Jitter.String(), s.Timeout.String(), int64(s.Tries), to, set, s.Created)
		}
		return err
	})
	if err != nil {
		return err
	}
	width, _ := terminal(a.out)
	return r.write(ctx, a.out, format, result.Options{Width: width, Message: a.err, Expand: result.ExpandWide})
}

// viewState calls fn with the lake's state as it is, beside any writer.
func (a *app) viewState(fn func(*lake.Snapshot, *statedb.DB) error) error {
	return a.read(func(snap *lake.Snapshot) error {
		db, err := statedb.View(lake.StateOf(a.lakeDir))
		if err != nil {
			return err
		}
		return errors.Join(fn(snap, db), db.Close())
	})
}

func (a *app) scheduleShowCommand() *cobra.Command {
	var format string
	most := shownRuns
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what became of a schedule's reports",
		Long: `Show what became of the reports of a schedule that were due, the newest first: DUE
is to be made, or made again; MADE is not everywhere yet; DONE is; FAILED was given
up, for the reason that stands there; SKIPPED was missed and, by its --catch-up, is
not made.`,
		Example: "  tarn report schedule show cis-aws --most 100 --format json",
		Args:    oneArg("schedule"),
		RunE: func(c *cobra.Command, args []string) error {
			format, err := rowFormat("report schedule show", format)
			if err != nil {
				return err
			}
			r := runRows()
			err = a.viewState(func(_ *lake.Snapshot, db *statedb.DB) error {
				s, err := db.ScheduleNamed(args[0])
				if err != nil {
					return usage(err, "tarn report schedule list")
				}
				runs, err := db.Runs(s.ID, most)
				for _, one := range runs {
					addRun(r, s.Name, one)
				}
				return err
			})
			if err != nil {
				return err
			}
			width, _ := terminal(a.out)
			return r.write(c.Context(), a.out, format, result.Options{Width: width, Message: a.err, Expand: result.ExpandWide})
		},
	}
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	c.Flags().IntVar(&most, "most", shownRuns, "how many")
	return c
}

// runRows are rows of runs.
func runRows() *rows {
	return newRows("schedule", "due", "status", "from", "to", "report", "attempts#", "next", "deliveries[]", "reason~")
}

func addRun(r *rows, name string, one statedb.Run) {
	var to []string
	for _, d := range one.Deliveries {
		to = append(to, deliver.Shown(d.To)+": "+deliveryState(d))
	}
	next := any(nil)
	if !one.Next.IsZero() {
		next = one.Next
	}
	r.add(name, one.Due, string(one.Status), one.From, one.To, orNull(one.Report), int64(one.Attempts), next, to, orNull(one.Reason))
}

// deliveryState says in a few words how far a delivery is.
func deliveryState(d statedb.Delivery) string {
	switch {
	case !d.Done.IsZero():
		return "delivered " + d.Done.Format(time.RFC3339)
	case d.GaveUp:
		return fmt.Sprintf("given up after %d: %s", d.Attempts, d.Reason)
	case d.Attempts == 0:
		return "to be delivered"
	}
	return fmt.Sprintf("tried %d times, again %s: %s", d.Attempts, d.Next.Format(time.RFC3339), d.Reason)
}

func (a *app) scheduleTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "test NAME",
		Short:   "Show the next five times at which a schedule is due",
		Long:    "Show the next five times at which a schedule is due, by its own clock, with the\nperiod that each report is about. Nothing is made.",
		Example: "  tarn report schedule test cis-aws",
		Args:    oneArg("schedule"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.viewState(func(_ *lake.Snapshot, db *statedb.DB) error {
				s, err := db.ScheduleNamed(args[0])
				if err != nil {
					return usage(err, "tarn report schedule list")
				}
				dues, err := schedule.Upcoming(s, time.Now(), 5)
				for _, due := range dues {
					from, to, err := schedule.Period(s, due)
					if err != nil {
						return err
					}
					fmt.Fprintf(a.out, "%s  events from %s to %s\n", due.Format(dueFormat), from.Format(time.RFC3339), to.Format(time.RFC3339))
				}
				return err
			})
		},
	}
}

func (a *app) schedulePauseCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "pause NAME",
		Short:   "Make no reports of a schedule for a while",
		Long:    "Make and deliver no reports of a schedule, until it is resumed.",
		Example: "  tarn report schedule pause cis-aws",
		Args:    oneArg("schedule"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeSchedule(c.Context(), args[0], func(db *statedb.DB) error {
				return db.ChangeSchedule(args[0], func(s *statedb.ScheduleDetails) { s.Paused = true })
			})
		},
	}
}

func (a *app) scheduleResumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume NAME",
		Short: "Make the reports of a schedule again",
		Long: `Make the reports of a schedule again, from now on: those that would have been due
while it was paused are not made. What was begun before goes on.`,
		Example: "  tarn report schedule resume cis-aws",
		Args:    oneArg("schedule"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeSchedule(c.Context(), args[0], func(db *statedb.DB) error {
				return db.ChangeSchedule(args[0], func(s *statedb.ScheduleDetails) {
					if s.Paused {
						s.Paused, s.Seen = false, time.Now().UTC()
					}
				})
			})
		},
	}
}

func (a *app) scheduleRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a schedule",
		Long: `Forget a schedule, and what became of its reports. What was not delivered yet is
not delivered any more. Reports that were made stay.`,
		Example: "  tarn report schedule remove cis-aws",
		Args:    oneArg("schedule"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeSchedule(c.Context(), args[0], func(db *statedb.DB) error { return db.RemoveSchedule(args[0]) })
		},
	}
}

// changeSchedule changes the schedule of that name.
func (a *app) changeSchedule(ctx context.Context, name string, change func(*statedb.DB) error) error {
	return a.writing(ctx, func(*lake.Lake) error {
		return a.inState(func(db *statedb.DB) error {
			if _, err := db.ScheduleNamed(name); err != nil {
				return usage(err, "tarn report schedule list")
			}
			return change(db)
		})
	})
}
