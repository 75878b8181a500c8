package query_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"tarn/lake"
)

// farLake is a lake whose files were let go of after a statement was planned: Fetch brings
// them to another folder.
type farLake struct {
	*testLake
	gone, fetched bool
}

func (l *farLake) Path(store string, seg lake.Segment) string {
	path := l.testLake.Path(store, seg)
	if l.fetched {
		return filepath.Join(filepath.Dir(path), "cache", filepath.Base(path))
	}
	return path
}

func (l *farLake) Away(_ string, segments []lake.Segment) []lake.Segment {
	if l.gone && !l.fetched {
		return segments
	}
	return nil
}

func (l *farLake) Fetch(_ context.Context, store string, segments []lake.Segment) error {
	for _, seg := range l.Away(store, segments) {
		from := l.testLake.Path(store, seg)
		to := filepath.Join(filepath.Dir(from), "cache", filepath.Base(from))
		if err := os.Rename(from+".far", to); err != nil {
			return err
		}
	}
	l.fetched = l.gone
	return nil
}

// drop lets go of all files.
func (l *farLake) drop(t *testing.T) {
	t.Helper()
	for _, seg := range l.Segments(l.stores[0].ID, false) {
		path := l.testLake.Path("", seg)
		if err := os.Rename(path, path+".far"); err != nil {
			t.Fatal(err)
		}
	}
	l.gone = true
}

// A statement that was planned before the files of a lake in a bucket were let go of on
// disk reads them from where they are fetched to.
func TestFilesThatGoAfterThePlanAreFetched(t *testing.T) {
	e := openEngine(t)
	l := &farLake{testLake: sample(t)}
	if err := os.Mkdir(filepath.Join(l.dir, "cache"), 0o755); err != nil {
		t.Fatal(err)
	}
	plan, err := e.Explain(t.Context(), l, "SELECT eventID FROM cloudtrail ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	l.drop(t)
	res, err := e.Start(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, res); len(rows) != 3 {
		t.Errorf("%v", rows)
	}
}
