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
	path := "$"
	for rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return "", false
		}
		switch {
		case m[4] != "":
			path += "[" + m[4] + "]"
		case m[5] != "":
			path += ".*"
		default:
			path += `."` + m[1] + m[2] + m[3] + `"`
		}
		rest = rest[len(m[0]):]
	}
	return path, true
}
