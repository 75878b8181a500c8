package duck_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/query/internal/duck"
)

// write makes a Parquet file of a SELECT.
func write(t *testing.T, path, sql string) {
	t.Helper()
	s := open(t, duck.Job{})
	var b bytes.Buffer
	if _, err := s.Copy(t.Context(), &b, sql); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// open begins a query in an engine of its own.
func open(t *testing.T, job duck.Job) duck.Session {
	t.Helper()
	e, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); e.Close() })
	return s
}

// all returns the rows as text, separated by spaces.
func all(ctx context.Context, s duck.Session, sql string) ([]string, error) {
	var rows []string
	for batch, err := range s.Rows(ctx, sql) {
		if err != nil {
			return rows, err
		}
		for row := range batch.Rows() {
			var line []string
			for column := range batch.Columns() {
				text, _ := batch.Value(column, row)
				line = append(line, text)
			}
			rows = append(rows, strings.Join(line, " "))
		}
	}
	return rows, nil
}

// The second wall: even SQL that the check would refuse reaches nothing but
// the folders of the grants.
func TestSessionReachesOnlyItsFolders(t *testing.T) {
	dir, outside := filepath.Join(t.TempDir(), "it's ours"), t.TempDir()
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	ours, other := filepath.Join(dir, "ours.parquet"), filepath.Join(outside, "other.parquet")
	write(t, ours, "SELECT 'ours' AS a")
	write(t, other, "SELECT 'other' AS a")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s := open(t, duck.Job{Folders: []string{dir}, Files: duck.Files{"x": {ours}, "none": nil}})
	got, err := all(t.Context(), s, "SELECT a FROM read_parquet(getvariable('x'))")
	if d := cmp.Diff([]string{"ours"}, got); err != nil || d != "" {
		t.Fatalf("own file: %v (-want +got):\n%s", err, d)
	}
	for _, sql := range []string{
		"SELECT a FROM read_parquet(" + duck.Quote(other) + ")",
		"SELECT content FROM read_text('/etc/passwd')",
		"SELECT content FROM read_text(" + duck.Quote(filepath.Join(dir, "link")) + ")",
		"SELECT content FROM read_text('file:///etc/passwd')",
		"SELECT content FROM read_text(" + duck.Quote(dir+"/../../../../../../etc/passwd") + ")",
		"SELECT content::VARCHAR FROM read_blob('/proc/self/environ')",
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT file FROM glob(" + duck.Quote(outside+"/*") + ")",
		"SELECT a FROM read_parquet(" + duck.Quote(outside+"/*.parquet") + ")",
		"SELECT * FROM read_csv('https://extensions.duckdb.org/x.csv')",
		"SELECT * FROM read_parquet('s3://bucket/x.parquet')",
		"COPY (SELECT 1) TO " + duck.Quote(filepath.Join(outside, "new.csv")),
		"EXPORT DATABASE " + duck.Quote(filepath.Join(outside, "db")),
		"ATTACH " + duck.Quote(filepath.Join(outside, "new.db")),
		"INSTALL httpfs", "LOAD httpfs", "CREATE SECRET (TYPE s3)",
		"SET memory_limit = '1TB'", "SET threads = 99", "RESET allowed_paths", "SET enable_external_access = true",
		"SET allowed_directories = ['/']", "SET lock_configuration = false", "SET temp_directory = '/tmp'", "SET autoload_known_extensions = true",
		"PRAGMA enable_profiling = 'json'", "SET profiling_output = '/tmp/x'",
	} {
		if rows, err := all(t.Context(), s, sql); err == nil {
			t.Errorf("%s: passed with %q", sql, rows)
		}
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("the folder outside has %d entries; want the 1 of before", len(entries))
	}
}

// A fresh connection knows nothing of those before it, and has the settings of
// the instance.
func TestQueriesDoNotMeet(t *testing.T) {
	e, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 2 {
		s, err := e.Open(t.Context(), duck.Job{Folders: []string{t.TempDir()}, Files: duck.Files{"mine": nil}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := all(t.Context(), s, "SELECT (getvariable('secret') IS NULL) || '', (SELECT count(*) FROM duckdb_tables()) || '', lower('A'), 7 / 2 || '', current_setting('TimeZone')")
		if d := cmp.Diff([]string{"true 0 a 3 UTC"}, got); err != nil || d != "" {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		for _, sql := range []string{"SET VARIABLE secret = 'x'", "CREATE TEMP TABLE mine AS SELECT 1", "CREATE TEMP MACRO lower(x) AS 'mine'"} {
			if _, err := all(t.Context(), s, sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEngineLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	e, err := duck.NewLocal(t.Context(), duck.Options{TempDir: dir, MemoryLimit: "100MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), duck.Job{})
	if err != nil {
		t.Fatal(err)
	}
	// More than the memory limit, so that it spills.
	if _, err := all(t.Context(), s, "SELECT count(*)::VARCHAR FROM (SELECT DISTINCT range, repeat('x', 20) || range FROM range(3000000))"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(s.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%d entries are left in the temporary folder", len(entries))
	}
}

func TestDescribeTakesOneSelectOnly(t *testing.T) {
	s := open(t, duck.Job{})
	for _, sql := range []string{"SELECT 1; SELECT 2", "CREATE TABLE t(a INT)", "SET VARIABLE a = 1", "EXPLAIN SELECT 1"} {
		if columns, err := s.Describe(t.Context(), sql); err == nil {
			t.Errorf("Describe(%q) = %v; want an error", sql, columns)
		}
	}
	got, err := s.Describe(t.Context(), "SELECT 1 AS a, 'x' AS a, {'b': 1} AS c, now() AS d, '{}'::JSON AS e, 1.5::DECIMAL(4,1) AS f")
	want := []duck.Column{{"a", "INTEGER", duck.Number}, {"a", "VARCHAR", duck.Text}, {"c", "STRUCT", duck.Nested},
		{"d", "TIMESTAMP WITH TIME ZONE", duck.Zoned}, {"e", "JSON", duck.Nested}, {"f", "DECIMAL", duck.Number}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Describe: %v (-want +got):\n%s", err, d)
	}
}

func TestErrorsAreSortedAndShort(t *testing.T) {
	s := open(t, duck.Job{})
	for sql, want := range map[string]duck.ErrorKind{
		"SELECT nonsense": duck.Statement, "SELECT nonsense()": duck.Statement, "SELECT 'x'::INT + 1": duck.Value,
	} {
		_, err := all(t.Context(), s, sql)
		var e *duck.Error
		if !errors.As(err, &e) || e.Kind != want || strings.Contains(e.Msg, "LINE 1") {
			t.Errorf("%s: %#v; want kind %d and no picture", sql, err, want)
		}
	}
}

func TestParserPrintsWhatItParsed(t *testing.T) {
	p, err := duck.NewLocal(t.Context(), duck.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	const sql = "SELECT a FROM t WHERE (b = 'c''d')"
	tree, err := p.Parse(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Print(t.Context(), tree)
	if err != nil || got != sql {
		t.Errorf("Print(Parse(%q)) = %q, %v", sql, got, err)
	}
	if got := duck.Quote("it's"); got != "'it''s'" {
		t.Errorf("Quote = %s", got)
	}
	if got := duck.Name(`a"b`); got != `"a""b"` {
		t.Errorf("Name = %s", got)
	}
}
