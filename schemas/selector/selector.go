package selector

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// Selector is one advanced event selector: it takes the events that all of its
// fields take.
type Selector struct {
	Name           string `json:",omitempty"`
	FieldSelectors []FieldSelector
}

// FieldSelector says which values of one field are taken.
type FieldSelector struct {
	Field         string
	Equals        []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

// operator is one of the six ways to compare.
type operator int

const (
	equals operator = iota
	startsWith
	endsWith
	notEquals
	notStartsWith
	notEndsWith
)

func allOperators() []operator {
	return []operator{equals, startsWith, endsWith, notEquals, notStartsWith, notEndsWith}
}

func (o operator) String() string {
	return [...]string{"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"}[o]
}

// values is the list behind an operator.
func (f *FieldSelector) values(o operator) *[]string {
	return [...]*[]string{&f.Equals, &f.StartsWith, &f.EndsWith, &f.NotEquals, &f.NotStartsWith, &f.NotEndsWith}[o]
}

// Condition is an operator and the values behind it.
type Condition struct {
	Operator string
	Values   []string
}

// Conditions are those of the field that have values, in CloudTrail's order.
func (f FieldSelector) Conditions() (all []Condition) {
	for _, o := range allOperators() {
		if values := *f.values(o); len(values) > 0 {
			all = append(all, Condition{o.String(), values})
		}
	}
	return all
}

// Set is the selectors of an event data store, as compact JSON; the empty one is
// none, which takes every event.
type Set string

func newSet(selectors []Selector) Set {
	text, err := json.Marshal(selectors)
	if err != nil || len(selectors) == 0 {
		return "" // texts can always be written
	}
	return Set(text)
}

// IsZero reports whether there are no selectors.
func (s Set) IsZero() bool { return s == "" }

// Selectors returns the selectors. The error tells that a newer version of this
// program wrote them.
func (s Set) Selectors() ([]Selector, error) {
	if s.IsZero() {
		return nil, nil
	}
	var all []Selector
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	err := d.Decode(&all)
	return all, err
}

// Hash tells sets apart that may take different events: the base64 SHA-256 of the
// selectors without their names. It is empty for none.
func (s Set) Hash() string {
	all, err := s.Selectors()
	if s.IsZero() || err != nil {
		return string(s)
	}
	for i := range all {
		all[i].Name = ""
	}
	sum := sha256.Sum256([]byte(newSet(all)))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// MarshalJSON writes the selectors as CloudTrail does: an array, empty for none.
func (s Set) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("[]"), nil
	}
	return []byte(s), nil
}

// UnmarshalJSON keeps what it is given as it is: who takes selectors from
// somebody else asks Parse or Check.
func (s *Set) UnmarshalJSON(text []byte) error {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return err
	}
	if *s = Set(b.String()); *s == "[]" || *s == "null" {
		*s = ""
	}
	return nil
}
