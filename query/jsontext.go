package query

import "strings"

// jsonFunctions give JSON, not a text that looks like it.
var jsonFunctions = setOf("json_extract", "json_parse", "json_array_get")

// jsonAsText makes a cast of JSON to varchar give the text of a JSON string, as
// in Trino, and not its JSON with quotes. NULL is what JSON's null becomes.
func jsonAsText(n node) {
	if kind(n) != "OPERATOR_CAST" || str(child(n, "cast_type"), "id") != "VARCHAR" || !isJSON(child(n, "child")) {
		return
	}
	become(n, call("json_extract_string", child(n, "child"), textValue("$")))
}

// isJSON reports whether an expression is surely JSON.
func isJSON(n node) bool {
	args := children(n, "children")
	switch {
	case kind(n) == "OPERATOR_CAST":
		return isJSONType(child(n, "cast_type"))
	case kind(n) == "ARRAY_EXTRACT", kind(n) == "FUNCTION" && strings.EqualFold(str(n, "function_name"), "element_at"):
		return len(args) > 0 && kind(args[0]) == "OPERATOR_CAST" && holdsJSON(child(args[0], "cast_type"))
	}
	return kind(n) == "FUNCTION" && jsonFunctions[strings.ToLower(str(n, "function_name"))]
}

func isJSONType(t node) bool {
	return strings.EqualFold(str(t, "id"), "JSON") || strings.EqualFold(str(child(t, "type_info"), "name"), "json")
}

// holdsJSON reports whether a type is array(json) or map(…, json).
func holdsJSON(t node) bool {
	element := child(child(t, "type_info"), "child_type")
	if parts := children(child(element, "type_info"), "child_types"); str(t, "id") == "MAP" && len(parts) == 2 {
		element = child(parts[1], "second")
	}
	return isJSONType(element)
}
