package query

import (
	"fmt"
	"strings"
	"time"

	"tarn/lake"
	"tarn/schemas"
)

// What a WHERE says about a store helps to leave segments out, if it is said of
// every row: in a part of the WHERE that all others are joined to with AND, of
// a store that is no optional side of a join.

// bounds are the times between which all rows of a store that matter are.
type bounds struct {
	from, to         time.Time // zero where there is none
	fromOpen, toOpen bool      // the bound itself does not match
	text             []string  // as conditions, for the plan
}

// excludes reports whether a segment lies outside.
func (b bounds) excludes(seg lake.Segment) bool {
	if !b.from.IsZero() && (seg.MaxTime.Before(b.from) || b.fromOpen && seg.MaxTime.Equal(b.from)) {
		return true
	}
	return !b.to.IsZero() && (seg.MinTime.After(b.to) || b.toOpen && seg.MinTime.Equal(b.to))
}

// needle is a column that has one of a few values.
type needle struct {
	kind   string // schemas.Needle.Name
	values []string
}

// String returns the needle as a condition, for the plan.
func (n needle) String() string {
	if len(n.values) == 1 {
		return fmt.Sprintf("%s = '%s'", n.kind, n.values[0])
	}
	return fmt.Sprintf("%s in %d values", n.kind, len(n.values))
}

// conditions takes from a WHERE what must be true of every row.
func (r *resolver) conditions(n node, s *scope) {
	switch {
	case kind(n) == "CONJUNCTION_AND":
		for _, part := range children(n, "children") {
			r.conditions(part, s)
		}
	case kind(n) == "COMPARE_BETWEEN":
		timeBound(s, child(n, "input"), "COMPARE_GREATERTHANOREQUALTO", child(n, "lower"))
		timeBound(s, child(n, "input"), "COMPARE_LESSTHANOREQUALTO", child(n, "upper"))
	case str(n, "class") == "COMPARISON":
		left, right := child(n, "left"), child(n, "right")
		timeBound(s, left, kind(n), right)
		timeBound(s, right, mirrored[kind(n)], left)
		if kind(n) == "COMPARE_EQUAL" {
			needleIn(s, left, []node{right})
			needleIn(s, right, []node{left})
		}
	case kind(n) == "COMPARE_IN":
		if parts := children(n, "children"); len(parts) > 1 {
			needleIn(s, parts[0], parts[1:])
		}
	}
}

// mirrored are the comparisons with their sides exchanged.
var mirrored = map[string]string{
	"COMPARE_EQUAL":                "COMPARE_EQUAL",
	"COMPARE_LESSTHAN":             "COMPARE_GREATERTHAN",
	"COMPARE_LESSTHANOREQUALTO":    "COMPARE_GREATERTHANOREQUALTO",
	"COMPARE_GREATERTHAN":          "COMPARE_LESSTHAN",
	"COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
}

// timeBound notes what eventtime is compared with.
func timeBound(s *scope, column node, comparison string, value node) {
	m, ok := storeColumn(s, column)
	if !ok || m.dotted() != schemas.EventTime || m.relation.table == nil {
		return
	}
	t, ok := timeLiteral(value)
	if !ok {
		return
	}
	b := &m.relation.bounds
	print := func(op string) {
		b.text = append(b.text, "eventtime "+op+" "+t.Format("2006-01-02 15:04:05.999999"))
	}
	switch comparison {
	case "COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO":
		b.lower(t, comparison == "COMPARE_GREATERTHAN")
		print(map[bool]string{true: ">", false: ">="}[comparison == "COMPARE_GREATERTHAN"])
	case "COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO":
		b.upper(t, comparison == "COMPARE_LESSTHAN")
		print(map[bool]string{true: "<", false: "<="}[comparison == "COMPARE_LESSTHAN"])
	case "COMPARE_EQUAL":
		b.lower(t, false)
		b.upper(t, false)
		print("=")
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
func timeLiteral(n node) (time.Time, bool) {
	dateOnly := false
	if kind(n) == "OPERATOR_CAST" {
		switch str(child(n, "cast_type"), "id") {
		case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		case "DATE":
			dateOnly = true
		default:
			return time.Time{}, false
		}
		n = child(n, "child")
	}
	text, ok := literal(n)
	if !ok {
		return time.Time{}, false
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z"} {
		t, err := time.Parse(layout, text)
		if err != nil || t.Nanosecond()%1000 != 0 || t.Year() < 1 {
			continue
		}
		if dateOnly {
			t = t.Truncate(24 * time.Hour)
		}
		return t, true
	}
	return time.Time{}, false
}

// needleIn notes that a column has one of these values.
func needleIn(s *scope, column node, values []node) {
	rel, path, ok := needlePath(s, column)
	if !ok {
		return
	}
	for _, k := range rel.store.Schema().Needles() {
		if k.Column != path {
			continue
		}
		n := needle{kind: k.Name}
		for _, v := range values {
			text, ok := literal(v)
			if !ok || text == "" { // an empty text is nothing to look for
				return
			}
			n.values = append(n.values, text)
		}
		rel.needles = append(rel.needles, n)
	}
}

// needlePath returns the store and the path in it that an expression reads: a
// column, a field of an UNNESTed list, or a promoted value.
func needlePath(s *scope, n node) (*relation, string, bool) {
	if rel, p, ok := promotedAt(n, s); ok && rel.mayPrune() {
		return rel, p.Name(), true
	}
	m, ok := storeColumn(s, n)
	if !ok {
		return nil, "", false
	}
	rel := m.relation
	if rel.from != nil {
		rel = rel.from
	}
	return rel, m.dotted(), true
}

// storeColumn returns what a reference to a column of one of this SELECT's own
// stores means, if conditions on it say something about the store's rows.
func storeColumn(s *scope, n node) (meaning, bool) {
	if kind(n) != "COLUMN_REF" {
		return meaning{}, false
	}
	m, known, problem := s.lookup(texts(n, "column_names"))
	if !known || problem != nil || !m.local {
		return meaning{}, false
	}
	rel := m.relation
	if rel.from != nil {
		rel = rel.from
	}
	return m, rel.mayPrune() && (m.relation.from == nil || !m.relation.nullable)
}

// mayPrune reports whether a condition on the store's columns may leave out
// segments.
func (r *relation) mayPrune() bool {
	return r.table != nil && r.columns != nil && !r.nullable && !r.sampled
}

// why says in words what the conditions on a store are.
func (r *relation) why() string {
	parts := append([]string(nil), r.bounds.text...)
	for _, n := range r.needles {
		parts = append(parts, n.String())
	}
	return strings.Join(parts, " and ")
}
