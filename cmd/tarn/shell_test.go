package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake"
)

// inLake makes a lake of a few events and returns an environment for it.
func inLake(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log.json")
	records := `{"Records":[{"eventID":"a","eventName":"PutObject","eventTime":"2026-01-02T03:04:05Z"},
		{"eventID":"b","eventName":"GetObject","eventTime":"2026-01-03T03:04:05Z"}]}`
	if err := os.WriteFile(log, []byte(records), 0o600); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{
		"TARN_LAKE": filepath.Join(dir, "lake"), "TARN_KEY": filepath.Join(dir, "key"),
		"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "TARN_HISTORY": filepath.Join(dir, "state", "history"),
		"TARN_AUDIT": "off",
	}
	if _, errs, code := tarn(t, vars, "import", log); code != exitDone {
		t.Fatalf("import exits with %d: %s", code, errs)
	}
	return vars
}

// converse gives lines to a shell and returns what it shows and says.
func converse(t *testing.T, vars map[string]string, lines ...string) (out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{process: process{strings.NewReader(""), &stdout, &stderr, env(vars)}, lakeDir: vars["TARN_LAKE"]}
	engine, err := a.engine()
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	var prompts bytes.Buffer
	typed := bufio.NewReader(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	s := &shell{app: a, format: "csv", lines: &plainLines{typed, &prompts}}
	s.asked = askedHere{s, engine}
	if err := s.loop(t.Context()); err != nil {
		t.Fatalf("the shell ends with %v", err)
	}
	return prompts.String() + "\n" + stdout.String(), stderr.String()
}

func TestShell(t *testing.T) {
	vars := inLake(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "two.sql")
	if err := os.WriteFile(file, []byte("SELECT 6 AS six; SELECT 7 AS seven"), 0o600); err != nil {
		t.Fatal(err)
	}
	faulty := filepath.Join(dir, "faulty.sql")
	if err := os.WriteFile(faulty, []byte("SELECT 1 AS one;\n-- the second\nSELECT 2,\n  nope FROM cloudtrail; SELECT 1 FROM nothing;\nSELECT 3 AS three;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer := filepath.Join(dir, "answer.json")
	for _, tt := range []struct {
		name      string
		lines     []string
		out, errs string // what must be in it
	}{
		{"a statement ends with its semicolon", []string{"SELECT 1", "AS one;"}, "tarn>    -> tarn> \none\n1\n", ""},
		{"two on a line", []string{"SELECT 1 AS a; SELECT 2 AS b;"}, "a\n1\nb\n2\n", ""},
		{"a quote stays open over lines", []string{"SELECT 'a;", "b' AS q;"}, "tarn>    '> tarn> \nq\n\"a;\nb\"\n", ""},
		{"a remark is no statement", []string{"-- nothing;", "SELECT 1 AS one;"}, "one\n1\n", ""},
		{"an error ends nothing", []string{"SELECT x FROM cloudtrail;", "SELECT 2 AS two;"}, "two\n2\n", "1:8: no column \"x\""},
		{"a store that is not there ends nothing", []string{"SELECT 1 FROM nope;", "SELECT 2 AS two;"}, "two\n2\n", "  SELECT 1 FROM nope\n                ^\n"},
		{"a line for each column", []string{`\format table`, `\x`, "SELECT 1 AS a, NULL AS bb;"}, "-- row 1 --------------------\na   1\nbb  ∅\n", "expanded: on\n"},
		{"a line for each column, asked for twice", []string{`\format table`, `\x on`, `\x on`, "SELECT 1 AS a;"}, "-- row 1 --------------------\na  1\n", "expanded: on\n"},
		{"and not", []string{`\format table`, `\x off`, "SELECT 1 AS a;"}, "a\n-\n1\n", "expanded: off\n"},
		{"neither on nor off", []string{`\x maybe`, "SELECT 1 AS a;"}, "a\n1\n", `hint: \x on, \x off, \x auto for rows that are too wide, or \x for the other`},
		{"where rows are too wide, which is what no second \\x means", []string{`\x`, `\x`}, "", "expanded: on\nexpanded: auto\n"},
		{"time, asked for twice", []string{`\timing on`, `\timing ON`, "SELECT 1 AS a;"}, "a\n1\n", "timing: on\ntiming: on\n(1 row, "},
		{"another format", []string{`\format ndjson`, "SELECT 1 AS a;"}, `{"a":1}`, ""},
		{"no such format", []string{`\format xml`, "SELECT 1 AS a;"}, "a\n1\n", "formats: table"},
		{"statements of a file", []string{`\i ` + file}, "six\n6\nseven\n7\n", ""},
		{"a place in a file", []string{`\i ` + faulty}, "three\n3\n", "error: " + faulty + ":4:3: no column \"nope\""},
		{"the line of the file", []string{`\i ` + faulty}, "one\n1\n", "\n    nope FROM cloudtrail\n    ^\n"},
		{"a place behind another statement", []string{`\i ` + faulty}, "", "error: " + faulty + ":4:39: no such event data store: nothing"},
		{"stores", []string{`\d`}, "store,family,events,first,last\ncloudtrail,cloudtrail,2,", ""},
		{"columns", []string{`\d cloudtrail`}, "eventName,string,\"the operation that was asked for, such as PutObject\"\n", ""},
		{"fields", []string{`\d cloudtrail resources`}, "resources,array of struct of 4\nresources[n].accountId,string\n", ""},
		{"an unknown store", []string{`\d nope`}, "", "no such event data store: nope"},
		{"the plan", []string{`\explain SELECT 1 FROM cloudtrail WHERE eventTime < '2020-01-01'`}, "0 of 2 segments", ""},
		{"a command misspelt", []string{`\formt csv`}, "", `did you mean \format?`},
		{"a statement forgotten", []string{"SELECT nonsense", `\r`, "SELECT 1 AS one;"}, "one\n1\n", ""},
		{"what people type who do not know", []string{"help", "quit", "SELECT 1;"}, `\timing`, ""},
		{"an answer in a file, then on the screen", []string{`\o ` + answer, "SELECT 1 AS one;", "SELECT 2 AS two;"}, "two\n2\n", "written to " + answer},
		{"an answer on the screen after all", []string{`\o ` + answer, `\o -`, "SELECT 2 AS two;"}, "two\n2\n", "the next answer goes to"},
		{"time and segments", []string{`\timing`, "SELECT count(*) AS n FROM cloudtrail WHERE eventID = 'a';"}, "n\n1\n", "; 1 of 2 segments, "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs := converse(t, vars, tt.lines...)
			if !strings.Contains(out, tt.out) {
				t.Errorf("the shell shows\n%s\nwant in it\n%s", out, tt.out)
			}
			if !strings.Contains(errs, tt.errs) || tt.errs == "" && errs != "" {
				t.Errorf("the shell says\n%s\nwant in it\n%s", errs, tt.errs)
			}
		})
	}
	if b, err := os.ReadFile(answer); err != nil || string(b) != "[{\"one\":1}]\n" {
		t.Errorf("the answer's file holds %q, %v", b, err)
	}
}

func TestShellCompletesCommands(t *testing.T) {
	s := &shell{stores: []lake.Store{{Name: "cloudtrail", Family: "cloudtrail"}, {Name: "prod", Family: "cloudtrail"}}}
	for line, want := range map[string]string{
		`\f`: `\format`, `\format nd`: "ndjson", `\timing o`: "on off", `\d `: "cloudtrail prod", `\d prod tls`: "tlsDetails",
		`\explain SELECT eventNa`: "eventName", `\nope x`: "", "SELECT 1 FROM pr": "prod",
	} {
		start, got := s.complete(line, len(line))
		if strings.Join(got, " ") != want || start > len(line) {
			t.Errorf("TAB behind %q offers %q from %d on; want %q", line, got, start, want)
		}
	}
}
