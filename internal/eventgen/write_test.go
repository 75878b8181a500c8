package eventgen

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// files returns the contents of everything below a folder, by key.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[name], err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWriteBucket(t *testing.T) {
	o := Options{Events: 4000, DuplicatePercent: 10}
	dir := t.TempDir()
	got, err := WriteBucket(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	written := files(t, dir)
	g := New(o)
	want := Summary{DistinctEvents: 4000 + g.Story().Events}
	for object := range g.Objects() {
		gz := written[object.Key]
		r, err := gzip.NewReader(bytes.NewReader(gz))
		if err != nil {
			t.Fatalf("%s: %v", object.Key, err)
		}
		body, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(body, object.Body) {
			t.Errorf("%s is not what Objects yields (%v)", object.Key, err)
		}
		want.add(Summary{Objects: 1, Records: object.Records, RawBytes: int64(len(body)), GzBytes: int64(len(gz))})
	}
	if got != want || len(written) != want.Objects {
		t.Errorf("%d files, summary %+v, want %+v", len(written), got, want)
	}

	again := t.TempDir()
	if _, err := WriteBucket(again, o); err != nil {
		t.Fatal(err)
	}
	for key, gz := range files(t, again) {
		if !bytes.Equal(gz, written[key]) {
			t.Errorf("%s differs when written again", key)
		}
	}
}

func TestWriteBucketSaysWhatFailed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, err := WriteBucket(file, Options{Events: 5000}); err == nil {
		t.Errorf("WriteBucket into a file: no error, %+v", sum)
	}
}

func BenchmarkObjects(b *testing.B) {
	const events = 100_000
	g := New(Options{Events: events, NoStory: true})
	var bytes int64
	for b.Loop() {
		bytes = 0
		for object := range g.Objects() {
			bytes += int64(len(object.Body))
		}
	}
	b.SetBytes(bytes)
	b.ReportMetric(events*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/events, "B/event")
}

func BenchmarkWriteBucket(b *testing.B) {
	dir := b.TempDir()
	var sum Summary
	for b.Loop() {
		var err error
		if sum, err = WriteBucket(dir, Options{Events: 100_000}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(sum.RawBytes)
	b.ReportMetric(float64(sum.Records)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(sum.GzBytes)/float64(sum.Records), "gz-B/event")
}
