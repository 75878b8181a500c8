package query

import (
	"strings"

	"tarn/schemas"
)

// Here are the rules of CloudTrail Lake's dialect that need the tree: those
// that depend on what a column is. Functions that only have another name or
// another order of arguments are macros, in macros/*.sql.

// expressions resolves the columns in an expression, or in anything made of
// expressions, and applies the rules of the dialect to them.
func (r *resolver) expressions(v any, s *scope) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			r.expressions(e, s)
		}
	case node:
		r.expression(v, s)
	}
}

func (r *resolver) expression(n node, s *scope) {
	if r.promoted(n, s) {
		return
	}
	switch {
	case kind(n) == "COLUMN_REF":
		r.column(n, s)
		return
	case kind(n) == "SUBQUERY" && child(n, "subquery") != nil:
		r.query(child(child(n, "subquery"), "node"), s)
		r.expressions(n["child"], s)
		return
	case kind(n) == "FUNCTION":
		rename(n)
		r.arguments(n, s)
		return
	case str(n, "class") == "COMPARISON":
		compareTruth(n, s)
	case str(n, "class") == "CONSTANT":
		return
	}
	for _, key := range sortedKeys(n) {
		if key != "cast_type" {
			r.expressions(n[key], s)
		}
	}
}

// lambdaTakers are the functions whose arrows are lambdas; elsewhere x -> y
// reads JSON.
var lambdaTakers = setOf("list_transform", "list_apply", "apply", "array_transform", "array_apply",
	"list_filter", "filter", "array_filter", "list_reduce", "reduce", "array_reduce")

// renamed are functions that only have another name here, and take lambdas,
// which macros cannot.
var renamed = map[string]string{"transform": "list_transform"}

func rename(n node) {
	if name, ok := renamed[strings.ToLower(str(n, "function_name"))]; ok {
		n["function_name"] = name
	}
}

// arguments resolves what a function is called with.
func (r *resolver) arguments(n node, s *scope) {
	lambdas := lambdaTakers[strings.ToLower(str(n, "function_name"))]
	for _, arg := range children(n, "children") {
		if kind(arg) != "LAMBDA" || !lambdas {
			r.expression(arg, s)
			continue
		}
		inner := &scope{outer: s}
		lhs := child(arg, "lhs")
		for _, p := range append(children(lhs, "children"), lhs) {
			inner.names = append(inner.names, texts(p, "column_names")...)
		}
		r.expressions(arg["expr"], inner)
	}
	for _, key := range []string{"filter", "order_bys"} {
		r.expressions(n[key], s)
	}
}

// column checks a reference to a column, and names the row of an UNNEST where
// only its field was named.
func (r *resolver) column(n node, s *scope) {
	names := texts(n, "column_names")
	m, _, problem := s.lookup(names)
	if problem != nil {
		r.fail(problem.explain(r.src, at(n), s))
		return
	}
	if m.relation == nil || !m.relation.implicit {
		return
	}
	full := []string{m.relation.alias}
	for _, f := range m.path {
		full = append(full, f.Name)
	}
	n["column_names"] = anys(full...)
}

// promoted puts the flat column in place of element_at(map, 'key') and
// map['key'], if the map is one of this SELECT's stores and segments have that
// key as a column. It is forty times faster.
func (r *resolver) promoted(n node, s *scope) bool {
	rel, p, ok := promotedAt(n, s)
	if !ok || s.star || s.natural {
		return false
	}
	if !containsFold(rel.hidden, p.Name()) {
		rel.hidden = append(rel.hidden, p.Name())
	}
	become(n, columnRef(rel.alias, p.Name()))
	return true
}

// promotedAt returns the promoted column that an expression reads.
func promotedAt(n node, s *scope) (*relation, schemas.Promoted, bool) {
	if kind(n) != "ARRAY_EXTRACT" && !(kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "element_at")) {
		return nil, schemas.Promoted{}, false
	}
	args := children(n, "children")
	if len(args) != 2 || kind(args[0]) != "COLUMN_REF" {
		return nil, schemas.Promoted{}, false
	}
	key, ok := literal(args[1])
	m, _, problem := s.lookup(texts(args[0], "column_names"))
	if !ok || problem != nil || m.relation == nil || m.relation.table == nil || !m.local || len(m.path) != 1 {
		return nil, schemas.Promoted{}, false
	}
	for _, p := range m.relation.store.Schema().Promoted {
		if p.Column == m.path[0].Name && p.Key == key {
			return m.relation, p, true
		}
	}
	return nil, schemas.Promoted{}, false
}

// compareTruth lets text columns that hold 'true' and 'false' be compared with
// true and false: sessionCredentialFromConsole is one.
func compareTruth(n node, s *scope) {
	for _, sides := range [][2]string{{"left", "right"}, {"right", "left"}} {
		column, truth := child(n, sides[0]), child(n, sides[1])
		if kind(column) != "COLUMN_REF" || kind(truth) != "OPERATOR_CAST" || str(child(truth, "cast_type"), "id") != "BOOLEAN" {
			continue
		}
		text, ok := literal(child(truth, "child"))
		m, _, problem := s.lookup(texts(column, "column_names"))
		if !ok || problem != nil || m.relation == nil || m.last().Kind != schemas.String {
			continue
		}
		switch text {
		case "t":
			become(truth, textValue("true"))
		case "f":
			become(truth, textValue("false"))
		}
	}
}
