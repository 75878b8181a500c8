package selector

import (
	"fmt"
	"strings"
)

// Matcher tells which events selectors take. Several goroutines may use one; nil
// takes every event.
type Matcher struct{ rules []rule }

// rule is a selector made ready.
type rule struct {
	category string
	fields   []condition // of fields with one value
	// Of resources an event has several; typ and arn are about the same one.
	typ, arn *condition
	needs    fieldSet
}

// fieldSet is a set of fields.
type fieldSet uint16

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

// condition is what a field selector says.
type condition struct {
	of           field
	take, refuse test
	takesAny     bool // there is nothing in take
}

// test is several ways to compare, of which one is enough.
type test struct {
	values             map[string]bool
	prefixes, suffixes []string
}

// Compile makes the selectors ready; of none, nil. The error tells that a newer
// version of this program wrote them.
func (s Set) Compile() (*Matcher, error) {
	all, err := s.Selectors()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	m := &Matcher{}
	for _, one := range all {
		r, err := compile(one)
		if err != nil {
			return nil, err
		}
		m.rules = append(m.rules, r)
	}
	return m, nil
}

func compile(s Selector) (r rule, err error) {
	for _, f := range s.FieldSelectors {
		c := newCondition(f)
		switch c.of {
		case fields:
			return r, fmt.Errorf("event selectors have a field %s", short(f.Field))
		case eventCategory:
			r.category = strings.Join(f.Equals, "")
			continue
		case resourcesType:
			r.typ = &c
		case resourcesARN:
			r.arn = &c
		default:
			r.fields = append(r.fields, c)
		}
		r.needs |= 1 << c.of
	}
	return r, nil
}

func newCondition(f FieldSelector) condition {
	c := condition{of: fieldNamed(f.Field),
		take:   newTest(f.Equals, f.StartsWith, f.EndsWith),
		refuse: newTest(f.NotEquals, f.NotStartsWith, f.NotEndsWith)}
	c.takesAny = len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0
	return c
}

func newTest(values, prefixes, suffixes []string) test {
	t := test{map[string]bool{}, prefixes, suffixes}
	for _, v := range values {
		t.values[v] = true
	}
	return t
}

// Match reports whether the selectors take an event: its own bytes, which must be
// a JSON object that was checked, and its eventCategory.
func (m *Matcher) Match(raw []byte, category string) bool {
	if m == nil {
		return true
	}
	if category == "" {
		category = oldCategory(raw)
	}
	var needs fieldSet
	for i := range m.rules {
		if r := &m.rules[i]; strings.EqualFold(r.category, category) {
			if r.needs == 0 {
				return true
			}
			needs |= r.needs
		}
	}
	if needs == 0 {
		return false
	}
	v := valuesOf(raw, needs)
	for i := range m.rules {
		if r := &m.rules[i]; strings.EqualFold(r.category, category) && r.takes(&v) {
			return true
		}
	}
	return false
}

func (r *rule) takes(v *values) bool {
	for i := range r.fields {
		if c := &r.fields[i]; !c.takes(v.texts[c.of]) || c.refuses(v.texts[c.of]) {
			return false
		}
	}
	return r.typ == nil && r.arn == nil || r.takesResource(v.resources)
}

// takesResource reports whether one of the event's resources is taken, and none of
// that type is refused by its ARN.
func (r *rule) takesResource(list []byte) bool {
	taken := false
	for res := range resources(list) {
		if r.typ != nil && !r.typ.takes(res.typ) {
			continue
		}
		if r.arn != nil && r.arn.refuses(res.arn) {
			return false
		}
		taken = taken || r.arn == nil || r.arn.takes(res.arn)
	}
	return taken
}

// takes reports whether the value, nil if it is missing, is one of those named.
func (c *condition) takes(v []byte) bool { return c.takesAny || c.take.meets(v) }

// refuses reports whether the value is one of those named with Not.
func (c *condition) refuses(v []byte) bool { return c.refuse.meets(v) }

func (t *test) meets(v []byte) bool {
	if v == nil {
		return false
	}
	if t.values[string(v)] {
		return true
	}
	for _, p := range t.prefixes {
		if len(v) >= len(p) && string(v[:len(p)]) == p {
			return true
		}
	}
	for _, s := range t.suffixes {
		if len(v) >= len(s) && string(v[len(v)-len(s):]) == s {
			return true
		}
	}
	return false
}
