package query

import (
	"fmt"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/nearest"
	"tarn/schemas"
)

// columnProblem is a name that is no column, or no field of the column before it.
type columnProblem struct {
	name     string
	relation *relation       // nil if no relation was named
	parent   []schemas.Field // the path that has no such field
}

// explain makes an error of the problem, with advice.
func (p *columnProblem) explain(src *source, pos int, s *scope) error {
	if p.parent != nil {
		return p.explainField(src, pos)
	}
	relations := s.stores()
	if p.relation != nil {
		relations = []*relation{p.relation}
	}
	msg := fmt.Sprintf("no column %q", p.name)
	if len(relations) == 1 && relations[0].table != nil {
		msg += fmt.Sprintf(" in event data store %q", relations[0].store.Name)
		if relations[0].athena {
			msg = fmt.Sprintf("no column %q in %q", p.name, relations[0].store.Name+athenaSuffix)
		}
	}
	err := src.faultAt(pos, msg)
	near := suggest(p.name, relations)
	switch {
	case near != "":
		return hint.Add(err, "did you mean "+near+"?")
	case pos >= 0 && pos < len(src.text) && src.text[pos] == '"' && !strings.Contains(p.name, "."):
		return hint.Add(err, inSingleQuotes(nextToken(src.text, pos).text))
	case strings.ContainsAny(p.name, curly):
		return hint.Add(err, "text stands in straight single quotes: '"+strings.Trim(p.name, curly)+"'")
	case src.compares(pos):
		return hint.Add(err, "text stands in single quotes: '"+p.name+"'")
	}
	if p.relation == nil && !s.hasStores() {
		return err
	}
	if len(relations) > 0 && relations[0].athena {
		return hint.Add(err, "what has no column of its own is in JSON texts, as in json_extract_scalar(requestparameters, '$.bucketName')")
	}
	if isPartition(p.name) && len(relations) > 0 && hasAthena(relations[0].store) {
		return hint.Add(err, fmt.Sprintf("FROM %s%s has the columns of Athena's table; here write eventTime >= '2026-10-12'", relations[0].store.Name, athenaSuffix))
	}
	return hint.Add(err, "what has no column of its own is in the maps, as in element_at(requestParameters, 'bucketName'), and in eventJson")
}

// curly are the quotes that word processors make of straight ones.
const curly = "‘’“”"

// compares reports whether a bare word at a place of the parser's text is what
// something is compared with.
func (s *source) compares(pos int) bool {
	if pos < 0 || strings.HasPrefix(s.text[nextToken(s.text, pos).end():], ".") {
		return false
	}
	before := slices.DeleteFunc(tokens(s.text[:pos]), token.blank)
	n := len(before)
	if n > 1 && before[n-1].is("(") {
		return before[n-2].is("IN")
	}
	return n > 0 && slices.ContainsFunc([]string{"=", "<", ">", "LIKE"}, before[n-1].is)
}

func (p *columnProblem) explainField(src *source, pos int) error {
	parent := p.parent[len(p.parent)-1]
	path := display(p.parent)
	switch parent.Kind {
	case schemas.Struct:
		err := src.faultAt(pos, fmt.Sprintf("no field %q in %s", p.name, path))
		var names []string
		for _, f := range parent.Fields {
			names = append(names, fieldLabel(f))
		}
		if near := nearest.Of(p.name, names); near != "" {
			return hint.Add(err, "did you mean "+path+"."+near+"?")
		}
		return hint.Add(err, "its fields are "+strings.Join(names, ", "))
	case schemas.Map:
		return hint.Add(src.faultAt(pos, path+" is a map: it has keys, not fields"),
			fmt.Sprintf("write element_at(%s, '%s')", path, p.name))
	case schemas.List:
		return hint.Add(src.faultAt(pos, path+" is a list: its fields are those of its elements"),
			fmt.Sprintf("write %s[1].%s, or FROM … CROSS JOIN UNNEST(%s) AS t and t.%s", path, p.name, path, p.name))
	}
	err := src.faultAt(pos, fmt.Sprintf("%s is a %s: it has no field %q", path, parent.Type(), p.name))
	if p.relation != nil && p.relation.athena && isObject(parent.Name) {
		return hint.Add(err, fmt.Sprintf("it is JSON: write json_extract_scalar(%s, '$.%s')", path, p.name))
	}
	return err
}

// stores returns the stores of the nearest SELECT that has any.
func (s *scope) stores() []*relation {
	for ; s != nil; s = s.outer {
		var all []*relation
		for _, r := range s.relations {
			if r.table != nil {
				all = append(all, r)
			}
		}
		if all != nil {
			return all
		}
	}
	return nil
}

func (s *scope) hasStores() bool { return s.stores() != nil }

// suggest returns the column that a name was meant to be: one that is spelled
// alike, or the struct field of that name.
func suggest(name string, relations []*relation) string {
	var names []string
	exact := ""
	for _, r := range relations {
		for _, c := range r.columns {
			names = append(names, fieldLabel(c))
			if path := pathTo(c, name); path != nil && exact == "" {
				exact = display(path)
			}
		}
	}
	if exact != "" {
		return exact
	}
	slices.Sort(names)
	return nearest.Of(name, slices.Compact(names))
}

// pathTo returns the path to the uppermost struct field of that name.
func pathTo(f schemas.Field, name string) []schemas.Field {
	if f.Kind != schemas.Struct {
		return nil
	}
	if found, ok := fieldNamed(f.Fields, name); ok {
		return []schemas.Field{f, found}
	}
	for _, part := range f.Fields {
		if path := pathTo(part, name); path != nil {
			return append([]schemas.Field{f}, path...)
		}
	}
	return nil
}

// display writes a path as CloudTrail spells it.
func display(path []schemas.Field) string {
	names := make([]string, len(path))
	for i, f := range path {
		names[i] = fieldLabel(f)
	}
	return strings.Join(names, ".")
}

// fieldLabel is the name as the raw event spells it, which is how people know
// it, where that is the same name.
func fieldLabel(f schemas.Field) string {
	label := f.From[strings.LastIndexByte(f.From, '.')+1:]
	if strings.EqualFold(label, f.Name) {
		return label
	}
	return f.Name
}

// Label is how people know a column or field: as the raw event spells it,
// where that is the same name.
func Label(f schemas.Field) string { return fieldLabel(f) }
