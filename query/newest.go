package query

import (
	"context"
	"slices"
	"strings"
	"time"

	"tarn/lake"
	"tarn/query/internal/duck"
)

// Who asks for the newest of something, ORDER BY eventTime DESC LIMIT 20, wants what
// stands in one segment of thousands. So the newest are read first, for the times alone,
// until there are as many rows as are asked for: all that is older than the last of them
// need not be read. Where WHERE asks for nothing but times, the log says as much.

// newest is what a plan knows of a statement that asks for the newest rows, or the
// oldest.
type newest struct {
	rows   int  // how many, with those that OFFSET leaves out
	oldest bool // the oldest are asked for

	probe   string       // the statement that tells their times
	columns []viewColumn // that it reads
}

const (
	// fewSegments are read as they are: looking for less takes longer.
	fewSegments = 8
	// mostNewest is how many rows may be asked for.
	mostNewest = 10_000
	// widen is how many times more segments are looked at than before.
	widen = 8
)

// chance is what gives something else each time.
var chance = setOf("random", "rand", "uuid", "shuffle", "setseed", "gen_random_uuid")

// newestOf says what a statement asks for, if it is the newest or oldest rows of one
// store; else it returns nil.
func newestOf(stmt *Statement) *newest {
	query := child(children(stmt.tree, "statements")[0], "node")
	if len(stmt.stores) != 1 || kind(query) != "SELECT_NODE" || kind(child(query, "from_table")) != "BASE_TABLE" {
		return nil
	}
	rel := stmt.stores[0]
	grouped := len(children(query, "group_expressions")) > 0 || str(query, "aggregate_handling") != "STANDARD_HANDLING"
	if rel.athena || !rel.mayPrune() || grouped || query["having"] != nil || query["qualify"] != nil {
		return nil
	}
	n := &newest{}
	for _, m := range children(query, "modifiers") {
		switch kind(m) {
		case "ORDER_MODIFIER":
			orders := children(m, "orders")
			if len(orders) == 0 || !orderedByTime(query, child(orders[0], "expression")) {
				return nil
			}
			n.oldest = str(orders[0], "type") != "DESCENDING"
		case "LIMIT_MODIFIER":
			limit, ok := ordinalValue(child(m, "limit"))
			offset, also := ordinalValue(child(m, "offset"))
			if !ok || !also && m["offset"] != nil || limit < 0 || offset < 0 {
				return nil
			}
			n.rows = limit + offset
		default:
			return nil
		}
	}
	ordered := slices.ContainsFunc(children(query, "modifiers"), func(m node) bool { return kind(m) == "ORDER_MODIFIER" })
	if !ordered || n.rows < 1 || n.rows > mostNewest || !rowByRow(query["select_list"]) || !rowByRow(query["where_clause"]) {
		return nil
	}
	return n
}

// orderedByTime reports whether an expression of ORDER BY is the column eventtime: by its
// name, by that of the select list, or by its number there.
func orderedByTime(query, by node) bool {
	items := children(query, "select_list")
	if i, ok := ordinalValue(by); ok {
		return i >= 1 && i <= len(items) && isTime(items[i-1])
	}
	names := texts(by, "column_names")
	if str(by, "class") != "COLUMN_REF" || len(names) == 0 {
		return false
	}
	for _, item := range items {
		if len(names) == 1 && strings.EqualFold(str(item, "alias"), names[0]) {
			return isTime(item)
		}
	}
	return isTime(by)
}

// rowByRow reports whether a part of a statement says of each row by itself, the same each
// time, and makes no more or fewer rows.
func rowByRow(v any) bool {
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !rowByRow(e) })
	case node:
		if class := str(v, "class"); class == "SUBQUERY" || class == "WINDOW" {
			return false
		}
		if name := strings.ToLower(str(v, "function_name")); name == "unnest" || chance[name] {
			return false
		}
		for key, part := range v {
			if key != "cast_type" && !rowByRow(part) {
				return false
			}
		}
	}
	return true
}

// probed is the statement that tells the times of the rows that are asked for.
func (n *newest) probed(stmt *Statement) node {
	query := child(children(stmt.tree, "statements")[0], "node")
	time := columnRef(stmt.stores[0].alias, "eventtime")
	direction := map[bool]string{false: "DESCENDING", true: "ASCENDING"}[n.oldest]
	probe := selectNode([]any{time})
	probe["from_table"], probe["where_clause"] = clone(query["from_table"]), clone(query["where_clause"])
	probe["modifiers"] = []any{
		node{"type": "ORDER_MODIFIER", "orders": []any{node{"type": direction, "null_order": "ORDER_DEFAULT", "expression": clone(time)}}},
		node{"type": "LIMIT_MODIFIER", "limit": intValue(n.rows), "offset": nil},
	}
	return node{"error": false, "statements": []any{node{"node": probe, "named_param_map": []any{}}}}
}

// inOrder are segments in the order in which they are looked at.
func (n *newest) inOrder(all []lake.Segment) []*lake.Segment {
	ordered := pointersTo(all, func(*lake.Segment) bool { return true })
	slices.SortStableFunc(ordered, func(a, b *lake.Segment) int {
		if n.oldest {
			return a.MinTime.Compare(b.MinTime)
		}
		return b.MaxTime.Compare(a.MaxTime)
	})
	return ordered
}

func pointersTo(all []lake.Segment, which func(*lake.Segment) bool) (some []*lake.Segment) {
	for i := range all {
		if which(&all[i]) {
			some = append(some, &all[i])
		}
	}
	return some
}

// divide separates what may have rows up to a time, in the order of the statement, from
// what has none.
func (n *newest) divide(all []lake.Segment, last time.Time) (kept []lake.Segment, beyond []*lake.Segment) {
	for i := range all {
		seg := &all[i]
		if n.oldest && seg.MinTime.Truncate(time.Microsecond).After(last) || !n.oldest && seg.MaxTime.Before(last) {
			beyond = append(beyond, seg)
		} else {
			kept = append(kept, *seg)
		}
	}
	return kept, beyond
}

// known returns the time up to which there are enough rows, as the log tells, of segments
// that lie within the bounds.
func (n *newest) known(all []lake.Segment, b bounds) (last time.Time, ok bool) {
	// By their far ends: what has been met by then has all of its rows before.
	within := pointersTo(all, func(seg *lake.Segment) bool { return b.includes(seg) && len(seg.Without()) == 0 })
	slices.SortFunc(within, func(a, b *lake.Segment) int {
		if n.oldest {
			return a.MaxTime.Compare(b.MaxTime)
		}
		return b.MinTime.Compare(a.MinTime)
	})
	rows := int64(0)
	for _, seg := range within {
		if rows += seg.Rows; rows >= int64(n.rows) {
			if n.oldest {
				return seg.MaxTime, true
			}
			return seg.MinTime.Truncate(time.Microsecond), true
		}
	}
	return last, false
}

// order leaves out what lies beyond the rows that are asked for, if the log tells; if it
// does not, it notes how to find out.
func (p *Plan) order(ctx context.Context, engine duck.Engine, stmt *Statement) (err error) {
	if p.newest == nil {
		return nil
	}
	rel, scan, n := stmt.stores[0], &p.Scans[0], p.newest
	if rel.onlyTimes(child(child(children(stmt.tree, "statements")[0], "node"), "where_clause")) {
		if last, ok := n.known(scan.Kept, rel.bounds); ok {
			scan.leaveBeyond(n, last)
		}
		p.newest = nil
		return nil
	}
	if len(scan.Kept) <= fewSegments {
		p.newest = nil
		return nil
	}
	if n.probe, err = p.print(ctx, engine, n.probed(stmt)); err == nil {
		n.columns = scanColumns(rel, namesIn(n.probe))
	}
	return err
}

// narrow leaves out of a plan what lies beyond the rows that are asked for.
func (e *Engine) narrow(ctx context.Context, plan *Plan) {
	n := plan.newest
	if n == nil || len(plan.Scans[0].Kept) <= fewSegments {
		return
	}
	all := n.inOrder(plan.Scans[0].Kept)
	for size := 1; size*2 < len(all); size *= widen {
		last, enough, err := e.probe(ctx, plan, all[:size])
		if err != nil {
			return // the statement itself tells
		}
		if enough {
			plan.Scans[0].leaveBeyond(n, last)
			return
		}
	}
}

// leaveBeyond leaves out what has no rows up to a time, in the order of the statement.
func (s *Scan) leaveBeyond(n *newest, last time.Time) {
	s.Kept, s.Beyond = n.divide(s.Kept, last)
}

// probe asks some segments for the rows, and returns the time of the last one.
func (e *Engine) probe(ctx context.Context, plan *Plan, some []*lake.Segment) (last time.Time, enough bool, err error) {
	scan := plan.Scans[0]
	scan.Kept, scan.columns = nil, plan.newest.columns
	for _, seg := range some {
		scan.Kept = append(scan.Kept, *seg)
	}
	part := &Plan{src: plan.src, snap: plan.snap, SQL: plan.newest.probe, Scans: []Scan{scan}, folders: plan.folders}
	res, err := e.begin(ctx, part)
	if err != nil {
		return last, false, err
	}
	defer res.Close()
	rows := 0
	for row, err := range res.Rows(ctx) {
		if err != nil {
			return last, false, err
		}
		t, ok := parseTime(row[0].Text)
		if !ok {
			return last, false, nil // nothing is left out
		}
		last, rows = t, rows+1
	}
	return last, rows >= plan.newest.rows, nil
}
