package query_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// functionRow is a row of docs/functions.md.
type functionRow struct {
	name, status, note string
}

var (
	tableRow   = regexp.MustCompile(`(?m)^\| (.*) \| (works|differs|refused) \| (.*) \|$`)
	rowName    = regexp.MustCompile("`(\\w+)[^`]*`")
	word       = regexp.MustCompile(`\w+`)
	firstCalls = regexp.MustCompile(`^(\w+)`)
)

func readFunctionTable(t *testing.T) []functionRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "functions.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []functionRow
	for _, m := range tableRow.FindAllStringSubmatch(string(text), -1) {
		for _, name := range rowName.FindAllStringSubmatch(m[1], -1) {
			if len(rows) == 0 || rows[len(rows)-1].name != name[1] { // contains(…), contains(…)
				rows = append(rows, functionRow{name[1], m[2], strings.TrimSpace(m[3])})
			}
		}
	}
	return rows
}

// What Trino has is in the table, each once.
func TestEveryFunctionOfTrinoIsInTheTable(t *testing.T) {
	text, err := os.ReadFile("testdata/functions.names")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, r := range readFunctionTable(t) {
		rows[r.name]++
		if rows[r.name] > 1 {
			t.Errorf("%s has %d rows", r.name, rows[r.name])
		}
	}
	_, names, _ := strings.Cut(string(text), "\n")
	for name := range strings.FieldsSeq(names) {
		if rows[name] == 0 {
			t.Errorf("docs/functions.md does not have %s", name)
		}
	}
}

// A function that works has examples, all of which answer as Trino does; one
// that differs has one that does not.
func TestTheFunctionTableIsTrue(t *testing.T) {
	var examples []example
	for _, path := range exampleFiles(t) {
		examples = append(examples, readExamples(t, path)...)
	}
	for _, r := range readFunctionTable(t) {
		used, other := false, false
		for _, x := range examples {
			words := word.FindAllString(strings.ToLower(x.expression), -1)
			first := firstCalls.FindString(strings.ToLower(x.expression))
			if !slices.Contains(words, r.name) {
				continue
			}
			used = true
			other = other || x.theirs != ""
			if r.status == "works" && first == r.name && x.theirs != "" && !strings.HasSuffix(x.place, "operator.txt") {
				t.Errorf("docs/functions.md says that %s works, but %s gives %s, in Trino %s", r.name, x.expression, x.ours, x.theirs)
			}
		}
		switch {
		case r.status != "refused" && !used:
			t.Errorf("no example of %s", r.name)
		case r.status == "differs" && (r.note == "" || !other):
			t.Errorf("docs/functions.md says that %s differs; that wants a note and an example", r.name)
		}
	}
}

// A refused function is named, with the reason that the table gives.
func TestRefusedFunctionsSayWhy(t *testing.T) {
	e, l := openEngine(t), newLake(t)
	for _, r := range readFunctionTable(t) {
		if r.status != "refused" {
			continue
		}
		_, err := e.Check(context.Background(), l, "SELECT "+r.name+"(1)")
		want := "1:8: the function " + r.name + " is not supported: " + r.note
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v; want %q", r.name, err, want)
		}
	}
	if _, err := e.Check(context.Background(), l, "SELECT current_user"); err == nil || !strings.Contains(err.Error(), "there is no session") {
		t.Errorf("current_user: %v", err)
	}
}
