package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command is what a server runs in a test.
type command func(ctx context.Context, dir string, o Order, std Streams) (code int, written []string)

// served is a client of a real server that runs a command.
func served(t *testing.T, run command) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		s, o, err := Begin(r.Body, w, control.Flush)
		if err != nil {
			t.Error(err)
			return
		}
		dir := t.TempDir()
		if err := s.Fetch(o, dir); err != nil {
			t.Error(err)
			return
		}
		_ = s.Run(r.Context(), func() {}, func(ctx context.Context, std Streams) (int, []string) { return run(ctx, dir, o, std) })
	}))
	t.Cleanup(s.Close)
	return &Client{URL: s.URL, HTTP: s.Client(), Sign: func(*http.Request) error { return nil }}
}

// kept are files of a client.
type kept map[string]string

func (k kept) files() Files {
	return Files{
		Open: func(name string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(k[name])), nil },
		Save: func(name string, write func(io.Writer) error) error {
			var b bytes.Buffer
			err := write(&b)
			k[name] = b.String()
			return err
		},
	}
}

// Files, both outputs, standard input of any length and the exit code come through.
func TestACommandRunsElsewhere(t *testing.T) {
	c := served(t, func(_ context.Context, dir string, o Order, std Streams) (int, []string) {
		text, err := os.ReadFile(filepath.Join(dir, "a", "in.txt"))
		if err != nil {
			t.Error(err)
		}
		n, err := io.Copy(std.Out, std.In)
		if err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "out.txt"), text[:n/1e5], 0o600); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(std.Err, strings.Join(o.Args, "+"))
		return 3, []string{"out.txt", "never.txt"}
	})
	mine := kept{"a/in.txt": strings.Repeat("0123456789", 20_000), "empty": ""}
	long := strings.Repeat("line of what is piped in\n", 120_000) // 3 MB: more than there is leave for at once
	var out, errs bytes.Buffer
	code, err := c.Run(t.Context(), Order{Args: []string{"do", "it"}, Files: []string{"a/in.txt", "empty"}}, Streams{strings.NewReader(long), &out, &errs}, mine.files())
	if err != nil || code != 3 || out.String() != long || errs.String() != "do+it" {
		t.Errorf("code %d, error %v, %d bytes of %d printed, told %q", code, err, out.Len(), len(long), &errs)
	}
	if got := mine["out.txt"]; got != "012345678901234567890123456789" {
		t.Errorf("the file that was written is %q", got)
	}
	if _, there := mine["never.txt"]; there {
		t.Error("a file that was not written is here")
	}
}

// A command that wants no input is not waited for by whoever could type some, and ends
// when its client wants that.
func TestACommandIsInterrupted(t *testing.T) {
	for _, reads := range []bool{false, true} {
		began := make(chan struct{})
		c := served(t, func(ctx context.Context, _ string, _ Order, std Streams) (int, []string) {
			close(began)
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, ErrInterrupted) {
				t.Errorf("it ends for %v", cause)
			}
			return 130, nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		in, typed := io.Pipe() // nothing is typed
		go func() {
			<-began
			cancel()
		}()
		if code, err := c.Run(ctx, Order{}, Streams{in, io.Discard, io.Discard}, kept{}.files()); code != 130 || err != nil {
			t.Errorf("reads %v: code %d, %v", reads, code, err)
		}
		typed.Close()
	}
}

// Whoever hangs up ends the command, and its standard input is not taken for whole.
func TestAClientHangsUp(t *testing.T) {
	s, o, err := Begin(bytes.NewReader(frames(t, func(f *framed) {
		_ = f.send(order, []byte("{}"))
		_ = f.send(input, []byte("half of"))
	})), io.Discard, flushed)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Fetch(o, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	_ = s.Run(t.Context(), func() {}, func(ctx context.Context, std Streams) (int, []string) {
		<-ctx.Done()
		text, err := io.ReadAll(std.In)
		if string(text) != "half of" || !errors.Is(err, ErrGone) || !errors.Is(context.Cause(ctx), ErrGone) {
			t.Errorf("read %q, %v; ends for %v", text, err, context.Cause(ctx))
		}
		return 1, nil
	})
}

func flushed() error { return nil }

// frames are what somebody sends.
func frames(t testing.TB, write func(*framed)) []byte {
	t.Helper()
	var b bytes.Buffer
	write(&framed{w: &b, flush: flushed})
	return b.Bytes()
}
