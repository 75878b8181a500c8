package statedb_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tarn/lake/statedb"
)

type note struct{ Text string }

// What is kept survives a restart; a reader of an older file finds none.
func TestDocumentsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if all, err := view(t, path); err != nil || all != nil {
		t.Errorf("without a file: %v, %v", all, err)
	}
	d, _ := open(t, path)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	for _, one := range []statedb.Kept[note]{{"b", at, note{"old"}}, {"a", at, note{"first"}}, {"b", at, note{"new"}}} {
		if err := statedb.Keep(d, "note", one); err != nil {
			t.Fatal(err)
		}
	}
	if err := statedb.Keep(d, "other", statedb.Kept[note]{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := view(t, path)
	if err != nil || len(all) != 2 || all[0].ID != "a" || all[1] != (statedb.Kept[note]{"b", at, note{"new"}}) {
		t.Errorf("kept: %+v, %v", all, err)
	}
	d, _ = open(t, path)
	if err := d.Forget("note", "b"); err != nil {
		t.Error(err)
	}
	if err := d.Forget("note", "b"); !errors.Is(err, statedb.ErrNotKept) {
		t.Errorf("forgotten twice: %v", err)
	}
	if _, ok, err := statedb.KeptOf[note](d, "note", "b"); ok || err != nil {
		t.Errorf("forgotten: %v, %v", ok, err)
	}
	if one, ok, err := statedb.KeptOf[note](d, "note", "a"); !ok || err != nil || one.Doc.Text != "first" {
		t.Errorf("the other: %+v, %v", one, err)
	}
}

func view(t *testing.T, path string) ([]statedb.Kept[note], error) {
	t.Helper()
	d, err := statedb.View(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return statedb.AllKept[note](d, "note")
}
