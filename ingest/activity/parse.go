package activity

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tarn/internal/hint"
	"tarn/internal/jscan"
	"tarn/internal/nearest"
)

// ErrMap means that the text of a map makes no sense.
var ErrMap = errors.New("not a map of audit events")

// form is what a rule looks like.
const form = `a rule is a path such as "actor.id", a list of rules of which the first that gives something counts, ` +
	`or an object with one of const, path, join or object`

// ParseMap reads a map. name is the file that it stands in; the map is called
// like that without folders and .json. Errors name the file, the field, and what
// to do.
func ParseMap(name string, text []byte) (*Map, error) {
	called := strings.TrimSuffix(name[strings.LastIndexAny(name, `/\`)+1:], ".json")
	m := &Map{Name: called, Text: text, rules: make([]*rule, len(Fields()))}
	if err := m.parse(text); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMap, name, err)
	}
	return m, nil
}

func (m *Map) parse(text []byte) error {
	start := jscan.Space(text, 0)
	end, err := jscan.Value(text, start)
	if err == nil && jscan.Space(text, end) != len(text) {
		end, err = jscan.Space(text, end), jscan.ErrSyntax
	}
	if err != nil {
		line, column := place(text, end)
		return hint.Add(fmt.Errorf("line %d, column %d: not JSON", line, column), "check the commas, quotes and brackets there")
	}
	if text[start] != '{' {
		return hint.Add(errors.New("not a JSON object"), `a map is {"about": "...", "fields": {"eventTime": "...", ...}}`)
	}
	for it := jscan.Members(text[start:end]); ; {
		key, v, ok := it.Next()
		if !ok {
			break
		}
		if err := m.entry(string(jscan.Unescape(nil, key)), v); err != nil {
			return err
		}
	}
	for _, i := range []int{fieldTime, fieldName} {
		if m.rules[i] == nil {
			name := Fields()[i].Name
			return hint.Add(fmt.Errorf("fields.%s: is missing", name), "every map says where "+name+" comes from")
		}
	}
	return nil
}

// place tells where a byte of a text stands, for people.
func place(text []byte, at int) (line, column int) {
	before := text[:min(at, len(text))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// entry takes a member of the map.
func (m *Map) entry(key string, v []byte) (err error) {
	switch key {
	case "about":
		if m.About = plain(v); v[0] != '"' {
			return hint.Add(errors.New("about: not a text"), "say in a line which source the map is for")
		}
		return nil
	case "list":
		m.list, err = parsePaths(v)
	case "inside":
		var all []path
		if all, err = parsePaths(v); err == nil && len(all) != 1 {
			err = errors.New("more than one path")
		}
		if err == nil {
			m.inside = all[0]
		}
	case "fields":
		return m.parseFields(v)
	default:
		return unknown(key, []string{"about", "list", "inside", "fields"}, "a map has")
	}
	if err != nil {
		return hint.Add(fmt.Errorf("%s: %w", key, err), "write a path such as data.events")
	}
	return nil
}

// parsePaths reads a path, or a list of paths.
func parsePaths(v []byte) (all []path, err error) {
	each := [][]byte{v}
	if v[0] == '[' {
		each = elements(v)
	}
	for _, v := range each {
		if v[0] != '"' {
			return nil, fmt.Errorf("%.40s is no path", v)
		}
		p, err := parsePath(plain(v))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if all == nil {
		return nil, errors.New("no path")
	}
	return all, nil
}

func (m *Map) parseFields(v []byte) error {
	if v[0] != '{' {
		return hint.Add(errors.New("fields: not an object"), `write {"eventTime": "time", "eventName": "action", ...}`)
	}
	all := Fields()
	for it := jscan.Members(v); ; {
		key, v, ok := it.Next()
		if !ok {
			return nil
		}
		name := string(jscan.Unescape(nil, key))
		i := slices.IndexFunc(all, func(f Field) bool { return f.Name == name })
		if i < 0 {
			var known []string
			for _, f := range all {
				known = append(known, f.Name)
			}
			return unknown("fields."+name, known, "eventData has")
		}
		r, err := parseRule(v)
		if err != nil {
			return hint.Add(fmt.Errorf("fields.%s: %w", name, err), form)
		}
		m.rules[i] = &r
	}
}

// unknown is the error of a name that nobody knows.
func unknown(name string, known []string, has string) error {
	advice := has + " " + strings.Join(known, ", ")
	if near := nearest.Of(name[strings.IndexByte(name, '.')+1:], known); near != "" {
		advice = "did you mean " + near + "? " + advice
	}
	return hint.Add(fmt.Errorf("%s: no such entry", name), advice)
}

func elements(v []byte) (all [][]byte) {
	for it := jscan.Members(v); ; {
		e, ok := it.Elem()
		if !ok {
			return all
		}
		all = append(all, e)
	}
}

// parseRule reads a rule in any of its forms.
func parseRule(v []byte) (r rule, err error) {
	switch v[0] {
	case '"':
		r.from, err = parsePath(plain(v))
	case '[':
		r.first, err = parseRules(v)
	case '{':
		return parseForm(v)
	default:
		err = fmt.Errorf("%.40s is no rule", v)
	}
	return r, err
}

func parseRules(v []byte) (all []rule, err error) {
	for _, e := range elements(v) {
		r, err := parseRule(e)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	if all == nil {
		return nil, errors.New("a list without rules")
	}
	return all, nil
}

// parseForm reads a rule that is an object.
func parseForm(v []byte) (r rule, err error) {
	forms := 0
	for it := jscan.Members(v); err == nil; {
		key, v, ok := it.Next()
		if !ok {
			break
		}
		name := string(key)
		if slices.Contains([]string{"const", "path", "join", "object"}, name) {
			forms++
		}
		err = r.option(name, v)
	}
	switch {
	case err != nil:
	case forms != 1:
		err = errors.New("not one of const, path, join and object, but " + fmt.Sprint(forms))
	case r.from == nil && (r.not != nil || r.unit != unit{}):
		err = errors.New("unless and unit go with path")
	case r.join == nil && r.with != "":
		err = errors.New("with goes with join")
	}
	return r, err
}

// option takes a member of a rule that is an object.
func (r *rule) option(name string, v []byte) (err error) {
	text := v[0] == '"'
	switch {
	case name == "const" && text && len(v) > 2:
		r.text = v
	case name == "path" && text:
		r.from, err = parsePath(plain(v))
	case name == "with" && text:
		r.with = plain(v)
	case name == "join" && v[0] == '[':
		r.join, err = parseRules(v)
	case name == "object" && v[0] == '{':
		r.parts, err = parseParts(v)
	case name == "unit" && text:
		known := units()
		var ok bool
		if r.unit, ok = known[plain(v)]; !ok {
			err = fmt.Errorf("unit %s: there are %s", v, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	case name == "unless" && v[0] == '[':
		for _, e := range elements(v) {
			r.not = append(r.not, strings.ToLower(plain(e)))
		}
	case slices.Contains([]string{"const", "path", "with", "join", "object", "unit", "unless"}, name):
		err = fmt.Errorf("%s: %.40s is not what belongs there", name, v)
	default:
		err = fmt.Errorf("%s: no such entry in a rule", name)
	}
	return err
}

func parseParts(v []byte) (all []part, err error) {
	for it := jscan.Members(v); ; {
		key, v, ok := it.Next()
		if !ok {
			break
		}
		p := part{name: string(jscan.Unescape(nil, key))}
		if p.rule, err = parseRule(v); err != nil {
			return nil, fmt.Errorf("object.%s: %w", p.name, err)
		}
		all = append(all, p)
	}
	if all == nil {
		return nil, errors.New("object: is empty")
	}
	return all, nil
}
