package query

import (
	"strconv"
	"strings"

	"tarn/schemas"
)

// Trino's rows without names have the fields field0, field1 … where they are
// shown. The engine's have none, which neither JSON nor Parquet can show, so
// rows get these names; but where fields are told by their place, they do not.

// isRow reports whether an expression is ROW(a, b) or (a, b).
func isRow(n node) bool { return kind(n) == "FUNCTION" && str(n, "function_name") == "row" }

// wantsPlainRows reports whether an expression tells the fields of rows in it
// by their place: a cast to a row with other names, and (a, b) IN (SELECT …).
func wantsPlainRows(n node) bool {
	switch kind(n) {
	case "OPERATOR_CAST":
		return hasRow(child(n, "cast_type"))
	case "SUBQUERY":
		return isRow(child(n, "child"))
	case "ARRAY_EXTRACT":
		return isRow(children(n, "children")[0])
	}
	return false
}

// nameFields names the fields of a row whose parts are resolved.
func (r *resolver) nameFields(n node) {
	if r.plain > 0 {
		return
	}
	args := children(n, "children")
	for i, arg := range args {
		arg["alias"] = rowField(i)
	}
	become(n, call("struct_pack", args...))
}

func rowField(i int) string { return "field" + strconv.Itoa(i) }

// rowsIn returns the fields of the rows in a list, by their names alone, where
// the expression tells them: ARRAY[ROW(…), …], and CAST(… AS array(row(…))).
func rowsIn(n node) (fields []schemas.Field) {
	switch t := child(n, "cast_type"); {
	case kind(n) == "ARRAY_CONSTRUCTOR":
		if items := children(n, "children"); len(items) > 0 && isRow(items[0]) {
			for i := range children(items[0], "children") {
				fields = append(fields, schemas.Field{Name: rowField(i)})
			}
		}
	case kind(n) == "OPERATOR_CAST" && str(t, "id") == "LIST" && str(elementType(t), "id") == "STRUCT":
		for _, part := range children(child(elementType(t), "type_info"), "child_types") {
			fields = append(fields, schemas.Field{Name: str(part, "first")})
		}
	}
	return fields
}

// joinElement makes list || element and element || list calls that the engine
// has, where it is seen which side is the list.
func joinElement(n node) {
	args := children(n, "children")
	if len(args) != 2 {
		return
	}
	switch left, right := isList(args[0]), isList(args[1]); {
	case left && isElement(args[1]):
		become(n, call("list_append", args...))
	case right && isElement(args[0]):
		become(n, call("list_prepend", args...))
	}
}

// isList reports whether an expression is surely a list.
func isList(n node) bool {
	return kind(n) == "ARRAY_CONSTRUCTOR" || kind(n) == "OPERATOR_CAST" && str(child(n, "cast_type"), "id") == "LIST" ||
		kind(n) == "FUNCTION" && listMakers[strings.ToLower(str(n, "function_name"))]
}

// isElement reports whether an expression is surely no list.
func isElement(n node) bool {
	return kind(n) == "VALUE_CONSTANT" || kind(n) == "OPERATOR_CAST" && str(child(n, "cast_type"), "id") != "LIST"
}
