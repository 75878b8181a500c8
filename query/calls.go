package query

import (
	"strings"

	"tarn/internal/hint"
)

// Here are calls that become others on the tree: functions with any number of
// arguments, with words among their arguments, or whose meaning depends on how
// many there are. What can be a macro is one.

// callRules rewrite calls whose parts are resolved.
var callRules = map[string]func(*resolver, node){
	"/":              (*resolver).divide,
	"+":              (*resolver).shift,
	"-":              (*resolver).shift,
	"concat":         (*resolver).concat,
	"contains":       (*resolver).contains,
	"json_query":     (*resolver).jsonQuery,
	"concat_ws":      (*resolver).concatWith,
	"greatest":       extreme("array_max"),
	"least":          extreme("array_min"),
	"map_concat":     (*resolver).mapConcat,
	"normalize":      (*resolver).normalize,
	"format":         (*resolver).javaFormat,
	"json_array":     (*resolver).jsonArray,
	"json_object":    (*resolver).jsonObject,
	"regexp_replace": (*resolver).replaceEach,
}

// operator is a call of an operator with two sides.
func operator(name string, a, b node) node {
	n := call(name, a, b)
	n["is_operator"] = true
	return n
}

// concat is || between all arguments, which gives NULL if one is NULL.
func (r *resolver) concat(n node) {
	args := children(n, "children")
	if len(args) < 2 {
		r.fail(r.src.faultAt(at(n), "concat takes two or more arguments"))
		return
	}
	all := args[0]
	for _, arg := range args[1:] {
		all = operator("||", all, arg)
		joinElement(all)
	}
	become(n, all)
}

// concatWith tells whether the only argument behind the separator is a list.
func (r *resolver) concatWith(n node) {
	args := children(n, "children")
	switch {
	case len(args) != 2:
	case kind(args[1]) == "FUNCTION" && aggregates(args[1]):
		become(n, call("array_join", args[1], args[0]))
	default:
		become(n, call("tarn_concat_ws", args...))
	}
}

// extreme makes greatest and least NULL if an argument is NULL.
func extreme(macro string) func(*resolver, node) {
	return func(_ *resolver, n node) {
		become(n, call(macro, call("list_value", children(n, "children")...)))
	}
}

// mapConcat puts maps together two by two.
func (r *resolver) mapConcat(n node) {
	args := children(n, "children")
	for len(args) > 2 {
		args = append([]node{call("map_concat", args[0], args[1])}, args[2:]...)
	}
	n["children"] = nodes(args...)
}

// normalize knows one of Unicode's forms.
func (r *resolver) normalize(n node) {
	args := children(n, "children")
	if len(args) != 2 {
		return
	}
	if names := texts(args[1], "column_names"); len(names) != 1 || !strings.EqualFold(names[0], "NFC") {
		r.fail(hint.Add(r.src.faultAt(at(n), "normalize knows the form NFC alone"), "write normalize(text)"))
		return
	}
	n["children"] = nodes(args[0])
}

// wordArguments are functions whose arguments from the second on are words.
var wordArguments = setOf("normalize")

// nodes is a list member of the tree.
func nodes(list ...node) []any {
	all := make([]any, len(list))
	for i, n := range list {
		all[i] = n
	}
	return all
}

// contains goes by NULLs too where it is surely given a list.
func (r *resolver) contains(n node) {
	if args := children(n, "children"); len(args) == 2 && isList(args[0]) {
		become(n, call("tarn_contains", args...))
	}
}
