package query

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

//go:embed macros/*.sql
var macroFiles embed.FS

// macro is a function of the dialect that is written in the engine's SQL. Those
// whose names start with tarn_ are for rewritten trees only.
type macro struct {
	name string
	sql  string // with the comment above it
}

// readMacros returns all macros; each comes behind those that it uses.
func readMacros() ([]macro, error) {
	files, err := fs.Glob(macroFiles, "macros/*.sql")
	if err != nil {
		return nil, err
	}
	var all []macro
	for _, file := range files {
		text, err := macroFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read macros: %w", err)
		}
		for sql := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
			_, rest, ok := strings.Cut(sql, "\nCREATE MACRO ")
			name, _, named := strings.Cut(rest, "(")
			if !ok || !named {
				return nil, fmt.Errorf("read macros: %s: no comment and macro in %q", file, sql)
			}
			all = append(all, macro{name, sql})
		}
	}
	return all, nil
}

// enginesOwn are calls past the macros.
var enginesOwn = regexp.MustCompile(`system\.main\.\w+`)

// neededBy returns the statements that define what the SQL uses: each takes a
// quarter of a millisecond, and most statements need none.
func neededBy(sql string, macros []macro) []string {
	used := strings.ToLower(sql)
	var statements []string
	for _, m := range slices.Backward(macros) {
		if strings.Contains(used, m.name) {
			statements = append(statements, m.sql)
			_, body, _ := strings.Cut(m.sql, "CREATE MACRO ")
			used += enginesOwn.ReplaceAllString(body, "")
		}
	}
	slices.Reverse(statements)
	return statements
}
