package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the module, seen from this test.
var root = filepath.Join("..", "..")

// source is one Go file of the repository.
type source struct {
	path string // from the root, with slashes
	text string
	fset *token.FileSet
	file *ast.File
}

// isTest says whether only go test compiles the file.
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// at says where in the repository a node stands.
func (s source) at(n ast.Node) string {
	pos := s.fset.Position(n.Pos())
	pos.Filename, pos.Column = s.path, 0
	return pos.String()
}

// parse reads one Go file from its text.
func parse(path, text string) (source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path, text, fset, file}, err
}

// sources returns every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, name := range files(t) {
		// What lies in a testdata folder is input: it may be wrong on purpose.
		if !strings.HasSuffix(name, ".go") || slices.Contains(strings.Split(name, "/"), "testdata") {
			continue
		}
		s, err := parse(name, string(read(t, name)))
		if err != nil {
			t.Error(err)
			continue
		}
		all = append(all, s)
	}
	return all
}

// files returns the path of every file that belongs to the repository, from
// the root and with slashes: all there are, except git's own and those that
// git is told to ignore.
func files(t *testing.T) []string {
	t.Helper()
	ignored := ignorePatterns(t)
	var all []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case name == ".":
		case d.Name() == ".git" || isIgnored(ignored, name):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case d.Type().IsRegular():
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ignorePatterns returns the patterns of .gitignore.
func ignorePatterns(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var patterns []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, strings.TrimSuffix(line, "/"))
		}
	}
	return patterns
}

// isIgnored says whether git is told to ignore a path from the root: by its
// last element, or as a whole if the pattern begins with a slash. Git knows
// more kinds of patterns; this repository needs no others.
func isIgnored(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		subject := path.Base(name)
		if rooted, ok := strings.CutPrefix(pattern, "/"); ok {
			pattern, subject = rooted, name
		}
		ok, err := path.Match(pattern, subject)
		return ok && err == nil
	})
}

// read returns what is in a file, given by its path from the root.
func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// report fails the test with each complaint.
func report(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}

// mustParse is parse for tests of the rules themselves.
func mustParse(t *testing.T, path, text string) source {
	t.Helper()
	s, err := parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestIsIgnored(t *testing.T) {
	patterns := []string{"bin", "*.test", "/tarn"}
	tests := []struct {
		path string
		want bool
	}{
		{"bin", true},
		{"cmd/bin", true},
		{"lake/lake.test", true},
		{"tarn", true},
		{"cmd/tarn", false},
		{"binary", false},
		{"x.testing", false},
	}
	for _, tt := range tests {
		if got := isIgnored(patterns, tt.path); got != tt.want {
			t.Errorf("isIgnored(%q, %q) = %v; want %v", patterns, tt.path, got, tt.want)
		}
	}
}
