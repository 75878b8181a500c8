package query

import (
	"maps"
	"strings"

	"tarn/internal/hint"
)

// Aggregates cannot be macros, which take no DISTINCT, FILTER, ORDER BY or
// OVER. They get another name, or collect a list, and a macro makes of the list
// what is wanted.

// aggregateRules rewrite aggregates and windows whose parts are resolved.
var aggregateRules = map[string]func(*resolver, node){
	"approx_distinct":      (*resolver).approxDistinct,
	"approx_percentile":    (*resolver).approxPercentile,
	"approx_most_frequent": (*resolver).mostFrequent,
	"max_by":               extremeBy("arg_max"),
	"min_by":               extremeBy("arg_min"),
	"map_agg":              collectPairs("tarn_map_agg"),
	"multimap_agg":         collectPairs("tarn_multimap"),
	"map_union":            (*resolver).mapUnion,
	"reduce_agg":           (*resolver).reduceAgg,
	"count_if":             (*resolver).countIf,
	"skewness":             (*resolver).skewness,
	"corr":                 finite,
	"regr_slope":           finite,
	"regr_intercept":       finite,
}

// aggregate applies the rules to a call or a window.
func (r *resolver) aggregate(n node) {
	name := strings.ToLower(str(n, "function_name"))
	switch {
	case aggregateRules[name] != nil:
		aggregateRules[name](r, n)
	case renamed[name] != "":
		n["function_name"], n["schema"] = renamed[name], ""
	}
}

// collected is the aggregate n as another one, of other arguments, which keeps
// its DISTINCT, FILTER, ORDER BY and OVER.
func collected(n node, aggregate string, args ...node) node {
	c := make(node, len(n))
	maps.Copy(c, n)
	c["function_name"], c["schema"], c["alias"], c["children"] = aggregate, "", "", nodes(args...)
	return c
}

// takes refuses a call with too many or too few arguments.
func (r *resolver) takes(n node, least, most int, example string) bool {
	if count := len(children(n, "children")); count >= least && count <= most {
		return true
	}
	r.fail(hint.Add(r.src.faultAt(at(n), "this is not how "+str(n, "function_name")+" is called"), "write "+example))
	return false
}

// approxDistinct counts exactly: the engine's estimate, of 64 registers, is
// often wrong by a seventh. The second argument is the error that is allowed.
func (r *resolver) approxDistinct(n node) {
	if r.takes(n, 1, 2, "approx_distinct(eventName)") {
		count := collected(n, "count", children(n, "children")[0])
		count["distinct"] = true
		become(n, count)
	}
}

func (r *resolver) approxPercentile(n node) {
	if r.takes(n, 2, 2, "approx_percentile(number, 0.95), without weights") {
		args := children(n, "children")
		become(n, collected(n, "approx_quantile", call("tarn_number", args[0]), args[1]))
	}
}

// countIf is 0 where there are no rows.
func (r *resolver) countIf(n node) {
	become(n, node{"class": "OPERATOR", "type": "OPERATOR_COALESCE", "children": nodes(collected(n, "count_if", children(n, "children")...), intValue(0))})
}

// finite makes NULL of what is no number.
func finite(_ *resolver, n node) {
	become(n, call("tarn_finite", collected(n, strings.ToLower(str(n, "function_name")), children(n, "children")...)))
}

func (r *resolver) skewness(n node) {
	if r.takes(n, 1, 1, "skewness(number)") {
		arg := children(n, "children")[0]
		become(n, call("tarn_skewness", collected(n, "skewness", arg), collected(n, "count", arg)))
	}
}

// mostFrequent counts exactly; the third argument only bounds Trino's memory.
func (r *resolver) mostFrequent(n node) {
	if r.takes(n, 3, 3, "approx_most_frequent(10, eventName, 100)") {
		args := children(n, "children")
		become(n, call("tarn_most", collected(n, "histogram", args[1]), args[0]))
	}
}

// extremeBy gives the value where the other is extreme, also if it is NULL.
func extremeBy(aggregate string) func(*resolver, node) {
	return func(r *resolver, n node) {
		if !r.takes(n, 2, 3, str(n, "function_name")+"(eventID, eventTime)") {
			return
		}
		n["function_name"], n["schema"] = aggregate+"_null", ""
		if len(children(n, "children")) == 3 {
			n["function_name"] = aggregate
		}
	}
}

// collectPairs is for aggregates of keys and values.
func collectPairs(finish string) func(*resolver, node) {
	return func(r *resolver, n node) {
		if r.takes(n, 2, 2, str(n, "function_name")+"(eventName, eventID)") {
			args := children(n, "children")
			become(n, call(finish, collected(n, "list", pack("key", args[0], "value", args[1]))))
		}
	}
}

func (r *resolver) mapUnion(n node) {
	if r.takes(n, 1, 1, "map_union(requestParameters)") {
		become(n, call("tarn_map_union", collected(n, "list", children(n, "children")[0])))
	}
}

// reduceAgg reduces the list of what is not NULL. What combines two states is
// not needed.
func (r *resolver) reduceAgg(n node) {
	if !r.takes(n, 4, 4, "reduce_agg(number, 0, (s, x) -> s + x, (s, t) -> s + t)") {
		return
	}
	args := children(n, "children")
	state := r.fresh()
	list := call("tarn_not_null", collected(n, "list", args[0]))
	become(n, call("reduce", list, args[1], args[2], newLambda(columnRef(state), state)))
	r.reduce(n)
}
