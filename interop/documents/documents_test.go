package documents

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tarn/report/page"
	"tarn/report/page/pagetest"
)

var pictures = flag.String("pictures", "", "write pictures of the pages to this folder, to look at them")

// documents writes the sample reports to a folder, and returns the paths of one kind.
func documents(t *testing.T, format string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for name, r := range pagetest.All() {
		path := filepath.Join(dir, name+"."+format)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := page.Write(t.Context(), f, format, r); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// need skips the test where a program is not.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not on the PATH", program)
	}
}

// run runs a program, and returns what it prints.
func run(t *testing.T, program string, args ...string) (stdout []byte, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	stdout, err = cmd.Output()
	if s := strings.TrimSpace(errors.String()); s != "" {
		t.Log(s)
	}
	return stdout, err
}

func TestTheHTMLIsValid(t *testing.T) {
	need(t, "vnu")
	out, err := run(t, "vnu", append([]string{"--errors-only", "--stdout"}, documents(t, "html")...)...)
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// A browser opens each page in light, in dark, as wide as a phone and for print: it has
// nothing to complain about, asks nobody for anything, runs nothing, and the
// accessibility checker finds nothing.
func TestABrowserShowsThePages(t *testing.T) {
	need(t, "node")
	need(t, "chromium")
	if _, err := run(t, "node", "-e", "require('puppeteer-core'); require('axe-core')"); err != nil {
		t.Skip("node does not find puppeteer-core and axe-core (NODE_PATH)")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "node", append([]string{"testdata/look.js", chromium, *pictures}, documents(t, "html")...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := 0
	for line := range bytes.Lines(out) {
		var seen struct {
			Page, As          string
			Complaints        []string
			Rules, ScrollsToo int
		}
		if err := json.Unmarshal(line, &seen); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines++
		for _, c := range seen.Complaints {
			t.Errorf("%s, %s: %s", seen.Page, seen.As, c)
		}
		if seen.As != "print" && seen.Rules < 20 {
			t.Errorf("%s, %s: only %d rules were checked", seen.Page, seen.As, seen.Rules)
		}
		// A word without an end may be wider than a phone, in the hostile report.
		if seen.ScrollsToo > 0 && seen.Page == "full.html" {
			t.Errorf("%s, %s: the page is %d pixels too wide", seen.Page, seen.As, seen.ScrollsToo)
		}
	}
	if want := 4 * len(pagetest.All()); lines != want {
		t.Errorf("%d views were looked at, want %d", lines, want)
	}
}

func TestReadersReadThePDF(t *testing.T) {
	need(t, "qpdf")
	need(t, "pdftotext")
	for _, path := range documents(t, "pdf") {
		if out, err := run(t, "qpdf", "--check", path); err != nil || bytes.Contains(out, []byte("WARNING")) {
			t.Errorf("%s: %v\n%s", filepath.Base(path), err, out)
		}
		out, err := run(t, "pdftotext", path, "-")
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		want := []string{"How to verify", "tarn report verify FILE"}
		if filepath.Base(path) == "full.pdf" {
			want = append(want, "Роли и политики не меняются вне окна", "Οι ρόλοι δεν αλλάζουν", "žluťoučký kůň", "2c3d7b52-8f4f-4f5f-9b5e-0a4f2e0b1c03")
		}
		for _, text := range want {
			if !bytes.Contains(out, []byte(text)) {
				t.Errorf("%s: a reader does not find %q", filepath.Base(path), text)
			}
		}
	}
}
