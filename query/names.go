package query

import (
	"fmt"
	"slices"
	"strings"
)

// nameColumns gives every column of the result its name, before anything is
// rewritten: the alias, or the last part of a column's name as it was typed, or
// the text of the expression. A * keeps the names that it stands for.
func nameColumns(src *source, query node) {
	for kind(query) == "SET_OPERATION_NODE" {
		query = child(query, "left") // the first SELECT names the columns of all
	}
	items := children(query, "select_list")
	written := selectList(src.text)
	if len(items) != len(written) {
		return // VALUES, TABLE, a bare FROM: the engine's names will do
	}
	for i, item := range items {
		if str(item, "alias") != "" || kind(item) == "STAR" {
			continue
		}
		item["alias"] = written[i]
		if names := texts(item, "column_names"); kind(item) == "COLUMN_REF" && len(names) > 0 {
			item["alias"] = names[len(names)-1]
		}
	}
}

// afterSelect are the keywords that end a select list.
var afterSelect = setOf("FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY", "ORDER",
	"LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT", "USING")

// selectList returns the text of each item of the first SELECT that is not
// within another query's parentheses. White space and comments are folded.
func selectList(sql string) []string {
	all := slices.DeleteFunc(tokens(sql), token.blank)
	start := firstSelect(all)
	if start < 0 {
		return nil
	}
	var items []string
	depth, first := 0, start
	for i := start; i < len(all) && depth >= 0; i++ {
		t := all[i]
		switch {
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case t.is(")") || t.is("]") || t.is("}"):
			depth--
		case depth > 0:
		case t.is(","):
			items = append(items, fold(sql, all[first:i]))
			first = i + 1
		case ends(all, i, start):
			return append(items, fold(sql, all[first:i]))
		}
		if depth < 0 {
			return append(items, fold(sql, all[first:i]))
		}
	}
	return append(items, fold(sql, all[first:]))
}

// firstSelect returns the index behind SELECT and what belongs to it: DISTINCT,
// DISTINCT ON (…), ALL.
func firstSelect(all []token) int {
	depth, wanted := 0, 0
	for i, t := range all {
		switch {
		case t.is("("):
			// The statement may stand in parentheses, also behind its WITH.
			if depth == wanted && (i == wanted || all[i-1].is(")")) {
				wanted++
			}
			depth++
		case t.is(")"):
			depth--
		case depth == wanted && t.is("SELECT"):
			return skipDistinct(all, i+1)
		}
	}
	return -1
}

func skipDistinct(all []token, i int) int {
	if i < len(all) && all[i].is("ALL") {
		return i + 1
	}
	if i >= len(all) || !all[i].is("DISTINCT") {
		return i
	}
	i++
	if i+1 >= len(all) || !all[i].is("ON") || !all[i+1].is("(") {
		return i
	}
	depth := 0
	for i++; i < len(all); i++ {
		if all[i].is("(") {
			depth++
		} else if all[i].is(")") {
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return i
}

// ends reports whether the token ends the select list: a keyword that is not a
// part of an expression, as in x IS DISTINCT FROM y and a.limit.
func ends(all []token, i, start int) bool {
	if all[i].kind != wordToken || !afterSelect[strings.ToUpper(all[i].text)] {
		return false
	}
	return i == start || !all[i-1].is(".") && !all[i-1].is("DISTINCT") && !all[i-1].is("WITHIN")
}

// fold returns the text of the tokens with a single space where there was any.
func fold(sql string, part []token) string {
	var b strings.Builder
	for i, t := range part {
		if i > 0 && part[i-1].end() < t.pos {
			b.WriteByte(' ')
		}
		b.WriteString(sql[t.pos:t.end()])
	}
	return b.String()
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
