package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake"
	"tarn/query"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // line:col text, the rest behind …
	}{
		{"nothing", " \n-- only a remark\n;;", nil},
		{"one without an end", "SELECT 1", []string{"… 1:1 SELECT 1"}},
		{"two on three lines", "SELECT 1; SELECT\n2;\n", []string{"1:1 SELECT 1", "1:11 SELECT\n2"}},
		{"semicolons in quotes do not count", `SELECT ';', ";", $$;$$, E'\';'; x`, []string{`1:1 SELECT ';', ";", $$;$$, E'\';'`, "… 1:33 x"}},
		{"nor in comments", "SELECT 1 -- ; \n /* ; */; ", []string{"1:1 SELECT 1 -- ; \n /* ; */"}},
		{"a remark belongs to what follows", "-- why\nSELECT 1;", []string{"1:1 -- why\nSELECT 1"}},
		{"an open quote", "SELECT 1; SELECT 'a;b", []string{"1:1 SELECT 1", "… 1:11 SELECT 'a;b", "open '"}},
		{"an open name", `"a;`, []string{`… 1:1 "a;`, `open "`}},
		{"an open comment", "/* a;", []string{"… 1:1 /* a;", "open /*"}},
		{"an open dollar quote", "$t$ a;", []string{"… 1:1 $t$ a;", "open $t$"}},
		{"an open escaped text", `e'a\';`, []string{`… 1:1 e'a\';`, "open '"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			whole, rest, open := query.Split(tt.text)
			var got []string
			for _, p := range whole {
				got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Col, p.Text))
			}
			if rest.Text != "" {
				got = append(got, fmt.Sprintf("… %d:%d %s", rest.Line, rest.Col, rest.Text))
			}
			if open != "" {
				got = append(got, "open "+open)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("Split(%q) (-want +got):\n%s", tt.text, d)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	stores := []lake.Store{
		{ID: "0233062b-51c6-4d18-8dec-a8c90da840d0", Name: "cloudtrail", Family: "cloudtrail"},
		{ID: "0233062b-51c6-4d18-8dec-a8c90da840d1", Name: "prod.all", Family: "cloudtrail"},
	}
	for _, tt := range []struct{ name, sql, want string }{
		{"a keyword in small letters", "sel", "select"},
		{"a keyword in capitals", "SELECT 1 FR", "FROM"},
		{"a column as CloudTrail spells it", "SELECT EVENTNA", "eventName"},
		{"columns and what else begins so", "SELECT resp", "responseElements"},
		{"a function with its parenthesis", "SELECT element_", "element_at("},
		{"stores behind FROM", "SELECT * FROM c", "cloudtrail"},
		{"stores behind JOIN", "SELECT * FROM a JOIN ", `"cloudtrail" "cloudtrail.athena" "cloudtrail.conflicts" "prod.all" "prod.all.athena" "prod.all.conflicts" cloudtrail`},
		{"columns of Athena's table", "SELECT * FROM cloudtrail.athena WHERE regi", "region"},
		{"stores in quotes", `SELECT * FROM "cloudtrail.`, `"cloudtrail.athena" "cloudtrail.conflicts"`},
		{"fields of a struct", "SELECT userIdentity.sessionContext.sessionIssuer.a", "accountId arn"},
		{"columns behind an alias, a struct with its dot", "SELECT c.useri", "userIdentity."},
		{"nothing within a text", "SELECT 'eventN", ""},
		{"nothing within a remark", "SELECT 1 -- eventN", ""},
		{"nothing behind a map's dot", "SELECT requestParameters.b", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := query.Complete(tt.sql, len(tt.sql), stores)
			want := tt.want
			if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
				t.Errorf("Complete(%q) (-want +got):\n%s", tt.sql, d)
			}
		})
	}
	if start, _ := query.Complete("SELECT eventNa FROM x", 14, stores); start != 7 {
		t.Errorf("Complete says that the name starts at %d; want 7", start)
	}
}
