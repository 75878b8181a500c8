package query

import (
	"slices"
	"strings"
)

// Columns that the planner adds to a store must not be seen. What can show them
// is known before anything is rewritten.

// joins notes how the relations of a FROM are joined.
func (s *scope) joins(n node) {
	if kind(n) != "JOIN" {
		return
	}
	s.natural = s.natural || str(n, "ref_type") == "NATURAL"
	s.using = append(s.using, texts(n, "using_columns")...)
	s.joins(child(n, "left"))
	s.joins(child(n, "right"))
}

// tableAliases returns what the tables of a FROM are called.
func tableAliases(n node) (names []string) {
	switch kind(n) {
	case "JOIN":
		return append(tableAliases(child(n, "left")), tableAliases(child(n, "right"))...)
	case "BASE_TABLE":
		if alias := str(n, "alias"); alias != "" {
			return []string{alias}
		}
		return []string{str(n, "table_name")}
	}
	return nil
}

// showsRow reports whether one of these tables is referred to as a whole: the
// engine makes a row of all its columns.
func showsRow(v any, tables []string) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return showsRow(e, tables) })
	case node:
		if names := texts(v, "column_names"); len(names) == 1 && containsFold(tables, names[0]) {
			return true
		}
		for _, e := range v {
			if showsRow(e, tables) {
				return true
			}
		}
	}
	return false
}

// groupedColumns returns the last parts of the columns by which a SELECT groups:
// by themselves, their place or their alias.
func groupedColumns(n node) (names []string) {
	items := children(n, "select_list")
	for _, g := range children(n, "group_expressions") {
		meant := []node{g}
		if i, ok := ordinalValue(g); ok && i >= 1 && i <= len(items) {
			meant = items[i-1 : i]
		}
		for _, item := range items {
			if alias, parts := str(item, "alias"), texts(g, "column_names"); alias != "" && len(parts) == 1 && strings.EqualFold(parts[0], alias) {
				meant = append(meant, item)
			}
		}
		for _, m := range meant {
			if parts := texts(m, "column_names"); len(parts) > 0 {
				names = append(names, parts[len(parts)-1])
			}
		}
	}
	return names
}

// showsAll reports whether a SELECT has a * or COLUMNS(…) anywhere of its own,
// in which hidden columns would take part. That of ORDER BY ALL means the
// columns of the result.
func showsAll(n node) bool {
	for key, v := range n {
		if key != "cte_map" && key != "modifiers" && hasStar(v) {
			return true
		}
	}
	for _, m := range children(n, "modifiers") {
		if kind(m) != "ORDER_MODIFIER" && hasStar(m) {
			return true
		}
	}
	return false
}

// hasStar reports whether something stands for several columns.
func hasStar(v any) bool {
	switch v := v.(type) {
	case []any:
		if slices.ContainsFunc(v, hasStar) {
			return true
		}
	case node:
		if kind(v) == "STAR" {
			return true
		}
		if kind(v) == "SUBQUERY" {
			return false // its stars are its own
		}
		for _, e := range v {
			if hasStar(e) {
				return true
			}
		}
	}
	return false
}
