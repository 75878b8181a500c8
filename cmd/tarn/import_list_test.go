package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tarn/lake"
	"tarn/lake/statedb"
)

// No import is refused, or ends otherwise, because it cannot be recorded.
func TestAnImportWithoutItsState(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"a folder in the way": func(path string) error { return os.Mkdir(path, 0o700) },
		"a damaged file":      func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("no", 5000)), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			vars := inLake(t)
			path := filepath.Join(vars["TARN_LAKE"], lake.StateFile)
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			log := filepath.Join(t.TempDir(), "log.json")
			write(t, log, `{"Records":[{"eventID":"state","eventTime":"2026-01-02T03:04:05Z"}]}`)
			_, errs, code := tarn(t, vars, "import", log)
			if code != exitDone || strings.Count(errs, "tarn: warning: ") != 1 || !strings.Contains(errs, "1 event stored") {
				t.Errorf("exit code %d: %s", code, errs)
			}
			out, errs, code := tarn(t, vars, "verify", "--json")
			if code != exitDone || name == "a damaged file" && !strings.Contains(out, `"orphans": []`) {
				t.Errorf("verify: exit code %d: %s%s", code, out, errs)
			}
		})
	}
}

func TestImportListAndShowSpeakOfWhatIsThere(t *testing.T) {
	vars := inLake(t)
	log := filepath.Join(t.TempDir(), "a 'log'.json")
	write(t, log, `{"Records":[{"eventID":"x","eventTime":"2026-01-02T03:04:05Z"},{"eventID":"y"}]}`)
	if _, errs, code := tarn(t, vars, "import", log, "--duplicates", "drop"); code != exitPartly {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	out, errs, code := tarn(t, vars, "import", "list", "--format", "json", "--status", "failed", "--store", "cloudtrail")
	var list struct{ Imports []importJSON }
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != exitDone || len(list.Imports) != 1 {
		t.Fatalf("exit code %d, %v: %s%s", code, err, out, errs)
	}
	i := list.Imports[0]
	resume := ` && tarn import '` + strings.ReplaceAll(log, "'", `'\''`) + `' --duplicates drop`
	if i.ImportStatistics.FilesCompleted != 1 || i.ImportStatistics.EventsCompleted != 1 || i.ImportStatistics.FailedEntries != 1 ||
		i.Reason != "done in part: 1 record rejected" || len(i.Errors) != 1 || !strings.HasSuffix(i.Resume, resume) || i.Options[0] != "--duplicates=drop" {
		t.Errorf("%+v", i)
	}
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"import show " + i.ImportId, exitDone, "\nwhy            done in part: 1 record rejected\n"},
		{"import show " + i.ImportId, exitDone, "\nresume with    cd "},
		{"import show " + i.ImportId + " --format ndjson", exitDone, `"ImportStatus":"FAILED"`},
		{"import show nothing", exitUsage, "import show: no such import: nothing\ntarn: hint: tarn import list shows"},
		{"import show", exitUsage, "import show: which import?"},
		{"import list --store nobody", exitNoLake, "no such event data store"},
		{"import list --status DONE", exitUsage, "tarn: hint: statuses: [INITIALIZING IN_PROGRESS COMPLETED FAILED STOPPED]"},
		{"import list --format parquet", exitUsage, "tarn: hint: formats: table, json, ndjson, csv"},
		{"import list --status stopped", exitDone, "no such import is known"},
		{"import list --lake nowhere", exitNoLake, "no lake there"},
	} {
		out, errs, code := tarn(t, vars, strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(out+errs, tt.want) {
			t.Errorf("tarn %s: exit code %d: %s%s\nwant in it %s", tt.args, code, out, errs, tt.want)
		}
	}
}

// What another user may not read is told as that.
func TestTheStateIsTheOwners(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	vars := inLake(t)
	path := filepath.Join(vars["TARN_LAKE"], lake.StateFile)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := tarn(t, vars, "import", "list"); code != exitFailed || !strings.Contains(errs, "for the lake's owner alone") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// A command line that a shell would read otherwise is quoted; one that was too
// long is not made up.
func TestResume(t *testing.T) {
	for _, tt := range []struct {
		i    statedb.Import
		want string
	}{
		{statedb.Import{Status: statedb.Completed, ImportDetails: statedb.ImportDetails{Command: []string{"import", "x"}}}, ""},
		{statedb.Import{Status: statedb.Stopped, ImportDetails: statedb.ImportDetails{Dir: "/a b", Command: []string{"import", "$(x)", ""}}},
			"cd '/a b' && tarn import '$(x)' ''"},
		{statedb.Import{Status: statedb.Failed, ImportDetails: statedb.ImportDetails{Dir: "/a"}}, "the same command again in /a"},
	} {
		if got := resume(tt.i); got != tt.want {
			t.Errorf("resume = %s; want %s", got, tt.want)
		}
	}
}
