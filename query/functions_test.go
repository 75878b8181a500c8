package query

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"tarn/query/internal/duck"
)

// sugar are forms of the grammar that look like functions.
var sugar = []string{"coalesce", "if", "ifnull", "try", "grouping", "unnest", "date"}

func TestFunctionsAreTheEnginesOrMacros(t *testing.T) {
	statements, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	session, err := duck.NewSession(context.Background(), duck.Options{Macros: statements, TempDir: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	known := setOf(sugar...)
	for row, err := range session.Rows(context.Background(), "SELECT DISTINCT lower(function_name) FROM duckdb_functions()") {
		if err != nil {
			t.Fatal(err)
		}
		known[row[0].(string)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(callable)) {
		if !known[name] && renamed[name] == "" {
			t.Errorf("functions.txt lists %s, which neither the engine nor a macro has", name)
		}
	}
	for _, text := range statements {
		for line := range strings.Lines(text) {
			if name, ok := strings.CutPrefix(line, "CREATE MACRO "); ok && !callable[name[:strings.Index(name, "(")]] {
				t.Errorf("functions.txt does not list the macro %s", name)
			}
		}
	}
}

func TestMacrosAreDocumented(t *testing.T) {
	statements, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range statements {
		previous := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "CREATE MACRO") && !strings.HasPrefix(previous, "-- ") {
				t.Errorf("no comment above %s", line)
			}
			previous = line
		}
	}
}

// What must never be on the list, however useful.
func TestFunctionsThatReachOutAreNotCallable(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(callable)) {
		for _, bad := range []string{"read_", "parquet_", "duckdb_", "pragma_", "json_structure", "setting", "variable", "getenv", "query", "glob", "sniff", "nextval", "currval", "secret", "sleep", "json_serialize", "json_execute", "json_deserialize", "write_log", "_structure"} {
			if strings.Contains(name, bad) {
				t.Errorf("functions.txt lists %s", name)
			}
		}
	}
}
