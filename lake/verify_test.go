package lake_test

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tarn/internal/eventgen"
	"tarn/lake"
	"tarn/lake/laketest"
)

// filled returns a lake with generated events, a reject and a conflict.
func filled(t *testing.T) string {
	t.Helper()
	dir, l, store := laketest.New(t)
	a, err := l.Append(store, lake.AppendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for o := range eventgen.New(eventgen.Options{Events: 900, Days: 3, EventsPerObject: 30}).Objects() {
		a.Begin(lake.Source{Key: o.Key})
		offerObject(t, a, o.Body)
		a.End(o.Key, int64(len(o.Body)))
	}
	a.Begin(lake.Source{Key: "odd"})
	offer(t, a, "a", 2, "one")
	offer(t, a, "a", 2, "two")
	if err := a.Reject(lake.Reject{Record: 3, Reason: "no event", Raw: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if r := finish(t, a); r.Counts.Conflicts != 1 || r.Counts.Rejected != 1 {
		t.Fatalf("receipt %+v", r)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func offerObject(t *testing.T, a *lake.Appender, body []byte) {
	t.Helper()
	var log struct{ Records []json.RawMessage }
	if err := json.Unmarshal(body, &log); err != nil {
		t.Fatal(err)
	}
	for _, raw := range log.Records {
		var e struct {
			EventID   string
			EventTime time.Time
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Offer(lake.Event{ID: e.EventID, Time: e.EventTime.UnixMicro(), Raw: raw, Leaf: lake.Leaf(raw)}); err != nil {
			t.Fatal(err)
		}
	}
}

// evidence returns the files of a lake that must be as they were sealed.
func evidence(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "index.db" && d.Name() != "lock" && filepath.Base(filepath.Dir(path)) != "pins" {
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
