package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A stream that is open when the server is told to end gets its receipts and its
// counts, and does not keep the server.
func TestStreamEndsWithTheServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "cloudtrail", "--lake", dir)
	var key struct{ AccessKeyID, SecretAccessKey string }
	out := p.run(t, "access", "create", "app", "--role", "ingester", "--format", "ndjson", "--lake", dir)
	if err := json.Unmarshal([]byte(out[strings.IndexByte(out, '{'):]), &key); err != nil {
		t.Fatal(out, err)
	}
	served := p.serve(t, dir, "--listen", "127.0.0.1:0")
	body, to := io.Pipe()
	defer to.Close()
	go fmt.Fprint(to, `{"eventID":"a","eventTime":"2026-01-02T03:04:05Z"}`+"\n"+`{"eventID":"b",`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+served.address()+"/v1/stores/cloudtrail/events", body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(key.AccessKeyID, key.SecretAccessKey)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	if !in.Scan() || !strings.Contains(in.Text(), `"outcome":"stored","eventID":"a"`) {
		t.Fatalf("%s %v", in.Text(), in.Err())
	}
	if code := served.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d:\n%s", code, &served.log)
	}
	if !in.Scan() || !strings.Contains(in.Text(), `"counts":{"records":1,"stored":1,`) || !strings.Contains(in.Text(), `"code":"ServiceUnavailableException"`) || in.Scan() || in.Err() != nil {
		t.Errorf("the last line is %s, %v", in.Text(), in.Err())
	}
	if got := p.place(t, dir).Events(t); len(got) != 1 || !strings.Contains(got[0], `"a"`) {
		t.Errorf("the lake has %q", got)
	}
}
