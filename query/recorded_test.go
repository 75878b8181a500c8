package query_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/query"
	"tarn/query/trinotest"
)

// The statements of testdata/trino have the answers that a real Trino gave over
// the same events, row for row, or the difference is in docs/sql.md. Values are
// compared as recordedValue says.
func TestAnswersAreTrinos(t *testing.T) {
	dir := filepath.Join("testdata", "trino")
	doc, err := os.ReadFile(filepath.Join("..", "docs", "sql.md"))
	if err != nil {
		t.Fatal(err)
	}
	explained := strings.Join(strings.Fields(string(doc)), " ")
	e := openEngine(t)
	trinotest.Lake(t, dir).Read(t, func(snap *lake.Snapshot, _ lake.Store) {
		for _, table := range trinotest.Tables(t, dir) {
			for _, entry := range table.Entries {
				t.Run(entry.Name, func(t *testing.T) {
					if !strings.Contains(explained, entry.Differs) {
						t.Errorf("docs/sql.md does not say %q", entry.Differs)
					}
					compareRecorded(t, entry, run(t, e, snap, entry.SQL))
				})
			}
		}
	})
}

// outcome is what a statement gave here.
type outcome struct {
	columns []query.Column
	rows    [][]query.Value
	err     error
}

func run(t *testing.T, e *query.Engine, snap *lake.Snapshot, sql string) (o outcome) {
	res, err := e.Run(t.Context(), snap, sql)
	if err != nil {
		return outcome{err: err}
	}
	defer res.Close()
	o.columns = res.Columns()
	for row, err := range res.Rows(t.Context()) {
		if err != nil {
			return outcome{err: err}
		}
		o.rows = append(o.rows, append([]query.Value(nil), row...))
	}
	return o
}

// compareRecorded fails the test if the answers differ and should not, or do
// not and should.
func compareRecorded(t *testing.T, e trinotest.Entry, o outcome) {
	want, got := trinoAnswer(t, e.Answer), ourAnswer(t, e.Types, o)
	switch {
	case want == got && e.Differs != "":
		t.Errorf("%s\ndiffers no longer; take its reason away, here and in docs/sql.md if it is nobody else's", e.SQL)
	case want != got && e.Differs == "":
		t.Errorf("%s\nTrino: %s\nTarn:  %s (%v)", e.SQL, want, got, o.err)
	}
}

func trinoAnswer(t *testing.T, a trinotest.Answer) string {
	if a.Error != "" {
		return "an error"
	}
	var lines []string
	for _, row := range a.Rows {
		values, ok := decodeJSON(t, row).([]any)
		if !ok || len(values) != len(a.Types) {
			t.Fatalf("%s is no row of %d columns", row, len(a.Types))
		}
		var line []string
		for i, v := range values {
			line = append(line, typeOf(a.Types[i]).text(trinoWrites, v))
		}
		lines = append(lines, strings.Join(line, " | "))
	}
	return strings.Join(lines, "\n")
}

func ourAnswer(t *testing.T, types []string, o outcome) string {
	if o.err != nil {
		return "an error"
	}
	if types != nil && len(types) != len(o.columns) {
		return fmt.Sprintf("%d columns", len(o.columns))
	}
	var lines []string
	for _, row := range o.rows {
		var line []string
		for i, v := range row {
			var value any = v.Text
			if v.Null {
				value = nil
			} else if o.columns[i].Kind == query.JSON {
				value = decodeJSON(t, v.Text)
			}
			kind := "varchar"
			if types != nil {
				kind = types[i]
			}
			line = append(line, typeOf(kind).text(tarnWrites, value))
		}
		lines = append(lines, strings.Join(line, " | "))
	}
	return strings.Join(lines, "\n")
}
