package query

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tarn/query/internal/duck"
)

// sugar are forms of the grammar that look like functions.
var sugar = []string{"coalesce", "if", "ifnull", "try", "grouping", "unnest", "date"}

func TestFunctionsAreTheEnginesOrMacros(t *testing.T) {
	macros, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for name := range macros {
		all[name] = true
	}
	statements := define(all, macros)
	if len(statements) != len(macros) {
		t.Fatalf("%d of %d macros are there", len(statements), len(macros))
	}
	engine, err := duck.NewLocal(context.Background(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	session, err := engine.Open(context.Background(), duck.Job{Macros: statements})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	known := setOf(sugar...)
	for batch, err := range session.Rows(context.Background(), "SELECT DISTINCT lower(function_name) FROM duckdb_functions()") {
		if err != nil {
			t.Fatal(err)
		}
		for row := range batch.Rows() {
			name, _ := batch.Value(0, row)
			known[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(callable)) {
		ruled := formats[name].target != "" || lambdaRules[name] != nil || callRules[name] != nil || aggregateRules[name] != nil
		if !known[name] && renamed[name] == "" && !ruled {
			t.Errorf("functions.txt lists %s, which neither the engine nor a macro has", name)
		}
	}
	for _, m := range macros {
		// Those that only rewritten trees call must not be called by others.
		if callable[m.name] == strings.HasPrefix(m.name, "tarn_") {
			t.Errorf("functions.txt lists the macro %s: %t", m.name, callable[m.name])
		}
	}
}

func TestMacrosAreDocumented(t *testing.T) {
	macros, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range macros {
		if comment := "-- " + m.name; !strings.HasPrefix(m.sql, comment) {
			t.Errorf("the comment above %s does not start with %q", m.name, comment)
		}
	}
}

// Most statements need no macro, and some need those that others are made of.
func TestMacrosAreDefinedWhereTheyAreNeeded(t *testing.T) {
	macros, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]int{"SELECT count(*)": 0, "SELECT Element_At(a, 'b')": 1, "SELECT zip(a, b), \"element_at\"(x)": 2, "url_extract_host(x)": 2} {
		if got := neededBy(sql, macros); len(got) != want {
			t.Errorf("%s needs %q; want %d", sql, got, want)
		}
	}
}

// What must never be on the list, however useful.
func TestFunctionsThatReachOutAreNotCallable(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(callable)) {
		for _, bad := range []string{"read_", "parquet_", "duckdb_", "pragma_", "json_structure", "setting", "variable", "getenv", "query", "glob", "sniff", "nextval", "currval", "secret", "sleep", "json_serialize", "json_execute", "json_deserialize", "write_log", "_structure"} {
			if strings.Contains(name, bad) && name != "url_extract_query" && name != "json_query" {
				t.Errorf("functions.txt lists %s", name)
			}
		}
	}
}

// lambdaOf finds the parameters of a lambda in a macro.
var lambdaOf = regexp.MustCompile(`lambda ([\w, ]+):`)

// The engine puts arguments into a macro as they are written, so the parameter
// of a lambda in it must have a name that no argument has, nor the lambda of
// another macro around it.
func TestLambdasOfMacrosHaveTheirOwnNames(t *testing.T) {
	macros, err := readMacros()
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, m := range macros {
		for _, found := range lambdaOf.FindAllStringSubmatch(m.sql, -1) {
			for name := range strings.SplitSeq(found[1], ", ") {
				if !strings.HasPrefix(name, "_") || owner[name] != "" && owner[name] != m.name {
					t.Errorf("%s has a lambda of %s, which %s has too", m.name, name, owner[name])
				}
				owner[name] = m.name
			}
		}
	}
}
