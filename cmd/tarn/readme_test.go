package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// env is a process's environment for a test.
func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// tarn runs a command line in this process.
func tarn(t *testing.T, vars map[string]string, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, process{strings.NewReader(""), &stdout, &stderr, env(vars)})
	return stdout.String(), stderr.String(), code
}

// inDemo makes the demo's lake and returns an environment that points to it.
func inDemo(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	vars := map[string]string{"TARN_LAKE": filepath.Join(dir, "lake")}
	out, errs, code := tarn(t, vars, "demo", "--lake", vars["TARN_LAKE"])
	if code != exitDone {
		t.Fatalf("demo exits with %d:\n%s%s", code, out, errs)
	}
	for _, want := range []string{"203.0.113.211", "StopLogging", "fjordbyte-customer-exports", "\nverified: 20,260 events", "Next (tarn is"} {
		if !strings.Contains(out, want) {
			t.Errorf("the demo does not show %q", want)
		}
	}
	return vars
}

// TestREADME runs the demo and then every command of the README's console
// blocks over its lake, and compares what they print.
func TestREADME(t *testing.T) {
	vars := inDemo(t)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("the README shows no console")
	}
	for _, b := range blocks {
		for _, step := range strings.Split(b[1], "$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			out, errs, code := tarn(t, vars, words(command)[1:]...)
			if code != exitDone {
				t.Errorf("%s\nexits with %d: %s", command, code, errs)
			}
			if d := cmp.Diff(want, out); d != "" {
				t.Errorf("%s (-README +program):\n%s", command, d)
			}
		}
	}
}

// words splits a command line at spaces outside of double quotes.
func words(line string) []string {
	var out []string
	for _, w := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(line, -1) {
		out = append(out, strings.Trim(w, `"`))
	}
	return out
}

// The demo can be run again, and adds nothing.
func TestDemoTwice(t *testing.T) {
	vars := inDemo(t)
	out, _, code := tarn(t, vars, "demo", "--lake", vars["TARN_LAKE"])
	if code != exitDone || !strings.Contains(out, "0 events stored") {
		t.Errorf("the second demo exits with %d and says:\n%.600s", code, out)
	}
}
