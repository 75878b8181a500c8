package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"tarn/internal/eventgen"
)

// A person makes an access key, with a server or without, asks by HTTP, and is kept
// out when it is revoked.
func TestSQLOverHTTPFromTheCommandLine(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	logs := t.TempDir()
	if _, err := eventgen.WriteBucket(logs, eventgen.Options{Events: 60, Days: 2, EventsPerObject: 20, NoStory: true}); err != nil {
		t.Fatal(err)
	}
	p.run(t, "import", logs, "--lake", dir)
	var before, after struct{ AccessKeyID, SecretAccessKey string }
	created := func(into any, name string, more ...string) {
		t.Helper()
		out := p.run(t, append([]string{"access", "create", name, "--role", "reader", "--format", "json", "--lake", dir}, more...)...)
		var all []json.RawMessage
		if err := json.Unmarshal([]byte(out[strings.IndexByte(out, '['):strings.LastIndexByte(out, ']')+1]), &all); err != nil || len(all) != 1 {
			t.Fatal(out, err)
		}
		if err := json.Unmarshal(all[0], into); err != nil {
			t.Fatal(err)
		}
	}
	created(&before, "alice", "--store", "cloudtrail")
	s := p.serve(t, dir, "--listen", "127.0.0.1:0")
	s.logged(`"message":"answering over HTTP"`)
	address := regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(s.log.String())
	if address == nil {
		t.Fatal(s.log.String())
	}
	created(&after, "bob")
	ask := func(id, secret string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address[1]+"/sql", strings.NewReader("SELECT count(*) AS n FROM cloudtrail"))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(id, secret)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	for _, c := range []struct{ AccessKeyID, SecretAccessKey string }{before, after} {
		if status, body := ask(c.AccessKeyID, c.SecretAccessKey); status != 200 || body != `{"n":60}`+"\n" {
			t.Errorf("%d %s", status, body)
		}
	}
	p.run(t, "access", "revoke", before.AccessKeyID, "--lake", dir)
	if status, _ := ask(before.AccessKeyID, before.SecretAccessKey); status != http.StatusUnauthorized {
		t.Errorf("a key that was revoked: %d", status)
	}
	if list := p.run(t, "access", "list", "--lake", dir, "--format", "csv"); !strings.Contains(list, "alice,access_key,reader") || !strings.Contains(list, "revoked") {
		t.Error(list)
	}
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("ends with exit code %d", code)
	}
	for _, secret := range []string{before.SecretAccessKey, after.SecretAccessKey} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("a secret stands in the log")
		}
	}
}

// What would listen where others can hear is refused, and so are keys that nobody
// could have meant.
func TestServeAndAccessRefuse(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "prod", "--lake", dir)
	for _, tt := range []struct{ args, want string }{
		{"serve --listen 0.0.0.0:0", "plain text"},
		{"serve --listen nowhere", "an address is host and port"},
		{"serve --tls-cert x", "belong together"},
		{"serve --listen 127.0.0.1:0 --tls-cert /nowhere --tls-key /nowhere", "the certificate"},
		{"serve --tls-self-signed --tls-cert x --tls-key y", "leave out one of them"},
		{"serve --tls-client-ca x", "is for TLS"},
		{"serve --listen off --tls-self-signed", "needs no certificate"},
		{"serve --limit-at-once -1", "0 is for no limit"},
		{"access create alice", "roles are admin"},
		{"access create alice --role root", "roles are admin"},
		{"access create alice --role reader --store nobody", "no such event data store"},
		{"access create alice --role reader --expires soon", "days"},
		{"access revoke TARNNOBODY", "no such access key"},
	} {
		said := p.outcome(t, dir, "", append(strings.Fields(tt.args), "--lake", dir)...)
		if !strings.Contains(said, tt.want) || strings.Contains(said, "exit code 0") {
			t.Errorf("%s: %s; want %q", tt.args, said, tt.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "local", "lake.sock")); err == nil {
		t.Error("a socket is left")
	}
}

// "$STORE" of a variable that is not set must not open all stores, nor "$DAYS" for ever.
func TestEmptyLimitsOfAccessAreRefused(t *testing.T) {
	for _, flag := range []string{"--store=", "--expires="} {
		var out, errs bytes.Buffer
		a := &app{process: process{strings.NewReader(""), &out, &errs, func(string) string { return "" }}, args: []string{"access", "create", "alice", "--role", "reader", flag, "--lake", t.TempDir()}}
		if code := a.run(t.Context()); code != exitUsage || !strings.Contains(errs.String(), "is empty") {
			t.Errorf("%s: %d %s", flag, code, errs.String())
		}
	}
}
