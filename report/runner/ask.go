package runner

import (
	"context"
	"fmt"
	"time"

	"tarn/lake"
	"tarn/query"
	"tarn/report"
	"tarn/report/control"
)

// heldRows is how many rows of an answer a report has; Total counts all.
const heldRows = 1000

// Answer is what a statement gave.
type Answer struct {
	Columns []string
	// Rows are the first of them, NULL as an empty text; Total is how many there are.
	Rows  [][]string
	Total int64
	// Bytes are those of the segments that were looked at.
	Bytes int64
}

// Ask runs a statement, as reports do.
func Ask(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, sql string) (a Answer, err error) {
	res, err := engine.Run(ctx, snap, sql)
	if err != nil {
		return a, err
	}
	defer res.Close()
	a.Bytes = res.Plan().Bytes()
	for _, c := range res.Columns() {
		a.Columns = append(a.Columns, c.Key)
	}
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return a, err
		}
		if a.Total++; a.Total <= heldRows {
			texts := make([]string, len(row))
			for i, v := range row {
				texts[i] = v.Text
			}
			a.Rows = append(a.Rows, texts)
		}
	}
	return a, nil
}

// result is what comes of a control. The error is for what ends the report.
func (r *maker) result(ctx context.Context, c control.Control, references []string) (report.Result, error) {
	start := time.Now()
	one := report.Result{ID: c.ID, Title: c.Title, Why: c.Why, Do: c.Do, Severity: c.Severity, References: references, Expects: c.Expect.String(), Earlier: r.earlier(c.ID)}
	answer, err := r.answer(ctx, c, &one)
	if ctx.Err() != nil {
		return one, context.Cause(ctx)
	}
	one.Took = time.Since(start).Round(time.Millisecond)
	switch {
	case err != nil:
		one.Verdict, one.Note = report.Unknown, err.Error()
		return one, nil
	case one.Note != "":
		one.Verdict = report.Unknown
		return one, nil
	}
	one.Columns, one.Rows, one.Total, one.Bytes = answer.Columns, answer.Rows, answer.Total, answer.Bytes
	one.Verdict = report.Failed
	if c.Expect.Met(one.Total, r.acknowledge(c, &one)) {
		one.Verdict = report.Passed
	}
	return one, nil
}

// answer asks a control. It sets the result's note if there is no answer to be had.
func (r *maker) answer(ctx context.Context, c control.Control, one *report.Result) (a Answer, err error) {
	if c.Check != "" {
		return r.look(ctx, c.Check)
	}
	if one.SQL, one.Parameters, err = c.Statement(r.values()); err != nil {
		return a, err
	}
	category := c.Needs
	if category == "" {
		category = management
	}
	if r.blind == nil && r.present[category] == 0 {
		one.Note = fmt.Sprintf("there are no events of the category %s in the period that could show it", category)
		return a, nil
	}
	return Ask(ctx, r.engine, r.past, one.SQL)
}

// acknowledge marks the rows that somebody has acknowledged, and returns how many.
func (r *maker) acknowledge(c control.Control, one *report.Result) (n int64) {
	said := make([]string, len(one.Rows))
	for i, row := range one.Rows {
		if said[i] = r.lib.Known.Of(c.ID, one.Columns, row, r.report.Ran); said[i] != "" {
			n++
		}
	}
	if n > 0 {
		one.Acknowledged = said
	}
	return n
}

// mostEarlier is how many earlier results stand beside a new one.
const mostEarlier = 12

// earlier are the control's results in earlier reports of the pack over the store.
func (r *maker) earlier(id string) (all []report.Earlier) {
	for _, o := range r.Earlier {
		if o.Pack != r.report.Pack.ID || len(o.Stores) != 1 || o.Stores[0] != r.store.ID || !o.To.Before(r.To) {
			continue
		}
		for _, one := range o.Results {
			if one.Control == id {
				all = append(all, report.Earlier{To: o.To, Verdict: report.Verdict(one.Verdict), Total: one.Rows})
			}
		}
	}
	return all[max(0, len(all)-mostEarlier):]
}
