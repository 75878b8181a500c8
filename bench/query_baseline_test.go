package bench_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tarn/internal/eventgen"
)

// promotedColumns are flat copies of what the questions ask of free-form objects,
// as the best of DuckDB's layouts has them.
const promotedColumns = `json_extract_string(requestParameters, '$.bucketName') AS bucket_name,
	json_extract_string(responseElements, '$.ConsoleLogin') AS console_login`

// inDuckDB are the same questions for that layout, in DuckDB's own words.
func inDuckDB(ours []asked) []asked {
	words := strings.NewReplacer(
		"element_at(responseElements, 'ConsoleLogin')", "console_login",
		"element_at(requestParameters, 'bucketName')", "bucket_name")
	var out []asked
	for _, q := range ours {
		out = append(out, asked{q.name, words.Replace(q.sql)})
	}
	return out
}

// BenchmarkQueryBaseline asks the ten questions of DuckDB alone: Parquet with
// Zstandard, a file a day in order of time, with promoted columns, read by a
// connection that stays open. No raw event is kept.
func BenchmarkQueryBaseline(b *testing.B) {
	dir := b.TempDir()
	o := eventgen.Options{Events: events(b)}
	if _, err := eventgen.WriteBucket(filepath.Join(dir, "bucket"), o); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		fmt.Sprintf(`COPY (
			SELECT *, %s, CAST(eventTime AS DATE) AS day FROM %s
			ORDER BY eventTime) TO '%s/days' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))`, promotedColumns, readObjects(filepath.Join(dir, "bucket")), dir),
		fmt.Sprintf(`CREATE VIEW cloudtrail AS SELECT * FROM read_parquet('%s/days/**/*.parquet', hive_partitioning = true)`, dir),
		"SET enable_object_cache = true",
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	for _, q := range inDuckDB(questions(eventgen.New(o).Story())) {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if n := askDuckDB(b, db, q.sql); n == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}

func askDuckDB(b *testing.B, db *sql.DB, question string) (n int) {
	b.Helper()
	rows, err := db.Query(question)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(values...); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}
