package control_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/internal/hint"
	"tarn/report/control"
)

func TestWhatComesWithTarnIsWhole(t *testing.T) {
	l, err := control.Open("")
	if err != nil {
		t.Fatal(err)
	}
	inPack := map[string]bool{}
	for _, p := range l.Packs() {
		for _, e := range p.Entries {
			inPack[e.Control] = true
			if (p.Framework == "") != (len(e.Numbers) == 0) {
				t.Errorf("%s: %s has the numbers %q", p.ID, e.Control, e.Numbers)
			}
		}
	}
	if n := len(l.Controls()); n < 60 || len(l.Packs()) < 10 {
		t.Errorf("%d controls, %d packs", n, len(l.Packs()))
	}
	for _, c := range l.Controls() {
		if !inPack[c.ID] {
			t.Errorf("%s is in no pack", c.ID)
		}
	}
}

// What is wrong with a user's file is said with its place.
func TestFaultsOfFilesHaveTheirPlace(t *testing.T) {
	const good = "-- Title\n-- why: w\n-- do: d\n-- severity: low\n-- expect: no rows\nSELECT eventID FROM $store WHERE eventTime >= $from AND eventTime < $to\n"
	for name, tt := range map[string]struct{ file, text, want string }{
		"severity":      {"a.sql", strings.Replace(good, "low", "bad", 1), `a.sql:4: severity is critical, high, medium or low, and not "bad"`},
		"expectation":   {"a.sql", strings.Replace(good, "no rows", "few rows", 1), `a.sql:5: "few rows" is nothing that can be expected`},
		"no why":        {"a.sql", strings.Replace(good, "-- why: w\n", "", 1), "a.sql:5: why is missing"},
		"odd line":      {"a.sql", strings.Replace(good, "-- do", "-- dont", 1), `a.sql:3: "dont: d" is no line of a control's head`},
		"no statement":  {"a.sql", good[:strings.Index(good, "SELECT")], "a.sql:6: a SELECT is missing"},
		"unknown param": {"a.sql", strings.Replace(good, "eventID FROM", "$x FROM", 1), "a.sql:6: $x in the SQL is no parameter"},
		"no period":     {"a.sql", strings.Replace(good, "$to", "now()", 1), "a.sql:6: the SQL has no $to"},
		"bad param":     {"a.sql", strings.Replace(good, "-- expect", "-- param from text = x: y\n-- expect", 1), "a.sql:5: a parameter is written"},
		"bad name":      {"A B.sql", good, `A B.sql:1: "A B" is no name for a control`},
		"built in":      {"root-used.sql", good, "root-used.sql:1: there is a control root-used already: built in: root-used.sql"},
		"pack":          {"p.pack", "title: t\nabout: a\ncontrol root-usd: 1\n", `p.pack:3: there is no control "root-usd"`},
		"pack twice":    {"p.pack", "title: t\nabout: a\ncontrol root-used: 1\ncontrol root-used: 2\n", "p.pack:4: the control \"root-used\" is there twice"},
		"pack line":     {"p.pack", "title: t\ntitel: a\n", "p.pack:2:"},
		"empty pack":    {"p.pack", "# nothing\n", "a pack has a title, an about and a control"},
		"acknowledged":  {"acknowledged.csv", "control,column,value,until,who,why\nroot-used,eventID,x,soon,ida,so\n", "acknowledged.csv:2: each line has"},
		"its head":      {"acknowledged.csv", "a,b,c,d,e,f\n", "acknowledged.csv:1: the first line is control,column"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := control.Open(dir); !errors.Is(err, control.ErrControl) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		} else if name == "pack" && !strings.Contains(strings.Join(hint.Of(err), " "), "root-used?") {
			t.Errorf("%s: hints %q", name, hint.Of(err))
		}
	}
}

func TestAcknowledgementsEnd(t *testing.T) {
	dir := t.TempDir()
	text := "control,column,value,until,who,why\nuser-made,EVENTID,e1,2026-03-31,ida,the new colleague\n"
	if err := os.WriteFile(filepath.Join(dir, "acknowledged.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := control.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	last := time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC)
	for _, tt := range []struct {
		control, id string
		at          time.Time
		want        string
	}{
		{"user-made", "e1", last, "ida: the new colleague"}, {"user-made", "e1", last.Add(time.Second), ""},
		{"user-made", "e2", last, ""}, {"key-made", "e1", last, ""},
	} {
		if got := l.Known.Of(tt.control, []string{"eventTime", "eventID"}, []string{"t", tt.id}, tt.at); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// The table of packs in docs/reports.md is that of the packs.
func TestPacksAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	l, err := control.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Packs() {
		if row := fmt.Sprintf("| `%s` | %d | %s |\n", p.ID, len(p.Entries), p.Title); !strings.Contains(string(text), row) {
			t.Errorf("docs/reports.md has no line %s", row)
		}
	}
	if all := fmt.Sprintf("%d controls in all.", len(l.Controls())); !strings.Contains(string(text), all) {
		t.Errorf("docs/reports.md does not say: %s", all)
	}
}
