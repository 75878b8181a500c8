// Package s3_test asks a real S3 server by way of Tarn's own door to it.
package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/interop/s3test"
)

func TestMain(m *testing.M) {
	s3test.Main(m, func() (func(), error) {
		dir, err := os.MkdirTemp("", "tarn-s3")
		if err != nil {
			return nil, err
		}
		program = filepath.Join(dir, "tarn")
		build := exec.Command("go", "build", "-o", program, "./cmd/tarn")
		build.Dir, build.Stderr = "../..", os.Stderr
		return func() { os.RemoveAll(dir) }, build.Run()
	})
}

// program is the tarn that was built for these tests.
var program string

func open(t *testing.T, s s3.Settings) *s3.Client {
	t.Helper()
	c, err := s3.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func put(t *testing.T, c *s3.Client, at s3.URI, text string, o s3.PutOptions) s3.Object {
	t.Helper()
	made, err := c.Put(t.Context(), at, strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestObjects(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "logs", false)
	c := open(t, s3.Settings{})
	for _, key := range []string{"a/1", "a/2", "a/b/3", "c"} {
		put(t, c, s3.URI{Bucket: "logs", Key: key}, "text of "+key, s3.PutOptions{Metadata: map[string]string{"signature": "abc"}})
	}
	var keys []string
	if err := c.List(t.Context(), s3.URI{Bucket: "logs", Key: "a/"}, "a/1", func(page []s3.Object) error {
		for _, o := range page {
			keys = append(keys, o.Key)
		}
		return nil
	}); err != nil || strings.Join(keys, " ") != "a/2 a/b/3" {
		t.Errorf("%v %v", keys, err)
	}
	folders, beside, err := c.Folders(t.Context(), s3.URI{Bucket: "logs", Key: "a/"})
	if err != nil || len(folders) != 1 || folders[0] != "a/b/" || len(beside) != 2 || beside[0].Bytes != int64(len("text of a/1")) {
		t.Errorf("%v %v %v", folders, beside, err)
	}
	text, o, err := c.Read(t.Context(), beside[0], 1000)
	if err != nil || string(text) != "text of a/1" || o.Metadata["signature"] != "abc" {
		t.Errorf("%s %v %v", text, o, err)
	}
	if _, err := c.Put(t.Context(), beside[0].URI, strings.NewReader("other"), s3.PutOptions{OnlyNew: true}); !errors.Is(err, s3.ErrExists) {
		t.Errorf("written over: %v", err)
	}
	put(t, c, beside[0].URI, "another text", s3.PutOptions{})
	if _, _, err := c.Read(t.Context(), beside[0], 1000); !errors.Is(err, s3.ErrChanged) {
		t.Errorf("changed since it was listed: %v", err)
	}
	counts := c.Counts()
	if counts.Requests["PutObject"] != 6 || counts.Requests["GetObject"] != 2 || counts.In == 0 || counts.Out == 0 {
		t.Errorf("%+v", counts)
	}
}

func TestWhatIsRefusedIsExplained(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "logs", false)
	server.Put(t, "logs", "there", []byte("x"))
	there := s3.Object{URI: s3.URI{Bucket: "logs", Key: "there"}}
	busy := server.Faulty(t, func(*http.Request) s3test.Fault { return s3test.Fault{Status: 503, Code: "SlowDown"} })
	denied := server.Faulty(t, func(*http.Request) s3test.Fault { return s3test.Fault{Status: 403, Code: "AccessDenied"} })
	expired := server.Faulty(t, func(*http.Request) s3test.Fault { return s3test.Fault{Status: 400, Code: "ExpiredToken"} })
	for _, tt := range []struct {
		name string
		s    s3.Settings
		o    s3.Object
		want error
	}{
		{"no object", s3.Settings{}, s3.Object{URI: s3.URI{Bucket: "logs", Key: "gone"}}, s3.ErrNotFound},
		{"no bucket", s3.Settings{}, s3.Object{URI: s3.URI{Bucket: "nobody", Key: "gone"}}, s3.ErrNoBucket},
		{"nobody", s3.Settings{Anonymous: true}, there, s3.ErrDenied},
		{"no server", s3.Settings{Endpoint: "http://127.0.0.1:1", Attempts: 2}, there, s3.ErrUnreachable},
		{"throttled", s3.Settings{Endpoint: busy, Attempts: 2}, there, s3.ErrBusy},
		{"a policy", s3.Settings{Endpoint: denied}, there, s3.ErrDenied},
		{"expired", s3.Settings{Endpoint: expired}, there, s3.ErrCredentials},
	} {
		_, _, err := open(t, tt.s).Read(t.Context(), tt.o, 100)
		if !errors.Is(err, tt.want) || !strings.HasPrefix(err.Error(), tt.o.URI.String()+": ") || strings.Contains(err.Error(), "X-Amz") {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.want != s3.ErrNotFound && len(hint.Of(err)) == 0 {
			t.Errorf("%s: no advice", tt.name)
		}
		t.Log(err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "another")
	if _, _, err := open(t, s3.Settings{}).Read(t.Context(), there, 100); !errors.Is(err, s3.ErrCredentials) {
		t.Error(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, _, err := open(t, s3.Settings{}).Read(t.Context(), there, 100); !errors.Is(err, s3.ErrCredentials) {
		t.Errorf("without credentials: %v", err)
	}
	if _, err := s3.Open(context.Background(), s3.Settings{Profile: "nobody"}); !errors.Is(err, s3.ErrSettings) {
		t.Error(err)
	}
}

// TestBrokenConnections reads through a server that throttles and breaks off.
func TestBrokenConnections(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "logs", false)
	text := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	server.Put(t, "logs", "large", text)
	var n atomic.Int64
	faulty := server.Faulty(t, func(*http.Request) s3test.Fault {
		switch n.Add(1) % 3 {
		case 0:
			return s3test.Fault{Status: 503, Code: "SlowDown"}
		case 1:
			return s3test.Fault{Reset: 300_000}
		}
		return s3test.Fault{Reset: 1}
	})
	r, _, err := open(t, s3.Settings{Endpoint: faulty}).Get(t.Context(), s3.Object{URI: s3.URI{Bucket: "logs", Key: "large"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	dead := server.Faulty(t, func(*http.Request) s3test.Fault { return s3test.Fault{Reset: 1} })
	broken, _, err := open(t, s3.Settings{Endpoint: dead, Attempts: 2}).Get(t.Context(), s3.Object{URI: s3.URI{Bucket: "logs", Key: "large"}})
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	if got, err := io.ReadAll(broken); err == nil || len(got) > 10 {
		t.Errorf("%d bytes, %v", len(got), err)
	} else {
		t.Log(err)
	}
}

// TestStalledConnections reads through a server that says nothing more in the middle.
func TestStalledConnections(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "logs", false)
	text := bytes.Repeat([]byte("0123456789abcdef"), 50_000)
	server.Put(t, "logs", "large", text)
	slow := server.Faulty(t, func(*http.Request) s3test.Fault { return s3test.Fault{Stall: 300_000} })
	got, _, err := open(t, s3.Settings{Endpoint: slow, Patience: 300 * time.Millisecond}).Read(t.Context(), s3.Object{URI: s3.URI{Bucket: "logs", Key: "large"}}, 1<<20)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
}

// TestWhatAnObjectLockRefuses is the six things that nobody may do to a locked version.
func TestWhatAnObjectLockRefuses(t *testing.T) {
	server := s3test.Start(t)
	server.Use(t)
	server.Bucket(t, "locked", true)
	server.Bucket(t, "plain", false)
	c := open(t, s3.Settings{})
	if locks, err := c.Locks(t.Context(), "locked"); !locks || err != nil {
		t.Error(locks, err)
	}
	if locks, err := c.Locks(t.Context(), "plain"); locks || err != nil {
		t.Error(locks, err)
	}
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	at := s3.URI{Bucket: "locked", Key: "segment"}
	o := put(t, c, at, "evidence", s3.PutOptions{OnlyNew: true, Lock: &s3.Lock{Mode: s3.Compliance, Until: until}})
	if l, err := c.LockOf(t.Context(), o); err != nil || l.Mode != s3.Compliance || !l.Until.Equal(until) || l.Hold {
		t.Error(l, err)
	}
	for name, do := range map[string]func() error{
		"delete": func() error { return c.Delete(t.Context(), o) },
		"shorten": func() error {
			return c.Extend(t.Context(), o, s3.Lock{Mode: s3.Compliance, Until: until.Add(-time.Minute)})
		},
		"soften": func() error {
			return c.Extend(t.Context(), o, s3.Lock{Mode: s3.Governance, Until: until.Add(time.Hour)})
		},
		"no lock": func() error {
			_, err := c.Put(t.Context(), s3.URI{Bucket: "plain", Key: "x"}, strings.NewReader("x"), s3.PutOptions{Lock: &s3.Lock{Mode: s3.Compliance, Until: until}})
			return err
		},
		"over it": func() error {
			_, err := c.Put(t.Context(), at, strings.NewReader("x"), s3.PutOptions{OnlyNew: true})
			return err
		},
		"past day": func() error {
			return c.Extend(t.Context(), o, s3.Lock{Mode: s3.Compliance, Until: time.Now().Add(-time.Hour)})
		},
	} {
		err := do()
		if err == nil {
			t.Errorf("%s: done", name)
		}
		t.Logf("%s: %v", name, err)
	}
	if err := c.Extend(t.Context(), o, s3.Lock{Mode: s3.Compliance, Until: until.Add(time.Hour)}); err != nil {
		t.Error(err)
	}
	put(t, c, at, "not evidence", s3.PutOptions{})
	if err := c.Delete(t.Context(), s3.Object{URI: at}); err != nil {
		t.Error(err)
	}
	if text, _, err := c.Read(t.Context(), o, 100); err != nil || string(text) != "evidence" {
		t.Errorf("by its version: %s %v", text, err)
	}
	if err := c.Hold(t.Context(), o, true); err != nil {
		t.Error(err)
	}
	if l, err := c.LockOf(t.Context(), o); err != nil || !l.Hold {
		t.Error(l, err)
	}
}
