package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"tarn/internal/s3"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query/result"
	"tarn/report/deliver"
	"tarn/report/schedule"
)

// newReportRunDueCommand is tarn report run-due.
func (a *app) newReportRunDueCommand(parts reportParts) *cobra.Command {
	var format string
	var dry bool
	c := &cobra.Command{
		Use:   "run-due",
		Short: "Make the reports that are due now, and deliver what is left",
		Long: `Make the reports that are due now, deliver them, and try again what could not be
delivered before. tarn serve does so by itself; without one, have the system's cron
run this every few minutes. Reports that are made already are not made again, so it
may run as often as anybody likes.

What became of each is shown. --dry-run shows what would be made, and does nothing.

EXIT STATUS
  0 done, or nothing was due; 2 wrong usage; 3 something could not be made or
  delivered: it is tried again, or given up; 10 no lake; 11 lake in use by another
  process`,
		Example: `  tarn report run-due --dry-run
  tarn report run-due --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := rowFormat("report run-due", format)
			if err != nil {
				return err
			}
			r := runRows()
			if dry {
				err = a.viewState(func(_ *lake.Snapshot, db *statedb.DB) error {
					runs, err := schedule.Pending(db, time.Now())
					return errors.Join(err, addRuns(r, db, runs))
				})
			} else {
				err = a.runDue(c, parts, r)
			}
			if err != nil && !errors.Is(err, errPartly) {
				return err
			}
			width, _ := terminal(a.out)
			return errors.Join(err, r.write(c.Context(), a.out, format, result.Options{Width: width, Message: a.err, Expand: result.ExpandWide}))
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would be made and delivered, and do nothing")
	c.Flags().StringVar(&format, "format", "", "table, json, ndjson or csv")
	return c
}

func (a *app) runDue(c *cobra.Command, parts reportParts, r *rows) error {
	if a.guest == nil {
		// What this process may write to is decided when it opens the lake.
		folders, err := a.scheduledFolders()
		if err != nil {
			return err
		}
		a.writable = append(a.writable, folders...)
	}
	return a.writing(c.Context(), func(l *lake.Lake) error {
		return a.inState(func(db *statedb.DB) error {
			s, err := a.scheduler(l, db, parts, a.logger(a.err))
			if err != nil {
				return err
			}
			pass, err := s.RunDue(c.Context())
			if err = errors.Join(err, addRuns(r, db, pass.Runs)); err != nil {
				return err
			}
			for _, one := range pass.Runs {
				if one.Status != statedb.RunDone && one.Status != statedb.RunSkipped {
					return fmt.Errorf("report run-due: %w: see the reasons", errPartly)
				}
			}
			return nil
		})
	})
}

// addRuns adds runs of any schedules.
func addRuns(r *rows, db *statedb.DB, runs []statedb.Run) error {
	all, err := db.Schedules()
	names := map[string]string{}
	for _, s := range all {
		names[s.ID] = s.Name
	}
	for _, one := range runs {
		addRun(r, names[one.Schedule], one)
	}
	return err
}

// scheduledFolders are the folders that reports are brought to.
func (a *app) scheduledFolders() ([]string, error) {
	db, err := statedb.View(lake.StateOf(a.lakeDir))
	if err != nil {
		return nil, err
	}
	folders, err := schedule.Folders(db)
	return folders, errors.Join(err, db.Close())
}

// scheduler is who makes reports when they are due: the server's, or one for now.
func (a *app) scheduler(l *lake.Lake, db *statedb.DB, parts reportParts, log zerolog.Logger) (*schedule.Scheduler, error) {
	if a.guest != nil {
		return a.guest.scheduler, nil
	}
	courier, err := a.courier()
	if err != nil {
		return nil, err
	}
	return schedule.NewScheduler(schedule.Options{State: db, Make: parts.make(l, db), Deliver: courier.Deliver, Log: log}), nil
}

// courier is who brings reports where they are wanted, as the settings say.
func (a *app) courier() (*deliver.Courier, error) {
	c := &deliver.Courier{S3: func() (*s3.Client, error) { return a.openS3(context.Background()) }}
	secret, err := a.secretOf("TARN_WEBHOOK_SECRET", "webhook-secret-file")
	if err == nil && secret != "" {
		c.Secret, err = deliver.Secret(secret)
	}
	if err != nil {
		return nil, usage(err)
	}
	server := a.config.get("smtp")
	if server == "" {
		return c, nil
	}
	password, err := a.secretOf("TARN_SMTP_PASSWORD", "smtp-password-file")
	if err == nil {
		c.Mail, err = deliver.ParseMailServer(server, a.config.get("mail-from"), password)
	}
	if err != nil {
		return nil, usage(err)
	}
	return c, nil
}

// secretOf is a secret of the environment, or of the file that a setting names.
func (a *app) secretOf(variable, file string) (string, error) {
	if text := a.getenv(variable); text != "" {
		return text, nil
	}
	name := a.config.get(file)
	if name == "" {
		return "", nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// hook finds addresses of webhooks, whose paths may be secrets.
var hook = regexp.MustCompile(`(?i)https?://[^\s,"\]]+`)

// withoutHooks are arguments of a command about schedules, as they may be recorded.
func withoutHooks(args []string) []string {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = hook.ReplaceAllStringFunc(arg, deliver.Shown)
	}
	return shown
}
