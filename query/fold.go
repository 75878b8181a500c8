package query

import (
	"context"
	"strings"
	"time"
)

// foldable are the functions that make times of constants, and texts of times. A call of them in a
// WHERE, without columns, is worked out while the statement is planned: what
// comes out bounds the time, and takes the place of the call in the tree, so
// that now() is the same for the plan and for the engine.
var foldable = setOf("now", "get_current_timestamp", "transaction_timestamp", "today", "current_timezone",
	"+", "-", "*", "trunc", "floor", "abs", "date_add", "date_sub", "date_trunc", "datetrunc", "date", "make_date", "make_timestamp",
	"to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds", "to_milliseconds", "to_quarters",
	"from_iso8601_timestamp", "from_iso8601_date", "from_unixtime", "to_timestamp", "date_parse", "parse_datetime", "strptime",
	"date_format", "format_datetime", "strftime", "to_iso8601", "concat", "||",
	"timezone", "at_timezone", "with_timezone", "tarn_at_zone", "tarn_utc", "tarn_as", "epoch_ms", "last_day", "last_day_of_month")

// isFoldable reports whether an expression is made of constants and foldable
// functions alone.
func isFoldable(n node, s *scope) bool {
	var parts []node
	switch kind(n) {
	case "VALUE_CONSTANT":
		return true
	case "COLUMN_REF":
		names := texts(n, "column_names")
		_, known, problem := s.lookup(names)
		return len(names) == 1 && isClock(names[0]) && !known && problem == nil && !s.anyOpen()
	case "OPERATOR_CAST":
		parts = []node{child(n, "child")}
	case "FUNCTION":
		if !foldable[strings.ToLower(str(n, "function_name"))] {
			return false
		}
		parts = children(n, "children")
	default:
		return false
	}
	for _, p := range parts {
		if !isFoldable(p, s) {
			return false
		}
	}
	return true
}

// anyOpen reports whether there are columns around that are not known here.
func (s *scope) anyOpen() bool {
	for ; s != nil; s = s.outer {
		if s.open {
			return true
		}
	}
	return false
}

// moment is a time that a WHERE compares with.
type moment struct {
	time.Time
	day bool // it is a DATE
}

// constantTime works out a time, if the expression is a constant one. What
// takes more than reading a text is replaced by its value.
func (r *resolver) constantTime(n node, s *scope) (moment, bool) {
	if m, ok := timeLiteral(n); ok || r.eval == nil {
		return m, ok
	}
	if kind(n) == "VALUE_CONSTANT" || !isFoldable(n, s) {
		return moment{}, false
	}
	expression := clone(n).(node)
	r.expression(expression, s)
	typ, value := r.eval(expression)
	if !isTimeType(typ) {
		return moment{}, false
	}
	t, ok := parseTime(value)
	if !ok || strings.Contains(typ, "NS") {
		return moment{}, false
	}
	id := "TIMESTAMP"
	if typ == "DATE" {
		id = typ
	}
	become(n, castTo(id, textValue(printTime(t))))
	return moment{t, typ == "DATE"}, true
}

// evaluator returns what works out constant expressions. What the engine will
// refuse has no type.
func (e *Engine) evaluator(ctx context.Context) func(expression node) (kind, value string) {
	return func(expression node) (string, string) {
		statement := node{"node": selectNode([]any{expression}), "named_param_map": []any{}}
		tree := node{"error": false, "statements": []any{statement}}
		text, err := encodeTree(tree)
		if err != nil {
			return "", ""
		}
		sql, err := e.duck.Print(ctx, text)
		if err != nil {
			return "", ""
		}
		kind, value, err := e.duck.Eval(ctx, sql, neededBy(sql, e.macros)...)
		if err != nil {
			return "", ""
		}
		return kind, value
	}
}
