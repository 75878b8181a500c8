package house_test

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a visitor sees first is all that the root may hold, apart from what git
// is told to ignore.
var (
	rootFolders = []string{
		"cmd", "lake", "ingest", "query", "export", "retention", "schemas", "report", "server",
		"internal", "bench", "interop", "docs", "tools", ".ci", ".git",
	}
	rootFiles = []string{
		"README.md", "LICENSE", "CHANGELOG.md", "go.mod", "go.sum", "Makefile", ".gitignore",
		".git", // in a linked work tree it is a file
	}
)

func TestRoot(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored := ignorePatterns(t)
	var folders, others []string
	for _, e := range entries {
		switch {
		case isIgnored(ignored, e.Name()):
		case e.IsDir():
			folders = append(folders, e.Name())
		default:
			others = append(others, e.Name())
		}
	}
	report(t, strangers(folders, others))
}

// strangers complains about each folder and file that the root may not hold.
func strangers(folders, files []string) []string {
	var complaints []string
	for _, name := range folders {
		if !slices.Contains(rootFolders, name) {
			complaints = append(complaints, "the root has no place for the folder "+name)
		}
	}
	for _, name := range files {
		if !slices.Contains(rootFiles, name) {
			complaints = append(complaints, "the root has no place for the file "+name)
		}
	}
	return complaints
}

func TestStrangersComplain(t *testing.T) {
	want := []string{
		"the root has no place for the folder pkg",
		"the root has no place for the file lake",
		"the root has no place for the file notes.txt",
	}
	got := strangers([]string{"lake", ".git", "pkg"}, []string{"go.mod", "lake", "notes.txt"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
