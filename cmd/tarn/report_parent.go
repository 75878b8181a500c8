package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Make reports when they are due, and bring them where they are wanted",
		Long: `Make reports when they are due, and bring them where they are wanted.

EXIT STATUS
  0 done, 1 failed, 2 wrong usage, 3 a report could not be made or delivered, 10 no
  lake or store, 11 lake in use by another process`,
		Example: `  tarn report schedule list
  tarn report run-due --dry-run`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.newReportScheduleCommand(a.reportParts()), a.newReportRunDueCommand(a.reportParts()))
	return c
}

// reportParts are what schedules need of the rest of reports.
func (a *app) reportParts() reportParts {
	return reportParts{
		knownPack: func(string) error { return nil },
		make: func(*lake.Lake, *statedb.DB) schedule.Make {
			return func(context.Context, statedb.Schedule, time.Time, time.Time, time.Time) (deliver.Parcel, error) {
				return deliver.Parcel{}, errors.New("no report is made yet")
			}
		},
	}
}
