package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server backs its lake up while an import is under way in it; the backup has
// what was there before, and the next one what has come since.
func TestBackupsOfAServersLake(t *testing.T) {
	p := newProgram(t)
	work := t.TempDir()
	dir := filepath.Join(work, "lake")
	write(t, filepath.Join(work, "events.json"), `{"eventID":"put","eventTime":"2026-10-02T03:04:05Z"}`)
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	s := p.serve(t, dir)
	first, told, in := p.underWay(t, dir)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"put", "events.json"}, "1 event stored"},
		{[]string{"backup", "saved"}, "\nexit code 0\nbacked up to saved: 3 events, 5 log entries,"},
		{[]string{"verify", "--lake", filepath.Join(work, "saved")}, "\nverified: 3 events "},
		{[]string{"restore", "saved"}, "\nexit code 2\ntarn: error: restore: there is a lake already"},
		{[]string{"restore", dir}, "in use by another process"},
	} {
		if tt.args[0] == "restore" && tt.args[1] == dir {
			tt.args = append(tt.args, "--lake", filepath.Join(work, "other"))
		} else if tt.args[0] != "verify" {
			tt.args = append(tt.args, "--lake", dir)
		}
		if got := p.outcome(t, work, "", tt.args...); !strings.Contains(got, tt.want) {
			t.Errorf("beside an import: %s\nwant in it: %s", got, tt.want)
		}
	}
	if _, err := in.Write(tarOf(t, "log.json", oneEvent)); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := first.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	if got := p.outcome(t, work, "", "backup", "saved", "--lake", dir); !strings.Contains(got, "backed up to saved: 6 events") {
		t.Error(got)
	}
	if code := s.ends(os.Interrupt); code != exitDone {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
	restored := filepath.Join(work, "restored")
	p.run(t, "restore", filepath.Join(work, "saved"), "--lake", restored)
	p.place(t, restored).Sound(t)
	if got := len(p.place(t, restored).Events(t)); got != 2 {
		t.Errorf("restored are %d events", got)
	}
}
