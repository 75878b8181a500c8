package query

import (
	"slices"
	"strings"

	"tarn/internal/hint"
)

// Here are calls that become others on the tree: functions with any number of
// arguments, with words among their arguments, or whose meaning depends on how
// many there are. What can be a macro is one.

// callRules rewrite calls whose parts are resolved.
var callRules = map[string]func(*resolver, node){
	"concat":            (*resolver).concat,
	"concat_ws":         (*resolver).concatWith,
	"greatest":          extreme("array_max"),
	"least":             extreme("array_min"),
	"map_concat":        (*resolver).mapConcat,
	"normalize":         (*resolver).normalize,
	"format":            (*resolver).javaFormat,
	"json_array":        (*resolver).jsonArray,
	"date_part":         (*resolver).extract,
	"regexp_replace":    (*resolver).replaceEach,
	"localtimestamp":    withPrecision("localtimestamp"),
	"current_timestamp": withPrecision("current_timestamp"),
	"localtime":         withPrecision("localtime"),
	"current_time":      withPrecision("current_time"),
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
	}
	become(n, all)
}

// concatWith tells whether the only argument behind the separator is a list.
func (r *resolver) concatWith(n node) {
	if args := children(n, "children"); len(args) == 2 {
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

// withPrecision drops the digits that a clock is asked for: it has microseconds.
func withPrecision(clock string) func(*resolver, node) {
	return func(r *resolver, n node) {
		if len(children(n, "children")) > 1 {
			r.fail(r.src.faultAt(at(n), clock+" takes a number of digits, and nothing else"))
			return
		}
		become(n, columnRef(clock))
	}
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

// replaceEach refuses a lambda for what is put in place of each match.
func (r *resolver) replaceEach(n node) {
	if slices.ContainsFunc(children(n, "children"), func(arg node) bool { return kind(arg) == "LAMBDA" }) {
		r.fail(hint.Add(r.src.faultAt(at(n), "regexp_replace with a lambda is not supported"), "a text takes the place of each match, with $1 for group 1"))
	}
}

// jsonArray leaves NULLs out; the parser's main stands before one that keeps them.
func (r *resolver) jsonArray(n node) {
	if str(n, "schema") != "" {
		return
	}
	var list []node
	for _, arg := range children(n, "children") {
		list = append(list, call("to_json", arg))
	}
	become(n, call("tarn_json_array", call("list_value", list...)))
}

// extracted are the parts of EXTRACT that the engine has under another name, or
// counts otherwise.
var extracted = map[string]string{"dow": "isodow", "day_of_week": "isodow", "doy": "dayofyear", "day_of_year": "dayofyear",
	"day_of_month": "dayofmonth", "yow": "isoyear", "year_of_week": "isoyear"}

// extract is for EXTRACT(part FROM time), before which the parser puts main.
func (r *resolver) extract(n node) {
	args := children(n, "children")
	if str(n, "schema") == "" || len(args) != 2 {
		return
	}
	part, _ := literal(args[0])
	if name := extracted[strings.ToLower(part)]; name != "" {
		become(n, call(name, args[1]))
	}
}
