package index_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/lake/internal/index"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIndexGrowsByCopies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?.db")
	if _, err := index.Open(path, "lake", "layout"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of nothing = %v; want ErrUnusable", err)
	}
	w, err := index.Write(path, nil)
	must(t, err)
	must(t, w.AddDoc("store", index.Doc{ID: "s", Doc: []byte("{}")}))
	must(t, w.AddSegment(index.Segment{Store: "s", ID: "2", Day: "2026-01-02", Doc: []byte("b")}))
	must(t, w.Publish(index.Meta{Lake: "lake", LogSize: 2, LogBytes: 99, Layout: "layout"}))

	x, err := index.Open(path, "lake", "layout")
	must(t, err)
	w, err = index.Write(path, x)
	must(t, err)
	must(t, w.AddSegment(index.Segment{Store: "s", ID: "1", Day: "2026-01-01", Doc: []byte("a")}))
	must(t, w.AddSource(index.Source{Store: "s", Key: "k", Bytes: 3, SHA256: "h"}))
	must(t, w.Publish(index.Meta{Lake: "lake", LogSize: 3, LogBytes: 120, Layout: "layout"}))
	must(t, x.Close())

	x, err = index.Open(path, "lake", "layout")
	must(t, err)
	defer x.Close()
	if d := cmp.Diff(index.Meta{Lake: "lake", LogSize: 3, LogBytes: 120, Layout: "layout"}, x.Meta); d != "" {
		t.Errorf("Meta (-want +got):\n%s", d)
	}
	var docs []string
	must(t, x.Segments(func(store string, doc []byte) error { docs = append(docs, store+string(doc)); return nil }))
	if d := cmp.Diff([]string{"sa", "sb"}, docs); d != "" {
		t.Errorf("segments (-want +got):\n%s", d)
	}
	got, err := x.Sources("s", "k")
	if d := cmp.Diff([]index.Source{{Store: "s", Key: "k", Bytes: 3, SHA256: "h"}}, got); d != "" || err != nil {
		t.Errorf("Sources: %v (-want +got):\n%s", err, d)
	}
}

func TestAnotherLakesOrDamagedIndexIsNotUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	w, err := index.Write(path, nil)
	must(t, err)
	must(t, w.Publish(index.Meta{Lake: "other"}))
	if _, err := index.Open(path, "lake", "layout"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of another lake's index = %v; want ErrUnusable", err)
	}
	if _, err := index.Open(path, "other", "layout"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of an index of another layout = %v; want ErrUnusable", err)
	}
	must(t, os.WriteFile(path, []byte("not a database"), 0o644))
	if _, err := index.Open(path, "lake", "layout"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of a damaged index = %v; want ErrUnusable", err)
	}
}
