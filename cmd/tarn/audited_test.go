package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// auditRow is what the tests ask of the lake's own store.
type auditRow struct{ EventName, UserName, Command, ErrorCode string }

const auditQuestion = `SELECT eventname AS "EventName", coalesce(useridentity.username, useridentity.invokedby) AS "UserName",
	element_at(requestparameters, 'command') AS "Command", errorcode AS "ErrorCode" FROM tarn_audit ORDER BY eventtime, eventname`

func (p program) audit(t *testing.T, dir string) (all []auditRow) {
	t.Helper()
	for line := range strings.Lines(p.run(t, "query", "--format", "ndjson", "--lake", dir, auditQuestion)) {
		var row auditRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(line, err)
		}
		all = append(all, row)
	}
	return all
}

// What a command did is recorded, with a server and without, whatever became of it;
// and what a server has answered, its kill does not take back.
func TestCommandsAreRecorded(t *testing.T) {
	t.Setenv("TARN_AUDIT", "on")
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	want := map[string]string{}
	did := func(name, code string, args ...string) {
		t.Helper()
		args = append(args, "--lake", dir)
		p.outcome(t, ".", "", args...)
		want["tarn "+strings.Join(args, " ")] = name + " " + code
	}
	did("CreateEventDataStore", "", "store", "create", "prod")
	did("CreateEventDataStore", "EventDataStoreAlreadyExistsException", "store", "create", "prod", "--retention", "9y")
	s := p.serve(t, dir)
	did("UpdateEventDataStore", "", "store", "update", "prod", "--retention", "9y")
	did("CreateAccessKey", "EventDataStoreNotFoundException", "access", "create", "bob", "--role", "reader", "--store", "nothing")
	did("PlaceHold", "", "hold", "place", "--store", "prod", "--reason", "case")
	if code := s.ends(syscall.SIGKILL); code != -1 {
		t.Fatal(code)
	}
	did("PlaceHold", "EventDataStoreNotFoundException", "hold", "place", "--store", "nothing", "--reason", "case")
	self := userOf(os.Getuid()).User
	starts := 0
	for _, row := range p.audit(t, dir) {
		if row.EventName == "StartServer" {
			starts++
			continue
		}
		if row.EventName+" "+row.ErrorCode != want[row.Command] || row.UserName != self {
			t.Errorf("%+v; want %q", row, want[row.Command])
		}
		delete(want, row.Command)
	}
	if len(want) > 0 || starts != 1 {
		t.Errorf("not recorded: %v; servers: %d", want, starts)
	}
	s = p.serve(t, dir)
	s.ends(syscall.SIGTERM)
	if all := p.audit(t, dir); !slices.ContainsFunc(all, func(r auditRow) bool { return r.EventName == "StopServer" }) {
		t.Errorf("%+v", all)
	}
	p.place(t, dir).Sound(t)
}

// The lake's own store takes nothing from others, and stays.
func TestTheLakesOwnStore(t *testing.T) {
	t.Setenv("TARN_AUDIT", "on")
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	write(t, dir+"-log.json", oneEvent)
	p.run(t, "store", "create", "prod", "--lake", dir)
	for _, tt := range []struct{ args, want string }{
		{"import --store tarn_audit " + dir + "-log.json", "own event data store"},
		{"put --store tarn_audit " + dir + "-log.json", "own event data store"},
		{"store delete tarn_audit --yes", "stays as long as the lake"},
		{"store update tarn_audit --termination-protection off", "own event data store"},
		{"store update tarn_audit --name mine", "own event data store"},
		{"store update tarn_audit --selectors []", "own event data store"},
		{"store create TARN_AUDIT", "the lake's own"},
		{"store update prod --name tarn_audit", "the lake's own"},
		{"store update tarn_audit --retention 10y --lock governance", "exit code 0"},
	} {
		if said := p.outcome(t, ".", "", append(strings.Fields(tt.args), "--lake", dir)...); !strings.Contains(said, tt.want) {
			t.Errorf("%s: %s; want %q", tt.args, said, tt.want)
		}
	}
	p.place(t, dir).Sound(t)
}

// Who adds a command that writes names its operation.
func TestEveryCommandThatWritesHasAnOperation(t *testing.T) {
	for _, name := range guests() {
		if operationNames[name] == "" {
			t.Errorf("%s has no name in operationNames", name)
		}
	}
	var known []string
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		known = append(known, named(c))
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).rootCommand())
	for name := range operationNames {
		if !slices.Contains(known, name) {
			t.Errorf("there is no command %s", name)
		}
	}
}
