package query

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tarn/lake"
	"tarn/query/internal/duck"
)

// Connect writes a script that gives DuckDB's own shell, or any client of
// DuckDB, a view for each event data store of the snapshot and one for its
// conflicts, and the functions of CloudTrail Lake's SQL that are macros. The
// views name the snapshot's files: what comes into the lake later is not in
// them. All of it is temporary; no database that is open is changed.
//
// What Tarn does beyond that, it does on the text of a statement, so it is not
// in the script: bare ids, times with zones, lambdas, formats of times, refusals.
func (e *Engine) Connect(ctx context.Context, w io.Writer, snap snapshot) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "-- A lake of Tarn as of %d log entries, for DuckDB: duckdb -init <(tarn connect)\n\n", snap.LogSize())
	for _, setting := range duck.Dialect() {
		fmt.Fprintf(b, "%s;\n", setting)
	}
	fmt.Fprint(b, "\n-- Functions.\n")
	all := map[string]bool{}
	for name := range e.macros {
		all[name] = true
	}
	for _, sql := range define(all, e.macros) {
		fmt.Fprintf(b, "%s;\n", strings.Replace(strings.TrimSuffix(sql, ";"), "CREATE MACRO ", "CREATE OR REPLACE TEMP MACRO ", 1))
	}
	for _, st := range snap.Stores() {
		if st.Usable() != nil {
			continue // as in Tarn, it answers nothing
		}
		if err := connectStore(ctx, b, snap, st); err != nil {
			return err
		}
	}
	return b.Flush()
}

func connectStore(ctx context.Context, b *bufio.Writer, snap snapshot, st lake.Store) error {
	family := st.Schema()
	if family == nil {
		return fmt.Errorf("connect: the family %s of %s is not known to this version", st.Family, st.Name)
	}
	hidden := func(conflicts bool) (names []string) {
		flat := membersFlat(snap, st, conflicts)
		for _, p := range family.Promoted {
			if flat || !p.Member {
				names = append(names, p.Name())
			}
		}
		return names
	}
	view := func(suffix string, columns []viewColumn) error {
		var files []string
		segments := snap.Segments(st.ID, suffix == lake.ConflictsSuffix)
		if err := snap.Fetch(ctx, st.ID, segments); err != nil { // the other shell does not
			return fmt.Errorf("connect: %w", err)
		}
		for _, seg := range segments {
			files = append(files, "  "+duck.Quote(snap.Path(st.ID, seg)))
		}
		list := ""
		if len(files) > 0 {
			list = "[\n" + strings.Join(files, ",\n") + "]"
		}
		_, err := fmt.Fprintf(b, "\nCREATE OR REPLACE TEMP VIEW %s AS %s;\n", duck.Name(st.Name+suffix), selectFrom(list, columns))
		return err
	}
	err := errors.Join(view("", storeView(family, hidden(false))), view(lake.ConflictsSuffix, storeView(family, hidden(true))))
	if hasAthena(st) {
		err = errors.Join(err, view(athenaSuffix, athenaView(family)))
	}
	return err
}
