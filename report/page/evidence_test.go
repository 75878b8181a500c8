package page_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/report"
	"tarn/report/page"
	"tarn/report/page/pagetest"
)

// evidence returns the files of a report by their names.
func evidence(t *testing.T, r *report.Report) (names []string, files map[string]string) {
	t.Helper()
	files = map[string]string{}
	for f := range page.Evidence(r) {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		names = append(names, f.Name)
		files[f.Name] = b.String()
	}
	return names, files
}

// answered returns a report with one control that has one row.
func answered(cells ...string) *report.Report {
	one := report.Result{ID: "one", Verdict: report.Failed, Rows: [][]string{cells}, Total: 1}
	for i := range cells {
		one.Columns = append(one.Columns, string(rune('a'+i)))
	}
	return &report.Report{Results: []report.Result{one}}
}

func TestEvidenceHasAFileForEach(t *testing.T) {
	names, files := evidence(t, pagetest.Full())
	want := []string{"summary.csv", "controls/root-used.csv", "controls/denied-calls.csv", "controls/trail-stopped.csv",
		"controls/control-4.csv", "controls/control-5.csv", "controls/control-6.csv", "controls/control-7.csv", "controls/control-8.csv",
		"controls/control-9.csv", "controls/control-10.csv", "controls/control-11.csv", "controls/control-12.csv", "controls/wide.csv",
		"events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c00.json", "events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c00.tlog-proof",
		"events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c01.json",
		"events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c02.json", "events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c02.tlog-proof",
		"events/2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c03.json"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	e := pagetest.Full().Events[0]
	if files["events/"+e.ID+".json"] != e.Raw || files["events/"+e.ID+".tlog-proof"] != e.Proof {
		t.Error("an event or its proof is not what the report has")
	}
	if got := strings.Count(files["controls/denied-calls.csv"], "\r\n"); got != 251 {
		t.Errorf("the file of 250 rows has %d lines", got)
	}
	golden(t, "testdata/summary.csv", files["summary.csv"])
	golden(t, "testdata/root-used.csv", files["controls/root-used.csv"])
}

func TestCellsAreWhatTheyWereAndNoFormulas(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"a text", "plain", "plain"},
		{"nothing", "", ""},
		{"a comma", "a,b", `"a,b"`},
		{"quotes", `say "x"`, `"say ""x"""`},
		{"lines of both kinds", "a\r\nb\nc", "\"a\r\nb\nc\""},
		{"space at its ends", " a ", `" a "`},
		{"a formula", `=HYPERLINK("http://x","y")`, `"'=HYPERLINK(""http://x"",""y"")"`},
		{"others", "+1+cmd|' /C calc'!A0", `'+1+cmd|' /C calc'!A0`},
		{"and others", "-2+3", "'-2+3"},
		{"and one more", "@SUM(1)", "'@SUM(1)"},
		{"a formula of an East Asian keyboard", "＝1+1", "'＝1+1"},
		{"behind a tab", "\t=1", "\"'\t=1\""},
		{"a semicolon, which ends a cell in some countries", "a;=1", `"a;=1"`},
		{"a number", "-12.5", "-12.5"},
		{"another", "+3e8", "+3e8"},
		{"one that was there", "'quoted", "''quoted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, files := evidence(t, answered(tt.value, "x"))
			got := files["controls/one.csv"]
			if want := "a,b,acknowledged\r\n" + tt.want + ",x,\r\n"; got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			// What package csv reads it changes: a line end in a cell.
			rows, err := csv.NewReader(strings.NewReader(strings.ReplaceAll(got, "\r\n", "\n"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if back := strings.TrimPrefix(rows[1][0], "'"); back != strings.ReplaceAll(tt.value, "\r\n", "\n") {
				t.Errorf("read back it is %q", back)
			}
		})
	}
}

func TestNoIdLeavesItsFolder(t *testing.T) {
	r := &report.Report{}
	for _, id := range []string{"../../etc/passwd", "/etc/passwd", "", "", "a", "A", "..", ".hidden", "a\x00b", "ä", strings.Repeat("x", 5000), `C:\x`} {
		r.Results = append(r.Results, report.Result{ID: id})
		r.Events = append(r.Events, report.Event{ID: id})
	}
	names, files := evidence(t, r)
	if len(names) != len(files) || len(names) != 1+2*len(r.Results) {
		t.Errorf("%d names of %d files; want %d of each", len(names), len(files), 1+2*len(r.Results))
	}
	folded := map[string]bool{}
	for _, name := range names {
		folder, base := path.Split(name)
		if folder != "" && folder != "controls/" && folder != "events/" || strings.HasPrefix(base, ".") || len(base) > 150 ||
			strings.Trim(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
			t.Errorf("the name %q", name)
		}
		if folded[strings.ToLower(name)] {
			t.Errorf("%q is another's name where letters are of one size", name)
		}
		folded[strings.ToLower(name)] = true
	}
}

func TestTheZipHasTheEvidence(t *testing.T) {
	r := pagetest.Full()
	names, files := evidence(t, r)
	text := write(t, "zip", r)
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range z.File {
		got = append(got, f.Name)
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil || string(b) != files[f.Name] {
			t.Errorf("%s is another: %v", f.Name, err)
		}
		if !f.Modified.Equal(r.Ran) {
			t.Errorf("%s is of %v", f.Name, f.Modified)
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
