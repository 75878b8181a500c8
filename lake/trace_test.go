package lake_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// trace writes down what changes on a disk, with names in place of ids. Several
// writes to one file in a row are one line.
type trace struct {
	text  strings.Builder
	last  string
	names []string // ids and names, as strings.NewReplacer wants them
}

func (tr *trace) heading(format string, args ...any) {
	fmt.Fprintf(&tr.text, "\n# "+format+"\n", args...)
	tr.last = ""
}

func (tr *trace) see(op crashfs.Op) {
	if line := op.String(); op.Changes() && line != tr.last {
		fmt.Fprintln(&tr.text, line)
		tr.last = line
	}
}

func (tr *trace) name(id, name string) { tr.names = append(tr.names, id, name) }

// Which file is written, synced and named when is what survives a power cut: a line
// of this file that moves or goes wants a reason.
func TestTheOrderOfDiskOperations(t *testing.T) {
	var tr trace
	tr.text.WriteString("What a lake does to its disk, in order. go test ./lake -run DiskOperations -update\n")
	p := laketest.NewPlace(t)
	disk := crashfs.New(p.Dir)
	disk.Watch(nil, tr.see)
	p.FS = disk

	tr.heading("a lake is created")
	l, err := lake.Create(p.Dir, p.Options())
	if err != nil {
		t.Fatal(err)
	}
	tr.heading("an event data store is created")
	st, err := l.CreateStore(laketest.StoreName, schemas.CloudTrail())
	if err != nil {
		t.Fatal(err)
	}
	tr.name(st.ID, "STORE")
	tr.heading("an import of one segment and a reject")
	object := laketest.Object{Key: "k", Events: []lake.Event{laketest.Event(t, "a", noon, "")}, Bad: []string{"bad"}}
	r, err := laketest.Import(l, st, lake.AppendOptions{}, []laketest.Object{object}, nil)
	if err != nil || len(r.Segments) != 1 {
		t.Fatalf("Import = %+v, %v; want one segment", r, err)
	}
	tr.name(r.Import, "IMPORT")
	tr.name(r.Segments[0].ID, "SEGMENT")
	tr.heading("the lake is closed, and its index published")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	tr.heading("the lake is opened and closed, with nothing to do")
	p.Write(t, func(*lake.Lake, lake.Store) {})

	got := strings.NewReplacer(tr.names...).Replace(tr.text.String())
	golden := filepath.Join("testdata", "trace.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", golden, d)
	}
}
