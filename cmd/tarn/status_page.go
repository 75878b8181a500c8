package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"tarn/internal/progress"
)

// write writes the page for people.
func (s *status) write(out io.Writer, now time.Time) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "lake    %s (%s), log of %s, %s\n", s.Lake.Dir, s.Lake.Origin, countedEntries(s.Lake.LogEntries), progress.Bytes(s.Lake.LogBytes))
	switch {
	case s.Server.Running:
		fmt.Fprintf(&page, "server  runs (process %d)\n", s.Lake.Writer)
	case s.Lake.Writer != 0:
		fmt.Fprintf(&page, "server  none; process %d has the lake open for writing\n", s.Lake.Writer)
	default:
		page.WriteString("server  none; tarn serve runs follows and schedules\n")
	}
	ago := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return progress.Duration(now.Sub(t).Truncate(time.Second)) + " ago"
	}
	table := func(heads string, rows [][]string) {
		if len(rows) == 0 {
			return
		}
		page.WriteByte('\n')
		w := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, heads)
		for _, r := range rows {
			fmt.Fprintln(w, strings.Join(r, "\t"))
		}
		w.Flush()
	}
	table("EVENT DATA STORE\tSTATUS\tEVENTS\tON DISK\tLAST EVENT", s.storeRows(ago))
	table("FOLLOW\tINTO\tSTATE\tLAG\tLISTED\tOBJECTS\tEVENTS\tCANNOT BE READ", s.followRows(ago))
	for _, f := range s.Follows {
		if f.Reason != "" {
			fmt.Fprintf(&page, "  %s: %s\n", f.Source, printable(f.Reason))
		}
		if len(f.FirstFailed) > 0 {
			first := f.FirstFailed[0]
			fmt.Fprintf(&page, "  %s: %s; tried %s, again at %s\n", printable(first.Key), printable(first.Reason), times(first.Attempts), first.Next.Format(time.RFC3339))
		}
	}
	table("IMPORT\tINTO\tSTATUS\tFILES\tEVENTS\tUPDATED\tSOURCES", s.importRows(ago))
	table("SCHEDULE\tPACK\tNEXT\tLAST", s.scheduleRows())
	_, err := out.Write(page.Bytes())
	return err
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (s *status) storeRows(ago func(time.Time) string) (rows [][]string) {
	for _, st := range s.Stores {
		last := "-"
		if st.Last != nil {
			last = ago(*st.Last)
		}
		rows = append(rows, []string{st.Name, st.Status, progress.Count(st.Events), progress.Bytes(st.Bytes), last})
	}
	return rows
}

func (s *status) followRows(ago func(time.Time) string) (rows [][]string) {
	for _, f := range s.Follows {
		lag := "-"
		if f.Waiting > 0 {
			lag = fmt.Sprintf("%s (%s)", progress.Duration(time.Duration(f.LagSeconds)*time.Second), counted(int64(f.Waiting), "object"))
		}
		rows = append(rows, []string{printable(f.Source), f.Store, string(f.State), lag, ago(f.Progress.Listed), progress.Count(f.Counts.Objects),
			progress.Count(f.Counts.Stored), progress.Count(int64(f.Failures))})
	}
	return rows
}

func (s *status) importRows(ago func(time.Time) string) (rows [][]string) {
	for _, i := range s.Imports {
		rows = append(rows, []string{i.ID, i.Store, string(i.Status), progress.Count(i.Files), progress.Count(i.Stored), ago(i.Updated), printable(strings.Join(i.Sources, " "))})
	}
	return rows
}

func (s *status) scheduleRows() (rows [][]string) {
	for _, one := range s.Schedules {
		next, last := "paused", "-"
		if !one.Paused {
			next = one.Next.Format(time.RFC3339)
		}
		if one.Last != "" {
			last = string(one.Last) + " of " + one.LastDue.Format(time.RFC3339)
		}
		rows = append(rows, []string{one.Name, one.Pack, next, last})
	}
	return rows
}
