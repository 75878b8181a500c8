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
	if _, err := index.Open(path, "lake"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of nothing = %v; want ErrUnusable", err)
	}
	w, err := index.Write(path, nil)
	must(t, err)
	must(t, w.AddDoc("store", index.Doc{ID: "s", Doc: []byte("{}")}))
	must(t, w.AddSegment(index.Segment{Store: "s", ID: "2", Day: "2026-01-02", Doc: []byte("b")}))
	must(t, w.Publish(index.Meta{Lake: "lake", LogSize: 2, LogBytes: 99}))

	x, err := index.Open(path, "lake")
	must(t, err)
	w, err = index.Write(path, x)
	must(t, err)
	must(t, w.AddSegment(index.Segment{Store: "s", ID: "1", Day: "2026-01-01", Doc: []byte("a")}))
	must(t, w.AddSource(index.Source{Store: "s", Key: "k", Bytes: 3, SHA256: "h"}))
	must(t, w.Publish(index.Meta{Lake: "lake", LogSize: 3, LogBytes: 120}))
	must(t, x.Close())

	x, err = index.Open(path, "lake")
	must(t, err)
	defer x.Close()
	if d := cmp.Diff(index.Meta{Lake: "lake", LogSize: 3, LogBytes: 120}, x.Meta); d != "" {
		t.Errorf("Meta (-want +got):\n%s", d)
	}
	var ids []string
	must(t, x.Segments(func(s index.Segment) error { ids = append(ids, s.ID); return nil }))
	if d := cmp.Diff([]string{"1", "2"}, ids); d != "" {
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
	if _, err := index.Open(path, "lake"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of another lake's index = %v; want ErrUnusable", err)
	}
	must(t, os.WriteFile(path, []byte("not a database"), 0o644))
	if _, err := index.Open(path, "lake"); !errors.Is(err, index.ErrUnusable) {
		t.Errorf("Open of a damaged index = %v; want ErrUnusable", err)
	}
}
