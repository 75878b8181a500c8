package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

// reportParts are what schedules need of the rest of reports.
type reportParts struct {
	// knownPack says what is wrong with a pack's name, or values for its parameters.
	knownPack func(name string, params map[string]string) error
	// make makes reports about a lake that is open for writing.
	make func(*lake.Lake, *statedb.DB) schedule.Make
}

// newReportScheduleCommand is tarn report schedule.
func (a *app) newReportScheduleCommand(parts reportParts) *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Say which reports are made when, and where they are brought",
		Long: `Say which reports are made when, and where they are brought. tarn serve makes them
when they are due; without a server, tarn report run-due does, from a system's cron.
docs/schedules.md tells the rest.

EXIT STATUS
  0 done, 1 failed, 2 wrong usage, 10 no lake or store, 11 lake in use by another
  process`,
		Example: `  tarn report schedule add cis-aws --store prod --cron "0 8 * * MON" --tz Europe/Berlin --to ./reports
  tarn report schedule list`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.scheduleAddCommand(parts), a.scheduleListCommand(), a.scheduleShowCommand(), a.scheduleTestCommand(),
		a.schedulePauseCommand(), a.scheduleResumeCommand(), a.scheduleRemoveCommand())
	return c
}

// scheduleFlags are what can be said of a schedule.
type scheduleFlags struct {
	statedb.ScheduleDetails
	name            string
	stores, to, set []string
}

func (a *app) scheduleAddCommand(parts reportParts) *cobra.Command {
	f := scheduleFlags{ScheduleDetails: schedule.Usual()}
	c := &cobra.Command{
		Use:   "add PACK",
		Short: "Have the reports of a pack made again and again",
		Long: `Have the report of a pack made again and again. It is due by a cron expression: five
fields (minute, hour, day of the month, month, day of the week; names such as MON
and JAN), or @hourly, @daily, @weekly, @monthly, @yearly; by the clock of --tz. A
time that the clock skips is due right after the gap, one that it shows twice once.

A report is about the events from when it was due before to when it is due, or of
--last so long. What was missed while nobody was there is caught up on: once, every
report, at most --catch-up-most of them; latest, the newest alone; or skip, none that
is late by more than an hour. Each is made once, whatever happens meanwhile.

--to is a folder, s3://BUCKET/PREFIX (settings s3-...), mailto:ALICE@EXAMPLE.COM,BOB@… (settings smtp and mail-from), or
https://… (signed with webhook-secret-file); again for more. What cannot be
delivered is tried again later and later.`,
		Example: `  tarn report schedule add cis-aws --store prod --cron "0 8 * * MON" --tz Europe/Berlin --to ./reports --to mailto:alice@example.com --to https://example.com/hook
  tarn report schedule add daily-security-review --name review --cron @daily --last 24h --catch-up latest --jitter 10m --to ./reports
  tarn report schedule add privileged-access-review --cron @hourly --catch-up-most 24 --time-limit 10m --tries 5 --set role=%root%`,
		Args: oneArg("pack"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("store") && len(f.stores) == 0 {
				return usage(errors.New("report schedule add: --store is empty"))
			}
			if err := oneStore(f.stores); err != nil {
				return err
			}
			s, err := f.schedule(args[0], a.dir())
			if err == nil {
				err = parts.knownPack(args[0], givenBy(s))
			}
			if err != nil {
				return usage(fmt.Errorf("report schedule add: %w", err), hint.Of(err)...)
			}
			return a.writing(c.Context(), func(l *lake.Lake) error { return a.addSchedule(l, s, f.stores) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.name, "name", "", "what it is called (without: as the pack)")
	flags.StringSliceVar(&f.stores, "store", nil, "event data store that the report is about (without: the usual one)")
	flags.StringVar(&f.Cron, "cron", "", "when it is due, such as \"0 8 * * MON\" or @daily")
	flags.StringVar(&f.Zone, "tz", f.Zone, "whose clock says so, such as Europe/Berlin")
	flags.StringVar(&f.Last, "last", "", "how far back it looks, such as 7d or 24h (without: to when it was due before)")
	flags.StringVar(&f.CatchUp, "catch-up", f.CatchUp, "what was missed: once, latest or skip")
	flags.IntVar(&f.Most, "catch-up-most", f.Most, "how many are caught up on at most")
	flags.DurationVar(&f.Jitter, "jitter", 0, "be late by up to so long, always the same for one report, such as 10m")
	flags.DurationVar(&f.Timeout, "time-limit", f.Timeout, "how long making it may take")
	flags.IntVar(&f.Tries, "tries", f.Tries, "how often making it, and each delivery, are tried")
	flags.StringArrayVar(&f.to, "to", nil, "where it is brought: a folder, s3://…, mailto:… or https://…; again for more")
	flags.StringArrayVar(&f.set, "set", nil, "NAME=VALUE: a parameter of the pack's controls; again for more")
	return c
}

// schedule is the schedule that the flags say.
func (f *scheduleFlags) schedule(pack, dir string) (statedb.Schedule, error) {
	d := f.ScheduleDetails
	d.Pack = pack
	if f.name == "" {
		f.name = pack
	}
	if d.Cron == "" {
		return statedb.Schedule{}, hint.Add(errors.New("when?"), `--cron "0 8 * * MON", or --cron @daily`)
	}
	for _, to := range f.to {
		all, err := deliver.Addresses(to, dir)
		if err != nil {
			return statedb.Schedule{}, err
		}
		d.To = append(d.To, all...)
	}
	for _, set := range f.set {
		name, value, ok := strings.Cut(set, "=")
		if !ok || name == "" {
			return statedb.Schedule{}, hint.Add(fmt.Errorf("--set %q", set), "NAME=VALUE")
		}
		d.Parameters = append(d.Parameters, statedb.ScheduleParameter{Name: name, Value: value})
	}
	return schedule.New(f.name, d, time.Now())
}

func (a *app) addSchedule(l *lake.Lake, s statedb.Schedule, stores []string) error {
	if len(stores) == 0 {
		stores = []string{a.config.get("store")}
	}
	for _, ref := range stores {
		st, err := l.Store(ref)
		if err != nil {
			return err
		}
		s.Stores = append(s.Stores, st.ID)
	}
	return a.inState(func(db *statedb.DB) error {
		if _, err := db.ScheduleNamed(s.Name); err == nil {
			return hint.Add(fmt.Errorf("%w: %s", statedb.ErrScheduleExists, s.Name), "give it another name: --name")
		}
		if err := db.AddSchedule(s); err != nil {
			return err
		}
		for _, to := range s.To {
			if err := deliver.Writable(to); err != nil && a.guest != nil {
				a.warn(fmt.Sprintf("the server cannot write to %s: %v; it may write to folders of schedules that it knew at its start: restart it", to, err))
			}
		}
		return a.tellNext(s)
	})
}

// tellNext says when a schedule is due next.
func (a *app) tellNext(s statedb.Schedule) error {
	next, err := schedule.Upcoming(s, time.Now(), 1)
	if err == nil {
		fmt.Fprintf(a.err, "%s: the next report is due %s\n", s.Name, next[0].Format(dueFormat))
	}
	return err
}

// dueFormat is how times are told that are due by the clock on somebody's wall.
const dueFormat = "Mon 2006-01-02 15:04 MST"

// inState calls fn with the lake's state, for writing, while the lake is open.
func (a *app) inState(fn func(*statedb.DB) error) error {
	db, done, err := a.state()
	if err != nil {
		return err
	}
	return errors.Join(fn(db), done())
}
