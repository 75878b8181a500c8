package query

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tarn/schemas"
)

// A time is stored in UTC and without zone. DuckDB reads over the offset of a
// text that it turns into such a time, so '14:00:00+02:00' would mean 14:00. In
// Trino it means the instant, and here too: texts of constants are rewritten on
// the tree, others are read as times with zone first.

// timeText are the times that are understood here: with a zone or without one,
// with seconds or without.
var timeText = regexp.MustCompile(`^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*([Zz]|UTC|[+-]\d{1,2}(?::?\d{2})?)?)?\s*$`)

// plainTime are those that DuckDB understands in the same way by itself.
var plainTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?)?$`)

// startsLikeTime are texts of which the engine is asked what time they are.
var startsLikeTime = regexp.MustCompile(`^\s*\d{4,}-\d{1,2}-\d{1,2}\s*\S`)

// parseTime reads a time in UTC; what has no zone is in UTC. Digits beyond the
// microsecond are dropped, as DuckDB does.
func parseTime(text string) (time.Time, bool) {
	m := timeText.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	var n [7]int // year … second, microsecond
	for i := range 6 {
		n[i], _ = strconv.Atoi(m[i+1]) // digits or nothing
	}
	n[6], _ = strconv.Atoi((m[7] + "000000")[:6])
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, time.UTC)
	if n[0] < 1 || int(t.Month()) != n[1] || t.Day() != n[2] || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, false
	}
	offset, ok := offsetOf(m[8])
	return t.Add(-offset), ok
}

// offsetOf reads what stands behind a time: nothing, Z, UTC, +02, +02:00, +0200.
func offsetOf(zone string) (time.Duration, bool) {
	if zone == "" || zone[0] != '+' && zone[0] != '-' {
		return 0, true
	}
	digits := strings.ReplaceAll(zone[1:], ":", "")
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	n, _ := strconv.Atoi((digits + "00")[:4])
	offset := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return offset, n/100 < 24 && n%100 < 60
}

// printTime writes a time so that DuckDB reads it as it is.
func printTime(t time.Time) string { return t.Format("2006-01-02 15:04:05.999999") }

// inUTC returns what stands for a text where a time is meant, nil if the text
// can stay as it is.
func inUTC(text string) node {
	if plainTime.MatchString(text) {
		return nil
	}
	if t, ok := parseTime(text); ok {
		return textValue(printTime(t))
	}
	if startsLikeTime.MatchString(text) {
		return castTo("TIMESTAMP", castTo("TIMESTAMP WITH TIME ZONE", textValue(text)))
	}
	return nil
}

// isTimeType reports whether a type is DATE or a kind of TIMESTAMP.
func isTimeType(id string) bool { return id == "DATE" || strings.HasPrefix(id, "TIMESTAMP") }

// castTime makes a cast to a time mind the zone in the text that it is given.
func castTime(n node, s *scope) {
	if kind(n) != "OPERATOR_CAST" || !isTimeType(str(child(n, "cast_type"), "id")) {
		return
	}
	inner := child(n, "child")
	if text, ok := literal(inner); ok {
		if utc := inUTC(text); utc != nil {
			become(inner, utc)
		}
		return
	}
	if str(inner, "class") == "CONSTANT" || side(inner, s) == timeSide {
		return
	}
	if try, _ := n["try_cast"].(bool); try {
		n["child"] = call("tarn_try_utc", inner)
		return
	}
	n["child"] = call("tarn_utc", inner)
}

// timeAsText makes a cast of a column's time to varchar write milliseconds, as
// those of the type of eventTime are: the engine writes as few digits as it can.
func timeAsText(n node, s *scope) {
	if kind(n) == "OPERATOR_CAST" && str(child(n, "cast_type"), "id") == "VARCHAR" && ofColumn(child(n, "child"), s) {
		become(n, call("tarn_time_text", child(n, "child")))
	}
}

// ofColumn reports whether an expression is a time that comes from a column.
func ofColumn(n node, s *scope) bool {
	args := children(n, "children")
	switch name := strings.ToLower(str(n, "function_name")); {
	case kind(n) == "COLUMN_REF":
		return side(n, s) == timeSide
	case len(args) > 0 && (name == "date_trunc" || name == "date_add"):
		return ofColumn(args[len(args)-1], s)
	case len(args) > 0 && keepers[name]:
		return ofColumn(args[0], s)
	}
	return false
}

// sideKind is what is known of an operand before the engine binds it.
type sideKind uint8

const (
	unknownSide sideKind = iota
	timeSide
	otherSide
)

func side(n node, s *scope) sideKind {
	switch kind(n) {
	case "COLUMN_REF":
		m, known, problem := s.lookup(texts(n, "column_names"))
		switch {
		case !known || problem != nil:
			return unknownSide
		case m.last().Kind == schemas.Timestamp:
			return timeSide
		}
		return otherSide
	case "OPERATOR_CAST":
		if isTimeType(str(child(n, "cast_type"), "id")) {
			return timeSide
		}
		return otherSide
	case "VALUE_CONSTANT":
		return otherSide
	}
	if class := str(n, "class"); class == "FUNCTION" || class == "WINDOW" {
		if args := children(n, "children"); keepers[strings.ToLower(str(n, "function_name"))] && len(args) > 0 {
			return side(args[0], s)
		}
	}
	return unknownSide
}

// keepers are aggregates and windows that give what they take; the engine
// cannot tell a macro what type that is.
var keepers = setOf("max", "min", "any_value", "arbitrary", "first", "last", "max_by", "min_by", "arg_max", "arg_min",
	"lag", "lead", "first_value", "last_value", "nth_value")

// meetings are the functions that compare their arguments or make one type of
// them, so that a text among them becomes a time if another is one.
var meetings = setOf("greatest", "least", "nullif", "ifnull", "date_diff", "datediff", "date_sub", "datesub", "age", "-",
	"contains", "list_contains", "array_contains", "list_has", "array_has", "list_position", "array_position", "list_indexof")

// compared returns the operands of a comparison.
func compared(n node) []node {
	switch {
	case str(n, "class") == "COMPARISON":
		return []node{child(n, "left"), child(n, "right")}
	case kind(n) == "COMPARE_BETWEEN":
		return []node{child(n, "input"), child(n, "lower"), child(n, "upper")}
	case kind(n) == "COMPARE_IN", kind(n) == "COMPARE_NOT_IN":
		return children(n, "children")
	}
	return nil
}

// united returns operands that become one type without being compared.
func united(n node) []node {
	switch kind(n) {
	case "OPERATOR_COALESCE", "OPERATOR_NULLIF":
		return children(n, "children")
	case "FUNCTION":
		if meetings[strings.ToLower(str(n, "function_name"))] {
			return children(n, "children")
		}
	case "CASE_EXPR":
		all := []node{child(n, "else_expr")}
		for _, c := range children(n, "case_checks") {
			all = append(all, child(c, "then_expr"))
		}
		return all
	}
	return nil
}

// meet turns the texts among operands that meet into UTC, if they meet a time.
// Where only the engine can tell that, a macro decides by the type.
func (r *resolver) meet(s *scope, operands ...node) {
	var other node
	for _, n := range operands {
		if _, isText := literal(n); n != nil && !isText && (other == nil || side(n, s) == timeSide) {
			other = n
		}
	}
	known := side(other, s)
	if other == nil || known == otherSide {
		return
	}
	for _, n := range operands {
		text, isText := literal(n)
		if !isText {
			continue
		}
		utc := inUTC(text)
		switch {
		case utc == nil:
		case known == timeSide:
			become(n, utc)
		case weight(other) > largestOperand, keepers[strings.ToLower(str(other, "function_name"))]:
			r.fail(r.src.faultAt(at(n), "it cannot be told whether '"+text+"' is meant as a time; write TIMESTAMP before it"))
		default:
			become(n, call("tarn_as", other, textValue(text), utc))
		}
	}
}

// largestOperand bounds what is repeated in the tree, where meetings are nested.
const largestOperand = 200

// weight counts the nodes of an expression.
func weight(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += weight(e)
		}
	case node:
		n = 1
		for _, e := range v {
			n += weight(e)
		}
	}
	return n
}

// compare applies the rules for times to the operands of a comparison.
func (r *resolver) compare(s *scope, operands ...node) {
	r.meet(s, operands...)
	for _, n := range operands {
		if side(n, s) != timeSide {
			continue
		}
		for _, other := range operands {
			if readsText(other, s) {
				become(other, call("tarn_utc", maps.Clone(other)))
			}
		}
		return
	}
}

// readsText reports whether an operand may be a text of the data.
func readsText(n node, s *scope) bool {
	switch kind(n) {
	case "COLUMN_REF":
		return side(n, s) != timeSide && !isClock(texts(n, "column_names")[0])
	case "SUBQUERY", "ARRAY_EXTRACT", "STRUCT_EXTRACT", "CASE_EXPR", "OPERATOR_COALESCE":
		return true
	case "FUNCTION":
		return textFunctions[strings.ToLower(str(n, "function_name"))]
	}
	return false
}

// textFunctions are those that may give times as texts.
var textFunctions = setOf("element_at", "json_extract_scalar", "json_extract_string", "json_extract", "json_value", "->>",
	"concat", "||", "substr", "substring", "trim", "replace", "regexp_extract", "regexp_replace", "split_part", "upper", "lower",
	"format", "printf", "date_format", "strftime", "format_datetime", "to_iso8601", "url_decode", "url_extract_parameter",
	"list_extract", "array_extract", "map_extract_value", "struct_extract")

// displayed takes the zone from an operand of a comparison. AT TIME ZONE says
// how a time is shown; the instant, which is compared, is the same.
func displayed(n node) {
	for isDisplayed(n) {
		become(n, children(n, "children")[1])
	}
}

func isDisplayed(n node) bool {
	name := strings.ToLower(str(n, "function_name"))
	return kind(n) == "FUNCTION" && (name == "timezone" || name == "tarn_at_zone") && len(children(n, "children")) == 2
}
