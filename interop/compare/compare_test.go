package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets this program be its own child, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		if err := run(context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Over a few events, all systems that are here give the same answers, which are those
// that the generator knows.
func TestAllGiveTheSameAnswers(t *testing.T) {
	out := t.TempDir()
	if err := run(t.Context(), []string{"-events", "1000", "-ingests", "1", "-cold", "1", "-dir", t.TempDir(), "-o", out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r results
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Systems {
		if len(s.Answers) != 14 {
			t.Errorf("%s was asked %d questions", s.Title, len(s.Answers))
		}
		for _, a := range s.Answers {
			if len(a.Cold) != 1 || len(a.Warm) < warmLeast {
				t.Errorf("%s, %s: %d cold and %d warm times", s.Title, a.Question, len(a.Cold), len(a.Warm))
			}
		}
		if s.Name != "duckdb-raw" && s.Name != "tarn-serve" && (s.Bytes == 0 || s.rate(r.Data.Events) == 0) {
			t.Errorf("%s took in nothing: %+v", s.Title, s.Ingests)
		}
	}
	for _, m := range r.Missing {
		t.Log("not here: ", m)
	}
}

// What is kept beside results.json is made of it.
func TestKeptFilesAreMadeOfTheResults(t *testing.T) {
	const kept = "../../bench/compare"
	text, err := os.ReadFile(filepath.Join(kept, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := draw(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range made {
		got, err := os.ReadFile(filepath.Join(kept, name))
		if err != nil || string(got) != want {
			t.Errorf("%s is not made of results.json (%v): go run ./compare -draw -o ../bench/compare", name, err)
		}
		if strings.HasSuffix(name, ".svg") {
			wellFormed(t, name, want)
		}
	}
}

func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestAnswersAreComparedByWhatTheySay(t *testing.T) {
	columns := []string{"eventTime", "arn", "c"}
	first := []map[string]any{
		{"eventTime": "2026-10-12T02:31:44Z", "arn": "a", "c": json.Number("3")},
		{"eventTime": "2026-10-12T02:31:45Z", "arn": nil, "c": json.Number("2"), "more": true},
	}
	for name, same := range map[string]bool{
		`[{"eventtime": "2026-10-12 02:31:45.000", "c": "2"}, {"eventtime": "2026-10-12 02:31:44", "arn": "a", "c": 3}]`: true,
		`[{"eventTime": "2026-10-12 02:31:45", "arn": "", "c": 2}]`:                                                      false,
		`[{"eventTime": "2026-10-12 02:31:45", "c": 2}, {"eventTime": "2026-10-12 02:31:44", "arn": "b", "c": 3}]`:       false,
		`[{"eventTime": "2026-10-12 02:31:45", "c": 2}, {"eventTime": "2026-10-12 02:31:43", "arn": "a", "c": 3}]`:       false,
	} {
		var rows []map[string]any
		if err := json.Unmarshal([]byte(name), &rows); err != nil {
			t.Fatal(err)
		}
		if got := digest(rows, columns) == digest(first, columns); got != same {
			t.Errorf("%s says the same: %v; want %v", name, got, same)
		}
	}
}

// A time of an answer that is wrong is not shown, and the run says so.
func TestWrongAnswersAreTold(t *testing.T) {
	r := &results{Data: generated{Events: 10, GzBytes: 10}, Systems: []*result{
		{Title: "One", Answers: []*answered{{Question: "Q1", Digest: "a", Cold: []float64{1}, Warm: []float64{1.5}}}},
		{Title: "Two", Answers: []*answered{{Question: "Q1", Digest: "b", Cold: []float64{1}, Warm: []float64{987}}}},
	}}
	r.compare()
	page := r.page()
	if err := r.differences(); err == nil || !strings.Contains(err.Error(), "Two, Q1") {
		t.Errorf("the error is %v", err)
	}
	if strings.Contains(page, "987") || !strings.Contains(page, "wrong") {
		t.Errorf("the page shows a time of a wrong answer:\n%s", page)
	}
	q := question{check: []string{"c"}, rows: 1, count: 5}
	of := r.Systems[0].of(question{name: "Q2"})
	of.note(q, answer{Rows: []map[string]any{{"c": json.Number("4")}}})
	if of.Wrong != "4 events, not 5" {
		t.Errorf("a count of 4 for 5 is %q", of.Wrong)
	}
}
