package query_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
	"tarn/schemas"
)

// TestCorpora runs statements that others have written: a folder for each
// corpus in TARN_CORPORA, with a file for each statement. Nothing is changed in
// them but what replace.tsv says, in the folder or above it: a regular
// expression and what takes its place, for placeholders and dates. The events
// are generated, or those of TARN_CORPORA_DATA; the stores are events,
// configuration and the other families by their names.
//
// Who runs it reads the counts: a corpus has statements that are broken.
func TestCorpora(t *testing.T) {
	dir := os.Getenv("TARN_CORPORA")
	if dir == "" {
		t.Skip("TARN_CORPORA names no folder")
	}
	e, snap := openEngine(t), corporaLake(t)
	folders, err := filepath.Glob(filepath.Join(dir, "*", "*.sql"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no statements in %s: %v", dir, err)
	}
	corpora := map[string][]string{}
	var order []string
	for _, file := range folders {
		name := filepath.Base(filepath.Dir(file))
		if corpora[name] == nil {
			order = append(order, name)
		}
		corpora[name] = append(corpora[name], file)
	}
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			ran, rows := 0, 0
			replace := append(replacements(t, filepath.Join(dir, name)), replacements(t, dir)...)
			for _, file := range corpora[name] {
				n, err := runFile(t, e, snap, file, replace)
				if err != nil {
					t.Logf("refused %s: %s", filepath.Base(file), strings.TrimSpace(complaint(err)))
					continue
				}
				ran++
				rows += min(n, 1)
			}
			t.Logf("%s: %d statements, %d ran, %d of them with rows", name, len(corpora[name]), ran, rows)
		})
	}
}

// replacement is a line of replace.tsv.
type replacement struct {
	pattern *regexp.Regexp
	by      string
}

func replacements(t *testing.T, dir string) (all []replacement) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "replace.tsv"))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		pattern, by, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if !ok {
			t.Fatalf("%s: no tab in %q", dir, line)
		}
		all = append(all, replacement{regexp.MustCompile(pattern), by})
	}
	return all
}

// runFile runs a statement and returns the number of its rows.
func runFile(t *testing.T, e *query.Engine, snap *lake.Snapshot, file string, replace []replacement) (rows int, err error) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sql := string(text)
	for _, r := range replace {
		sql = r.pattern.ReplaceAllString(sql, r.by)
	}
	res, err := e.Run(t.Context(), snap, sql)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	for _, err := range res.Rows(t.Context()) {
		if err != nil {
			return rows, fmt.Errorf("while it runs: %w", err)
		}
		rows++
	}
	return rows, nil
}

// corporaLake is a lake with events.
func corporaLake(t *testing.T) *lake.Snapshot {
	t.Helper()
	dir := t.TempDir()
	paths := filepath.SplitList(os.Getenv("TARN_CORPORA_DATA"))
	if len(paths) == 0 {
		paths = []string{filepath.Join(dir, "bucket")}
		if _, err := eventgen.WriteBucket(paths[0], eventgen.Options{Events: 20_000}); err != nil {
			t.Fatal(err)
		}
	}
	from, err := ingest.List(paths)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(filepath.Join(dir, "lake"), lake.Options{Key: filepath.Join(dir, "key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	store, err := l.CreateStore("events", schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range schemas.Families() {
		if _, err := l.CreateStore(f.Name, f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ingest.Import(t.Context(), l, store, from, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	snap := l.Snapshot()
	t.Cleanup(func() { snap.Release() })
	return snap
}
