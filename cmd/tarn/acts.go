package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"tarn/lake"
)

// actsOptions say which acts are shown.
type actsOptions struct {
	format, store string
	types         []string
	since, until  string
	reverse       bool
}

func (a *app) logCommand() *cobra.Command {
	var o actsOptions
	c := &cobra.Command{
		Use:   "log",
		Short: "Show every act on the lake: who did what, and when",
		Long: `Show the log of record: every act on the lake, who did it, when, and what, the
newest first. That nothing in it was changed, tarn verify proves.

Who is a user of the operating system, with its number; of what came through a
server's socket, the one whom the kernel saw on the other side. Acts of programs
that did not say so have none. --store shows the acts on one event data store;
--since and --until take a day, or a time.

The answer is a table on a terminal and JSON lines (ndjson) elsewhere, unless
--format says otherwise; in these is the whole entry, too.

EXIT STATUS
  0 done, 10 no lake or store, 12 lake is corrupt`,
		Example: `  tarn log
  tarn log --type store_update,store_delete --store cloudtrail
  tarn log --since 2026-01-01 --until 2026-06-30 --reverse
  tarn log --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.acts(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "table, json, ndjson or csv")
	f.StringVar(&o.store, "store", "", "only acts on this event data store")
	f.StringSliceVar(&o.types, "type", nil, "only acts of these types, such as commit or key_rotate")
	f.StringVar(&o.since, "since", "", "only acts from this day or time on")
	f.StringVar(&o.until, "until", "", "only acts up to this day or time")
	f.BoolVar(&o.reverse, "reverse", false, "the oldest first")
	return c
}

func (a *app) acts(ctx context.Context, o actsOptions) error {
	format, err := a.listFormat("log", o.format)
	if err != nil {
		return err
	}
	from, err := boundary("log: --since", o.since, 0)
	if err != nil {
		return err
	}
	to, err := boundary("log: --until", o.until, 1)
	if err != nil {
		return err
	}
	columns := []string{"index#", "time", "type", "by", "what~"}
	if format != "table" {
		columns = append(columns, "entry[]")
	}
	r := newRows(columns...)
	err = a.read(func(snap *lake.Snapshot) error {
		id := ""
		if o.store != "" {
			st, err := snap.Store(o.store)
			if err != nil {
				return err
			}
			id = st.ID
		}
		t := teller{}
		return snap.Log(ctx, func(e lake.LogEntry) error {
			said := t.summary(e) // the names of that time
			wanted := (len(o.types) == 0 || slices.Contains(o.types, e.Type)) && (id == "" || concerns(e, id)) &&
				(from.IsZero() || !e.Time.Before(from)) && (to.IsZero() || e.Time.Before(to))
			if wanted {
				r.add([]any{e.Index, e.Time, e.Type, whoOf(e.By), said, string(e.Payload)}[:len(columns)]...)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	if !o.reverse {
		slices.Reverse(r.cells)
	}
	return a.list(ctx, r, format)
}

// concerns reports whether an act was one on the event data store.
func concerns(e lake.LogEntry, id string) bool {
	switch {
	case e.Store != nil:
		return e.Store.ID == id
	case e.Change != nil:
		return e.Change.Store == id
	case e.Commit != nil:
		return e.Commit.Store == id
	case e.Journal != nil:
		return slices.ContainsFunc(e.Journal.Parts, func(p lake.Accepted) bool { return p.Store == id })
	case e.Report != nil:
		return slices.Contains(e.Report.Stores, id)
	}
	return false
}

// whoOf names who did something, nil if nobody said.
func whoOf(by *lake.By) any {
	switch {
	case by == nil:
		return nil
	case by.User == "":
		return fmt.Sprintf("uid %d", by.UID)
	}
	return fmt.Sprintf("%s (uid %d)", by.User, by.UID)
}

// self is who runs this process.
func self() *lake.By {
	by := userOf(os.Getuid())
	return &by
}

// userOf is a user of the operating system; without a name if it has none there.
func userOf(uid int) lake.By {
	by := lake.By{UID: uid}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		by.User = u.Username
	}
	return by
}
