package selector_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tarn/internal/jscan"
	"tarn/schemas/selector"
)

// node is a JSON value, read token by token: the naive way.
type node struct {
	text  string // of a text, number or boolean
	plain bool   // it is one of these
	names []string
	parts []node // of an object, one for each name; of an array
}

func tree(d *json.Decoder) (n node, err error) {
	t, err := d.Token()
	if err != nil {
		return n, err
	}
	switch v := t.(type) {
	case json.Delim:
		for d.More() {
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					return n, err
				}
				n.names = append(n.names, key.(string))
			}
			part, err := tree(d)
			if err != nil {
				return n, err
			}
			n.parts = append(n.parts, part)
		}
		_, err = d.Token()
		if v == '[' {
			n.text = "array"
		}
		return n, err
	case nil:
		return n, nil
	default:
		return node{text: fmt.Sprint(v), plain: true}, nil
	}
}

func parse(event []byte) node {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	n, err := tree(d)
	if _, more := d.Token(); err != nil || more != io.EOF {
		return node{}
	}
	return n
}

func (n node) member(name string) node {
	for i, have := range n.names {
		if strings.EqualFold(have, name) {
			return n.parts[i]
		}
	}
	return node{}
}

// texts are the value as a list: of one, or of none if it is missing.
func (n node) texts() []string {
	if !n.plain {
		return nil
	}
	return []string{n.text}
}

// categoryOf is what an importer tells of an event.
func categoryOf(event []byte) string {
	return strings.Join(parse(event).member("eventCategory").texts(), "")
}

// naive says by the words of the documentation what selectors take.
func naive(selectors []selector.Selector, event []byte, category string) bool {
	root := parse(event)
	if len(selectors) == 0 {
		return true
	}
	if category == "" {
		category = "Management"
		if slices.Equal(root.member("managementEvent").texts(), []string{"false"}) {
			category = "Data"
		}
	}
	return slices.ContainsFunc(selectors, func(s selector.Selector) bool {
		return !slices.ContainsFunc(s.FieldSelectors, func(f selector.FieldSelector) bool {
			return !naiveField(f, valuesIn(root, f.Field, category, typesIn(s)))
		})
	})
}

// typesIn are the resource types that a selector asks for.
func typesIn(s selector.Selector) (types []string) {
	for _, f := range s.FieldSelectors {
		if f.Field == "resources.type" {
			types = append(types, f.Equals...)
		}
	}
	return types
}

func valuesIn(root node, field, category string, types []string) (values []string) {
	if field == "eventCategory" {
		for _, known := range []string{"Management", "Data", "NetworkActivity", "Insight"} {
			if strings.EqualFold(known, category) {
				return []string{known}
			}
		}
		return nil
	}
	_, part, nested := strings.Cut(field, ".")
	if !nested {
		return root.member(field).texts()
	}
	if field == "userIdentity.arn" {
		return root.member("userIdentity").member(part).texts()
	}
	list := root.member("resources")
	if list.text != "array" || len(list.parts) > 10_000 {
		return nil
	}
	for _, r := range list.parts {
		typ, arn := r.member("type").texts(), r.member("ARN").texts()
		if arn == nil {
			arn = r.member("ARNPrefix").texts()
		}
		switch {
		case field == "resources.type":
			values = append(values, typ...)
		case len(typ) == 1 && slices.Contains(types, typ[0]):
			values = append(values, arn...)
		}
	}
	return values
}

func naiveField(f selector.FieldSelector, values []string) bool {
	meets := func(value string) func(string) bool {
		return func(have string) bool { return have == value }
	}
	starts := func(value string) func(string) bool {
		return func(have string) bool { return strings.HasPrefix(have, value) }
	}
	ends := func(value string) func(string) bool {
		return func(have string) bool { return strings.HasSuffix(have, value) }
	}
	among := func(compare func(string) func(string) bool, wanted []string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.ContainsFunc(values, compare(w)) })
	}
	if among(meets, f.NotEquals) || among(starts, f.NotStartsWith) || among(ends, f.NotEndsWith) {
		return false
	}
	if len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0 {
		return true
	}
	return among(meets, f.Equals) || among(starts, f.StartsWith) || among(ends, f.EndsWith)
}

// agree fails the test if the matcher and the naive way differ.
func agree(t *testing.T, text string, event []byte) {
	t.Helper()
	set, err := selector.Parse([]byte(text))
	if err != nil {
		return
	}
	all, err := set.Selectors()
	if err != nil {
		t.Fatalf("%s is parsed and cannot be read: %v", text, err)
	}
	m, err := set.Compile()
	if err != nil {
		t.Fatalf("%s is parsed and cannot be compiled: %v", text, err)
	}
	category := categoryOf(event)
	if got, want := m.Match(event, category), naive(all, event, category); got != want {
		t.Errorf("%s\ntakes %s: %v; the naive way says %v", text, event, got, want)
	}
}

// isEvent reports whether an importer would take the text for an event.
func isEvent(event []byte) bool {
	end, err := jscan.Value(event, 0)
	return err == nil && end == len(event) && event[0] == '{' && utf8.Valid(event)
}

func FuzzMatch(f *testing.F) {
	for _, text := range []string{six, deletes, "[]", of(management, "eventName NotEquals A", "readOnly Equals true"),
		of(network, "eventSource Equals s3.amazonaws.com", "errorCode Equals VpceAccessDenied")} {
		f.Add(text, []byte(stored("DeleteObject", "arn:aws:s3:::one/a")))
		f.Add(text, []byte(`{"userIdentity":{"arn":"\u0041"},"errorCode":null,"READONLY":"true","resources":[1,{"type":"AWS::S3::Object","ARNPrefix":"x"}]}`))
	}
	f.Fuzz(func(t *testing.T, text string, event []byte) {
		if isEvent(event) {
			agree(t, text, event)
		}
	})
}

// Selectors and events made of few words, so that they often meet.
func TestMatchAgreesWithTheNaiveWay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 5000 {
		text, event := someSelectors(r), []byte(someEvent(r))
		if !isEvent(event) {
			t.Fatalf("not an event: %s", event)
		}
		agree(t, text, event)
		if t.Failed() {
			return
		}
		if matcher(t, text).Match(event, categoryOf(event)) {
			taken++
		}
	}
	if taken < 500 || taken > 4500 {
		t.Errorf("%d of 5,000 were taken: the words meet too seldom, or too often", taken)
	}
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// word is one of a few, some of which begin or end like others.
func word(r *rand.Rand) string { return pick(r, "a", "ab", "abc", "bc", "c", "é") }

func someSelectors(r *rand.Rand) string {
	text := someSelector(r)
	for range r.IntN(3) {
		text = both(text, someSelector(r))
	}
	return text
}

func someSelector(r *rand.Rand) string {
	fields := [][]string{
		{management, "eventName", "eventSource", "userIdentity.arn"},
		{data, "eventType", "resources.ARN", "eventName"},
		{network, "eventName", "vpcEndpointId"},
	}[r.IntN(3)]
	parts := fields[:1:1]
	switch fields[0] {
	case management:
		parts = append(parts, pick(r, "readOnly Equals true", "sessionCredentialFromConsole NotEquals true", "eventType NotEquals z"))
	case data:
		parts = append(parts, pick(r, objects, "resources.type Equals ab"))
	case network:
		parts = append(parts, "eventSource Equals "+word(r))
	}
	for _, f := range fields[1:] {
		if r.IntN(2) == 0 {
			continue
		}
		values := word(r)
		if more := word(r); more != values {
			values += "," + more
		}
		parts = append(parts, f+" "+pick(r, "Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")+" "+values)
	}
	return of(parts...)
}

func someEvent(r *rand.Rand) string {
	value := func() string {
		return pick(r, `"a"`, `"ab"`, `"abc"`, `"\u0061b"`, `"\u00e9"`, `1`, `true`, `null`, `{"a":1}`, `["a"]`)
	}
	members := []string{
		`"eventCategory":` + pick(r, `"Management"`, `"Management"`, `"Data"`, `"data"`, `"NetworkActivity"`, `null`),
		`"managementEvent":` + pick(r, "true", "false"),
		pick(r, `"eventName"`, `"EVENTNAME"`, `"event\u004eame"`) + ":" + value(),
		`"eventName":` + value(), `"eventSource":` + value(), `"eventType":` + value(), `"vpcEndpointId":` + value(),
		`"readOnly":` + pick(r, "true", `"true"`, "false", "null"),
		`"sessionCredentialFromConsole":` + pick(r, `"true"`, `true`, `"x"`),
		`"userIdentity":` + pick(r, "null", `{"arn":`+value()+`,"Arn":"abc"}`, `{"type":"x","sessionContext":{"arn":"a"}}`),
		`"resources":[` + someResource(r, value()) + "," + someResource(r, value()) + "]",
	}
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members[:4+r.IntN(len(members)-3)], ", ") + "}"
}

func someResource(r *rand.Rand, arn string) string {
	return pick(r, `{"type":"AWS::S3::Object","ARN":`+arn+`}`, `{"ARNPrefix":`+arn+`,"type":"ab"}`, `{"arn":`+arn+`,"ARN":"ab","TYPE":"ab"}`, "null", `"ab"`)
}
