package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// node is one object of the parser's tree. Its members are node, []any,
// string, bool, json.Number and nil. Nodes are changed in place.
type node = map[string]any

// decodeTree reads the parser's JSON. Numbers keep their digits.
func decodeTree(text string) (node, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var n node
	if err := d.Decode(&n); err != nil {
		return nil, fmt.Errorf("read the parser's tree: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the parser's tree: %v follows it", err)
	}
	return n, nil
}

// str returns a text member, "" if there is none.
func str(n node, key string) string { s, _ := n[key].(string); return s }

// child returns an object member, nil if there is none.
func child(n node, key string) node { c, _ := n[key].(node); return c }

// children returns the objects of a list member.
func children(n node, key string) []node {
	list, _ := n[key].([]any)
	all := make([]node, 0, len(list))
	for _, v := range list {
		if c, ok := v.(node); ok {
			all = append(all, c)
		}
	}
	return all
}

// texts returns the strings of a list member.
func texts(n node, key string) []string {
	list, _ := n[key].([]any)
	all := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// anys is the way back from texts.
func anys(list ...string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// kind is a node's type, such as SELECT_NODE or COMPARE_EQUAL.
func kind(n node) string { return str(n, "type") }

// at returns where a node stands in the parser's text; -1 if it does not say.
// Where it is an operator, the place of its first part that says is taken.
func at(n node) int {
	if num, ok := n["query_location"].(json.Number); ok {
		if pos, err := strconv.ParseInt(string(num), 10, 32); err == nil {
			return int(pos)
		}
	}
	for _, key := range []string{"children", "child", "left", "right", "input", "function"} {
		for _, part := range append(children(n, key), child(n, key)) {
			if part == nil {
				continue
			}
			if pos := at(part); pos >= 0 {
				return pos
			}
		}
	}
	return -1
}

// become makes n another expression that keeps its name and its place.
func become(n, other node) {
	alias := n["alias"]
	location, placed := n["query_location"]
	clear(n)
	maps.Copy(n, other)
	n["alias"] = alias
	if placed {
		n["query_location"] = location
	}
}

// columnRef is a reference to a column by the parts of its name.
func columnRef(names ...string) node {
	return node{"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": anys(names...)}
}

// textValue is a string literal.
func textValue(s string) node {
	return node{"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "",
		"value": node{"type": node{"id": "VARCHAR"}, "is_null": false, "value": s}}
}

// intValue is a whole number.
func intValue(n int) node {
	return node{"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "",
		"value": node{"type": node{"id": "INTEGER"}, "is_null": false, "value": n}}
}

// call is a call of a function.
func call(name string, args ...node) node {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	return node{"class": "FUNCTION", "type": "FUNCTION", "alias": "", "function_name": name, "schema": "", "catalog": "",
		"children": list, "order_bys": node{"type": "ORDER_MODIFIER", "orders": []any{}},
		"distinct": false, "is_operator": false, "export_state": false}
}

// selectNode is a SELECT without FROM.
func selectNode(items []any) node {
	return node{"type": "SELECT_NODE", "modifiers": []any{}, "cte_map": node{"map": []any{}}, "select_list": items,
		"from_table": node{"type": "EMPTY", "alias": ""}, "group_expressions": []any{}, "group_sets": []any{},
		"aggregate_handling": "STANDARD_HANDLING"}
}

// castTo is a cast to a type without parts.
func castTo(id string, n node) node {
	return node{"class": "CAST", "type": "OPERATOR_CAST", "alias": "", "child": n, "cast_type": node{"id": id}, "try_cast": false}
}

// clone copies a part of the tree, with all below it.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = clone(e)
		}
		return list
	case node:
		n := make(node, len(v))
		for key, e := range v {
			n[key] = clone(e)
		}
		return n
	}
	return v
}

// literal returns the text of a string literal.
func literal(n node) (string, bool) {
	if kind(n) != "VALUE_CONSTANT" {
		return "", false
	}
	v := child(n, "value")
	s, ok := v["value"].(string)
	return s, ok && str(child(v, "type"), "id") == "VARCHAR"
}

// ordinalValue returns a whole number that stands for itself, as in GROUP BY 1.
func ordinalValue(n node) (int, bool) {
	num, ok := child(n, "value")["value"].(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(string(num))
	return i, err == nil
}

// encodeTree writes the tree for the parser.
func encodeTree(n node) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(n); err != nil {
		return "", fmt.Errorf("write the parser's tree: %w", err)
	}
	return b.String(), nil
}

func sortedKeys(n node) []string { return slices.Sorted(maps.Keys(n)) }
