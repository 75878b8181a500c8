package schemas_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/schemas"
)

var update = flag.Bool("update", false, "write docs/schemas.md anew")

const docs = "../docs/schemas.md"

// The page is made from the tables, so it cannot say anything else.
func TestDocsSayWhatTheTablesSay(t *testing.T) {
	want := page()
	if *update {
		if err := os.WriteFile(docs, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("%s is behind the tables; run go test ./schemas -update (-want +got):\n%s", docs, d)
	}
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Columns

Made from package schemas by its test; change the tables, not this page. Names are CloudTrail Lake's, in lower case; SQL
does not mind case. Everything but eventtime can be NULL. Where a column is fed from another place of the record than its
name says, that place is given.
`)
	for _, f := range schemas.Families() {
		fmt.Fprintf(&b, "\n## %s\n\nEvents of the categories %s.\n\n| column | what | type | from |\n| --- | --- | --- | --- |\n",
			f.Name, strings.Join(f.Categories, ", "))
		for _, c := range f.Columns {
			fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", c.Name, schemas.Describe(c.Name), c.Type(), source(c))
		}
		if len(f.Promoted) > 0 {
			b.WriteString("\nAsked for so often that segments keep them flat as well: ")
			var parts []string
			for _, p := range f.Promoted {
				parts = append(parts, "`"+p.SQL()+"`")
			}
			b.WriteString(strings.Join(parts, ", ") + ".\n")
		}
		b.WriteString("\nKinds of needle, which leave out segments when they are compared with a constant: ")
		var parts []string
		for _, n := range f.Needles() {
			parts = append(parts, "`"+n.Column+"`")
		}
		b.WriteString(strings.Join(parts, ", ") + ".\n")
	}
	return b.String()
}

func source(c schemas.Field) string {
	switch {
	case c.Name == schemas.Raw, c.Name == schemas.Checksum, strings.EqualFold(c.From, c.Name):
		return ""
	}
	return "`" + c.From + "`"
}
