package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An event that a server has just taken in is proven at once: the server lets the log
// count it. The proof holds when the event is sealed, and when the lake is gone.
func TestProvenInTheFirstMinute(t *testing.T) {
	p := newProgram(t)
	dir := t.TempDir()
	t.Chdir(dir)
	p.run(t, "store", "create", "cloudtrail", "--lake", "lake")
	s := p.serve(t, "lake")
	for _, id := range []string{"a", "b"} {
		text := `{"eventID":"` + id + `","eventTime":"2026-01-02T03:04:05Z"}`
		write(t, id+".json", text)
		p.run(t, "put", "--lake", "lake", id+".json")
		if out := p.run(t, "prove", "--lake", "lake", id, "--to", id); !strings.Contains(out, "accepted with 1 event by") {
			t.Errorf("proof of %s: %s", id, out)
		}
	}
	s.logged(`"args":["prove",`) // b at least, for the log counts once a minute
	p.fails(t, "prove", "--lake", "lake", "nope")
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d", code)
	}
	writeKey(t, "lake")
	if err := os.RemoveAll("lake"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		out := p.run(t, "check-proof", filepath.Join(id, "event.tlog-proof"), "--key", "tarn.pub", "--event", id+".json")
		if !strings.Contains(out, "proven: the event is in the lake") || !strings.Contains(out, "not sealed when this was made") {
			t.Errorf("check of %s: %s", id, out)
		}
	}
}
