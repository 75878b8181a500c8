// Package laketest makes throw-away lakes for tests.
package laketest

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"tarn/lake"
	"tarn/schemas"
)

// Options returns options whose key lies in the folder dir and nowhere else.
func Options(dir string) lake.Options { return lake.Options{Key: filepath.Join(dir, "key")} }

// New returns a new lake below a temporary folder, open for writing, with one
// store of CloudTrail events. It is closed when the test ends.
func New(t testing.TB) (dir string, l *lake.Lake, store lake.Store) {
	t.Helper()
	parent := t.TempDir()
	dir = filepath.Join(parent, "lake")
	l, err := lake.Create(dir, Options(parent))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	store, err = l.CreateStore(StoreName, schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	return dir, l, store
}

// Reopen opens a lake made by New again for writing.
func Reopen(t testing.TB, dir string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(dir, Options(filepath.Dir(dir)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// Raw returns the raw events of a store, or of its conflicts, in order of bytes.
func Raw(t testing.TB, l *lake.Lake, store lake.Store, conflicts bool) [][]byte {
	t.Helper()
	snap := l.Snapshot()
	defer snap.Release()
	var out [][]byte
	err := snap.Raw(t.Context(), store.ID, conflicts, func(raw []byte) error {
		out = append(out, bytes.Clone(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

// Clean fails the test if the lake does not verify, or not all of it.
func Clean(t testing.TB, dir string) {
	t.Helper()
	r := Verify(t, dir)
	for _, p := range slices.Concat(r.Problems, r.Unread) {
		t.Errorf("verify: %s: %s", p.Path, p.What)
	}
}

// Verify returns the report on a lake made by New.
func Verify(t testing.TB, dir string) *lake.Report {
	t.Helper()
	r, err := lake.Verify(t.Context(), dir, lake.VerifyOptions{Key: Options(filepath.Dir(dir)).Key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
