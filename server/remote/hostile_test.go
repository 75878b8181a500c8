package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ordered is an order as JSON.
func ordered(t testing.TB, o Order) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOrdersThatNobodyCouldMeanAreRefused(t *testing.T) {
	many := make([]string, mostFiles+1)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	var bad [][]byte
	for _, o := range []Order{
		{Files: []string{"../a"}}, {Files: []string{"/etc/passwd"}}, {Files: []string{"a", "a"}}, {Files: []string{""}}, {Files: []string{"."}}, {Files: []string{"a/../.."}},
		{Files: []string{"a\x00b"}}, {Files: []string{strings.Repeat("x", longestName+1)}}, {Files: many}, {Args: []string{"a\x00"}}, {Out: -1}, {Err: widest + 1},
	} {
		bad = append(bad, frames(t, func(f *framed) { _ = f.send(order, ordered(t, o)) }))
	}
	bad = append(bad, nil, []byte("GET / HTTP/1.1\r\n"), []byte("O\xff\xff\xff\xff"), []byte("O\x02\x00\x00\x00{"), []byte("O\x01\x00\x00\x00{"),
		frames(t, func(f *framed) { _ = f.send(input, []byte("{}")) }))
	for _, b := range bad {
		if _, o, err := Begin(bytes.NewReader(b), io.Discard, flushed); err == nil {
			t.Errorf("%q is an order: %+v", b[:min(len(b), 80)], o)
		}
	}
}

// begun is a session whose client sends, after an order of files, what write writes.
func begun(t *testing.T, names []string, write func(*framed)) (*Session, Order) {
	t.Helper()
	s, o, err := Begin(bytes.NewReader(frames(t, func(f *framed) {
		_ = f.send(order, ordered(t, Order{Files: names}))
		write(f)
	})), io.Discard, flushed)
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func TestFilesThatDoNotComeAreNotThere(t *testing.T) {
	for name, write := range map[string]func(*framed){
		"nothing": func(*framed) {},
		"half":    func(f *framed) { _ = f.send(file, []byte("x")) },
		"input":   func(f *framed) { _ = f.send(input, []byte("x")) },
		"one":     func(f *framed) { _ = f.pieces(file, strings.NewReader("x")) },
	} {
		s, o := begun(t, []string{"a", "b"}, write)
		if err := s.Fetch(o, t.TempDir()); err == nil || !strings.Contains(err.Error(), "is not there") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A file cannot be a folder of another, and all have a length together.
	s, o := begun(t, []string{"a", "a/b"}, func(f *framed) {
		_ = f.pieces(file, strings.NewReader("x"))
		_ = f.pieces(file, strings.NewReader("x"))
	})
	if err := s.Fetch(o, t.TempDir()); err == nil {
		t.Error("a file lies in a file")
	}
	s, o = begun(t, []string{"a"}, func(f *framed) { _ = f.pieces(file, strings.NewReader("four")) })
	if err := s.Fetch(Order{}, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	left := int64(3)
	if err := s.fetch(o.Files[0], &left); !errors.Is(err, ErrTooLong) {
		t.Errorf("four bytes of three: %v", err)
	}
}

// A client that sends more than there is leave for is not kept in memory.
func TestInputWithoutLeaveEndsTheCommand(t *testing.T) {
	for name, write := range map[string]func(*framed){
		"too much": func(f *framed) {
			for range leaves + 1 {
				_ = f.send(input, []byte("x"))
			}
		},
		"after its end": func(f *framed) {
			_ = f.send(input, nil)
			_ = f.send(input, []byte("x"))
		},
		"an order": func(f *framed) { _ = f.send(order, []byte("{}")) },
		"a file":   func(f *framed) { _ = f.send(file, nil) },
	} {
		s, o := begun(t, nil, write)
		if err := s.Fetch(o, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		_ = s.Run(t.Context(), func() {}, func(ctx context.Context, _ Streams) (int, []string) {
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, errFrame) {
				t.Errorf("%s: it ends for %v", name, cause)
			}
			return 1, nil
		})
	}
}

// Names of written files lead nowhere else either: not even a link does.
func TestNothingElseIsGiven(t *testing.T) {
	s, o := begun(t, nil, func(*framed) {})
	dir := t.TempDir()
	if err := s.Fetch(o, dir); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := errors.Join(os.WriteFile(secret, []byte("secret"), 0o600), os.Symlink(secret, filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", secret, "../" + filepath.Base(filepath.Dir(secret)) + "/secret"} {
		if err := s.give(name); err == nil {
			t.Errorf("%s is given away", name)
		}
	}
}

// answering is a client of a server that answers so.
func answering(t *testing.T, status int, kind string, body []byte) *Client {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex() // or it waits for the request's end
		w.Header().Set("Connection", "close")
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return &Client{URL: s.URL, HTTP: s.Client(), Sign: func(*http.Request) error { return nil }}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	told := func(write func(*framed)) []byte { return frames(t, write) }
	cases := map[string]struct {
		status int
		kind   string
		body   []byte
		is     error
		has    string
	}{
		"nothing":         {200, MediaType, nil, ErrLost, ""},
		"no exit code":    {200, MediaType, told(func(f *framed) { _ = f.send(printed, []byte("x")) }), ErrLost, ""},
		"half a frame":    {200, MediaType, []byte("o\x05\x00\x00\x00ab"), ErrLost, ""},
		"half a file":     {200, MediaType, told(func(f *framed) { _ = f.send(made, []byte("out")); _ = f.send(contents, []byte("x")) }), ErrLost, ""},
		"another frame":   {200, MediaType, told(func(f *framed) { _ = f.send(order, []byte("{}")) }), errFrame, ""},
		"a frame too big": {200, MediaType, []byte("o\xff\xff\xff\xff"), errFrame, ""},
		"no number":       {200, MediaType, told(func(f *framed) { _ = f.send(ended, []byte(`"0"`)) }), nil, "json"},
		"refused":         {403, "application/json", []byte(`{"code":"AccessDeniedException","message":"no","hints":["ask"]}`), nil, "AccessDeniedException: no"},
		"another server":  {502, "text/html", []byte("<html>"), nil, "status 502"},
		"hostile JSON":    {400, "application/json", bytes.Repeat([]byte("["), 2*orderBytes), nil, "status 400"},
	}
	for name, c := range cases {
		mine := kept{}
		_, err := answering(t, c.status, c.kind, c.body).Run(t.Context(), Order{}, Streams{strings.NewReader(""), io.Discard, io.Discard}, mine.files())
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.has) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that waits for the end of a request before it answers is not waited for.
func TestAServerIsSilent(t *testing.T) {
	defer func(was time.Duration) { answerTime = was }(answerTime)
	answerTime = time.Millisecond
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer s.Close()
	c := &Client{URL: s.URL, HTTP: s.Client(), Sign: func(*http.Request) error { return nil }}
	if _, err := c.Run(t.Context(), Order{}, Streams{strings.NewReader(""), io.Discard, io.Discard}, kept{}.files()); !errors.Is(err, errSilent) {
		t.Error(err)
	}
}

// Whatever a client sends, the session ends, and nothing lies outside its folder.
func FuzzSession(f *testing.F) {
	f.Add(frames(f, func(to *framed) {
		_ = to.send(order, ordered(f, Order{Args: []string{"x"}, Files: []string{"a/b", "c"}}))
		_ = to.pieces(file, strings.NewReader("one"))
		_ = to.pieces(file, strings.NewReader(""))
		_ = to.pieces(input, strings.NewReader("typed"))
		_ = to.send(interrupt, nil)
	}))
	f.Add([]byte("O\x02\x00\x00\x00{}I\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		around := t.TempDir()
		dir := filepath.Join(around, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s, o, err := Begin(bytes.NewReader(b), io.Discard, flushed)
		if err != nil || s.Fetch(o, dir) != nil {
			o.Files = nil
		} else if err := s.Run(t.Context(), func() {}, func(_ context.Context, std Streams) (int, []string) {
			_, _ = io.Copy(std.Out, std.In)
			return 0, o.Files
		}); err != nil {
			t.Errorf("what came cannot be given back: %v", err)
		}
		_ = filepath.WalkDir(around, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() && path != dir && !strings.HasPrefix(path, dir+string(filepath.Separator)) {
				t.Errorf("there is %s: %v", path, err)
			}
			return nil
		})
	})
}

// Whatever a server answers, nothing is printed but what it said, and only an answer with
// an exit code is one.
func FuzzAnswer(f *testing.F) {
	f.Add(frames(f, func(to *framed) {
		_, _ = stream{to, printed}.Write([]byte("out"))
		_ = to.send(leave, nil)
		_ = to.send(still, nil)
		_ = to.send(made, []byte("file"))
		_ = to.pieces(contents, strings.NewReader("of it"))
		_ = to.send(ended, []byte("3"))
	}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		mine := kept{}
		_, err := listen(bytes.NewReader(b), Streams{Out: &out, Err: &out}, mine.files(), make(chan struct{}, 1))
		if err == nil && !slices.Contains(b, byte(ended)) {
			t.Error("an answer without its end is whole")
		}
		if !bytes.Contains(b, out.Bytes()[:min(out.Len(), 1)]) || out.Len() > len(b) {
			t.Errorf("%q is printed of %q", &out, b)
		}
	})
}
