package query

import (
	"slices"
	"strings"
)

// Casts from and to JSON are Trino's: a JSON string becomes its text and a text
// a JSON string; a row takes the members that have its fields' names, in any
// case, or the elements of a list in their order.

// jsonFunctions give JSON, not a text that looks like it.
var jsonFunctions = setOf("json_extract", "json_parse", "json_array_get", "json_object", "json_array")

// castJSON rewrites a cast from or to JSON, where that can be told.
func (r *resolver) castJSON(n node) {
	from, to := child(n, "child"), child(n, "cast_type")
	switch {
	case kind(n) != "OPERATOR_CAST":
	case isJSONType(to):
		if !isJSON(from) {
			become(n, call("to_json", from))
		}
	case isJSON(from) && str(to, "id") == "VARCHAR":
		become(n, call("json_extract_string", from, textValue("$")))
	case isJSON(from) && hasRow(to):
		value := r.fromJSON(from, to)
		if try, _ := n["try_cast"].(bool); try {
			value = node{"class": "OPERATOR", "type": "OPERATOR_TRY", "alias": "", "children": []any{value}}
		}
		become(n, value)
	}
}

// fromJSON makes a value of a type from JSON.
func (r *resolver) fromJSON(from, to node) node {
	switch {
	case str(to, "id") == "VARCHAR":
		return call("json_extract_string", from, textValue("$"))
	case isJSONType(to):
		return from
	case !hasRow(to):
		return castAs(from, to)
	case str(to, "id") == "LIST":
		x := r.fresh()
		return call("list_transform", castAs(from, ofJSON(to)), newLambda(r.fromJSON(columnRef(x), elementType(to)), x))
	case str(to, "id") == "MAP":
		x := r.fresh()
		entry := pack("key", columnRef(x, "key"), "value", r.fromJSON(columnRef(x, "value"), elementType(to)))
		return call("map_from_entries", call("list_transform", call("map_entries", castAs(from, ofJSON(to))), newLambda(entry, x)))
	}
	x := r.fresh() // written once, and read for each field
	fields := make([]node, 0, 8)
	for i, part := range children(child(to, "type_info"), "child_types") {
		member := call("tarn_member", columnRef(x), textValue(str(part, "first")), intValue(i))
		value := r.fromJSON(member, child(part, "second"))
		value["alias"] = str(part, "first")
		fields = append(fields, value)
	}
	row := call("tarn_unless_null", call("nullif", call("json_type", columnRef(x)), textValue("NULL")), call("struct_pack", fields...))
	return call("list_extract", call("list_transform", call("list_value", from), newLambda(row, x)), intValue(1))
}

func castAs(from, to node) node {
	return node{"class": "CAST", "type": "OPERATOR_CAST", "alias": "", "child": from, "cast_type": to, "try_cast": false}
}

// ofJSON is a list or a map type with JSON in it.
func ofJSON(t node) node {
	t = clone(t).(node)
	element := elementType(t)
	clear(element)
	element["id"] = "UNBOUND"
	element["type_info"] = node{"type": "UNBOUND_TYPE_INFO", "alias": "", "name": "json", "catalog": "", "schema": "", "user_type_modifiers": []any{}}
	return t
}

// isJSON reports whether an expression is surely JSON.
func isJSON(n node) bool {
	args := children(n, "children")
	switch {
	case kind(n) == "OPERATOR_CAST":
		return isJSONType(child(n, "cast_type"))
	case kind(n) == "ARRAY_EXTRACT", kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "element_at"):
		return len(args) > 0 && kind(args[0]) == "OPERATOR_CAST" && isJSONType(elementType(child(args[0], "cast_type")))
	}
	return kind(n) == "FUNCTION" && jsonFunctions[strings.ToLower(str(n, "function_name"))]
}

func isJSONType(t node) bool {
	return strings.EqualFold(str(t, "id"), "JSON") || strings.EqualFold(str(child(t, "type_info"), "name"), "json")
}

// elementType is the type of a list's elements or a map's values.
func elementType(t node) node {
	element := child(child(t, "type_info"), "child_type")
	if parts := children(child(element, "type_info"), "child_types"); str(t, "id") == "MAP" && len(parts) == 2 {
		return child(parts[1], "second")
	}
	return element
}

// hasRow reports whether a type is a row, or has one in it.
func hasRow(t node) bool {
	if str(t, "id") == "STRUCT" {
		return true
	}
	return slices.Contains([]string{"LIST", "MAP"}, str(t, "id")) && hasRow(elementType(t))
}
