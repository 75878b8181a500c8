package lake_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/ingest"
	"tarn/internal/eventgen"
	"tarn/lake/laketest"
)

// filled returns a lake with generated events, some rejects and a conflict.
func filled(t *testing.T) string {
	t.Helper()
	dir, l, store := laketest.New(t)
	from := t.TempDir()
	if _, err := eventgen.WriteBucket(from, eventgen.Options{Events: 900, Days: 3, EventsPerObject: 30}); err != nil {
		t.Fatal(err)
	}
	const odd = `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"},{"eventID":"a","eventTime":"2026-01-02T03:04:05Z","x":1},{}]}`
	if err := os.WriteFile(filepath.Join(from, "odd.json"), []byte(odd), 0o644); err != nil {
		t.Fatal(err)
	}
	listing, err := ingest.List([]string{from})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ingest.Import(t.Context(), l, store, listing, ingest.Options{})
	if err != nil || r.Counts.Conflicts != 1 || r.Counts.Rejected != 1 {
		t.Fatalf("import: %+v, %v", r, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// evidence returns the files of a lake that must be as they were sealed.
func evidence(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "index.db" && d.Name() != "lock" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRandomBitFlipsAreFound(t *testing.T) {
	dir := filled(t)
	laketest.Clean(t, dir)
	files := evidence(t, dir)
	random := rand.New(rand.NewPCG(1, 2))
	// Forty anywhere, and one in each file: small files are evidence too.
	for i := range 40 + len(files) {
		name := files[i%len(files)]
		if i < 40 {
			name = files[random.IntN(len(files))]
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bit := random.IntN(len(content) * 8)
		content[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		if len(laketest.Verify(t, dir).Problems) == 0 {
			t.Errorf("bit %d of %s flipped: verify found nothing", bit, name)
		}
		content[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	laketest.Clean(t, dir)
}

func TestMissingAndStrangeFilesAreFound(t *testing.T) {
	dir := filled(t)
	for _, name := range evidence(t, dir) {
		if err := os.Rename(name, name+".away"); err != nil {
			t.Fatal(err)
		}
		r := laketest.Verify(t, dir)
		if len(r.Problems) == 0 {
			t.Errorf("%s missing: verify found nothing", name)
		}
		if err := os.Rename(name+".away", name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "segments", "mine.parquet"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := laketest.Verify(t, dir)
	if len(r.Problems) != 0 || len(r.Orphans) != 1 || !strings.HasSuffix(r.Orphans[0], "mine.parquet") {
		t.Errorf("with a strange file: %+v", r)
	}
}
