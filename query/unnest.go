package query

import (
	"fmt"
	"strings"

	"tarn/internal/hint"
	"tarn/schemas"
)

// unnest adds the rows of UNNEST(list) AS t. Without names for its columns it
// gets one that is named like itself, so that t.field finds the row's field.
// Trino makes more than one column of maps, of several lists and of lists of
// rows; that becomes a subquery.
func (r *resolver) unnest(n node, s *scope, nullable bool) {
	call := child(n, "function")
	var rows [][]schemas.Field // before anything is rewritten
	for _, arg := range children(call, "children") {
		rows = append(rows, rowsIn(arg))
	}
	r.expressions(call["children"], s)
	alias, names := str(n, "alias"), texts(n, "column_name_alias")
	if str(call, "function_name") == "unnest" && len(children(call, "children")) > 0 && r.spread(n, s, rows, nullable) {
		return
	}
	if str(call, "function_name") != "unnest" || alias == "" || len(names) > 1 || ordinal(n) {
		s.open = true
		return
	}
	rel := &relation{alias: alias, implicit: len(names) == 0, nullable: nullable}
	if rel.implicit {
		names = []string{alias}
		n["column_name_alias"] = anys(alias)
	}
	if args := children(call, "children"); len(args) == 1 {
		m, ok := columnMeant(args[0], s)
		if ok && m.last().Kind == schemas.List {
			rel.columns = []schemas.Field{{Name: names[0], Kind: schemas.Struct, Fields: m.last().Fields}}
			if m.local && m.relation.table != nil {
				rel.from, rel.fromList = m.relation, m.dotted()
			}
		}
	}
	s.open = s.open || rel.columns == nil
	s.relations = append(s.relations, rel)
}

func ordinal(n node) bool { return str(n, "with_ordinality") == "WITH_ORDINALITY" }

// columnMeant returns the known column that an expression is.
func columnMeant(n node, s *scope) (meaning, bool) {
	if kind(n) != "COLUMN_REF" {
		return meaning{}, false
	}
	m, _, problem := s.lookup(texts(n, "column_names"))
	return m, problem == nil && m.relation != nil
}

// unnested is what an argument of UNNEST becomes: a list for each column.
type unnested struct {
	lists  []node
	fields []schemas.Field // of each column, without name; nil if not known
}

// spread puts a subquery in place of an UNNEST with several columns, and
// reports whether it had something to say about it.
func (r *resolver) spread(n node, s *scope, rows [][]schemas.Field, nullable bool) bool {
	args, names := children(child(n, "function"), "children"), texts(n, "column_name_alias")
	columns := len(names)
	if ordinal(n) {
		columns--
	}
	var all unnested
	for i, arg := range args {
		u := r.unnestArgument(arg, rows[i], s, len(args) == 1, columns)
		all.lists = append(all.lists, u.lists...)
		all.fields = append(all.fields, u.fields...)
	}
	if len(all.lists) == 1 {
		if columns > 1 {
			r.fail(r.src.faultAt(at(n), fmt.Sprintf("this UNNEST has one column, not %d", columns)))
		}
		return columns > 1
	}
	if columns != len(all.lists) || str(n, "alias") == "" {
		err := r.src.faultAt(at(n), fmt.Sprintf("this UNNEST has %d columns, which need names", len(all.lists)))
		r.fail(hint.Add(err, "write AS t("+strings.Join(letters[:min(len(all.lists), len(letters))], ", ")+")"))
		return true
	}
	rel := &relation{alias: str(n, "alias"), nullable: nullable}
	for i, f := range all.fields {
		f.Name = names[i]
		rel.columns = append(rel.columns, f)
	}
	if ordinal(n) {
		rel.columns = append(rel.columns, schemas.Field{Name: names[columns], Kind: schemas.Integer})
		all.lists = append(all.lists, ordinals(all.lists))
	}
	if all.fields == nil || len(rel.columns) != len(all.lists) {
		rel.columns, s.open = nil, true
	}
	s.relations = append(s.relations, rel)
	r.becomeSubquery(n, all.lists, names)
	return true
}

// letters are names to propose.
var letters = strings.Fields("a b c d e f g h")

// unnestArgument says what an argument becomes. A map has two columns; a list of
// rows has one for each field, if that is how many names there are.
func (r *resolver) unnestArgument(arg node, row []schemas.Field, s *scope, only bool, columns int) unnested {
	m, known := columnMeant(arg, s)
	if known && m.last().Kind == schemas.List {
		row = m.last().Fields
	}
	switch {
	case known && m.last().Kind == schemas.Map:
		text := schemas.Field{Kind: schemas.String}
		return unnested{[]node{call("map_keys", arg), call("map_values", arg)}, []schemas.Field{text, text}}
	case row == nil && (isMap(arg) || !known && only && columns == 2):
		return unnested{lists: []node{call("map_keys", arg), call("map_values", arg)}}
	case row != nil && only && columns == len(row):
		var u unnested
		for _, f := range row {
			row := r.fresh()
			u.lists = append(u.lists, call("list_transform", arg, newLambda(columnRef(row, f.Name), row)))
			u.fields = append(u.fields, f)
		}
		return u
	case known && m.last().Kind == schemas.List:
		return unnested{[]node{arg}, []schemas.Field{{Kind: schemas.Struct, Fields: row}}}
	}
	return unnested{lists: []node{arg}}
}

// isMap reports whether an expression is surely a map.
func isMap(n node) bool {
	switch kind(n) {
	case "OPERATOR_CAST":
		return str(child(n, "cast_type"), "id") == "MAP"
	case "FUNCTION":
		switch strings.ToLower(str(n, "function_name")) {
		case "map", "map_concat", "map_from_entries", "map_agg", "histogram":
			return true
		}
	}
	return false
}

// ordinals is a list that counts the rows of the longest list.
func ordinals(lists []node) node {
	var lengths []node
	for _, l := range lists {
		lengths = append(lengths, call("len", l))
	}
	return call("generate_series", intValue(1), call("greatest", lengths...))
}

// becomeSubquery puts (SELECT unnest(list), …) AS t(name, …) in place of an
// UNNEST. Lists in one SELECT go side by side, and the shorter ones end in NULLs.
func (r *resolver) becomeSubquery(n node, lists []node, names []string) {
	var items []any
	for _, l := range lists {
		item := call("unnest", l)
		item["alias"] = r.fresh() // the user's name could be taken for a column in the next list
		items = append(items, item)
	}
	alias, location := n["alias"], n["query_location"]
	clear(n)
	n["type"], n["alias"], n["query_location"], n["column_name_alias"] = "SUBQUERY", alias, location, anys(names...)
	n["subquery"] = node{"node": selectNode(items), "named_param_map": []any{}}
}
