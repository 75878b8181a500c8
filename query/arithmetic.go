package query

import "strings"

// Here is what Trino's operators give where the engine's give another type.

// divide makes a quotient of decimals a decimal: the engine's is floating
// point.
func (r *resolver) divide(n node) {
	if args := children(n, "children"); len(args) == 2 {
		become(n, call("tarn_divide", args...))
	}
}

// shift keeps a day a day when an interval of days is added: the engine makes a
// time of it.
func (r *resolver) shift(n node) {
	args := children(n, "children")
	if len(args) == 2 && (isDay(args[0]) && ofDays(args[1]) || isDay(args[1]) && ofDays(args[0])) {
		sum, _ := clone(n).(node)
		sum["alias"] = ""
		become(n, castTo("DATE", castTo("TIMESTAMP", sum)))
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
