package query

import (
	"fmt"
	"strings"
)

// What a WHERE says about a store helps to leave segments out, if it is said of
// every row: in a part of the WHERE that all others are joined to with AND, of
// a store that is no optional side of a join.

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
		displayed(child(n, "input"))
		r.timeBound(s, child(n, "input"), "COMPARE_GREATERTHANOREQUALTO", child(n, "lower"))
		r.timeBound(s, child(n, "input"), "COMPARE_LESSTHANOREQUALTO", child(n, "upper"))
	case str(n, "class") == "COMPARISON":
		left, right := child(n, "left"), child(n, "right")
		displayed(left)
		displayed(right)
		r.timeBound(s, left, kind(n), right)
		r.timeBound(s, right, mirrored[kind(n)], left)
		if kind(n) == "COMPARE_EQUAL" {
			needleIn(s, left, []node{right})
			needleIn(s, right, []node{left})
		}
	case kind(n) == "FUNCTION" && str(n, "function_name") == "~~":
		r.prefixBound(s, children(n, "children"))
	case kind(n) == "COMPARE_IN":
		if parts := children(n, "children"); len(parts) > 1 {
			displayed(parts[0])
			r.timesIn(s, parts[0], parts[1:])
			needleIn(s, parts[0], parts[1:])
		}
	}
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
	if m, p, ok := promotedAt(n, s); ok && m.relation.mayPrune() {
		return m.relation, p.Name(), true
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
