package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tarn/lake/tlogproof"
)

// block is a piece of docs/proofs.md that is to be run.
var block = regexp.MustCompile("(?ms)^```(sh|python)\n(.*?)^```$")

// What docs/proofs.md says of how to check a proof by hand, with OpenSSL and Python and
// without this program, works as it stands there: for a sealed event and for one that
// is not sealed yet. Other events fail.
func TestProofsAreCheckedByHand(t *testing.T) {
	for _, tool := range []string{"sh", "python3", "openssl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	doc, err := os.ReadFile("../../docs/proofs.md")
	if err != nil {
		t.Fatal(err)
	}
	var steps, climbs string
	for _, m := range block.FindAllStringSubmatch(string(doc), -1) {
		if m[1] == "sh" {
			steps += m[2]
		} else {
			climbs += m[2]
		}
	}
	dir := t.TempDir()
	t.Chdir(dir)
	vars := map[string]string{"XDG_CONFIG_HOME": filepath.Join(dir, "config"), "TARN_LAKE": "lake"}
	write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"},{"eventID":"b","eventTime":"2026-01-02T03:04:05Z"},{"eventID":"c","eventTime":"2026-01-02T03:04:05Z"}]}`)
	write(t, "later.json", `{"eventID":"e","eventTime":"2026-01-02T03:04:05Z"}`)
	write(t, "live.json", `{"eventID":"d","eventTime":"2026-01-02T03:04:05Z"}`)
	mustRun(t, vars, []string{"import", "log.json"})
	mustRun(t, vars, []string{"put", "live.json"})
	writeKey(t, "lake")
	write(t, "climbs.py", climbs)
	for id, want := range map[string]string{"a": "on 2026-01-02", "c": "of 3 of ", "d": "the accepted ones on None"} {
		mustRun(t, vars, []string{"prove", id, "--to", "."})
		out, err := byHand(steps)
		if err != nil || !strings.Contains(out, "Signature Verified Successfully") || !strings.Contains(out, "\nthe event is row ") || !strings.Contains(out, want) {
			t.Errorf("%s: %v\n%s", id, err, out)
		}
		event, err := os.ReadFile("event.json")
		if err != nil {
			t.Fatal(err)
		}
		write(t, "event.json", string(bytes.ToUpper(event)))
		if out, err := byHand(steps); err == nil || !strings.Contains(out, "the event is not the one") {
			t.Errorf("another event: %v\n%s", err, out)
		}
	}
	liesByHand(t, vars, steps)
	// The keys of a lake whose key was replaced: the one that signed is among them.
	mustRun(t, vars, []string{"keys", "rotate"})
	for range 2 {
		mustRun(t, vars, []string{"prove", "a", "--to", "."})
		public, errs, code := tarn(t, vars, "keys", "public")
		if code != exitDone {
			t.Fatal(errs)
		}
		write(t, "tarn.pub", public)
		if out, err := byHand(steps); err != nil || !strings.Contains(out, "Signature Verified Successfully") {
			t.Errorf("after a rotation: %v\n%s", err, out)
		}
		mustRun(t, vars, []string{"put", "later.json"})
	}
	// Another lake's key verifies nothing.
	key, err := os.ReadFile("tarn.pub")
	if err != nil {
		t.Fatal(err)
	}
	key[len(key)-5] ^= 3
	write(t, "tarn.pub", string(key))
	if out, err := byHand(steps); err == nil || strings.Contains(out, "Successfully") {
		t.Errorf("another key: %v\n%s", err, out)
	}
}

// What docs/integrity.md says of how to check a file by hand works as it stands there.
func TestAFileIsCheckedByHand(t *testing.T) {
	for _, tool := range []string{"sh", "openssl", "find"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	doc, err := os.ReadFile("../../docs/integrity.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindSubmatch(doc)
	p := newProgram(t)
	t.Chdir(t.TempDir())
	write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}]}`)
	p.run(t, "import", "log.json")
	t.Setenv("XDG_CONFIG_HOME", p.config)
	t.Setenv("PATH", filepath.Dir(p.path)+":"+os.Getenv("PATH"))
	out, err := exec.Command("sh", "-ec", string(m[1])).CombinedOutput()
	if err != nil || string(out) != "1\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

// liesByHand makes a proof whose event is said to be where there is none: the way up is
// right, and the place is not.
func liesByHand(t *testing.T, vars map[string]string, steps string) {
	t.Helper()
	mustRun(t, vars, []string{"prove", "d", "--to", "."})
	text, err := os.ReadFile("event.tlog-proof")
	if err != nil {
		t.Fatal(err)
	}
	f, err := tlogproof.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	n, err := tlogproof.ParseInner(f.Extra)
	if err != nil {
		t.Fatal(err)
	}
	n.Row += n.Rows
	if f.Extra, err = n.Format(); err != nil {
		t.Fatal(err)
	}
	write(t, "event.tlog-proof", string(f.Format()))
	if out, err := byHand(steps); err == nil || strings.Contains(out, "the event is row") {
		t.Errorf("row %d of %d: %v\n%s", n.Row, n.Rows, err, out)
	}
}

// byHand runs the steps of the shell, then those in Python.
func byHand(steps string) (string, error) {
	out, err := exec.Command("sh", "-ec", steps+"\npython3 climbs.py").CombinedOutput()
	return string(out), err
}
