package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/report/schedule"
	"tarn/server/socket"
)

// status is what goes on in a lake.
type status struct {
	Lake      statusLake       `json:"lake"`
	Server    statusServer     `json:"server"`
	Stores    []storeSummary   `json:"stores"`
	Follows   []statusFollow   `json:"follows"`
	Imports   []statusImport   `json:"imports"`
	Schedules []statusSchedule `json:"schedules"`
}

type statusLake struct {
	Dir        string `json:"dir"`
	Origin     string `json:"origin"`
	LogEntries int64  `json:"log_entries"`
	LogBytes   int64  `json:"log_bytes"`
	// Writer is the process that has the lake open for writing; 0 for none.
	Writer int `json:"writer_process,omitempty"`
}

type statusServer struct {
	Running bool   `json:"running"`
	Reason  string `json:"reason,omitempty"`
}

type statusFollow struct {
	Source     string              `json:"source"`
	Store      string              `json:"event_data_store"`
	State      statedb.FollowState `json:"state"`
	Reason     string              `json:"reason,omitempty"`
	LagSeconds int64               `json:"lag_seconds"`
	ListedAgo  *int64              `json:"seconds_since_list"`
	// ListRequests is how many requests the last list took.
	ListRequests int64                   `json:"list_requests,omitempty"`
	Waiting      int                     `json:"waiting"`
	Newest       string                  `json:"newest_object,omitempty"`
	NewestTime   time.Time               `json:"newest_object_time,omitzero"`
	Counts       statedb.FollowCounts    `json:"counts"`
	Failures     int                     `json:"failures"`
	FirstFailed  []statedb.FollowFailure `json:"first_failures,omitempty"`
	Queue        string                  `json:"queue,omitempty"`
	Notified     time.Time               `json:"last_message,omitzero"`
	Details      statedb.FollowDetails   `json:"settings"`
	Progress     statedb.FollowProgress  `json:"-"`
}

type statusImport struct {
	ID      string               `json:"id"`
	Store   string               `json:"event_data_store"`
	Status  statedb.ImportStatus `json:"status"`
	Sources []string             `json:"sources"`
	Created time.Time            `json:"created"`
	Updated time.Time            `json:"updated"`
	Files   int64                `json:"files"`
	Stored  int64                `json:"stored"`
	Reason  string               `json:"reason,omitempty"`
}

type statusSchedule struct {
	Name    string            `json:"name"`
	Pack    string            `json:"pack"`
	Paused  bool              `json:"paused"`
	Next    time.Time         `json:"next,omitzero"`
	Last    statedb.RunStatus `json:"last_status,omitempty"`
	LastDue time.Time         `json:"last_due,omitzero"`
	Reason  string            `json:"reason,omitempty"`
}

const (
	// statusImports is how many imports that have ended the status tells of.
	statusImports = 3
	// statusFailures is how many failures of a follow it tells of; people see the first.
	statusFailures = 100
)

func (a *app) statusCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "status",
		Short: "Say what goes on: the server, stores, follows, imports, schedules",
		Long: `Say on one page what goes on: whether a server has the lake, what the event data
stores hold, how far each follow is and what it could not read, which imports are
under way and which were the last, and when reports are due. Nothing is locked.

EXIT STATUS
  0 done, 10 no lake`,
		Example: "  tarn status\n  tarn status --format json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if !slices.Contains([]string{"text", "json"}, format) {
				return usage(fmt.Errorf("status: --format %q", format), "formats: text, json")
			}
			s, err := a.status(time.Now())
			if err != nil {
				return err
			}
			if format == "json" {
				return printJSON(a.out, s)
			}
			return s.write(a.out, time.Now())
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// status looks at everything.
func (a *app) status(now time.Time) (s status, err error) {
	s = status{Stores: []storeSummary{}, Follows: []statusFollow{}, Imports: []statusImport{}, Schedules: []statusSchedule{}}
	err = a.viewState(func(snap *lake.Snapshot, db *statedb.DB) error {
		head, err := snap.Head()
		if err != nil {
			return err
		}
		s.Lake = statusLake{a.lakeDir, head.Origin, head.Size, head.Bytes, lake.Writer(a.lakeDir)}
		for _, st := range snap.Stores() {
			s.Stores = append(s.Stores, summarize(snap, st))
		}
		for _, look := range []func(*statedb.DB, time.Time) error{s.follows, s.imports, s.schedules} {
			if err := look(db, now); err != nil {
				return err
			}
		}
		return nil
	})
	if c, failed := socket.Dial(filepath.Join(a.lakeDir, lake.SocketFile)); failed == nil {
		s.Server.Running = true
		c.Close()
	}
	return s, err
}

func (s *status) follows(db *statedb.DB, now time.Time) error {
	all, err := db.Follows()
	if err != nil {
		return err
	}
	for _, f := range all {
		p := f.Progress
		one := statusFollow{Source: f.Source, Store: f.StoreName, State: followState(f, s.Lake.Writer), Reason: p.Reason, LagSeconds: int64(p.Lag(now).Seconds()),
			ListRequests: p.Requests, Waiting: p.Waiting, Newest: p.Newest, NewestTime: p.NewestTime, Counts: p.Counts, Failures: p.Failures, Queue: queueOf(f), Notified: p.Notified,
			Details: f.FollowDetails, Progress: p}
		if !p.Listed.IsZero() {
			ago := int64(now.Sub(p.Listed).Seconds())
			one.ListedAgo = &ago
		}
		if p.Failures > 0 {
			failures, err := db.Failures(f.ID)
			if err != nil {
				return err
			}
			one.FirstFailed = failures[:min(len(failures), statusFailures)]
		}
		s.Follows = append(s.Follows, one)
	}
	return nil
}

// followState is what a follow is doing: what is written there, unless who wrote it is gone.
func followState(f statedb.Follow, writer int) statedb.FollowState {
	if f.Progress.State == "" || writer == 0 {
		return statedb.FollowIdle
	}
	return f.Progress.State
}

func (s *status) imports(db *statedb.DB, _ time.Time) error {
	all, err := db.Imports()
	if err != nil {
		return err
	}
	ended := 0
	for _, i := range slices.Backward(all) {
		under := i.Status == statedb.InProgress || i.Status == statedb.Initializing
		if !under {
			if ended++; ended > statusImports {
				continue
			}
		}
		s.Imports = append(s.Imports, statusImport{i.ID, i.StoreName, i.Status, i.Sources, i.Created, i.Updated, i.Counts.Files, i.Counts.Stored, i.Reason})
	}
	return nil
}

func (s *status) schedules(db *statedb.DB, now time.Time) error {
	all, err := db.Schedules()
	if err != nil {
		return err
	}
	for _, one := range all {
		about := statusSchedule{Name: one.Name, Pack: one.Pack, Paused: one.Paused}
		if next, err := schedule.Upcoming(one, now, 1); err == nil && !one.Paused {
			about.Next = next[0].UTC()
		}
		runs, err := db.Runs(one.ID, 1)
		if err != nil {
			return err
		}
		if len(runs) > 0 {
			about.Last, about.LastDue, about.Reason = runs[0].Status, runs[0].Due, runs[0].Reason
		}
		s.Schedules = append(s.Schedules, about)
	}
	return nil
}
