package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
)

// inState calls fn with the state of a lake that nobody has open.
func inState(t *testing.T, vars map[string]string, fn func(*statedb.DB) error) {
	t.Helper()
	db, err := statedb.Open(filepath.Join(vars["TARN_LAKE"], lake.StateFile), func(text string) { t.Error(text) })
	if err == nil {
		err = errors.Join(fn(db), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// listed is what tarn report schedule list and run-due tell programs.
type listed struct {
	Name, Status, Zone, Schedule, Due, Reason string
	Next                                      *string
	To                                        any // addresses, or a time
}

func listOf(t *testing.T, vars map[string]string, args ...string) (all []listed) {
	t.Helper()
	out, errs, code := tarn(t, vars, append(args, "--format", "json")...)
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitDone {
		t.Fatalf("%q exits with %d, %v: %s%s", args, code, err, out, errs)
	}
	return all
}

// A schedule lives from add to remove; what is due is shown before it is made, and
// nothing of what was paused.
func TestTheLifeOfASchedule(t *testing.T) {
	vars := inLake(t)
	add := strings.Fields("report schedule add cis-aws --name weekly --tz Europe/Berlin --catch-up latest --to " + t.TempDir() + " --cron")
	if out, errs, code := tarn(t, vars, append(add, "0 8 * * MON")...); code != exitDone || !strings.Contains(errs, "weekly: the next report is due Mon 20") {
		t.Fatalf("exits with %d: %s%s", code, out, errs)
	}
	if _, errs, code := tarn(t, vars, append(add, "@daily")...); code != exitFailed || !strings.Contains(errs, "there is a schedule of that name") {
		t.Errorf("exits with %d: %s", code, errs)
	}
	if all := listOf(t, vars, "report", "schedule", "list"); len(all) != 1 || all[0].Name != "weekly" || all[0].Next == nil || all[0].Status != "active" {
		t.Errorf("%+v", all)
	}
	if all := listOf(t, vars, "report", "run-due", "--dry-run"); len(all) != 0 {
		t.Errorf("due are %+v", all)
	}
	inState(t, vars, func(db *statedb.DB) error { // nobody was there for three weeks
		return db.ChangeSchedule("weekly", func(s *statedb.ScheduleDetails) { s.Seen = time.Now().AddDate(0, 0, -22) })
	})
	all := listOf(t, vars, "report", "run-due", "--dry-run")
	if n := len(all); n < 3 || all[n-1].Status != "DUE" || all[0].Status != "SKIPPED" || all[0].Schedule != "weekly" {
		t.Errorf("due are %+v", all)
	}
	if out, _, code := tarn(t, vars, "report", "schedule", "test", "weekly"); code != exitDone || strings.Count(out, " 08:00 CE") != 5 {
		t.Errorf("exits with %d: %s", code, out)
	}
	for _, verb := range []string{"pause", "resume", "remove"} {
		if _, errs, code := tarn(t, vars, "report", "schedule", verb, "weekly"); code != exitDone {
			t.Errorf("%s exits with %d: %s", verb, code, errs)
		}
		if all := listOf(t, vars, "report", "run-due", "--dry-run"); len(all) != 0 {
			t.Errorf("after %s due are %+v", verb, all)
		}
	}
	if _, errs, code := tarn(t, vars, "report", "schedule", "remove", "weekly"); code != exitUsage || !strings.Contains(errs, "there are none") {
		t.Errorf("exits with %d: %s", code, errs)
	}
}

func TestSchedulesThatCannotBe(t *testing.T) {
	vars := inLake(t)
	for args, want := range map[string]string{
		"":                                       "when?",
		"--cron @sometimes":                      "five fields",
		"--cron @daily --tz Berlin":              "Europe/Berlin",
		"--cron @daily --catch-up never":         "once, latest, skip",
		"--cron @daily --to s3:///x":             "no name of a bucket",
		"--cron @daily --to http://example.com/": "https alone",
		"--cron @daily --last week":              "such as 7d",
		"--cron @daily --name a/b":               "letters, digits",
		"--cron @daily --set x":                  "NAME=VALUE",
		"--cron @daily --tries 0":                "1 to 50",
		"--cron @daily --store=":                 "--store is empty",
	} {
		_, errs, code := tarn(t, vars, append([]string{"report", "schedule", "add", "cis-aws"}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s exits with %d: %s; want %s", args, code, errs, want)
		}
	}
	if _, errs, code := tarn(t, vars, strings.Fields("report schedule add cis-aws --cron @daily --store nobody")...); code != exitNoLake {
		t.Errorf("exits with %d: %s", code, errs)
	}
}

// Where a webhook is may be a secret: neither lists nor the lake's own store say it, nor
// what a setting has.
func TestWebhooksAreNotGivenAway(t *testing.T) {
	vars := inLake(t)
	vars["TARN_AUDIT"] = "on"
	const secret = "T0/B0/s3cr3t"
	for _, args := range []string{"--name a --to https://hooks.example.com/" + secret, "--name b --to=https://hooks.example.com/" + secret, "--name c --to http://example.com/" + secret} {
		out, errs, _ := tarn(t, vars, append(strings.Fields("report schedule add cis-aws --cron @daily"), strings.Fields(args)...)...)
		if strings.Contains(out+errs, secret) {
			t.Errorf("%s\nsays %s%s", args, out, errs)
		}
	}
	if all := listOf(t, vars, "report", "schedule", "list"); len(all) != 2 || !slices.Equal(all[0].To.([]any), []any{"https://hooks.example.com/…"}) {
		t.Errorf("%+v", all)
	}
	out, errs, code := tarn(t, vars, "query", "SELECT * FROM tarn_audit WHERE eventName LIKE '%ReportSchedule'", "--format", "json")
	if code != exitDone || strings.Contains(out, "s3cr3t") || !strings.Contains(out, "hooks.example.com/…") {
		t.Errorf("exits with %d: %s%s", code, out, errs)
	}
	vars["TARN_SMTP"] = "smtp://tarn:p4ssword@example.com"
	if out, _, _ := tarn(t, vars, "config"); strings.Contains(out, "p4ssword") || !strings.Contains(out, "tarn@example.com") {
		t.Error(out)
	}
	if _, errs, code := tarn(t, vars, "report", "run-due"); code != exitUsage || strings.Contains(errs, "p4ssword") || !strings.Contains(errs, "TARN_SMTP_PASSWORD") {
		t.Errorf("exits with %d: %s", code, errs)
	}
}

// Beside a server, schedules are added there, and what is due is made there.
func TestSchedulesWithAServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "prod", "--lake", dir)
	s := p.serve(t, dir)
	for _, args := range []string{
		"report schedule add cis-aws --store prod --cron @yearly --to ./reports",
		"report schedule list", "report schedule pause cis-aws", "report schedule resume cis-aws", "report run-due", "report schedule remove cis-aws",
	} {
		if said := p.outcome(t, t.TempDir(), "", append(strings.Fields(args), "--lake", dir)...); !strings.Contains(said, "exit code 0") {
			t.Errorf("%s: %s", args, said)
		}
	}
	s.ends(syscall.SIGTERM)
	if said := p.outcome(t, ".", "", "report", "schedule", "remove", "cis-aws", "--lake", dir); !strings.Contains(said, "exit code 2") {
		t.Error(said)
	}
}
