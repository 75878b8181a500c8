package query

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"

	"tarn/query/internal/duck"
)

// Column is a column of a result.
type Column struct {
	// Name is the column's name. Like CloudTrail Lake's it may be there twice.
	Name string
	// Key is the name with _2, _3 … behind it where columns before it have it:
	// for what needs names that differ, as the members of an object do.
	Key string
	// Type is the engine's name of its type, without the parts of nested types.
	Type string
	// Kind is how its values are to be read.
	Kind Kind
}

// Kind is how the text of a value is to be read.
type Kind uint8

// The kinds.
const (
	Text    Kind = iota // as it is; dates and times are text too
	Number              // decimal digits, exact, or inf, -inf and nan
	Boolean             // true or false
	JSON                // a struct, list or map as JSON
)

// Value is one value of a row, as text.
type Value struct {
	Text string
	Null bool
}

// Result is the answer to a statement. Close it, then release the snapshot.
type Result struct {
	plan    *Plan
	sql     string
	session duck.Session
	columns []Column
	kinds   []duck.Kind
	plain   bool // all columns are
}

func newResult(plan *Plan, sql string, session duck.Session, described []duck.Column) *Result {
	r := &Result{plan: plan, sql: sql, session: session, plain: true}
	names := make([]string, len(described))
	for i, c := range described {
		names[i] = c.Name
	}
	names = numbered(names, plan.src.user)
	for i, key := range unique(names) {
		c := described[i]
		r.columns = append(r.columns, Column{Name: names[i], Key: key, Type: c.Type, Kind: kindOf(c.Kind)})
		r.kinds = append(r.kinds, c.Kind)
		r.plain = r.plain && c.Plain()
	}
	return r
}

func kindOf(k duck.Kind) Kind {
	switch k {
	case duck.Number:
		return Number
	case duck.Boolean:
		return Boolean
	case duck.Nested:
		return JSON
	}
	return Text
}

// Columns describes the result's columns.
func (r *Result) Columns() []Column { return r.columns }

// Plan is what the result was made from.
func (r *Result) Plan() *Plan { return r.plan }

// Watched returns a context with which Rows and Encode tell fn how far the
// statement has come, from 0 to 1, some times a second: the engine's guess. It is
// not called when they have returned. Short statements tell nothing.
func Watched(ctx context.Context, fn func(share float64)) context.Context {
	return duck.Watched(ctx, fn)
}

// Close lets go of the engine. The snapshot may be released after it.
func (r *Result) Close() error { return r.session.Close() }

// Rows runs the statement and yields its rows. It stops when ctx ends. The
// slice is used again for the next row; an error is the last thing yielded.
func (r *Result) Rows(ctx context.Context) iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		row := make([]Value, len(r.columns))
		for batch, err := range r.session.Rows(ctx, r.asText()) {
			if err == nil && batch.Columns() != len(row) {
				err = errors.New("the query engine gave other columns than it said")
			}
			if err != nil {
				yield(nil, translate(ctx, r.plan.src, r.plan, err))
				return
			}
			for i := range batch.Rows() {
				r.fill(row, batch, i)
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Encode runs the statement and writes its rows to w in a format that keeps the
// columns' own types, parquet or arrow. It returns their number.
func (r *Result) Encode(ctx context.Context, w io.Writer, format string) (int64, error) {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = duck.Name(c.Key)
	}
	n, err := r.session.Copy(ctx, w, duck.Format(format), "SELECT * FROM ("+r.sql+") AS result("+strings.Join(names, ", ")+")")
	return n, translate(ctx, r.plan.src, r.plan, err)
}

// asText is the plan's SQL with every column as text. The engine does it on
// all its threads, knows the order of a struct's fields, and keeps every digit.
// Columns are named by number, because names need not be unique inside.
func (r *Result) asText() string {
	if r.plain {
		return r.sql
	}
	var items, names []string
	for i, k := range r.kinds {
		name := "c" + strconv.Itoa(i)
		names = append(names, name)
		items = append(items, textOf(name, r.columns[i].Type, k))
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + r.sql + ") AS result(" + strings.Join(names, ", ") + ")"
}

// textOf is the SQL that writes a column as text.
func textOf(name, typ string, k duck.Kind) string {
	switch {
	case k == duck.Nested:
		return "CAST(to_json(" + name + ") AS VARCHAR)"
	case k == duck.Zoned:
		return "CAST(" + name + " AT TIME ZONE 'UTC' AS VARCHAR)"
	case typ == "DECIMAL": // the engine writes .5
		return "system.main.regexp_replace(CAST(" + name + " AS VARCHAR), '^(-?)\\.', '\\10.')"
	case typ == "INTERVAL":
		return strings.ReplaceAll(intervalText, "$", name)
	}
	return "CAST(" + name + " AS VARCHAR)"
}

// intervalText writes an interval $ as Trino does: months as 1-2, the rest as
// 1 02:03:04.567. One of both is as the engine writes it.
const intervalText = "CASE WHEN date_part('month', $) + 12 * date_part('year', $) = 0 THEN" +
	" CASE WHEN epoch_us($) < 0 THEN '-' ELSE '' END || abs(epoch_us($)) // 86400000000 || ' ' ||" +
	" strftime(make_timestamp(abs(epoch_us($)) % 86400000000), '%H:%M:%S.%g')" +
	" WHEN date_part('day', $) = 0 AND date_trunc('day', $) = $ THEN" +
	" CASE WHEN $ < INTERVAL 0 DAY THEN '-' ELSE '' END || abs(date_part('year', $)) || '-' || abs(date_part('month', $))" +
	" ELSE CAST($ AS VARCHAR) END"

// fill makes values of a row of a batch.
func (r *Result) fill(row []Value, batch duck.Batch, at int) {
	for i := range row {
		text, ok := batch.Value(i, at)
		switch {
		case !ok:
		case r.kinds[i] == duck.Time:
			text = milliseconds(text)
		case r.kinds[i] == duck.Zoned:
			text = milliseconds(text) + " UTC"
		}
		row[i] = Value{Text: text, Null: !ok}
	}
}

// milliseconds completes the engine's print of a time, which has as many digits
// as it needs, to CloudTrail Lake's three, or to six if there are more.
func milliseconds(t string) string {
	if !strings.Contains(t, ":") {
		return t // infinity
	}
	whole, fraction, _ := strings.Cut(t, ".")
	width := 3
	if len(fraction) > width {
		width = max(6, len(fraction))
	}
	return whole + "." + fraction + strings.Repeat("0", width-len(fraction))
}
