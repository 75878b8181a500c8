package query

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

//go:embed macros/*.sql
var macroFiles embed.FS

// macro is a function of the dialect that is written in the engine's SQL. Those
// whose names start with tarn_ are for rewritten trees only. Parameters of
// lambdas start with _ and are each macro's own.
type macro struct {
	name  string
	sql   string          // with the comment above it
	calls map[string]bool // what may be macros among the functions of its body
}

// readMacros returns all macros.
func readMacros() (map[string]macro, error) {
	files, err := fs.Glob(macroFiles, "macros/*.sql")
	if err != nil {
		return nil, err
	}
	all := map[string]macro{}
	for _, file := range files {
		text, err := macroFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read macros: %w", err)
		}
		for sql := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
			_, rest, ok := strings.Cut(sql, "\nCREATE MACRO ")
			name, body, named := strings.Cut(rest, "(")
			if _, twice := all[name]; !ok || !named || twice {
				return nil, fmt.Errorf("read macros: %s: no comment and macro, or one that is there already, in %q", file, sql)
			}
			all[name] = macro{name, sql, calls(body)}
		}
	}
	return all, nil
}

// engineSchema is the engine's own: its functions are called past the macros.
const engineSchema = "system.main."

// calls are the functions that are called: words before a parenthesis.
func calls(sql string) map[string]bool {
	names := map[string]bool{}
	for i := range len(sql) {
		if sql[i] != '(' {
			continue
		}
		before := strings.TrimSuffix(sql[:i], `"`)
		start := len(before)
		for start > 0 && isWord(before[start-1]) {
			start--
		}
		if start < len(before) && !strings.HasSuffix(before[:start], engineSchema) {
			names[strings.ToLower(before[start:])] = true
		}
	}
	return names
}

// neededBy returns the statements that define what the SQL uses: each takes a
// quarter of a millisecond, and most statements need none.
func neededBy(sql string, macros map[string]macro) []string { return define(calls(sql), macros) }

// define returns the statements that define those of the names that are macros,
// each behind those that it uses itself.
func define(names map[string]bool, macros map[string]macro) []string {
	var statements []string
	seen := map[string]bool{}
	var need func(names map[string]bool)
	need = func(names map[string]bool) {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			m, ok := macros[name]
			if !ok || seen[name] {
				continue
			}
			seen[name] = true
			need(m.calls)
			statements = append(statements, m.sql)
		}
	}
	need(names)
	return statements
}
