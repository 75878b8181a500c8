package trino_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/query/trinotest"
	"tarn/schemas"
)

var (
	url       = flag.String("url", "", "where Trino listens, such as http://127.0.0.1:8080")
	warehouse = flag.String("warehouse", "", "the folder that Trino's catalog has as local:///")
	catalog   = flag.String("catalog", "hive", "the catalog over the folder")
	update    = flag.Bool("update", false, "record Trino's answers anew")
)

const (
	tables = "../../query/testdata/trino"
	schema = "tarn"
)

// Trino answers as the tables say. With -update they say what it answers.
func TestTrinoAnswersAsRecorded(t *testing.T) {
	if *url == "" || *warehouse == "" {
		t.Skip("this test asks a Trino: give it -url and -warehouse")
	}
	trino := client{*url, *catalog, schema}
	offer(t, trino)
	for _, table := range trinotest.Tables(t, tables) {
		for i := range table.Entries {
			check(t, trino, &table.Entries[i])
		}
		if *update {
			if err := table.Write(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// check asks one statement, and takes or compares the answer.
func check(t *testing.T, trino client, e *trinotest.Entry) {
	answer, message, err := trino.ask(t.Context(), e.SQL)
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	was, is := text(e.Answer), text(answer)
	if was == is {
		return
	}
	if *update {
		e.Answer = answer
		t.Logf("%s: %s %s", e.Name, is, message)
		return
	}
	t.Errorf("%s: Trino says %s %s\nrecorded is %s", e.Name, is, message, was)
}

func text(a trinotest.Answer) string {
	return strings.Join(append([]string{a.Error, strings.Join(a.Types, "; ")}, a.Rows...), "\n")
}

// offer makes the lake of the tables, puts its segments where Trino can read
// them, and names them cloudtrail there.
func offer(t *testing.T, trino client) {
	t.Helper()
	folder := filepath.Join(*warehouse, schema, "cloudtrail")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	trinotest.Lake(t, tables).Read(t, func(snap *lake.Snapshot, st lake.Store) {
		for i, seg := range snap.Segments(st.ID, false) {
			parquet, err := os.ReadFile(snap.Path(st.ID, seg))
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.parquet", i)), parquet, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, sql := range []string{
		"CREATE SCHEMA IF NOT EXISTS " + schema,
		"DROP TABLE IF EXISTS cloudtrail",
		"CREATE TABLE cloudtrail (" + strings.Join(columns(schemas.CloudTrail().Columns), ", ") +
			") WITH (format = 'PARQUET', external_location = 'local:///" + schema + "/cloudtrail')",
	} {
		answer, message, err := trino.ask(context.Background(), sql)
		if err != nil || answer.Error != "" {
			t.Fatalf("%s\n%v %s %s", sql, err, answer.Error, message)
		}
	}
}

// columns declares columns, or the fields of a row, in Trino's types. The
// checksum is none: segments do not hold it.
func columns(fields []schemas.Field) (all []string) {
	for _, f := range fields {
		if f.Name != schemas.Checksum {
			all = append(all, fmt.Sprintf("%q %s", f.Name, typeOf(f)))
		}
	}
	return all
}

func typeOf(f schemas.Field) string {
	switch f.Kind {
	case schemas.Map:
		return "map(varchar, varchar)"
	case schemas.Struct:
		return "row(" + strings.Join(columns(f.Fields), ", ") + ")"
	case schemas.List:
		return "array(row(" + strings.Join(columns(f.Fields), ", ") + "))"
	case schemas.String:
		return "varchar"
	}
	return f.Type()
}
