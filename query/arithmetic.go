package query

import "strings"

// Here is what Trino's operators give where the engine's give another type.

// divide makes a quotient of decimals a decimal: the engine's is floating
// point. A part of an interval is a multiple here.
func (r *resolver) divide(n node) {
	args := children(n, "children")
	switch {
	case len(args) != 2 || isNull(args[0]) || isNull(args[1]):
	case isInterval(args[0]):
		become(n, operator("*", args[0], operator("/", castTo("DOUBLE", intValue(1)), args[1])))
	default:
		become(n, call("tarn_divide", args...))
	}
}

// isNull reports whether an expression is the word NULL, which has no type.
func isNull(n node) bool {
	null, _ := child(n, "value")["is_null"].(bool)
	return null
}

// shift keeps a day a day when an interval of days is added, where the engine
// makes a time of it, and makes an interval of what is between two days, where
// the engine counts.
func (r *resolver) shift(n node) {
	args := children(n, "children")
	if len(args) != 2 {
		return
	}
	sum, _ := clone(n).(node)
	sum["alias"] = ""
	switch {
	case isDay(args[0]) && ofDays(args[1]), isDay(args[1]) && ofDays(args[0]):
		become(n, castTo("DATE", castTo("TIMESTAMP", sum)))
	case isDay(args[0]) && isDay(args[1]):
		become(n, call("to_days", castTo("INTEGER", sum)))
	}
}

// dayFunctions give days, whatever they are given.
var dayFunctions = setOf("date", "from_iso8601_date", "last_day_of_month", "make_date", "today", "get_current_date", "current_date")

// isDay reports whether an expression is surely a DATE.
func isDay(n node) bool {
	switch kind(n) {
	case "OPERATOR_CAST":
		return str(child(n, "cast_type"), "id") == "DATE"
	case "COLUMN_REF":
		names := texts(n, "column_names")
		return len(names) == 1 && strings.EqualFold(names[0], "current_date")
	}
	return kind(n) == "FUNCTION" && dayFunctions[strings.ToLower(str(n, "function_name"))]
}

// intervalsOfDays are the functions that the parser makes of INTERVAL '1' DAY and
// its kin.
var intervalsOfDays = setOf("to_years", "to_quarters", "to_months", "to_weeks", "to_days")

// isInterval reports whether an expression is surely an interval.
func isInterval(n node) bool {
	return ofDays(n) || kind(n) == "FUNCTION" && intervalsOfTime[strings.ToLower(str(n, "function_name"))]
}

// intervalsOfTime are those of INTERVAL '1' HOUR and its kin.
var intervalsOfTime = setOf("to_hours", "to_minutes", "to_seconds", "to_milliseconds", "to_microseconds")

// ofDays reports whether an expression is surely an interval of whole days.
func ofDays(n node) bool {
	return kind(n) == "FUNCTION" && intervalsOfDays[strings.ToLower(str(n, "function_name"))]
}

// wholeTypes are the types without fractions.
var wholeTypes = setOf("TINYINT", "SMALLINT", "INTEGER", "BIGINT")

// fractionless are functions whose value has no fraction; the parser makes
// intervals with trunc.
var fractionless = setOf("trunc", "tarn_half_up")

// halfUp rounds what is cast to a whole number as Trino does: the engine rounds
// halves of floating point to even numbers.
func halfUp(n node) {
	inner := child(n, "child")
	if kind(n) != "OPERATOR_CAST" || !wholeTypes[str(child(n, "cast_type"), "id")] || str(inner, "class") == "CONSTANT" ||
		fractionless[strings.ToLower(str(inner, "function_name"))] {
		return
	}
	n["child"] = call("tarn_half_up", inner)
}
