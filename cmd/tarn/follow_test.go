package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/internal/eventgen"
)

func TestFollowsThatCannotBe(t *testing.T) {
	vars := inLake(t)
	folder := t.TempDir()
	for args, want := range map[string]string{
		"":                                  "which source?",
		"./nowhere":                         "no such file",
		"s3:///x":                           "no name of a bucket",
		folder + " --every 1ms":             "too often",
		folder + " --days 0":                "--days 0",
		folder + " --full-every=-1s":        "less than nothing",
		folder + " --sqs http://x/q":        "this is a folder",
		"s3://logs --stream x":              "are for --nats",
		"s3://logs --sqs http:/x":           "no URL of a queue",
		"s3://logs --nats nats://x":         "no such stream",
		"s3://logs --nats http://x":         "no URL of a NATS server",
		"s3://logs --nats nats://a --sqs b": "one queue is enough",
		"s3://logs --nats nats://bob:s3cr3t@x --stream S": "there is a secret in it",
	} {
		for _, command := range []string{"follow", "follow add"} {
			_, errs, code := tarn(t, vars, strings.Fields(command+" "+args)...)
			if code != exitUsage || !strings.Contains(errs, want) || strings.Contains(errs, "s3cr3t") {
				t.Errorf("tarn %s %s exits with %d: %s; want %s", command, args, code, errs, want)
			}
		}
	}
	if out, errs, code := tarn(t, vars, "follow", "remove", "s3://logs"); code != exitUsage || !strings.Contains(errs, "not followed") {
		t.Errorf("exits with %d: %s%s", code, out, errs)
	}
	for args, want := range map[string]string{"status --format table": "formats: text, json", "status": "tarn serve runs follows"} {
		if out, errs, _ := tarn(t, vars, strings.Fields(args)...); !strings.Contains(out+errs, want) {
			t.Errorf("%s: %s%s", args, out, errs)
		}
	}
}

// A server follows what is added while it runs, and shows how far that is.
func TestAServerFollows(t *testing.T) {
	t.Setenv("TARN_AUDIT", "on")
	p := newProgram(t)
	dir, logs := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	p.run(t, "store", "create", "prod", "--lake", dir)
	var keys []struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal([]byte(p.run(t, "access", "create", "watcher", "--role", "admin", "--format", "json", "--lake", dir)), &keys); err != nil {
		t.Fatal(err)
	}
	s := p.serve(t, dir, "--listen", "127.0.0.1:0")
	s.logged(`"message":"answering over HTTP"`)
	address := regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(s.log.String())[1]
	p.run(t, "follow", "add", logs, "--store", "prod", "--every", "100ms", "--lake", dir)
	if out := p.outcome(t, ".", "", "follow", logs, "--store", "prod", "--lake", dir); !strings.Contains(out, "followed already") {
		t.Error(out)
	}
	if _, err := eventgen.WriteBucket(logs, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	age(t, logs)
	s.logged(`"message":"objects are in"`)
	page := measured(t, address, keys[0].AccessKeyID, keys[0].SecretAccessKey)
	if !regexp.MustCompile(`tarn_follow_objects_total\{source="[^"]+",store="prod"\} [1-9]`).MatchString(page) || !strings.Contains(page, "tarn_follow_list_age_seconds{") {
		t.Error(page)
	}
	var all status
	for range 600 {
		if err := json.Unmarshal([]byte(p.run(t, "status", "--format", "json", "--lake", dir)), &all); err != nil {
			t.Fatal(err)
		}
		if len(all.Follows) == 1 && all.Follows[0].Counts.Stored == 60 {
			break
		}
	}
	if !all.Server.Running || len(all.Follows) != 1 || all.Follows[0].State != "FOLLOWING" || all.Follows[0].Counts.Stored != 60 || all.Follows[0].Store != "prod" {
		t.Errorf("%+v", all)
	}
	if text := p.run(t, "status", "--lake", dir); !strings.Contains(text, "server  runs") || !strings.Contains(text, "FOLLOWING") {
		t.Error(text)
	}
	if text := p.run(t, "follow", "list", "--format", "csv", "--lake", dir); !strings.Contains(text, logs+",prod,FOLLOWING,0,") {
		t.Error(text)
	}
	p.run(t, "follow", "remove", logs, "--lake", dir)
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("ends with exit code %d", code)
	}
	var acts []string
	for _, row := range p.audit(t, dir) {
		acts = append(acts, row.EventName)
	}
	if said := strings.Join(acts, " "); !strings.Contains(said, "CreateFollow") || !strings.Contains(said, "DeleteFollow") {
		t.Error(said)
	}
}

// age makes all files below a folder as old as those that nobody writes any more.
func age(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-time.Minute)
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// measured is what a server answers about itself.
func measured(t *testing.T, address, id, secret string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(id, secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
