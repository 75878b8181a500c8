package query

import (
	"slices"
	"strings"
)

// Some functions do different things for different types. The engine chooses
// among the macros of one name by the types of the arguments, but it does not
// know the type of what is made of an aggregate. And bytes are told from text
// by where they come from.

// bytesOf are the functions that are others for bytes.
var bytesOf = map[string]string{"length": "octet_length", "substr": "tarn_bytes_from", "substring": "tarn_bytes_from",
	"reverse": "tarn_reverse_bytes", "md5": "tarn_md5", "sha1": "tarn_sha1", "sha256": "tarn_sha256"}

// bytesMakers are the functions that give bytes.
var bytesMakers = setOf("to_utf8", "encode", "from_hex", "unhex", "from_base64", "from_base64url", "from_base32", "hmac_md5", "hmac_sha1", "hmac_sha256",
	"to_big_endian_32", "to_big_endian_64", "tarn_md5", "tarn_sha1", "tarn_sha256", "tarn_bytes_from", "tarn_reverse_bytes")

// isBytes reports whether an expression is surely bytes.
func isBytes(n node) bool {
	switch kind(n) {
	case "OPERATOR_CAST":
		return str(child(n, "cast_type"), "id") == "BLOB"
	case "FUNCTION":
		name := strings.ToLower(str(n, "function_name"))
		return bytesMakers[name] || name == "||" && slices.ContainsFunc(children(n, "children"), isBytes)
	}
	return false
}

// ofBytes calls the function for bytes, if it was given bytes.
func (r *resolver) ofBytes(n node) bool {
	args := children(n, "children")
	other := bytesOf[strings.ToLower(str(n, "function_name"))]
	if other == "" || len(args) == 0 || !isBytes(args[0]) {
		return false
	}
	n["function_name"], n["schema"] = other, ""
	return true
}

// untyped are what stands for a macro that goes by types where an argument is
// made of an aggregate: it takes a time, a text or a list.
var untyped = map[string]string{"date_add": "tarn_later", "to_iso8601": "tarn_iso_time", "to_milliseconds": "epoch_ms", "cardinality": "len",
	"date_trunc": "datetrunc", "reverse": "tarn_reverse"}

// ofAggregate calls a function that does not go by types, if an argument is
// made of an aggregate.
func (r *resolver) ofAggregate(n node) bool {
	args := children(n, "children")
	name := strings.ToLower(str(n, "function_name"))
	if untyped[name] == "" || !slices.ContainsFunc(args, func(arg node) bool { return aggregates(arg) }) {
		return false
	}
	n["function_name"], n["schema"] = untyped[name], ""
	switch {
	case name == "cardinality" && makesMap(args[0]):
		n["function_name"] = "tarn_map_size"
	case name == "reverse" && isList(args[0]):
		n["function_name"] = "list_reverse"
	}
	return true
}

// aggregates reports whether there is an aggregate or a window in an expression.
func aggregates(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, aggregates)
	case node:
		if str(v, "class") == "WINDOW" || kind(v) == "FUNCTION" && aggregateNames[strings.ToLower(str(v, "function_name"))] {
			return true
		}
		if kind(v) == "SUBQUERY" {
			return false // the engine knows its type
		}
		for _, e := range v {
			if aggregates(e) {
				return true
			}
		}
	}
	return false
}

// mapMakers are the functions that give maps.
var mapMakers = setOf("map", "map_concat", "map_from_entries", "map_agg", "histogram", "tarn_map_agg", "tarn_multimap", "tarn_map_union", "tarn_most", "map_filter", "transform_keys", "transform_values")

func makesMap(n node) bool {
	return kind(n) == "FUNCTION" && mapMakers[strings.ToLower(str(n, "function_name"))]
}

// listMakers are functions that give lists.
var listMakers = setOf("list_value", "list_append", "list_prepend", "array_agg", "list", "split", "sequence", "list_transform", "list_filter",
	"array_distinct", "array_sort", "map_keys", "map_values", "repeat")
