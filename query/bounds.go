package query

import (
	"strings"
	"time"

	"tarn/lake"
	"tarn/schemas"
)

// bounds are the times between which all rows of a store that matter are.
type bounds struct {
	from, to         time.Time // zero where there is none
	fromOpen, toOpen bool      // the bound itself does not match
	text             []string  // as conditions, for the plan
	exact            int       // how many conditions say no more than the bounds do
}

// excludes reports whether a segment lies outside.
func (b bounds) excludes(seg *lake.Segment) bool {
	if !b.from.IsZero() && (seg.MaxTime.Before(b.from) || b.fromOpen && seg.MaxTime.Equal(b.from)) {
		return true
	}
	return !b.to.IsZero() && (seg.MinTime.After(b.to) || b.toOpen && seg.MinTime.Equal(b.to))
}

// mirrored are the comparisons with their sides exchanged.
var mirrored = map[string]string{
	"COMPARE_EQUAL":                "COMPARE_EQUAL",
	"COMPARE_LESSTHAN":             "COMPARE_GREATERTHAN",
	"COMPARE_LESSTHANOREQUALTO":    "COMPARE_GREATERTHANOREQUALTO",
	"COMPARE_GREATERTHAN":          "COMPARE_LESSTHAN",
	"COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
}

// timeBound notes what eventtime, or its day, is compared with.
func (r *resolver) timeBound(s *scope, column node, comparison string, value node) {
	r.textBound(s, column, comparison, value)
	rel, daily, ok := eventTime(s, column)
	if !ok || comparison == "" {
		return
	}
	m, ok := r.constantTime(value, s)
	if !ok {
		return
	}
	if !daily && rel.athena {
		rel.bounds.addSecond(comparison, m.Time)
		return
	}
	if !daily {
		rel.bounds.add(comparison, m.Time)
		if mirrored[comparison] != "" {
			rel.bounds.exact++
		}
		return
	}
	if _, isText := literal(value); isText {
		m.Time = m.Truncate(24 * time.Hour) // a text becomes a day too
	}
	rel.bounds.addDay(comparison, m.Time)
	if mirrored[comparison] != "" && m.Equal(m.Truncate(24*time.Hour)) {
		rel.bounds.exact++
	}
}

// timesIn notes between which times a list of them lies.
func (r *resolver) timesIn(s *scope, column node, values []node) {
	rel, daily, ok := eventTime(s, column)
	if !ok {
		return
	}
	var first, last time.Time
	for i, v := range values {
		m, ok := r.constantTime(v, s)
		if !ok || daily && !m.Equal(m.Truncate(24*time.Hour)) {
			return
		}
		if i == 0 || m.Before(first) {
			first = m.Time
		}
		if i == 0 || m.After(last) {
			last = m.Time
		}
	}
	switch {
	case daily:
		last = last.Add(24*time.Hour - time.Microsecond)
	case rel.athena:
		last = last.Add(time.Second)
	}
	rel.bounds.add("COMPARE_GREATERTHANOREQUALTO", first)
	rel.bounds.add("COMPARE_LESSTHANOREQUALTO", last)
}

// eventTime returns the store whose event time an expression is: the column
// itself, or date(…) and CAST(… AS date) of it, which are daily.
func eventTime(s *scope, n node) (rel *relation, daily, ok bool) {
	switch {
	case kind(n) == "OPERATOR_CAST" && str(child(n, "cast_type"), "id") == "DATE":
		n, daily = child(n, "child"), true
	case kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "date") && len(children(n, "children")) == 1:
		n, daily = children(n, "children")[0], true
	}
	read := false // from text
	if kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "from_iso8601_timestamp") && len(children(n, "children")) == 1 {
		n, read = children(n, "children")[0], true
	}
	m, ok := storeColumn(s, n)
	if !ok || m.relation.table == nil || m.relation.athena != read || m.dotted() != schemas.EventTime {
		return nil, false, false
	}
	return m.relation, daily, true
}

// addSecond notes what the second of the time, as it is printed, is compared with.
func (b *bounds) addSecond(comparison string, t time.Time) {
	if comparison == "COMPARE_EQUAL" || strings.HasPrefix(comparison, "COMPARE_LESS") {
		b.add("COMPARE_LESSTHAN", t.Add(time.Second))
	}
	if comparison == "COMPARE_EQUAL" || strings.HasPrefix(comparison, "COMPARE_GREATER") {
		b.add("COMPARE_GREATERTHANOREQUALTO", t)
	}
}

// addDay notes what the day of the time is compared with. Days are compared
// as their first moments.
func (b *bounds) addDay(comparison string, t time.Time) {
	day := t.Truncate(24 * time.Hour)
	next := day.Add(24 * time.Hour)
	switch comparison {
	case "COMPARE_GREATERTHAN":
		b.add("COMPARE_GREATERTHANOREQUALTO", next)
	case "COMPARE_GREATERTHANOREQUALTO":
		if !t.Equal(day) {
			day = next
		}
		b.add("COMPARE_GREATERTHANOREQUALTO", day)
	case "COMPARE_LESSTHAN":
		if !t.Equal(day) {
			day = next
		}
		b.add("COMPARE_LESSTHAN", day)
	case "COMPARE_LESSTHANOREQUALTO":
		b.add("COMPARE_LESSTHAN", next)
	case "COMPARE_EQUAL":
		if t.Equal(day) { // else there is no such day, and the engine may say so
			b.add("COMPARE_GREATERTHANOREQUALTO", day)
			b.add("COMPARE_LESSTHAN", next)
		}
	}
}

// add notes what the time is compared with.
func (b *bounds) add(comparison string, t time.Time) {
	note := func(op string) { b.text = append(b.text, "eventtime "+op+" "+printTime(t)) }
	switch comparison {
	case "COMPARE_GREATERTHAN":
		b.lower(t, true)
		note(">")
	case "COMPARE_GREATERTHANOREQUALTO":
		b.lower(t, false)
		note(">=")
	case "COMPARE_LESSTHAN":
		b.upper(t, true)
		note("<")
	case "COMPARE_LESSTHANOREQUALTO":
		b.upper(t, false)
		note("<=")
	case "COMPARE_EQUAL":
		b.lower(t, false)
		b.upper(t, false)
		note("=")
	}
}

func (b *bounds) lower(t time.Time, open bool) {
	if b.from.IsZero() || t.After(b.from) || t.Equal(b.from) && open {
		b.from, b.fromOpen = t, open
	}
}

func (b *bounds) upper(t time.Time, open bool) {
	if b.to.IsZero() || t.Before(b.to) || t.Equal(b.to) && open {
		b.to, b.toOpen = t, open
	}
}

// timeLiteral reads a time written as text, bare or behind TIMESTAMP or DATE.
// Forms that it does not know bound nothing: DuckDB will read them or complain.
func timeLiteral(n node) (moment, bool) {
	day := false
	if kind(n) == "OPERATOR_CAST" {
		switch str(child(n, "cast_type"), "id") {
		case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		case "DATE":
			day = true
		default:
			return moment{}, false
		}
		n = child(n, "child")
	}
	text, ok := literal(n)
	if !ok {
		return moment{}, false
	}
	t, ok := parseTime(text)
	if !ok {
		return moment{}, false
	}
	if day {
		t = t.Truncate(24 * time.Hour)
	}
	return moment{t, day}, true
}
