package query

import (
	"fmt"
	"strings"

	"tarn/internal/hint"
)

// Functions with lambdas cannot be macros. Those of Trino's that the engine
// does not have are put together on the tree from those that it has.

// lambdaTakers are the functions whose arrows are lambdas; elsewhere x -> y
// reads JSON.
var lambdaTakers = setOf("list_transform", "list_apply", "apply", "array_transform", "array_apply", "transform",
	"list_filter", "filter", "array_filter", "list_reduce", "reduce", "array_reduce",
	"any_match", "all_match", "none_match", "map_filter", "transform_keys", "transform_values",
	"zip_with", "map_zip_with", "array_sort", "reduce_agg", "regexp_replace")

// lambdaRules rewrite calls whose parts are resolved.
var lambdaRules = map[string]func(*resolver, node){
	"any_match":        matchRule("tarn_any"),
	"all_match":        matchRule("tarn_all"),
	"none_match":       matchRule("tarn_none"),
	"map_filter":       (*resolver).mapFilter,
	"transform_keys":   (*resolver).transformKeys,
	"transform_values": (*resolver).transformValues,
	"reduce":           (*resolver).reduce,
	"zip_with":         (*resolver).zipWith,
	"map_zip_with":     (*resolver).mapZipWith,
	"array_sort":       (*resolver).arraySort,
}

// lambda returns the last argument of a call if it is a lambda of so many
// parameters and there are so many arguments.
func (r *resolver) lambda(n node, arguments, params int, example string) node {
	args := children(n, "children")
	if len(args) == arguments && kind(args[arguments-1]) == "LAMBDA" && len(parameters(args[arguments-1])) == params {
		return args[arguments-1]
	}
	r.fail(hint.Add(r.src.faultAt(at(n), "this is not how "+str(n, "function_name")+" is called"), "write "+example))
	return nil
}

// parameters returns the names of a lambda's parameters.
func parameters(lambda node) []string {
	lhs := child(lambda, "lhs")
	names := texts(lhs, "column_names")
	for _, p := range children(lhs, "children") {
		names = append(names, texts(p, "column_names")...)
	}
	return names
}

// newLambda is a lambda of the tree.
func newLambda(expr node, params ...string) node {
	lhs := columnRef(params[0])
	if len(params) > 1 {
		lhs = call("row")
		var list []any
		for _, p := range params {
			list = append(list, columnRef(p))
		}
		lhs["schema"], lhs["children"] = "main", list
	}
	return node{"class": "LAMBDA", "type": "LAMBDA", "alias": "", "lhs": lhs, "expr": expr}
}

// fresh is a name that the statement does not have.
func (r *resolver) fresh() string {
	r.names++
	return freeName(r.src.text, "inner", r.names)
}

// substitute puts other names in place of a lambda's parameters.
func substitute(v any, with map[string][]string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			substitute(e, with)
		}
	case node:
		if kind(v) == "LAMBDA" {
			inner := map[string][]string{}
			for name, path := range with {
				if !containsFold(parameters(v), name) {
					inner[name] = path
				}
			}
			with = inner
		}
		names := texts(v, "column_names")
		if kind(v) == "COLUMN_REF" && len(names) > 0 {
			if path, ok := with[strings.ToLower(names[0])]; ok {
				v["column_names"] = anys(append(append([]string(nil), path...), names[1:]...)...)
			}
			return
		}
		for _, e := range v {
			substitute(e, with)
		}
	}
}

// matchRule is for functions that ask whether elements fit.
func matchRule(macro string) func(*resolver, node) {
	return func(r *resolver, n node) {
		name := str(n, "function_name")
		if f := r.lambda(n, 2, 1, name+"(resources, r -> r.type = 'AWS::S3::Bucket')"); f != nil {
			become(n, call(macro, call("list_transform", children(n, "children")...)))
		}
	}
}

// entries rewrites a function of a map and a lambda of key and value: make gets
// the lambda's expression and the name of an entry with the fields key and value.
func (r *resolver) entries(n node, list string, make func(expr node, entry string) node) {
	f := r.lambda(n, 2, 2, str(n, "function_name")+"(requestParameters, (k, v) -> …)")
	if f == nil {
		return
	}
	entry, params := r.fresh(), parameters(f)
	expr := child(f, "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {entry, "key"}, strings.ToLower(params[1]): {entry, "value"}})
	all := call("map_entries", children(n, "children")[0])
	become(n, call("map_from_entries", call(list, all, newLambda(make(expr, entry), entry))))
}

func (r *resolver) mapFilter(n node) {
	r.entries(n, "list_filter", func(expr node, _ string) node { return expr })
}

func (r *resolver) transformKeys(n node) {
	r.entries(n, "list_transform", func(expr node, entry string) node { return pack("key", expr, "value", columnRef(entry, "value")) })
}

func (r *resolver) transformValues(n node) {
	r.entries(n, "list_transform", func(expr node, entry string) node { return pack("key", columnRef(entry, "key"), "value", expr) })
}

// pack is a struct of two fields.
func pack(first string, a node, second string, b node) node {
	a, b = clone(a).(node), clone(b).(node)
	a["alias"], b["alias"] = first, second
	return call("struct_pack", a, b)
}

// reduce rewrites reduce(list, start, (state, x) -> …, state -> …). The engine's
// has one type for states and elements, so both go into a struct.
func (r *resolver) reduce(n node) {
	args := children(n, "children")
	if len(args) < 4 {
		return // the engine's own
	}
	out := r.lambda(n, 4, 1, "reduce(list, 0, (s, x) -> s + x, s -> s)")
	if out == nil {
		return
	}
	list, start, step := args[0], args[1], args[2]
	if kind(step) != "LAMBDA" || len(parameters(step)) != 2 {
		r.fail(r.src.faultAt(at(n), "the third argument of reduce is a lambda of two parameters, (s, x) -> …"))
		return
	}
	if weight(list)+weight(start) > largestOperand {
		r.fail(r.src.faultAt(at(n), fmt.Sprintf("%s of such a long expression is not supported", str(n, "function_name"))))
		return
	}
	p, q, params := r.fresh(), r.fresh(), parameters(step)
	expr := child(step, "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {p, "s"}, strings.ToLower(params[1]): {q, "x"}})
	first := call("list_value", pack("s", start, "x", call("list_extract", list, intValue(1))))
	rest := call("list_transform", list, newLambda(pack("s", start, "x", columnRef(q)), q))
	states := call("list_reduce", call("list_concat", first, rest), newLambda(pack("s", expr, "x", columnRef(q, "x")), p, q))
	last := call("list_value", call("struct_extract", states, textValue("s")))
	become(n, call("tarn_unless_null", list, call("list_extract", call("list_transform", last, out), intValue(1))))
}
