package house_test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is longer wants a name for its middle. A test may be longer than other
// functions, because its table of cases counts as lines too.
const (
	maxFileLines         = 500
	maxFunctionLines     = 70
	maxTestFunctionLines = 120
)

// maxBytes is the length of a file that somebody may have written. What is longer
// was built, and is in every copy of the repository for ever.
const maxBytes = 1 << 20

func TestNothingBuiltIsKept(t *testing.T) {
	for _, name := range files(t) {
		st, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if st.Size() > maxBytes {
			t.Errorf("%s has %d bytes; at most %d", name, st.Size(), maxBytes)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		report(t, tooLong(s))
	}
}

// tooLong complains about a file, and each function in it, that is too long.
func tooLong(s source) []string {
	var complaints []string
	if n := strings.Count(s.text, "\n"); n > maxFileLines {
		complaints = append(complaints, fmt.Sprintf("%s has %d lines; at most %d", s.path, n, maxFileLines))
	}
	limit := maxFunctionLines
	if s.isTest() {
		limit = maxTestFunctionLines
	}
	check := func(name string, n ast.Node) {
		lines := s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
		if lines > limit {
			complaints = append(complaints, fmt.Sprintf("%s: %s has %d lines; at most %d", s.at(n), name, lines, limit))
		}
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			// A literal inside it is shorter than what is around it.
			check("func "+f.Name.Name, f)
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				check("a function literal", f)
			}
			return true
		})
	}
	return complaints
}

func TestSizesComplain(t *testing.T) {
	// A function of n lines, and a file with a line more before it.
	function := func(n int) string {
		return "package x\nfunc f() {" + strings.Repeat("\n", n-1) + "}"
	}
	literal := func(n int) string {
		return "package x\nvar f = func() {" + strings.Repeat("\n", n-1) + "}"
	}
	tests := []struct {
		name, path, text string
		want             []string
	}{
		{"a function that fits", "x.go", function(70), nil},
		{"a function too long", "x.go", function(71), []string{"x.go:2: func f has 71 lines; at most 70"}},
		{"a literal too long", "x.go", literal(71), []string{"x.go:2: a function literal has 71 lines; at most 70"}},
		{"a test that fits", "x_test.go", function(120), nil},
		{"a test too long", "x_test.go", function(121), []string{"x_test.go:2: func f has 121 lines; at most 120"}},
		{"a function without a body", "x.go", "package x\n" + strings.Repeat("// doc\n", 80) + "func f()\n", nil},
		{"a file that fits", "x.go", "package x" + strings.Repeat("\n", 500), nil},
		{"a file too long", "x.go", "package x" + strings.Repeat("\n", 501), []string{"x.go has 501 lines; at most 500"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tooLong(mustParse(t, tt.path, tt.text))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
