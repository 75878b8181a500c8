package selector

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the documentation shows can be typed, and what it lists is what is checked.
func TestTheDocumentationIsTrue(t *testing.T) {
	raw, err := os.ReadFile("../../docs/selectors.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(text, -1)
	examples = append(examples, regexp.MustCompile(`--selectors '(.*)'`).FindAllStringSubmatch(text, -1)...)
	if len(examples) < 2 {
		t.Errorf("%d examples; want some", len(examples))
	}
	for _, m := range examples {
		if set, err := Parse([]byte(m[1])); err != nil || len(set.Remarks()) > 0 {
			t.Errorf("%s: %v, %q", m[1], err, set.Remarks())
		}
	}
	for _, limit := range []string{
		fmt.Sprintf("at most %d selectors with %d values", MaxSelectors, MaxValues),
		"1,000 characters, a value at most 2,048", "60,000 bytes",
	} {
		if !strings.Contains(text, limit) {
			t.Errorf("the documentation does not say %q", limit)
		}
	}
	for _, c := range categories() {
		row := regexp.MustCompile("(?m)^\\|.*`" + c.name + "`.*\\| (.*) \\|$").FindStringSubmatch(text)
		if row == nil {
			t.Errorf("the documentation has no row of %s events", c.name)
			continue
		}
		listed := row[1]
		if strings.HasSuffix(listed, "those above") {
			listed += categories()[0].have()
		}
		for _, f := range c.fields {
			if !strings.Contains(listed, f.String()) {
				t.Errorf("the documentation has no %s of %s events", f, c.name)
			}
		}
		for _, f := range append(c.required, eventCategory) {
			if !strings.Contains(listed, "**"+f.String()+"**") {
				t.Errorf("the documentation does not say that %s events need %s", c.name, f)
			}
		}
	}
}
