package cloudtrail

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// docs/api.md tells of each operation whether it is here.
func TestTheTableOfOperationsIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| (yes|no) \\|").FindAllStringSubmatch(string(text), -1) {
		told[row[1]] = row[2]
	}
	for _, name := range Names() {
		want := "no"
		if slices.ContainsFunc(operations, func(o operation) bool { return o.name == name }) {
			want = "yes"
		}
		if told[name] != want {
			t.Errorf("docs/api.md says %q of %s; it is %q", told[name], name, want)
		}
		delete(told, name)
	}
	if len(told) > 0 {
		t.Errorf("docs/api.md tells of operations that CloudTrail has not: %v", told)
	}
}
