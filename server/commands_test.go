package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tarn/server"
	"tarn/server/access"
	"tarn/server/remote"
)

// commandFunc runs command lines.
type commandFunc func(context.Context, server.Command) int

func (f commandFunc) Run(ctx context.Context, c server.Command) (int, []string) {
	return f(ctx, c), nil
}

// commands is a host that runs command lines, and the folder of theirs.
func commands(t *testing.T, run commandFunc) (*host, string) {
	t.Helper()
	h, dir := newHost(t), t.TempDir()
	h.end()
	h.serve(t, &server.Server{Lake: h.lake, Engine: h.engine, Access: h.access, API: h.api, Audit: h.audit, Log: zerolog.New(h.log), Commands: run, CommandDir: dir})
	return h, dir
}

// command has a command line run, to its end.
func (u user) command(t *testing.T, o remote.Order, in io.Reader, files remote.Files) (code int, out string, err error) {
	t.Helper()
	var printed strings.Builder
	c := remote.Client{URL: u.url + remote.Path, HTTP: http.DefaultClient, Sign: func(r *http.Request) error {
		r.SetBasicAuth(u.id, u.secret)
		return nil
	}}
	code, err = c.Run(t.Context(), o, remote.Streams{In: in, Out: &printed, Err: io.Discard}, files)
	return code, printed.String(), err
}

// left are the folders of commands that are still there.
func left(t *testing.T, dir string) int {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// framed is a frame of a client.
func framed(kind byte, text string) string {
	n := len(text)
	return chunk(string([]byte{kind, byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) + text)
}

func TestOrdersAreTakenOrRefused(t *testing.T) {
	h, dir := commands(t, func(context.Context, server.Command) int {
		t.Error("a command runs")
		return 0
	})
	known := h.user(t, access.Admin)
	for name, tt := range map[string]struct {
		who    user
		body   string
		status int
		says   string
	}{
		"nobody":           {user{h, "nobody", "x"}, framed('O', "{}"), 401, "UnrecognizedClientException"},
		"no order":         {known, chunk("SELECT 1, and more of it"), 400, "the order cannot be read"},
		"another frame":    {known, framed('I', "{}"), 400, "the order cannot be read"},
		"a name elsewhere": {known, framed('O', `{"files":["../../x"]}`), 400, "leads elsewhere"},
		"files that end":   {known, framed('O', `{"files":["a"]}`) + "0\r\n\r\n", 400, "IncompleteBody"},
	} {
		c := known.dial(t, tt.who.head("POST "+remote.Path, "Transfer-Encoding: chunked")+tt.body)
		res, body := answerOf(t, c)
		if res.StatusCode != tt.status || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
		c.Close()
	}
	h.end()
	if n := left(t, dir); n > 0 {
		t.Errorf("%d folders are left", n)
	}
}

// Whoever does not go on sending does not hold a place for ever.
func TestAnOrderThatDoesNotGoOn(t *testing.T) {
	set(t, server.BodyTime, 50*time.Millisecond)
	h, dir := commands(t, func(context.Context, server.Command) int { return 0 })
	u := h.user(t, access.Admin)
	c := u.dial(t, u.head("POST "+remote.Path, "Transfer-Encoding: chunked")+framed('O', `{"files":["a"]}`)+framed('F', "half"))
	if answer, _ := io.ReadAll(c); len(answer) > 0 { // it is cut off
		t.Errorf("%s", answer)
	}
	h.end()
	if n := left(t, dir); n > 0 {
		t.Errorf("%d folders are left", n)
	}
}

// There are so many at a time, each in a folder of its own that goes with it; and who may
// not any more has none that goes on.
func TestCommandsAreBounded(t *testing.T) {
	set(t, server.AskAgain, 10*time.Millisecond)
	var mu sync.Mutex
	began, folders := make(chan struct{}), map[string]bool{}
	h, dir := commands(t, func(ctx context.Context, c server.Command) int {
		mu.Lock()
		folders[c.Dir] = true
		mu.Unlock()
		began <- struct{}{}
		<-ctx.Done()
		fmt.Fprint(c.Out, context.Cause(ctx))
		return 130
	})
	u := h.user(t, access.Reader)
	var all sync.WaitGroup
	const most = 16
	for range most {
		all.Go(func() {
			code, out, err := u.command(t, remote.Order{}, strings.NewReader(""), remote.Files{})
			if code != 130 || !strings.Contains(out, "revoked") || err != nil {
				t.Errorf("exit code %d, %q, %v", code, out, err)
			}
		})
		<-began
	}
	if _, _, err := u.command(t, remote.Order{}, strings.NewReader(""), remote.Files{}); err == nil || !strings.Contains(err.Error(), "16 commands are running") {
		t.Errorf("one more: %v", err)
	}
	if len(folders) != most {
		t.Errorf("%d folders", len(folders))
	}
	if err := h.state.RevokeCredential(u.id, time.Now()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	h.end()
	if n := left(t, dir); n > 0 {
		t.Errorf("%d folders are left", n)
	}
}

// What a command did stands in the lake's own store, under who had it run.
func TestCommandsAreRecorded(t *testing.T) {
	h, _ := commands(t, func(_ context.Context, c server.Command) int {
		c.Act.Name, c.Act.Request = "StartQuery", map[string]string{"commandLine": c.Order.Args[0]}
		return 0
	})
	u := h.user(t, access.Reader)
	if code, _, err := u.command(t, remote.Order{Args: []string{"query"}}, strings.NewReader(""), remote.Files{}); code != 0 || err != nil {
		t.Error(code, err)
	}
	var found bool
	for _, a := range h.records(t) {
		found = found || a.EventName == "StartQuery" && a.UserIdentity.AccessKeyID == u.id && a.RequestParameters["commandLine"] == "query"
	}
	if !found {
		t.Error("there is no record of it")
	}
}
