package selector

import (
	"slices"
	"strings"

	"tarn/schemas"
)

// field is a field of an event that selectors can speak of.
type field int

const (
	eventCategory field = iota
	eventName
	eventSource
	eventType
	readOnly
	resourcesType
	resourcesARN
	fromConsole
	identityARN
	errorCode
	vpcEndpointID
	fields // how many there are
)

// names are as CloudTrail writes them.
var names = [fields]string{"eventCategory", "eventName", "eventSource", "eventType", "readOnly", "resources.type", "resources.ARN",
	"sessionCredentialFromConsole", "userIdentity.arn", "errorCode", "vpcEndpointId"}

func (f field) String() string { return names[f] }

// fieldNamed returns the field of that name, exactly; fields if there is none.
func fieldNamed(name string) field {
	if i := slices.Index(names[:], name); i >= 0 {
		return field(i)
	}
	return fields
}

// category is what selectors may say about the events of one.
type category struct {
	name     string
	fields   []field
	required []field // besides eventCategory, which always is
}

// categories are those of all families, in the families' order.
func categories() (all []category) {
	for _, f := range schemas.Families() {
		for _, name := range f.Categories {
			c := category{name: name, fields: []field{eventCategory}}
			switch name {
			case "Management":
				c.fields = []field{eventCategory, eventName, eventSource, eventType, readOnly, fromConsole, identityARN}
			case "Data":
				c.fields = []field{eventCategory, resourcesType, resourcesARN, eventName, eventSource, eventType, readOnly, fromConsole, identityARN}
				c.required = []field{resourcesType}
			case "NetworkActivity":
				c.fields = []field{eventCategory, eventSource, eventName, errorCode, vpcEndpointID}
				c.required = []field{eventSource}
			}
			all = append(all, c)
		}
	}
	return all
}

// operators are those that the field may have with the category's events.
func (c category) operators(f field) []operator {
	switch {
	case f == eventCategory, f == readOnly, f == resourcesType, f == errorCode, f == eventSource && c.name == "NetworkActivity":
		return []operator{equals}
	case f == fromConsole:
		return []operator{equals, notEquals}
	}
	return allOperators()
}

// single reports whether the field has one value only.
func (c category) single(f field) bool {
	return f != errorCode && len(c.operators(f)) == 1
}

// only are the values that the field can have; nil if it can have any.
func (f field) only() []string {
	switch f {
	case readOnly:
		return []string{"true", "false"}
	case fromConsole:
		return []string{"true"}
	case errorCode:
		return []string{"VpceAccessDenied"}
	}
	return nil
}

// hasWords reports whether the field's values are words, in which a * can only be
// meant as a wildcard. ARNs may have one.
func (f field) hasWords() bool {
	return f != resourcesARN && f != identityARN
}

// listed says texts one after the other, the last behind the word.
func listed[T any](all []T, word string, say func(T) string) string {
	var said []string
	for _, v := range all {
		said = append(said, say(v))
	}
	if n := len(said); n > 1 {
		return strings.Join(said[:n-1], ", ") + " " + word + " " + said[n-1]
	}
	return strings.Join(said, "")
}
