package query

import (
	"regexp"
	"strings"
)

// Paths in JSON are the engine's, but for keys in brackets and a mode.

// pathTakers are the functions whose second argument is a path.
var pathTakers = setOf("json_extract", "json_extract_scalar", "json_size", "json_value", "json_query", "json_exists", "json_extract_string")

// pathStep is one step of a path: .key, ."key", ["key"], [1] or [*].
var pathStep = regexp.MustCompile(`^(?:\.([^\s."'\[\]*]+)|\.?\["([^"\\]+)"\]|\."([^"\\]+)"|\[(\d+|\*)\]|\.(\*))`)

// plainPath writes the path of a function as the engine reads it. A path that
// is not understood stays, and the engine says what is wrong with it.
func plainPath(n node) {
	args := children(n, "children")
	if len(args) < 2 {
		return
	}
	text, ok := literal(args[1])
	if !ok {
		return
	}
	for _, mode := range []string{"lax ", "strict "} {
		text = strings.TrimPrefix(text, mode)
	}
	if path, ok := enginePath(strings.TrimSpace(text)); ok {
		become(args[1], textValue(path))
	}
}

func enginePath(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return "", false
	}
	var path strings.Builder
	path.WriteString("$")
	for rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return "", false
		}
		switch {
		case m[4] != "":
			path.WriteString("[" + m[4] + "]")
		case m[5] != "":
			path.WriteString(".*")
		default:
			path.WriteString(`."` + m[1] + m[2] + m[3] + `"`)
		}
		rest = rest[len(m[0]):]
	}
	return path.String(), true
}

// jsonObject makes the text of an object. Where main stands before its name,
// members without value are left out (jsonclauses.go).
func (r *resolver) jsonObject(n node) {
	args := children(n, "children")
	if len(args)%2 == 1 {
		return
	}
	var all, keys, values []node
	for i := 0; i < len(args); i += 2 {
		key, value := args[i], jsonOf(args[i+1])
		all, keys, values = append(all, key, value), append(keys, call("to_json", key)), append(values, call("to_json", value))
	}
	object := call("json_object", all...)
	if str(n, "schema") != "" {
		object = call("tarn_json_object", call("list_value", keys...), call("list_value", values...))
	}
	become(n, castTo("VARCHAR", object))
}

// jsonArray makes the text of a list. NULLs are left out where no main stands
// before its name.
func (r *resolver) jsonArray(n node) {
	var all, list []node
	for _, arg := range children(n, "children") {
		all, list = append(all, jsonOf(arg)), append(list, call("to_json", jsonOf(arg)))
	}
	array := call("json_array", all...)
	if str(n, "schema") == "" {
		array = call("tarn_json_array", call("list_value", list...))
	}
	become(n, castTo("VARCHAR", array))
}

// jsonOf takes an object or a list within another as what it is, not as text.
func jsonOf(n node) node {
	inner := child(n, "child")
	switch str(inner, "function_name") {
	case "json_object", "json_array", "tarn_json_object", "tarn_json_array":
		if kind(n) == "OPERATOR_CAST" {
			return inner
		}
	}
	return n
}

// jsonQuery makes a list of what is found, where main stands before its name.
func (r *resolver) jsonQuery(n node) {
	args := children(n, "children")
	if str(n, "schema") == "" || len(args) != 2 {
		return
	}
	wrapper := "tarn_wrapped"
	if path, _ := literal(args[1]); strings.Contains(path, "*") {
		wrapper = "tarn_all_parts"
	}
	become(n, call(wrapper, args...))
}
