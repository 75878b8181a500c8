package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const sharedData = "../../../shared/data"

// recorded is a query of the shared data with the answers another program gave.
type recorded struct {
	SQL       string `json:"sql"`
	Delivered any    `json:"as_delivered"`
	Distinct  any    `json:"distinct_by_eventID"`
}

// TestRecordedAnswers imports the shared buckets and compares every recorded
// answer, with and without duplicates. It needs ../shared.
func TestRecordedAnswers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sharedData, "ANSWERS.json"))
	if err != nil {
		t.Skip("the shared data is not there: ", err)
	}
	var scopes map[string]map[string]recorded
	if err := json.Unmarshal(text, &scopes); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for scope, queries := range scopes {
		for _, mode := range []string{"drop", "keep"} {
			t.Run(scope+"/"+mode, func(t *testing.T) { compareAnswers(t, scope, mode, queries) })
		}
	}
}

func compareAnswers(t *testing.T, scope, mode string, queries map[string]recorded) {
	vars := map[string]string{"TARN_LAKE": filepath.Join(t.TempDir(), "lake")}
	buckets := []string{filepath.Join(sharedData, scope)}
	if scope == "ALL" {
		buckets, _ = filepath.Glob(filepath.Join(sharedData, "s3-*"))
	}
	for _, b := range buckets {
		if _, errs, code := tarn(t, vars, "import", b, "--duplicates", mode); code != exitDone {
			t.Fatalf("import %s exits with %d: %s", b, code, errs)
		}
	}
	for name, q := range queries {
		if strings.HasPrefix(q.SQL, "--") {
			continue
		}
		sql, _, _ := strings.Cut(strings.ReplaceAll(q.SQL, "$EDS", "cloudtrail"), "  --")
		out, errs, code := tarn(t, vars, "query", sql, "--format", "json")
		if code != exitDone {
			t.Errorf("%s exits with %d: %s", name, code, errs)
			continue
		}
		want := q.Distinct
		if mode == "keep" {
			want = q.Delivered
		}
		if got, want := answered(t, out), expected(want); !sameAnswer(sql, got, want) {
			t.Errorf("%s: %s\n got %.300v\nwant %.300v", name, sql, got, want)
		}
	}
}

// answered returns the rows of a JSON answer, each as one text: leading columns
// joined by spaces, as the record has them.
func answered(t *testing.T, out string) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	var rows []string
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		var row []string
		d.Token()
		for d.More() {
			var v any
			d.Token()
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			row = append(row, plain(v))
		}
		d.Token()
		rows = append(rows, strings.Join(row, " "))
	}
	return rows
}

func expected(want any) []string {
	list, ok := want.([]any)
	if !ok {
		return []string{plain(want)}
	}
	var rows []string
	for _, r := range list {
		cells, ok := r.([]any)
		if !ok { // one row
			return []string{joined(list)}
		}
		rows = append(rows, joined(cells))
	}
	return rows
}

func joined(cells []any) string {
	var row []string
	for _, c := range cells {
		row = append(row, plain(c))
	}
	return strings.Join(row, " ")
}

// plain writes a value so that both sides' ways of writing it are one.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
		v = strings.TrimSuffix(strings.TrimSuffix(v, ".000"), " 00:00:00")
		if len(v) == 20 && v[10] == 'T' {
			v = v[:10] + " " + v[11:19]
		}
		return v
	}
	return fmt.Sprint(v)
}

func sameAnswer(sql string, got, want []string) bool {
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return true
	}
	if len(got) == 1 && got[0] == "None" && slices.Equal(want, []string{"0"}) {
		return true // the sum over nothing
	}
	// Ties under LIMIT are free: the counts must agree.
	return strings.Contains(sql, "LIMIT") && slices.Equal(lasts(got), lasts(want))
}

func lasts(rows []string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r[strings.LastIndexByte(r, ' ')+1:])
	}
	slices.Sort(out)
	return out
}
