package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tarn/lake"
	"tarn/query/internal/duck"
	"tarn/schemas"
)

// How many events a segment has, and the times of its first and last one, stand in the
// log. A statement that asks for nothing else of a store, in all or by day, is answered
// from there; files are read of those segments alone that a bound in WHERE cuts.

const (
	rowsColumn = "tarn_rows" // how many events a row stands for
	lastColumn = "tarn_last" // the time of the last one; that of the first is eventtime
)

// counter finds out whether a statement can be answered so, and has what changes then.
type counter struct {
	names  []string // of the select list that no column has, in lower case
	counts []node   // count(*)
	maxima []node   // max(eventtime)
	minima int
	days   bool // days are asked for
}

// countable returns what there is to change in a statement that asks for nothing but
// numbers of events, first and last times, and days, of one store; else nil.
func countable(stmt *Statement) *counter {
	query := child(children(stmt.tree, "statements")[0], "node")
	if len(stmt.stores) != 1 || kind(query) != "SELECT_NODE" || len(children(child(query, "cte_map"), "map")) > 0 {
		return nil
	}
	rel := stmt.stores[0]
	from := child(query, "from_table")
	if kind(from) != "BASE_TABLE" || rel.athena || !rel.mayPrune() || len(rel.hidden) > 0 || !rel.onlyTimes(child(query, "where_clause")) {
		return nil
	}
	c := counter{}
	for _, item := range children(query, "select_list") {
		alias := strings.ToLower(str(item, "alias"))
		if _, column := fieldNamed(rel.columns, alias); alias != "" && !column {
			c.names = append(c.names, alias)
		}
	}
	for _, key := range sortedKeys(query) {
		switch key {
		case "from_table", "cte_map", "where_clause":
		default:
			if !c.understands(query[key]) {
				return nil
			}
		}
	}
	if len(c.counts)+len(c.maxima)+c.minima == 0 && len(children(query, "group_expressions")) == 0 {
		return nil // rows are asked for
	}
	return &c
}

// change has the aggregates take what rows stand for.
func (c *counter) change() {
	for _, n := range c.counts {
		sum := call("sum", columnRef(rowsColumn))
		become(n, castTo("BIGINT", node{"class": "OPERATOR", "type": "OPERATOR_COALESCE", "alias": "", "children": nodes(sum, intValue(0))}))
	}
	for _, n := range c.maxima {
		n["children"] = nodes(columnRef(lastColumn))
	}
}

// understands reports whether a part of a statement asks for what is known, and for
// nothing else.
func (c *counter) understands(v any) bool {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if !c.understands(e) {
				return false
			}
		}
	case node:
		return c.understandsNode(v)
	}
	return true
}

// dayParts tell of a time no more than its day does; plainFunctions are of values
// alone.
var (
	dayParts       = setOf("date", "year", "month", "day", "quarter", "week", "day_of_week", "day_of_month", "day_of_year", "last_day_of_month")
	dayUnits       = setOf("day", "week", "month", "quarter", "year")
	plainFunctions = setOf("+", "-", "*", "/", "%", "round", "abs", "coalesce", "lower", "upper", "concat", "||")
	plainClasses   = setOf("", "CONSTANT", "OPERATOR", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "CAST")
)

func (c *counter) understandsNode(n node) bool {
	class := str(n, "class")
	switch {
	case sameAllDay(n):
		c.days = true
		return true
	case class == "COLUMN_REF":
		names := texts(n, "column_names")
		return len(names) == 1 && slices.Contains(c.names, strings.ToLower(names[0]))
	case class == "FUNCTION":
		return c.aggregate(n) || plainFunctions[strings.ToLower(str(n, "function_name"))] && c.understands(n["children"])
	case !plainClasses[class] || n["sample"] != nil:
		return false
	}
	for key, part := range n {
		if key != "cast_type" && key != "value" && !c.understands(part) {
			return false
		}
	}
	return true
}

// aggregate notes count(*), min(eventtime) and max(eventtime), bare.
func (c *counter) aggregate(n node) bool {
	args := children(n, "children")
	if n["filter"] != nil || str(n, "schema") != "" || len(children(child(n, "order_bys"), "orders")) > 0 {
		return false
	}
	distinct, _ := n["distinct"].(bool)
	switch name := strings.ToLower(str(n, "function_name")); {
	case name == "count_star", name == "count" && !distinct && len(args) == 1 && (isTime(args[0]) || isNumber(args[0])):
		c.counts = append(c.counts, n)
	case name == "min" && len(args) == 1 && isTime(args[0]):
		c.minima++
	case name == "max" && len(args) == 1 && isTime(args[0]):
		c.maxima = append(c.maxima, n)
	default:
		return false
	}
	return true
}

// sameAllDay reports whether an expression is the same for all times of a day.
func sameAllDay(n node) bool {
	args := children(n, "children")
	switch name := strings.ToLower(str(n, "function_name")); {
	case kind(n) == "OPERATOR_CAST":
		return str(child(n, "cast_type"), "id") == "DATE" && isTime(child(n, "child"))
	case kind(n) != "FUNCTION":
		return false
	case name == "date_trunc" && len(args) == 2:
		unit, ok := literal(args[0])
		return ok && dayUnits[strings.ToLower(unit)] && isTime(args[1])
	default:
		return dayParts[name] && len(args) == 1 && isTime(args[0])
	}
}

// isTime reports whether an expression is the column eventtime, of the only store that
// there is.
func isTime(n node) bool {
	names := texts(n, "column_names")
	return str(n, "class") == "COLUMN_REF" && len(names) > 0 && len(names) < 3 && strings.EqualFold(names[len(names)-1], schemas.EventTime)
}

// isNumber reports whether an expression is a number that stands there.
func isNumber(n node) bool {
	_, ok := ordinalValue(n)
	return str(n, "class") == "CONSTANT" && ok
}

// onlyTimes reports whether a WHERE says nothing but what the bounds do: each of its
// conditions is one of them.
func (r *relation) onlyTimes(where node) bool {
	return conditionsIn(where) == r.bounds.exact
}

// conditionsIn is how many comparisons a WHERE joins with AND; many if it is something
// else.
func conditionsIn(n node) int {
	const many = 1 << 20
	switch {
	case n == nil:
		return 0
	case kind(n) == "CONJUNCTION_AND":
		count := 0
		for _, part := range children(n, "children") {
			count += conditionsIn(part)
		}
		return count
	case kind(n) == "COMPARE_BETWEEN":
		return 2
	case str(n, "class") == "COMPARISON":
		return 1
	}
	return many
}

// sum is what segments have together.
type sum struct{ rows, first, last int64 }

// sums adds segments up, all together or by day.
func sums(segments []*lake.Segment, byDay bool) (all []sum) {
	at := map[string]int{}
	for _, seg := range segments {
		first, last := seg.MinTime.UnixMicro(), seg.MaxTime.UnixMicro()
		day := ""
		if byDay {
			day = seg.Day
		}
		i, ok := at[day]
		if !ok {
			i = len(all)
			at[day], all = i, append(all, sum{0, first, last})
		}
		s := &all[i]
		s.rows, s.first, s.last = s.rows+seg.Rows, min(s.first, first), max(s.last, last)
	}
	return all
}

// listed is a column of whole numbers. The engine splits a text: a list of literals
// would take it ten times as long.
func listed(all []sum, name string, value func(sum) int64) string {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatInt(value(s), 10))
	}
	return "CAST(unnest(string_split('" + b.String() + "', ' ')) AS BIGINT) AS " + name
}

// countedSQL has a row for each day of what is counted, or for all, and one for each
// event of what is read.
func (s Scan) countedSQL() string {
	all := sums(s.Counted, s.counts.days)
	lists := []string{listed(all, "first", func(s sum) int64 { return s.first }), listed(all, "n", func(s sum) int64 { return s.rows })}
	last := "first"
	if len(s.counts.maxima) > 0 {
		last, lists = "last", append(lists, listed(all, "last", func(s sum) int64 { return s.last }))
	}
	sql := fmt.Sprintf("SELECT make_timestamp(first) AS %s, make_timestamp(%s) AS %s, n AS %s FROM (SELECT %s)", schemas.EventTime, last, lastColumn, rowsColumn, strings.Join(lists, ", "))
	if len(s.Kept) > 0 {
		read := s.from([]viewColumn{{schemas.Field{Name: schemas.EventTime, Kind: schemas.Timestamp}, duck.Name(schemas.EventTime)}})
		sql += fmt.Sprintf(" UNION ALL SELECT %s, %s AS %s, CAST(1 AS BIGINT) AS %s FROM (%s)", schemas.EventTime, schemas.EventTime, lastColumn, rowsColumn, read)
	}
	return sql
}

// includes reports whether all events of a segment are within the bounds.
func (b bounds) includes(seg *lake.Segment) bool {
	if !b.from.IsZero() && (seg.MinTime.Before(b.from) || b.fromOpen && seg.MinTime.Equal(b.from)) {
		return false
	}
	return b.to.IsZero() || !seg.MaxTime.After(b.to) && !(b.toOpen && seg.MaxTime.Equal(b.to))
}
