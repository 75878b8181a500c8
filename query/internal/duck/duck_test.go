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
	s := open(t, nil)
	var b bytes.Buffer
	if _, err := s.Copy(t.Context(), &b, sql); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, files duck.Files) *duck.Session {
	t.Helper()
	s, err := duck.NewSession(t.Context(), duck.Options{TempDir: t.TempDir()}, files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// all returns the rows as text, separated by spaces.
func all(ctx context.Context, s *duck.Session, sql string) ([]string, error) {
	var rows []string
	for row, err := range s.Rows(ctx, sql) {
		if err != nil {
			return rows, err
		}
		var line []string
		for _, v := range row {
			text, _ := v.(string)
			line = append(line, text)
		}
		rows = append(rows, strings.Join(line, " "))
	}
	return rows, nil
}

// The second wall: even SQL that the check would refuse reaches nothing but
// the files of the session.
func TestSessionReachesOnlyItsFiles(t *testing.T) {
	dir := t.TempDir()
	ours, other := filepath.Join(dir, "it's ours.parquet"), filepath.Join(dir, "other.parquet")
	write(t, ours, "SELECT 'ours' AS a")
	write(t, other, "SELECT 'other' AS a")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s := open(t, duck.Files{"x": {ours}, "none": nil})
	got, err := all(t.Context(), s, "SELECT a FROM read_parquet(getvariable('x'))")
	if d := cmp.Diff([]string{"ours"}, got); err != nil || d != "" {
		t.Fatalf("own file: %v (-want +got):\n%s", err, d)
	}
	sealed, err := os.ReadFile(ours)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT a FROM read_parquet(" + duck.Quote(other) + ")",
		"SELECT content FROM read_text('/etc/passwd')",
		"SELECT content FROM read_text(" + duck.Quote(filepath.Join(dir, "link")) + ")",
		"SELECT content FROM read_text('file:///etc/passwd')",
		"SELECT content FROM read_text(" + duck.Quote(filepath.Dir(dir)+"/../../../etc/passwd") + ")",
		"SELECT content::VARCHAR FROM read_blob('/proc/self/environ')",
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT file FROM glob(" + duck.Quote(dir+"/*") + ")",
		"SELECT a FROM read_parquet(" + duck.Quote(dir+"/*.parquet") + ")",
		"SELECT * FROM read_csv('https://extensions.duckdb.org/x.csv')",
		"SELECT * FROM read_parquet('s3://bucket/x.parquet')",
		"COPY (SELECT 1) TO " + duck.Quote(filepath.Join(dir, "new.csv")),
		"EXPORT DATABASE " + duck.Quote(filepath.Join(dir, "db")),
		"ATTACH " + duck.Quote(filepath.Join(dir, "new.db")),
		"INSTALL httpfs", "LOAD httpfs", "CREATE SECRET (TYPE s3)",
		"SET memory_limit = '1TB'", "SET threads = 99", "RESET allowed_paths", "SET enable_external_access = true",
		"SET lock_configuration = false", "SET temp_directory = '/tmp'", "SET autoload_known_extensions = true",
		"PRAGMA enable_profiling = 'json'", "SET profiling_output = '/tmp/x'",
	} {
		if rows, err := all(t.Context(), s, sql); err == nil {
			t.Errorf("%s: passed with %q", sql, rows)
		}
	}
	now, err := os.ReadFile(ours)
	if err != nil || !bytes.Equal(sealed, now) {
		t.Errorf("the file was changed: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 3 {
		t.Errorf("the folder has %d entries; want the 3 of before", len(entries))
	}
}

func TestSessionLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s, err := duck.NewSession(t.Context(), duck.Options{TempDir: dir, MemoryLimit: "100MB", Threads: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// More than the memory limit, so that it spills.
	if _, err := all(t.Context(), s, "SELECT count(*)::VARCHAR FROM (SELECT DISTINCT range, repeat('x', 20) || range FROM range(3000000))"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%d entries are left in the temporary folder", len(entries))
	}
}

func TestDescribeTakesOneSelectOnly(t *testing.T) {
	s := open(t, nil)
	for _, sql := range []string{"SELECT 1; SELECT 2", "CREATE TABLE t(a INT)", "SET VARIABLE a = 1", "EXPLAIN SELECT 1"} {
		if columns, err := s.Describe(sql); err == nil {
			t.Errorf("Describe(%q) = %v; want an error", sql, columns)
		}
	}
	got, err := s.Describe("SELECT 1 AS a, 'x' AS a, {'b': 1} AS c, now() AS d, '{}'::JSON AS e, 1.5::DECIMAL(4,1) AS f")
	want := []duck.Column{{"a", "INTEGER", duck.Number}, {"a", "VARCHAR", duck.Text}, {"c", "STRUCT", duck.Nested},
		{"d", "TIMESTAMP WITH TIME ZONE", duck.Zoned}, {"e", "JSON", duck.Nested}, {"f", "DECIMAL", duck.Number}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Describe: %v (-want +got):\n%s", err, d)
	}
}

func TestErrorsAreSortedAndShort(t *testing.T) {
	s := open(t, nil)
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
	p, err := duck.NewParser(t.Context())
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
