package vfs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/vfs"
)

func TestFilesOnDisk(t *testing.T) {
	o, err := vfs.OpenOS(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := o.MkdirAll("a/b"); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"first", "second"} {
		if err := vfs.WriteFile(o, "a/b/f", []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := vfs.ReadFile(o, "a/b/f"); err != nil || string(got) != content {
			t.Errorf("ReadFile = %q, %v; want %q", got, err, content)
		}
	}
	if _, err := o.Create("a/b/f"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of a name that is taken = %v; want fs.ErrExist", err)
	}
	var paths []string
	err = vfs.Walk(o, ".", func(path string, _ fs.DirEntry) error {
		paths = append(paths, path)
		return nil
	})
	if d := cmp.Diff([]string{"a/b/f"}, paths); d != "" || err != nil {
		t.Errorf("Walk: %v (-want +got):\n%s", err, d)
	}
	if err := o.SyncDir("a/b"); err != nil {
		t.Error(err)
	}
	if entries, err := o.List("nowhere"); entries != nil || err != nil {
		t.Errorf("List of no folder = %v, %v; want none", entries, err)
	}
}

func TestLinksOutOfTheFolderAreNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	o, err := vfs.OpenOS(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if _, err := vfs.ReadFile(o, "link"); err == nil {
		t.Error("ReadFile followed a link out of the folder")
	}
}
