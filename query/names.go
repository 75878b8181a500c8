package query

import (
	"fmt"
	"strconv"
	"strings"
)

// A column of a result is named as CloudTrail Lake names it: by its alias, or by
// the last part of a column's name as it was typed. What has neither is _col and
// its place among the columns, from 0. A * keeps the names that it stands for.

// unnamed begins the names of columns without one.
const unnamed = "_col"

// nameColumns gives the columns of a query, and of the queries that it reads,
// their names before anything is rewritten.
func nameColumns(query node) {
	switch kind(query) {
	case "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE":
		nameColumns(child(query, "left")) // it names the columns of both
		nameColumns(child(query, "right"))
	case "SELECT_NODE":
		if from := child(query, "from_table"); kind(from) == "EXPRESSION_LIST" {
			query["select_list"] = rowsOf(from)
		}
		for i, item := range children(query, "select_list") {
			if str(item, "alias") == "" && kind(item) != "STAR" {
				item["alias"] = columnName(item, i)
			}
		}
		nameTables(child(query, "from_table"))
	}
	for _, entry := range children(child(query, "cte_map"), "map") {
		nameColumns(child(child(child(entry, "value"), "query"), "node"))
	}
}

// nameTables names the columns of the queries in a FROM.
func nameTables(from node) {
	switch kind(from) {
	case "JOIN":
		nameTables(child(from, "left"))
		nameTables(child(from, "right"))
	case "SUBQUERY":
		nameColumns(child(child(from, "subquery"), "node"))
	}
}

// rowsOf makes the select list of VALUES, to which DuckDB gives names of its own.
func rowsOf(values node) []any {
	rows, _ := values["values"].([]any)
	if len(rows) == 0 {
		return nil
	}
	first, _ := rows[0].([]any)
	items := make([]any, len(first))
	for i := range first {
		column := columnRef("col" + strconv.Itoa(i))
		column["alias"] = unnamed + strconv.Itoa(i)
		items[i] = column
	}
	return items
}

// columnName is the name of the select list's item i, which has no alias.
func columnName(item node, i int) string {
	names := texts(item, "column_names")
	if kind(item) != "COLUMN_REF" || len(names) == 0 || len(names) == 1 && isClock(names[0]) {
		return unnamed + strconv.Itoa(i)
	}
	return names[len(names)-1]
}

// numbered returns the names with _col and their place where they came without
// one: of which * was counted as one, or from a subquery. Names that stand in
// the text are the user's.
func numbered(names []string, sql string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		digits, ok := strings.CutPrefix(name, unnamed)
		if _, err := strconv.Atoi(digits); ok && err == nil && !strings.Contains(sql, name) {
			out[i] = unnamed + strconv.Itoa(i)
		}
	}
	return out
}

// unique returns the names with _2, _3 … behind those that were there before,
// in any case.
func unique(names []string) []string {
	taken := map[string]bool{}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		for n := 2; taken[strings.ToLower(out[i])]; n++ {
			out[i] = fmt.Sprintf("%s_%d", name, n)
		}
		taken[strings.ToLower(out[i])] = true
	}
	return out
}
