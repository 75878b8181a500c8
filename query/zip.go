package query

import "strings"

// Functions with lambdas of elements of two lists or maps.

func (r *resolver) zipWith(n node) {
	f := r.lambda(n, 3, 2, "zip_with(a, b, (x, y) -> x + y)")
	if f == nil {
		return
	}
	args, params := children(n, "children"), parameters(f)
	row, expr := r.fresh(), child(f, "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {row, "key"}, strings.ToLower(params[1]): {row, "value"}})
	become(n, call("list_transform", call("tarn_zip", args[0], args[1]), newLambda(expr, row)))
}

func (r *resolver) mapZipWith(n node) {
	f := r.lambda(n, 3, 3, "map_zip_with(a, b, (k, x, y) -> x + y)")
	if f == nil {
		return
	}
	args, params := children(n, "children"), parameters(f)
	row, expr := r.fresh(), child(f, "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {row, "key"},
		strings.ToLower(params[1]): {row, "value"}, strings.ToLower(params[2]): {row, "other"}})
	entry := pack("key", columnRef(row, "key"), "value", expr)
	become(n, call("map_from_entries", call("list_transform", call("tarn_map_zip", args[0], args[1]), newLambda(entry, row))))
}

// arraySort sorts by a lambda that compares two elements: the rank of each is
// how many come before it.
func (r *resolver) arraySort(n node) {
	args := children(n, "children")
	if len(args) == 1 {
		return
	}
	f := r.lambda(n, 2, 2, "array_sort(a, (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))")
	if f == nil {
		return
	}
	params := parameters(f)
	x, i, y, j := r.fresh(), r.fresh(), r.fresh(), r.fresh()
	expr := child(f, "expr")
	substitute(expr, map[string][]string{strings.ToLower(params[0]): {y}, strings.ToLower(params[1]): {x}})
	before := call("tarn_before_in_order", expr, columnRef(j), columnRef(i))
	rank := call("len", call("list_filter", args[0], newLambda(before, y, j)))
	become(n, call("tarn_ranked", args[0], call("list_transform", args[0], newLambda(rank, x, i))))
}
