package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"tarn/internal/eventgen"
	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/lake/statedb"
)

// What a person has who follows the examples: a folder with logs in several forms.
func besideLogs(t *testing.T) map[string]string {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, bucket := range []string{".", "s3-copy", "more"} {
		_, err := eventgen.WriteBucket(bucket, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	var packed, log bytes.Buffer
	zip := gzip.NewWriter(&packed)
	w := tar.NewWriter(zip)
	logs := gzip.NewWriter(&log)
	_, err := logs.Write([]byte(`{"Records":[{"eventID":"one-more","eventTime":"2026-10-02T03:04:05Z"}]}`))
	for _, err := range []error{err, logs.Close(), w.AddFS(os.DirFS("more")), w.Close(), zip.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, "AWSLogs.tar.gz", packed.String())
	write(t, "one-more.json.gz", log.String())
	write(t, "question.sql", "SELECT count(*) FROM cloudtrail;")
	write(t, "selectors.json", `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`)
	write(t, "tarn.conf", "format = json\n")
	write(t, "events.json", `{"eventID":"put","eventTime":"2026-10-02T03:04:05Z"}`)
	write(t, "okta.jsonl", `{"uuid":"1","eventType":"user.session.start","published":"2026-10-02T03:04:05.678Z"}`)
	write(t, "my-map.json", `{"fields":{"eventName":"eventType","eventTime":"published"}}`)
	return map[string]string{"XDG_CONFIG_HOME": "config", "TARN_LAKE": "lake", "TARN_PAGER": "off"}
}

// Each example is run, in the order of the help, over a lake of its command's own
// that has what the examples speak of.
func TestExamplesWork(t *testing.T) {
	vars := besideLogs(t)
	// What examples take for done before each of them.
	before := map[string][]string{
		"tarn restore":       {"backup ./-mnt-backup-lake"},
		"tarn hold release":  {`hold place --store prod --reason case`},
		"tarn store restore": {"store update prod --termination-protection off", "store delete prod --yes"},
	}
	for i, c := range commandsOf((&app{}).rootCommand()) {
		vars["TARN_LAKE"] = "lake-" + string(rune('a'+i))
		first := []string{"import ./AWSLogs", "import --store cloudtrail one-more.json.gz", "store create prod"}
		if strings.HasPrefix(c.CommandPath(), "tarn store create") || c.Name() == "store" {
			first = first[:2] // they make it
		}
		for _, line := range first {
			mustRun(t, vars, strings.Fields(line))
		}
		for _, args := range examplesOf(c) {
			for _, line := range before[c.CommandPath()] {
				mustRun(t, vars, strings.Fields(line))
			}
			if strings.Join(args, " ") == "store delete prod" {
				continue // it asks
			}
			for i, a := range args {
				if strings.HasPrefix(a, "/") {
					args[i] = "." + strings.ReplaceAll(a, "/", "-")
				}
				if uuid.Valid(a) && c.Name() == "show" {
					args[i] = anImportOf(t, vars["TARN_LAKE"])
				}
				if uuid.Valid(a) && c.Name() == "release" {
					args[i] = holdOf(t, vars)
				}
			}
			mustRun(t, vars, args)
		}
	}
}

// mustRun runs a command line, with something to read where it reads.
func mustRun(t *testing.T, vars map[string]string, args []string) {
	t.Helper()
	in := ""
	switch {
	case slices.Equal(args, []string{"query"}):
		in = "SELECT 1;"
	case slices.Contains(args, "kubernetes"):
		in = `{"auditID":"piped","stage":"ResponseComplete","verb":"get","stageTimestamp":"2026-10-02T03:04:05Z"}`
	case slices.Contains(args, "-"):
		in = `{"Records":[{"eventID":"piped","eventTime":"2026-10-02T03:04:05Z"}]}`
	}
	var out, errs bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if args[0] == "serve" {
		stop() // or it would go on
	}
	if code := run(ctx, args, process{strings.NewReader(in), &out, &errs, env(vars)}); code != exitDone {
		t.Errorf("tarn %s\nexits with %d: %s", strings.Join(args, " "), code, errs.String())
	}
}

// holdOf is the id of a hold that stands.
func holdOf(t *testing.T, vars map[string]string) string {
	t.Helper()
	out, errs, code := tarn(t, vars, "hold", "list", "--format", "json")
	var all []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &all); code != exitDone || err != nil || len(all) == 0 {
		t.Fatalf("hold list exits with %d, %v: %s%s", code, err, out, errs)
	}
	return all[0].ID
}

// anImportOf is the id of an import into the lake.
func anImportOf(t *testing.T, lakeDir string) string {
	t.Helper()
	db, err := statedb.View(filepath.Join(lakeDir, lake.StateFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Imports()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0].ID
}

// Every flag of a command is in one of its examples.
func TestExamplesShowEveryFlag(t *testing.T) {
	for _, c := range commandsOf((&app{}).rootCommand()) {
		typed := strings.Fields(c.Example)
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !slices.Contains(typed, "--"+f.Name) && !slices.Contains(typed, "-"+f.Shorthand) {
				t.Errorf("no example of %s has --%s", c.CommandPath(), f.Name)
			}
		})
	}
}
