package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tarn/internal/hint"
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
	operands, meeting := compared(n), united(n)
	r.addresses(operands)
	r.castJSON(n)
	timeAsText(n, s)
	for _, o := range operands {
		displayed(o)
	}
	if wantsPlainRows(n) {
		r.plain++
		r.parts(n, s)
		r.plain--
	} else {
		r.parts(n, s)
	}
	r.compare(s, operands...)
	r.meet(s, meeting...)
	castTime(n, s)
	halfUp(n)
	r.refuseAddress(n)
}

// parts resolves what an expression is made of.
func (r *resolver) parts(n node, s *scope) {
	switch {
	case kind(n) == "COLUMN_REF":
		r.column(n, s)
		return
	case kind(n) == "SUBQUERY" && child(n, "subquery") != nil:
		r.query(child(child(n, "subquery"), "node"), s)
		r.expressions(n["child"], s)
		return
	case kind(n) == "FUNCTION":
		r.function(n, s)
		return
	case str(n, "class") == "WINDOW":
		r.window(n, s)
		return
	case str(n, "class") == "COMPARISON":
		compareTruth(n, s)
	case str(n, "class") == "CONSTANT":
		keepDouble(n)
		return
	}
	r.members(n, s)
	if kind(n) == "OPERATOR_TRY" && len(children(n, "children")) == 1 && aggregates(n["children"]) {
		become(n, children(n, "children")[0]) // the engine's takes none; what may fail there is overflow
	}
}

// members resolves all that a node is made of.
func (r *resolver) members(n node, s *scope) {
	for _, key := range sortedKeys(n) {
		if key != "cast_type" {
			r.expressions(n[key], s)
		}
	}
}

// window resolves a call with OVER.
func (r *resolver) window(n node, s *scope) {
	r.members(n, s)
	r.aggregate(n)
}

// keepDouble makes 1e3 stay what it is: the engine prints it as 1000.0, which
// is a decimal.
func keepDouble(n node) {
	v := child(n, "value")
	if num, ok := v["value"].(json.Number); ok && str(child(v, "type"), "id") == "DOUBLE" {
		become(n, castTo("DOUBLE", textValue(string(num))))
	}
}

// fractions makes the doubles of approx_percentile what the engine's takes.
func fractions(n node) {
	if t := child(n, "cast_type"); kind(n) == "OPERATOR_CAST" && str(t, "id") == "DOUBLE" {
		t["id"] = "FLOAT"
	}
	for _, e := range children(n, "children") {
		fractions(e)
	}
}

// renamed are functions that only have another name here, and are no macros
// because macros take no lambdas, DISTINCT, FILTER or ORDER BY.
var renamed = map[string]string{
	"transform": "list_transform", "arbitrary": "any_value", "every": "bool_and",
	"json_value":      "json_extract_scalar",
	"bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or", "bitwise_xor_agg": "bit_xor",
}

// engineOptions are functions whose fourth argument is one of the engine's.
var engineOptions = setOf("regexp_replace", "regexp_extract")

// function resolves a call and turns it into one that the engine has.
func (r *resolver) function(n node, s *scope) {
	name := strings.ToLower(str(n, "function_name"))
	if name == "contains" && r.network(n) {
		r.expressions(n["input"], s)
		return
	}
	if name == "to_unixtime" && len(children(n, "children")) == 1 {
		displayed(children(n, "children")[0])
	}
	if strings.HasPrefix(name, "regexp_") {
		pattern(n)
	}
	if pathTakers[name] {
		plainPath(n)
		r.readsObject(n, s)
	}
	r.arguments(n, s)
	if args := children(n, "children"); name == "approx_percentile" && len(args) == 2 {
		fractions(args[1])
	}
	switch {
	case r.ofBytes(n), r.ofAggregate(n):
	case name == "listagg" && len(children(n, "children")) == 1:
		n["children"] = append(n["children"].([]any), textValue("")) // the engine puts commas
	case name == "date_part" && str(n, "schema") == "main": // EXTRACT(field FROM x)
		r.extract(n)
	case name == "timezone" && len(children(n, "children")) == 2: // x AT TIME ZONE z
		n["function_name"], n["schema"] = "tarn_at_zone", ""
	case name == "timezone":
		n["function_name"], n["schema"] = "tarn_zone", ""
	case isRow(n):
		r.nameFields(n)
	case name == "||":
		joinElement(n)
	case engineOptions[name] && len(children(n, "children")) == 4:
		n["catalog"], n["schema"] = "system", "main" // the engine's, with options, is no macro
	case formats[name].target != "":
		r.format(n, formats[name])
	case lambdaRules[name] != nil:
		lambdaRules[name](r, n)
	case callRules[name] != nil:
		callRules[name](r, n)
	default:
		r.aggregate(n)
	}
}

// extracted are the fields of EXTRACT that the engine has under another name.
var extracted = map[string]string{
	"day_of_week": "isodow", "dow": "isodow", "day_of_month": "day", "day_of_year": "doy", "year_of_week": "isoyear", "yow": "isoyear",
	"timezone_hour": "timezone_hour", "timezone_minute": "timezone_minute",
	"year": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "doy": "doy",
	"hour": "hour", "minute": "minute", "second": "second",
}

// extract names the field of EXTRACT as the engine does.
func (r *resolver) extract(n node) {
	args := children(n, "children")
	field, _ := literal(args[0])
	name := extracted[strings.ToLower(field)]
	if name == "" {
		r.fail(hint.Add(r.src.faultAt(at(n), fmt.Sprintf("no field %q of a time", field)), "fields are "+strings.Join(slices.Sorted(maps.Keys(extracted)), ", ")))
		return
	}
	become(args[0], textValue(name))
}

// arguments resolves what a function is called with.
func (r *resolver) arguments(n node, s *scope) {
	lambdas := lambdaTakers[strings.ToLower(str(n, "function_name"))]
	for i, arg := range children(n, "children") {
		if i > 0 && wordArguments[strings.ToLower(str(n, "function_name"))] {
			continue
		}
		if kind(arg) != "LAMBDA" || !lambdas {
			r.expression(arg, s)
			continue
		}
		r.expressions(arg["expr"], &scope{outer: s, names: parameters(arg)})
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
	if reason := refused[strings.ToLower(names[0])]; problem != nil && len(names) == 1 && reason != "" { // current_user has no parentheses
		r.fail(r.src.faultAt(at(n), fmt.Sprintf("the function %s is not supported: %s", names[0], reason)))
		return
	}
	if problem != nil {
		r.fail(problem.explain(r.src, at(n), s))
		return
	}
	if m.relation == nil {
		return
	}
	if m.relation.athena {
		athenaName(names, m)
		n["column_names"] = anys(names...)
	}
	if !m.relation.implicit {
		r.promotedMember(n, m)
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
	m, p, ok := promotedAt(n, s)
	return ok && r.hide(n, m, texts(children(n, "children")[0], "column_names"), p)
}

// promotedAt returns the promoted column that an expression reads, and the map
// that it is of.
func promotedAt(n node, s *scope) (m meaning, p schemas.Promoted, ok bool) {
	if kind(n) != "ARRAY_EXTRACT" && !(kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "element_at")) {
		return m, p, false
	}
	args := children(n, "children")
	if len(args) != 2 || kind(args[0]) != "COLUMN_REF" {
		return m, p, false
	}
	key, ok := literal(args[1])
	m, _, problem := s.lookup(texts(args[0], "column_names"))
	if !ok || problem != nil || m.relation == nil || m.relation.table == nil || m.relation.athena || !m.local || len(m.path) != 1 {
		return m, p, false
	}
	for _, p := range m.relation.store.Schema().Promoted {
		if !p.Member && p.Column == m.path[0].Name && p.Key == key {
			return m, p, true
		}
	}
	return m, p, false
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
