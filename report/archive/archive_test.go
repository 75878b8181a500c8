package archive_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/query"
	"tarn/report"
	"tarn/report/archive"
	"tarn/report/control"
	"tarn/report/runner"
	"tarn/schemas"
)

// filed is a lake with a report about it, whose documents lie in a folder.
type filed struct {
	dir, key, documents string
	engine              *query.Engine
	report              *report.Report
}

func file(t *testing.T) *filed {
	t.Helper()
	dir := t.TempDir()
	f := &filed{dir: filepath.Join(dir, "lake"), key: filepath.Join(dir, "key"), documents: t.TempDir()}
	bucket := t.TempDir()
	if _, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 3000, Days: 20, EventsPerObject: 100}); err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(f.dir, lake.Options{Key: f.key})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	store, err := l.CreateStore("cloudtrail", schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	from, err := ingest.List([]string{bucket})
	if err == nil {
		_, err = ingest.Import(t.Context(), l, store, from, ingest.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.engine, err = query.Open(query.Options{TempDir: dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.engine.Close() })
	lib, err := control.Open("")
	if err != nil {
		t.Fatal(err)
	}
	pack, err := lib.Pack("daily-security-review")
	if err != nil {
		t.Fatal(err)
	}
	snap := l.Snapshot()
	defer snap.Release()
	first := eventgen.New(eventgen.Options{Events: 3000, Days: 20, EventsPerObject: 100}).Story().First.UTC().Truncate(24 * time.Hour)
	f.report, err = runner.Run(t.Context(), f.engine, snap, lib, pack, runner.Options{Store: "cloudtrail", From: first.AddDate(0, 0, -20), To: first.AddDate(0, 0, 20), By: "test"})
	if err == nil {
		err = archive.File(t.Context(), l, f.dir, f.report, archive.Occasion{})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range archive.Formats() {
		var b bytes.Buffer
		if err := archive.Write(t.Context(), &b, "."+format, f.report); err != nil {
			t.Fatal(err)
		}
		f.put(t, "report."+format, b.Bytes())
	}
	return f
}

func (f *filed) put(t *testing.T, name string, b []byte) string {
	t.Helper()
	name = filepath.Join(f.documents, name)
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func (f *filed) get(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.documents, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (f *filed) verify(t *testing.T, name string) (*archive.Verification, error) {
	t.Helper()
	l, err := lake.View(f.dir, lake.Options{Key: f.key})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	return archive.Verifier{Engine: f.engine, Snap: snap, Dir: f.dir}.Verify(t.Context(), filepath.Join(f.documents, name))
}

// problems are all that a verification says.
func problems(v *archive.Verification) string {
	var all []string
	for _, c := range v.Checks {
		all = append(all, c.Problems...)
	}
	return strings.Join(all, "\n")
}

// flip changes a byte of a file in its middle.
func flip(t *testing.T, name string) (back func()) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	was := bytes.Clone(b)
	b[len(b)/2] ^= 1
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.WriteFile(name, was, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryFormHolds(t *testing.T) {
	f := file(t)
	if f.report.Count(report.Failed) < 10 || f.report.Count(report.Unknown) > 0 {
		t.Errorf("%d failed, %d unknown", f.report.Count(report.Failed), f.report.Count(report.Unknown))
	}
	for _, format := range archive.Formats() {
		v, err := f.verify(t, "report."+format)
		if err != nil || !v.Holds() || len(v.Checks) != 4 || v.Record.ID != f.report.ID {
			t.Errorf("%s: %+v, %v", format, v, err)
		}
	}
}

// Whatever is changed, in a document, in what was kept, in the lake's files or its log,
// is said.
func TestEveryChangeIsFound(t *testing.T) {
	f := file(t)
	html := f.get(t, "report.html")
	f.put(t, "words.html", bytes.Replace(html, []byte("Nobody works as root"), []byte("Nobody worked as root"), 1))
	asJSON := f.get(t, "report.json")
	f.put(t, "verdict.json", bytes.Replace(asJSON, []byte(`"verdict": "failed"`), []byte(`"verdict": "passed"`), 1))
	f.put(t, "long.html", append(bytes.Clone(html), ' '))
	f.put(t, "other.html", []byte("<html>of nothing</html>"))
	for name, want := range map[string]string{
		"words.html": "Nobody works as root", "verdict.json": `\"verdict\": \"passed\"`, "long.html": "it was changed: line",
	} {
		v, err := f.verify(t, name)
		if err != nil || v.Holds() || !strings.Contains(problems(v), want) {
			t.Errorf("%s: %v %v", name, v, err)
		}
	}
	if _, err := f.verify(t, "other.html"); !errors.Is(err, archive.ErrUnknown) {
		t.Error(err)
	}

	kept, err := filepath.Glob(filepath.Join(f.dir, "local", "reports", "*.json.gz"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	back := flip(t, kept[0])
	if v, err := f.verify(t, "report.html"); err != nil || !strings.Contains(notes(v), "local/reports") {
		t.Errorf("what was kept is changed: %+v, %v", v, err)
	}
	back()

	segments, err := filepath.Glob(filepath.Join(f.dir, "segments", "*", "*", "*", "*.parquet"))
	if err != nil || len(segments) == 0 {
		segments = everyParquet(t, f.dir)
	}
	back = flip(t, segments[len(segments)/2])
	if v, err := f.verify(t, "report.pdf"); err != nil || !strings.Contains(problems(v), "its file is not the one that was written") {
		t.Errorf("a segment is changed: %v, %v", v, err)
	}
	back()

	back = flip(t, filepath.Join(f.dir, "log", "entries"))
	if v, err := f.verify(t, "report.html"); err == nil && v.Holds() {
		t.Errorf("the log is changed: %+v", v)
	}
	back()
	if v, err := f.verify(t, "report.html"); err != nil || !v.Holds() {
		t.Errorf("all is back: %+v, %v", v, err)
	}
}

func notes(v *archive.Verification) string {
	var all []string
	for _, c := range v.Checks {
		all = append(all, c.Notes...)
	}
	return strings.Join(all, "\n")
}

func everyParquet(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".parquet" && strings.Contains(path, "segments") {
			all = append(all, path)
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all
}
