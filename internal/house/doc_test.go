package house_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	report(t, packagesWithoutComment(sources(t)))
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		report(t, undocumented(s))
	}
}

func TestNoInitAndNoPanic(t *testing.T) {
	for _, s := range sources(t) {
		report(t, surprises(s))
	}
}

// packagesWithoutComment complains about each folder of Go files none of which
// has a package comment. It must not be hidden in a test, unless the folder
// has tests only.
func packagesWithoutComment(all []source) []string {
	hasCode, hasComment := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		dir := path.Dir(s.path)
		hasCode[dir] = hasCode[dir] || !s.isTest()
	}
	for _, s := range all {
		dir := path.Dir(s.path)
		counts := !s.isTest() || !hasCode[dir]
		hasComment[dir] = hasComment[dir] || counts && said(s.file.Doc)
	}
	var complaints []string
	for _, dir := range slices.Sorted(maps.Keys(hasComment)) {
		if !hasComment[dir] {
			complaints = append(complaints, dir+" has no package comment")
		}
	}
	return complaints
}

// undocumented complains about each exported name outside tests that has no
// doc comment. Methods count if their type is exported, and so do those of an
// exported interface; fields do not.
func undocumented(s source) []string {
	if s.isTest() {
		return nil
	}
	var complaints []string
	check := func(name *ast.Ident, shown string, docs ...*ast.CommentGroup) {
		if name.IsExported() && !slices.ContainsFunc(docs, said) {
			complaints = append(complaints, fmt.Sprintf("%s: %s has no doc comment", s.at(name), shown))
		}
	}
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			recv := receiver(d)
			if recv == "" {
				check(d.Name, d.Name.Name, d.Doc)
			} else if token.IsExported(recv) {
				check(d.Name, recv+"."+d.Name.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				undocumentedSpec(d, spec, check)
			}
		}
	}
	return complaints
}

// undocumentedSpec checks the names of one specification of d.
func undocumentedSpec(d *ast.GenDecl, spec ast.Spec, check func(*ast.Ident, string, ...*ast.CommentGroup)) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			check(name, name.Name, spec.Doc, spec.Comment, d.Doc)
		}
	case *ast.TypeSpec:
		check(spec.Name, spec.Name.Name, spec.Doc, d.Doc)
		i, ok := spec.Type.(*ast.InterfaceType)
		if !ok || !spec.Name.IsExported() {
			return
		}
		for _, m := range i.Methods.List {
			for _, name := range m.Names {
				check(name, spec.Name.Name+"."+name.Name, m.Doc, m.Comment)
			}
		}
	}
}

// surprises complains about code that runs without being called, and code that
// ends the program where an error could be returned.
func surprises(s source) []string {
	var complaints []string
	for _, d := range s.file.Decls {
		f, isFunc := d.(*ast.FuncDecl)
		if isFunc && f.Name.Name == "init" && f.Recv == nil {
			complaints = append(complaints, s.at(f)+": func init; let main or a constructor do it")
		}
		if s.isTest() || isFunc && strings.HasPrefix(strings.ToLower(f.Name.Name), "must") {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == "panic" {
					complaints = append(complaints, s.at(call)+": panic; return an error, or name the function must…")
				}
			}
			return true
		})
	}
	return complaints
}

// said says whether a comment has text; directives are none.
func said(doc *ast.CommentGroup) bool { return doc.Text() != "" }

// receiver is the name of the type that f is a method of, or empty.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	for typ := f.Recv.List[0].Type; ; {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.ParenExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

func TestPackagesWithoutCommentComplain(t *testing.T) {
	const silent, telling = "package x\n", "// Package x tells.\npackage x\n"
	all := []source{
		mustParse(t, "told/doc.go", telling),
		mustParse(t, "told/other.go", silent),
		mustParse(t, "untold/x.go", silent),
		mustParse(t, "hidden/x.go", silent),
		mustParse(t, "hidden/x_test.go", telling),
		mustParse(t, "tests/x_test.go", telling),
		mustParse(t, "directive/x.go", "//go:debug x=1\npackage x\n"),
	}
	want := []string{
		"directive has no package comment",
		"hidden has no package comment",
		"untold has no package comment",
	}
	if diff := cmp.Diff(want, packagesWithoutComment(all)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestUndocumentedComplain(t *testing.T) {
	const text = `package x

func F() {}
func f() {}

type T struct{ Field int }

func (t *T) M()   {}
func (t T) m()    {}
func (u *unseen) M() {}

// G is told.
type G[K, V any] struct{}

func (g *G[K, V]) M() {}

// I is told.
type I interface {
	M()
	N() // N is told
}

const (
	A = 1 // A is told
	B = 2
)

// Told are told together.
const (
	C = 1
	D = 2
)

//go:embed nothing
var V, w string
`
	want := []string{
		"x.go:3: F has no doc comment",
		"x.go:6: T has no doc comment",
		"x.go:8: T.M has no doc comment",
		"x.go:15: G.M has no doc comment",
		"x.go:19: I.M has no doc comment",
		"x.go:25: B has no doc comment",
		"x.go:35: V has no doc comment",
	}
	if diff := cmp.Diff(want, undocumented(mustParse(t, "x.go", text))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := undocumented(mustParse(t, "x_test.go", text)); got != nil {
		t.Errorf("in a test: %q; want no complaint", got)
	}
}

func TestSurprisesComplain(t *testing.T) {
	const text = `package x

func init() {}
func (t T) init() {}

func f() { defer func() { panic("f") }() }
func mustF() { func() { panic("f") }() }
func MustF() { panic("f") }

var v = func() int { panic("v") }
`
	want := []string{
		"x.go:3: func init; let main or a constructor do it",
		"x.go:6: panic; return an error, or name the function must…",
		"x.go:10: panic; return an error, or name the function must…",
	}
	if diff := cmp.Diff(want, surprises(mustParse(t, "x.go", text))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	want = []string{"x_test.go:3: func init; let main or a constructor do it"}
	if diff := cmp.Diff(want, surprises(mustParse(t, "x_test.go", text))); diff != "" {
		t.Errorf("in a test: -want +got\n%s", diff)
	}
}
