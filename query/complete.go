package query

import (
	"maps"
	"slices"
	"strings"

	"tarn/lake"
	"tarn/schemas"
)

// keywords are the words of a SELECT that are worth completing.
var keywords = strings.Fields(`ALL AND ANY AS ASC AT BETWEEN BY CASE CAST CROSS CURRENT_DATE CURRENT_TIMESTAMP DATE DESC
	DISTINCT ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FILTER FIRST FROM FULL GROUP HAVING ILIKE IN INNER INTERSECT INTERVAL
	IS JOIN LAST LATERAL LEFT LIKE LIMIT NOT NULL NULLS OFFSET ON OR ORDER ORDINALITY OUTER OVER PARTITION RIGHT ROWS SELECT
	THEN TIMESTAMP TRUE TRY_CAST UNION UNNEST USING VALUES WHEN WHERE WINDOW WITH ZONE`)

// Complete returns what the name that ends at pos of a statement may become:
// stores where a table is expected, fields behind the dot of a struct, else
// columns, functions and keywords. The candidates take the place of the text
// from start to pos; one that is never the end ends with what follows, a dot or
// a parenthesis. Nothing is completed within texts and comments.
func Complete(sql string, pos int, stores []lake.Store) (start int, candidates []string) {
	before := tokens(sql[:pos])
	typed := token{pos: pos}
	if n := len(before); n > 0 {
		switch last := before[n-1]; last.kind {
		case wordToken:
			typed, before = last, before[:n-1]
		case brokenToken:
			if !strings.HasPrefix(last.text, `"`) {
				return pos, nil
			}
			typed, before = last, before[:n-1] // a quoted name
		case commentToken:
			return pos, nil
		}
	}
	var places tablePlaces
	for _, t := range before {
		places.see(t)
	}
	switch path := pathBefore(before); {
	case path != nil:
		candidates = fieldsBehind(path, columnsFor(sql, stores))
	case places.expected():
		candidates = storeNames(stores)
	case typed.kind == brokenToken:
	default:
		candidates = words(sql, typed.text, stores)
	}
	return typed.pos, starting(candidates, typed.text)
}

// starting returns those candidates that begin as typed, each once, in order.
func starting(candidates []string, typed string) []string {
	var out []string
	for _, c := range candidates {
		if len(c) >= len(typed) && strings.EqualFold(c[:len(typed)], typed) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.Compact(out)
}

// pathBefore returns the names before a dot at the end of the tokens.
func pathBefore(before []token) []string {
	var path []string
	for len(before) >= 2 && before[len(before)-1].is(".") {
		name := before[len(before)-2]
		if name.kind != wordToken && name.kind != nameToken {
			return nil
		}
		path = append([]string{strings.Trim(name.text, `"`)}, path...)
		before = before[:len(before)-2]
	}
	return path
}

// fieldsBehind returns the fields of the struct that a path names; of what is
// no column, as an alias is none, the columns.
func fieldsBehind(path []string, columns []schemas.Field) []string {
	at := columns
	for i, name := range path {
		f, ok := fieldNamed(at, name)
		if !ok && i == 0 {
			continue
		}
		if !ok || f.Kind != schemas.Struct {
			return nil
		}
		at = f.Fields
	}
	return labels(at)
}

// labels are the names of fields, those of structs with the dot that follows.
func labels(fields []schemas.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = fieldLabel(f)
		if f.Kind == schemas.Struct {
			out[i] += "."
		}
	}
	return out
}

// columnsFor returns the columns of the stores that the text names; of all
// stores while it names none, since FROM is typed behind SELECT.
func columnsFor(sql string, stores []lake.Store) []schemas.Field {
	var named, all []schemas.Field
	families := map[string]bool{}
	text := strings.ToLower(sql)
	for _, st := range stores {
		schema := st.Schema()
		if schema == nil || families[schema.Name] {
			continue
		}
		all = append(all, schema.Columns...)
		if strings.Contains(text, strings.ToLower(st.Name)) || strings.Contains(text, st.ID) {
			families[schema.Name] = true
			columns := schema.Columns
			if hasAthena(st) && strings.Contains(text, strings.ToLower(st.Name+athenaSuffix)) {
				columns = athenaFields(schema)
			}
			named = append(named, columns...)
		}
	}
	if named != nil {
		return named
	}
	return all
}

// storeNames returns how the stores are written in FROM.
func storeNames(stores []lake.Store) []string {
	var out []string
	for _, st := range stores {
		name := st.Name
		if strings.Contains(name, ".") {
			name = `"` + name + `"`
		}
		out = append(out, name, `"`+st.Name+`"`, `"`+st.Name+lake.ConflictsSuffix+`"`)
		if hasAthena(st) {
			out = append(out, `"`+st.Name+athenaSuffix+`"`)
		}
	}
	return out
}

// words returns what may stand in an expression. Keywords are written as the
// typed letters are; functions with the parenthesis that follows.
func words(sql, typed string, stores []lake.Store) []string {
	out := labels(columnsFor(sql, stores))
	for _, k := range keywords {
		if typed != "" && typed == strings.ToLower(typed) {
			k = strings.ToLower(k)
		}
		out = append(out, k)
	}
	if typed == strings.ToUpper(typed) {
		return out // who types capitals wants keywords; six hundred functions help nobody who has typed nothing
	}
	for name := range maps.Keys(callable) {
		if isWord(name[0]) && !strings.HasPrefix(name, "_") {
			out = append(out, name+"(")
		}
	}
	return out
}
