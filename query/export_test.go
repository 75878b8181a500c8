package query

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// RoundTrip prints the tree of a statement and parses that again. It returns
// that tree, the SQL between, and where the trees differ, except for places.
func RoundTrip(ctx context.Context, e *Engine, s *Statement) (after map[string]any, sql, differ string, err error) {
	text, err := encodeTree(s.tree)
	if err != nil {
		return nil, "", "", err
	}
	before, err := decodeTree(text)
	if err != nil {
		return nil, "", "", err
	}
	if sql, err = e.duck.Print(ctx, text); err != nil {
		return nil, "", "", err
	}
	if text, err = e.duck.Parse(ctx, sql); err != nil {
		return nil, sql, "", err
	}
	after, err = decodeTree(text)
	dropPlaces(before)
	dropPlaces(after)
	return after, sql, difference("", before, after), err
}

// difference says where two trees differ first; empty if they do not.
func difference(path string, a, b any) string {
	switch a := a.(type) {
	case []any:
		if b, ok := b.([]any); ok && len(a) == len(b) {
			for i := range a {
				if d := difference(fmt.Sprintf("%s[%d]", path, i), a[i], b[i]); d != "" {
					return d
				}
			}
			return ""
		}
	case node:
		if b, ok := b.(node); ok {
			all := maps.Clone(b)
			maps.Copy(all, a)
			for _, key := range sortedKeys(all) {
				if d := difference(path+"."+key, a[key], b[key]); d != "" {
					return d
				}
			}
			return ""
		}
	}
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return fmt.Sprintf("%s: %v and %v", path, a, b)
}

func dropPlaces(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			dropPlaces(e)
		}
	case node:
		delete(v, "query_location")
		if str(v, "alias") == "valueslist" && kind(v) == "SUBQUERY" { // how the parser sees a printed VALUES
			list := child(child(child(v, "subquery"), "node"), "from_table")
			clear(v)
			maps.Copy(v, list)
			delete(v, "query_location")
		}
		for _, e := range v {
			dropPlaces(e)
		}
	}
}

// Reads returns what a tree of the engine's reads: tables and table functions.
func Reads(tree map[string]any) (names []string) {
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(e)
			}
		case node:
			switch kind(v) {
			case "BASE_TABLE":
				names = append(names, strings.Trim(str(v, "catalog_name")+"."+str(v, "schema_name")+"."+str(v, "table_name"), "."))
			case "TABLE_FUNCTION":
				names = append(names, str(child(v, "function"), "function_name")+"()")
			}
			for _, key := range sortedKeys(v) {
				look(v[key])
			}
		}
	}
	look(tree)
	return names
}
