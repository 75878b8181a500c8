package decode_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tarn/ingest/decode"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// examples are the files of each envelope, with what comes out of them.
func examples(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob("testdata/envelopes/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, p := range paths {
		if all[p], err = txtar.ParseFile(p); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// told is what comes out of a file, a line for each record.
func told(t testing.TB, r io.Reader) string {
	t.Helper()
	var b strings.Builder
	var d decode.Decoder
	kind, err := d.File(r, func(r decode.Record) error {
		what := "event " + r.ID
		if r.Reason != "" {
			what = "reject: " + r.Reason
		}
		_, err := fmt.Fprintf(&b, "%d at %d+%d %s\n%s\n", r.Number, r.Offset, r.Length, what, bytes.TrimRight(r.Raw, "\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if kind == decode.Digest {
		b.WriteString("a digest\n")
	}
	return b.String()
}

// Each envelope gives the events in it, their own bytes, and a reason for what is
// none; gzipped, and in whatever pieces it comes.
func TestEnvelopes(t *testing.T) {
	for path, a := range examples(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			in := a.Files[0].Data
			got := told(t, bytes.NewReader(in))
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(a.Files[1].Data), got); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			for how, r := range map[string]io.Reader{
				"gzipped":                  bytes.NewReader(zipped(string(in))),
				"byte by byte":             iotest.OneByteReader(bytes.NewReader(in)),
				"gzipped twice":            bytes.NewReader(zipped(string(zipped(string(in))))),
				"gzipped and byte by byte": iotest.OneByteReader(bytes.NewReader(zipped(string(in)))),
			} {
				if d := cmp.Diff(got, told(t, r)); d != "" {
					t.Errorf("records, %s (-plain +so):\n%s", how, d)
				}
			}
		})
	}
}
