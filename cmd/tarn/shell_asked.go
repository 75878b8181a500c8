package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/progress"
	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
)

// asked is what a shell asks: the lake in a folder, or the one at an endpoint. Its string
// is what a greeting calls it.
type asked interface {
	fmt.Stringer
	// holds are the event data stores as they are now, and what they hold.
	holds(ctx context.Context) ([]holds, error)
	// answer runs a statement and shows its rows.
	answer(ctx context.Context, sql string) error
	// explain says what would be read.
	explain(ctx context.Context, sql string) error
}

// holds is an event data store and what it holds.
type holds struct {
	lake.Store
	events      int64
	first, last *time.Time // of its events; nil where it has none
}

// storeAmong is the one that has the name, id or ARN.
func storeAmong(all []holds, ref string) (lake.Store, error) {
	var names []string
	for _, st := range all {
		if strings.EqualFold(st.Name, ref) || st.ID == ref || strings.HasSuffix(ref, "/"+st.ID) {
			return st.Store, nil
		}
		names = append(names, st.Name)
	}
	advice := "this lake has none yet"
	if len(names) > 0 {
		advice = "event data stores of this lake: " + strings.Join(names, ", ")
	}
	return lake.Store{}, hint.Add(fmt.Errorf("%w: %s", lake.ErrStoreNotFound, ref), advice)
}

// askedHere is the lake in a folder, as it is at each statement.
type askedHere struct {
	*shell
	engine *query.Engine
}

// String is fmt.Stringer's.
func (l askedHere) String() string { return l.lakeDir }

func (l askedHere) holds(context.Context) (all []holds, err error) {
	err = l.read(func(snap *lake.Snapshot) error {
		for _, st := range snap.Stores() {
			sum := summarize(snap, st)
			all = append(all, holds{st, sum.Events, sum.First, sum.Last})
		}
		return nil
	})
	return all, err
}

func (l askedHere) explain(ctx context.Context, sql string) error {
	return l.over(ctx, func(ctx context.Context, snap *lake.Snapshot) error {
		return l.app.explain(ctx, l.engine, snap, sql, "table")
	})
}

// over runs a statement over the lake as it is now.
func (l askedHere) over(ctx context.Context, fn func(context.Context, *lake.Snapshot) error) error {
	return l.read(func(snap *lake.Snapshot) error {
		l.stores = snap.Stores()
		return l.inTime(ctx, func(ctx context.Context) error { return fn(ctx, snap) })
	})
}

func (l askedHere) answer(ctx context.Context, sql string) error {
	return l.over(ctx, func(ctx context.Context, snap *lake.Snapshot) error {
		start := time.Now()
		res, err := l.engine.Run(ctx, snap, sql)
		if err != nil {
			return err
		}
		defer res.Close()
		rows := l.watch(res, l.output == "")
		n, err := l.show(ctx, rows)
		rows.end()
		if err != nil || !l.timing {
			return err
		}
		kept, all := res.Plan().Segments()
		_, err = fmt.Fprintf(l.err, "(%s, %s; %s of %s, %s)\n", counted(n, "row"), progress.Duration(l.written.Sub(start)),
			progress.Count(int64(kept)), counted(int64(all), "segment"), progress.Bytes(res.Plan().Bytes()))
		return err
	})
}

// show writes rows to the file that was asked for, or to the screen.
func (s *shell) show(ctx context.Context, rows result.Source) (n int64, err error) {
	if file := s.output; file != "" {
		s.output = ""
		err := intoFile(file, func(w io.Writer) (err error) {
			n, err = result.Write(ctx, w, formatOf(file, s.format), rows, result.Options{Expand: s.expand})
			return err
		})
		s.written = time.Now()
		if err == nil {
			fmt.Fprintln(s.err, "written to", file)
		}
		return n, err
	}
	width, _ := terminal(s.out)
	page := s.page()
	n, err = result.Write(ctx, page, s.format, rows, result.Options{Width: width, Expand: s.expand})
	s.written = time.Now()
	return n, page.end(err)
}
