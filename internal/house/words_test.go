package house_test

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A path of the machine where something was written means nothing on any
// other. The names are put together here, so that this file does not hold what
// it looks for.
var (
	// machinePath finds a slash, one of the folders in which developers'
	// machines keep their work, and a slash. Before it stands nothing that
	// makes it the rest of a longer or relative path.
	machinePath = regexp.MustCompile(`(?:^|[^\w.~*)}-])(/(?:` + "work|root|home" + `)/[\w.-]*)`)
	// examplePath is a home that everybody knows to be an example.
	examplePath = regexp.MustCompile(`^/` + "home" + `/(?:alice|bob|me|user|you)$`)
)

func TestNoFileNamesAPathOfOneMachine(t *testing.T) {
	for _, name := range files(t) {
		report(t, machinePaths(name, read(t, name)))
	}
}

// machinePaths complains about each line of a text that names such a path.
// What is not text has none.
func machinePaths(name string, text []byte) []string {
	// Git, too, takes a file with a zero byte near its start for binary.
	if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		return nil
	}
	var complaints []string
	n := 0
	for line := range bytes.Lines(text) {
		n++
		for _, m := range machinePath.FindAllSubmatch(line, -1) {
			if !examplePath.Match(m[1]) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s is a path of one machine; say it from the root", name, n, m[1]))
			}
		}
	}
	return complaints
}

func TestMachinePathsComplain(t *testing.T) {
	const work, home = "/" + "work/", "/" + "home/"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"an absolute path", "see\ndata in " + work + "main", []string{"f:2: " + work + "main is a path of one machine; say it from the root"}},
		{"at the start of a line", work, []string{"f:1: " + work + " is a path of one machine; say it from the root"}},
		{"in a URL of a file", "file://" + home + "jo/lake", []string{"f:1: " + home + "jo is a path of one machine; say it from the root"}},
		{"a relative path", ".." + work + "main", nil},
		{"part of a longer path", "example.com" + home + "index.html", nil},
		{"a home that is an example", "cd " + home + "alice/logs", nil},
		{"a home that only begins like one", "cd " + home + "alicea/logs", []string{"f:1: " + home + "alicea is a path of one machine; say it from the root"}},
		{"a binary file", "\x00 " + work, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, machinePaths("f", []byte(tt.text))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
