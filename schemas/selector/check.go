package selector

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tarn/schemas"
)

// The limits are CloudTrail's, but for MaxBytes: a store's selectors are one entry
// of a lake's log.
const (
	MaxSelectors = 5      // of a store
	MaxValues    = 500    // of all fields of all selectors
	MaxName      = 1000   // characters
	MaxValue     = 2048   // characters
	MaxBytes     = 60_000 // of all selectors as compact JSON
)

// Parse reads selectors as CloudTrail writes them, a JSON array of which an empty
// one is none, and checks all that can be checked without a store. The error is
// Problems.
func Parse(text []byte) (Set, error) {
	r := reader{text: text}
	all := r.list()
	if n := len(all); n > MaxSelectors {
		r.problem("selectors", "there are %d; a store has at most %d: join those of a category, or make another store", n, MaxSelectors)
	}
	values := 0
	for _, s := range all {
		for _, f := range s.FieldSelectors {
			for _, c := range f.Conditions() {
				values += len(c.Values)
			}
		}
	}
	if values > MaxValues {
		r.problem("selectors", "there are %d values; a store has at most %d: StartsWith and EndsWith say many at once", values, MaxValues)
	}
	set := newSet(all)
	if n := len(set); n > MaxBytes {
		r.problem("selectors", "they take %d bytes; a store has at most %d: use shorter values, or StartsWith and EndsWith", n, MaxBytes)
	}
	if len(r.problems) > 0 {
		return "", r.problems
	}
	return set, nil
}

// Check is Parse for selectors from anywhere, and sees to it that they are about
// events of the family. The error is Problems.
func (s Set) Check(family *schemas.Family) error {
	if s.IsZero() {
		return nil
	}
	if _, err := Parse([]byte(s)); err != nil {
		return err
	}
	all, err := s.Selectors()
	if err != nil {
		return err
	}
	var r reader
	for i, one := range all {
		for _, f := range one.FieldSelectors {
			if f.Field == eventCategory.String() && !family.Accepts(f.Equals[0]) {
				r.problem(whereSelector(i+1, one.Name)+", field eventCategory", "a store of %s events takes no %s events; write %s",
					family.Name, f.Equals[0], listed(family.Categories, "or", asItIs))
			}
		}
	}
	if len(r.problems) > 0 {
		return r.problems
	}
	return nil
}

func asItIs(text string) string { return text }

// check notes what is wrong with a selector; whole says that all of it was read.
func (r *reader) check(where string, s Selector, whole bool) {
	if n := utf8.RuneCountInString(s.Name); n > MaxName {
		r.problem(where, "its Name has %d characters; write at most %d", n, MaxName)
	}
	c := r.category(where, s, whole)
	var seen [fields + 1]bool
	for i := range s.FieldSelectors {
		f := &s.FieldSelectors[i]
		at := where + ", field " + strings.Trim(short(f.Field), `"`)
		id := fieldNamed(f.Field)
		switch {
		case id == fields:
			r.problem(at, "there is no such field; %s", c.have())
		case seen[id]:
			r.problem(at, "it stands there twice; write all its conditions into one field selector")
		case c.name != "" && !slices.Contains(c.fields, id):
			r.problem(at, "%s events cannot be selected by it; %s", c.name, c.have())
		default:
			r.conditions(at, c, id, f)
		}
		seen[id] = true
	}
	for _, f := range c.required {
		if whole && !seen[f] {
			r.problem(where, `there is no field %s, which %s events need; add {"Field":"%s","Equals":["…"]}`, f, c.name, f)
		}
	}
}

// have says which fields the category has; without a name, which there are.
func (c category) have() string {
	who, all := c.name+" events have", c.fields
	if c.name == "" {
		who = "there are"
		for f := range fields {
			all = append(all, f)
		}
	}
	return who + " " + listed(all, "and", field.String)
}

// category is the one that a selector is about; without a name if that is not
// clear, which is noted.
func (r *reader) category(where string, s Selector, whole bool) (c category) {
	i := slices.IndexFunc(s.FieldSelectors, func(f FieldSelector) bool { return f.Field == eventCategory.String() })
	if i < 0 {
		if whole {
			r.problem(where, `there is no field eventCategory; add {"Field":"eventCategory","Equals":["Management"]}`)
		}
		return c
	}
	values := s.FieldSelectors[i].Equals
	if len(values) != 1 {
		return c // conditions says so
	}
	all := categories()
	for _, c := range all {
		if c.name == values[0] {
			return c
		}
	}
	r.problem(where+", field eventCategory", "there is no category %s; write %s", short(values[0]),
		listed(all, "or", func(c category) string { return c.name }))
	return c
}

// conditions checks what a field is compared with.
func (r *reader) conditions(at string, c category, id field, f *FieldSelector) {
	allowed := c.operators(id)
	for _, o := range allOperators() {
		values := *f.values(o)
		if len(values) > 0 && !slices.Contains(allowed, o) {
			r.problem(at, "it has %s; it can only have %s", o, listed(allowed, "and", operator.String))
			continue
		}
		for i, v := range values {
			r.value(at, id, v)
			if slices.Contains(values[:i], v) {
				r.problem(at, "%s has %s twice; write it once", o, short(v))
			}
		}
	}
	if n := len(f.Equals); n > 1 && c.single(id) {
		r.problem(at, "it has %d values; it can have one: write a selector for each", n)
	}
	for _, v := range f.Equals {
		if slices.Contains(f.NotEquals, v) {
			r.problem(at, "Equals and NotEquals both have %s, which no event can meet; leave one out", short(v))
		}
	}
}

func (r *reader) value(at string, id field, v string) {
	only := id.only()
	switch n := utf8.RuneCountInString(v); {
	case v == "":
		r.problem(at, "it has an empty value; leave that out")
	case n > MaxValue:
		r.problem(at, "it has a value of %d characters; write at most %d", n, MaxValue)
	case only != nil && !slices.Contains(only, v):
		r.problem(at, "it has the value %s; write %s", short(v), listed(only, "or", asItIs))
	case id.hasWords() && strings.Contains(v, "*"):
		r.problem(at, "it has the value %s, in which * is no wildcard; use StartsWith or EndsWith", short(v))
	}
}

var (
	//go:embed types.txt
	typesText string
	//go:embed sources.txt
	sourcesText string
)

// Remarks are what is worth a second look although it is right: resource types and
// event sources that CloudTrail had none of when this program was made. New ones
// come every month, and a name that is mistyped takes nothing.
func (s Set) Remarks() (said []string) {
	all, err := s.Selectors()
	if err != nil {
		return nil
	}
	for i, one := range all {
		for _, f := range one.FieldSelectors {
			known := ""
			switch {
			case f.Field == resourcesType.String():
				known = typesText
			case f.Field == eventSource.String() && isNetworkActivity(one):
				known = sourcesText
			default:
				continue
			}
			for _, v := range f.Equals {
				if remark := unknown(v, known); remark != "" {
					said = append(said, fmt.Sprintf("%s, field %s: %s", whereSelector(i+1, one.Name), f.Field, remark))
				}
			}
		}
	}
	return said
}

func isNetworkActivity(s Selector) bool {
	return slices.ContainsFunc(s.FieldSelectors, func(f FieldSelector) bool {
		return f.Field == eventCategory.String() && slices.Contains(f.Equals, "NetworkActivity")
	})
}

// unknown says that a value is not among the known ones, and which is meant where
// one differs in case alone.
func unknown(v, known string) string {
	for line := range strings.Lines(known) {
		k := strings.TrimSpace(line)
		if k == v {
			return ""
		}
		if strings.EqualFold(k, v) {
			return short(v) + " is not known, and case counts; is " + k + " meant?"
		}
	}
	return short(v) + " is not known to this version of tarn; if it is mistyped, it takes nothing"
}
