// Package trinotest holds statements and what a real Trino answers to them,
// for the test that runs them here, and for the one in interop that asks Trino.
//
// A table is a text file of entries:
//
//	# a name, unique in all tables
//	> the statement, which may
//	> have several lines
//	~ why Tarn's answer differs, in the words of docs/sql.md
//	= Trino's types of the columns; of its own
//	["a row", "as Trino's JSON", 1]
//
// In place of types and rows stands "! NAME" where Trino has an error of that
// name. Lines of name, statement and reason are written by people, the others
// by the recorder.
package trinotest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Entry is a statement and Trino's answer to it.
type Entry struct {
	Name, SQL string
	// Differs is why Tarn's answer is another, empty if it is not.
	Differs string
	Answer
}

// Answer is what Trino says to a statement.
type Answer struct {
	// Types are Trino's names of the columns' types.
	Types []string
	// Rows are the rows, each a JSON array as Trino sends it.
	Rows []string
	// Error is the name of Trino's error, empty if there is none.
	Error string
}

// Table is a file of entries.
type Table struct {
	Path    string
	Entries []Entry
}

// typeSeparator stands between types: a comma is part of some.
const typeSeparator = "; "

// Tables reads all tables of a folder.
func Tables(t testing.TB, dir string) []Table {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no tables in %s (%v)", dir, err)
	}
	var all []Table
	var names []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		table, err := parse(string(text))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, e := range table {
			if slices.Contains(names, e.Name) {
				t.Fatalf("%s: %q is there twice", path, e.Name)
			}
			names = append(names, e.Name)
		}
		all = append(all, Table{path, table})
	}
	return all
}

func parse(text string) ([]Entry, error) {
	var all []Entry
	for n, line := range strings.Split(text, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		if mark == "#" {
			all = append(all, Entry{Name: rest})
			continue
		}
		if line == "" {
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("line %d stands before the first name", n+1)
		}
		e := &all[len(all)-1]
		switch {
		case mark == ">" && e.SQL == "":
			e.SQL = rest
		case mark == ">":
			e.SQL += "\n" + rest
		case mark == "~":
			e.Differs = rest
		case mark == "=":
			e.Types = strings.Split(rest, typeSeparator)
		case mark == "!":
			e.Error = rest
		case strings.HasPrefix(line, "["):
			e.Rows = append(e.Rows, line)
		default:
			return nil, fmt.Errorf("line %d is of no kind: %s", n+1, line)
		}
	}
	return all, nil
}

// Write writes the table back to its file.
func (t Table) Write() error {
	var b strings.Builder
	for i, e := range t.Entries {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "# %s\n> %s\n", e.Name, strings.ReplaceAll(e.SQL, "\n", "\n> "))
		if e.Differs != "" {
			fmt.Fprintf(&b, "~ %s\n", e.Differs)
		}
		if e.Error != "" {
			fmt.Fprintf(&b, "! %s\n", e.Error)
			continue
		}
		fmt.Fprintf(&b, "= %s\n", strings.Join(e.Types, typeSeparator))
		for _, row := range e.Rows {
			fmt.Fprintln(&b, row)
		}
	}
	return os.WriteFile(t.Path, []byte(b.String()), 0o666)
}
