package query

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"words and marks", "SELECT a.b, c", "SELECT|a|.|b|,|c"},
		{"a doubled quote stands for itself", `'it''s' "a""b"`, `'it''s'|"a""b"`},
		{"a string with escapes", `E'a\'b' 'c\'`, `E'a\'b'|'c\'`},
		{"dollar quotes", "$$a'b$$ $x$ $$ $x$ $1", "$$a'b$$|$x$ $$ $x$|$|1"},
		{"a comment hides quotes", "a -- it's\nb /* ' /* \" */ */ c", "a|b|c"},
		{"a comment within a string is none", "'--' '/*' x", "'--'|'/*'|x"},
		{"numbers", "1 1.5 .5 1e5 1E-5 1_000 1.e2 1x", "1|1.5|.|5|1e5|1E-5|1_000|1.e2|1|x"},
		{"an id is numbers, words and hyphens", "0233062b-51c6-4d18", "0233062|b|-|51|c6|-|4|d18"},
		{"letters beyond ASCII", "größe = '日本'", "größe|=|'日本'"},
		{"old line ends", "a --b\rc", "a|c"},
		{"line ends of Windows", "a\r\n--b\r\nc", "a|c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, tok := range tokens(tt.sql) {
				if !tok.blank() {
					got = append(got, tok.text)
				}
			}
			if d := cmp.Diff(tt.want, strings.Join(got, "|")); d != "" {
				t.Errorf("tokens(%q) (-want +got):\n%s", tt.sql, d)
			}
		})
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "SELECT 'a''b' -- c\n/* d */ \"e\"", "$x$ $x$", "E'\\'", "1e5 .5 1..2", "é\x00\xff", "0233062b-51c6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		var all strings.Builder
		for _, tok := range tokens(sql) {
			if tok.pos != all.Len() || tok.text == "" {
				t.Fatalf("token %q at %d; want it at %d", tok.text, tok.pos, all.Len())
			}
			all.WriteString(tok.text)
		}
		if all.String() != sql {
			t.Errorf("tokens(%q) put together are %q", sql, &all)
		}
	})
}

func TestSourceQuotesStores(t *testing.T) {
	const id = "0233062b-51c6-4d18-8dec-a8c90da840d9"
	const arn = "arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/" + id
	stores := []string{"plain", "with-hyphen", "a.b", "a", "2024", "with"}
	tests := []struct{ name, sql, want string }{
		{"a plain name stays", "FROM plain, a", "FROM plain, a"},
		{"an id", "FROM " + id, `FROM "` + id + `"`},
		{"an id in capitals", "FROM " + strings.ToUpper(id) + ";", `FROM "` + strings.ToUpper(id) + `"`},
		{"an unknown ARN", "from " + arn + " c", `from "` + arn + `" c`},
		{"a name with a hyphen", "SELECT with-hyphen FROM With-Hyphen w", `SELECT with-hyphen FROM "With-Hyphen" w`},
		{"a name with a dot, not the shorter one", "FROM a.b", `FROM "a.b"`},
		{"an unknown name with a dot", "FROM a.c", "FROM a.c"},
		{"a name like a number", "FROM 2024 JOIN 2024x", `FROM "2024" JOIN 2024x`},
		{"conflicts", "FROM plain.conflicts, " + id + ".Conflicts", `FROM "plain.conflicts", "` + id + `.Conflicts"`},
		{"behind commas and joins", "FROM x, a.b LEFT JOIN a.b ON f(a.b, a.b) = 1, a.b", `FROM x, "a.b" LEFT JOIN "a.b" ON f(a.b, a.b) = 1, "a.b"`},
		{"in parentheses", "FROM (a.b JOIN (SELECT a.b FROM a.b) x) WHERE y IN (SELECT a.b, a.b)", `FROM ("a.b" JOIN (SELECT a.b FROM "a.b") x) WHERE y IN (SELECT a.b, a.b)`},
		{"not behind the FROM of a function", "SELECT extract(day FROM a.b), a IS DISTINCT FROM a.b, c.from, a.b", "SELECT extract(day FROM a.b), a IS DISTINCT FROM a.b, c.from, a.b"},
		{"not in strings and comments", "FROM x WHERE 'FROM a.b' -- FROM a.b\n", "FROM x WHERE 'FROM a.b'"},
		{"one semicolon goes", "SELECT 1 ; -- end", "SELECT 1"},
		{"two do not", "SELECT 1;;", "SELECT 1;"},
		{"spaces of a page", "\ufeffSELECT\u00a0E'\\'\u00a0'\u3000FROM\u00a0a.b\u200b;", "   SELECT  E'\\'\u00a0'   FROM  \"a.b\""},
		{"a column called at", "SELECT at, a AT TIME ZONE 'x' FROM t.at ORDER BY AT", `SELECT "at", a AT TIME ZONE 'x' FROM t.at ORDER BY "AT"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := newSource(tt.sql, stores)
			if err != nil {
				t.Fatal(err)
			}
			if s.text != tt.want {
				t.Errorf("newSource(%q)\n got %s\nwant %s", tt.sql, s.text, tt.want)
			}
		})
	}
}

func TestSourceKnowsThePlaceInTheUsersText(t *testing.T) {
	s, err := newSource("SELECT 1 FROM a.b x\nJOIN a.b y ON zz", []string{"a.b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"SELECT", "x", "JOIN", "y ON", "zz"} {
		if got, want := s.userPos(strings.Index(s.text, word)), strings.Index(s.user, word); got != want {
			t.Errorf("userPos of %q = %d; want %d", word, got, want)
		}
	}
	if err := s.faultAt(strings.Index(s.text, "zz"), "bad"); err.Error() != "2:15: bad" {
		t.Errorf("fault = %v; want 2:15: bad", err)
	}
}

func TestSourceLimitsItsLength(t *testing.T) {
	if _, err := newSource("SELECT '"+strings.Repeat("é", maxLength-9)+"'", nil); err != nil {
		t.Errorf("%d characters: %v", maxLength, err)
	}
	if _, err := newSource("SELECT '"+strings.Repeat("é", maxLength-8)+"'", nil); err == nil {
		t.Errorf("%d characters are accepted", maxLength+1)
	}
}

func FuzzSource(f *testing.F) {
	f.Add("SELECT a FROM a.b, (x-y) WHERE 'q' = \"r\";", 5)
	f.Add("FROM 0233062b-51c6-4d18-8dec-a8c90da840d9.conflicts", 50)
	f.Fuzz(func(t *testing.T, sql string, pos int) {
		s, err := newSource(sql, []string{"a.b", "x-y", "2024"})
		if err != nil {
			return
		}
		// Without its edits the parser's text is the user's.
		back, from, shift := "", 0, 0
		for _, e := range s.edits {
			start := e.at + shift
			back += s.text[from:start] + sql[e.at:e.at+e.was]
			from, shift = start+len(e.now), shift+len(e.now)-e.was
		}
		back += s.text[from:]
		if !strings.HasPrefix(sql, back) {
			t.Errorf("newSource(%q) = %q", sql, s.text)
		}
		if p := s.userPos(pos); p < 0 || p > len(sql) {
			t.Errorf("userPos(%d) = %d of %d", pos, p, len(sql))
		}
	})
}

func TestUnique(t *testing.T) {
	got := unique([]string{"a", "A", "a_2", "b", "a"})
	if d := cmp.Diff([]string{"a", "A_2", "a_2_2", "b", "a_3"}, got); d != "" {
		t.Errorf("unique (-want +got):\n%s", d)
	}
}
