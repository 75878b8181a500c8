package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/lake"
	"tarn/retention"
)

// expiredBefore lets expire what is due, as tarn retention apply did two hours ago.
func expiredBefore(t *testing.T, p program, dir string) {
	t.Helper()
	o := p.place(t, dir).Options()
	o.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
	l, err := lake.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := retention.Make(t.Context(), l, "")
	if err == nil {
		_, err = plan.Apply(t.Context(), l)
	}
	if err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// An event is proven, expires, and its files are removed by the purger of a server that
// may not do it itself. The proof holds, without a lake, and so does a checkpoint that
// somebody kept. What is held stays.
func TestAProofOutlivesItsEvent(t *testing.T) {
	p := newProgram(t)
	t.Chdir(t.TempDir())
	t.Setenv("TARN_LAKE", "lake")
	write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2019-01-01T03:04:05Z"},{"eventID":"b","eventTime":"2019-01-01T03:04:05Z"},{"eventID":"c","eventTime":"2019-01-02T03:04:05Z"}]}`)
	p.run(t, "store", "create", "cloudtrail", "--retention", "7d")
	p.run(t, "import", "log.json")
	for _, id := range []string{"a", "c"} {
		p.run(t, "prove", id, "--to", id)
	}
	kept, err := os.ReadFile("lake/log/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "kept.note", string(kept))
	p.run(t, "hold", "place", "--store", "cloudtrail", "--from", "2019-01-02", "--reason", "case 4711")
	expiredBefore(t, p, "lake")

	days := func() (days []string) {
		all, err := filepath.Glob("lake/segments/*/2019-01-0?")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			days = append(days, filepath.Base(d))
		}
		return days
	}
	if got := days(); len(got) != 2 {
		t.Errorf("before anything is removed there are the days %v", got)
	}
	s := p.serve(t, "lake")
	if out := p.run(t, "retention", "apply"); !strings.Contains(out, "removed: 3 files") {
		t.Errorf("apply says %s", out)
	}
	s.logged(`"args":["retention","apply"`)
	if got := days(); len(got) != 1 || got[0] != "2019-01-02" {
		t.Errorf("afterwards there are the days %v", got)
	}
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d", code)
	}
	p.fails(t, "prove", "a")
	if out := p.run(t, "query", "--format", "csv", "SELECT eventid FROM cloudtrail"); out != "eventid\nc\n" {
		t.Errorf("there is left\n%s", out)
	}
	p.run(t, "verify", "--deep", "--checkpoint", "kept.note")
	id := strings.Split(p.run(t, "hold", "list", "--format", "csv"), "\n")[1]
	p.run(t, "hold", "release", id[:36], "--reason", "closed")
	if out := p.run(t, "retention", "apply"); !strings.Contains(out, "expired: 1 event in 1 segment; removed: 0 files") {
		t.Errorf("apply says %s", out)
	}
	p.run(t, "verify", "--checkpoint", "kept.note")

	writeKey(t, "lake")
	if err := os.RemoveAll("lake"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "c"} {
		out := p.run(t, "check-proof", id+"/event.tlog-proof", "--key", "tarn.pub", "--event", id+"/event.json")
		if !strings.Contains(out, "proven: the event is in the lake") {
			t.Errorf("check of %s: %s", id, out)
		}
	}
}

// A lake of before there was local/ is read, and then written, by the program of today:
// what was beside the evidence moves.
func TestALakeWithItsStateInItsRoot(t *testing.T) {
	p := newProgram(t)
	t.Chdir(t.TempDir())
	t.Setenv("TARN_LAKE", "lake")
	write(t, "log.json", `{"Records":[{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}]}`)
	write(t, "more.json", `{"Records":[{"eventID":"b","eventTime":"2026-01-02T03:04:05Z"}]}`)
	p.run(t, "import", "log.json")
	imports := func() int { return strings.Count(p.run(t, "import", "list", "--format", "csv"), "COMPLETED") }
	for _, name := range []string{"index.db", "state.db"} {
		if err := os.Rename("lake/local/"+name, "lake/"+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll("lake/local"); err != nil {
		t.Fatal(err)
	}
	count := func(want string) {
		t.Helper()
		if out := p.run(t, "query", "--format", "csv", "SELECT count(*) AS n FROM cloudtrail"); out != "n\n"+want+"\n" {
			t.Errorf("a reader sees %s; want %s", out, want)
		}
		if out := p.run(t, "verify"); strings.Contains(out, "no part of the lake") {
			t.Errorf("verify: %s", out)
		}
	}
	count("1")
	if n := imports(); n != 1 {
		t.Errorf("a reader sees %d imports", n)
	}
	if _, err := os.Stat("lake/local"); err == nil {
		t.Error("a reader has changed the lake")
	}
	p.run(t, "backup", "backup")
	p.run(t, "import", "more.json")
	count("2")
	if n := imports(); n != 2 {
		t.Errorf("afterwards there are %d imports", n)
	}
	for _, name := range []string{"index.db", "state.db"} {
		_, root := os.Stat("lake/" + name)
		if _, err := os.Stat("lake/local/" + name); err != nil || root == nil {
			t.Errorf("%s has not moved: %v", name, err)
		}
	}
}
