// Package witness_test shows a real witness, litewitness, what it must sign and what
// it must not.
package witness_test

import (
	"bufio"
	"database/sql"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite", for the witness's own state

	"tarn/lake"
	"tarn/schemas"
	"tarn/server/witness"
)

// tool finds a program, or builds it.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED, no real witness was asked: %v", err)
	}
	return path
}

// litewitness runs a witness on loopback that knows the log by its key.
func litewitness(t *testing.T, origin, key string) lake.Witness {
	t.Helper()
	dir, err := os.MkdirTemp("", "w") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "litewitness")
	agent, add, keygen := tool(t, "ssh-agent"), tool(t, "ssh-add"), tool(t, "ssh-keygen")
	if out, err := exec.Command("go", "build", "-o", program, "filippo.io/torchwood/cmd/litewitness").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, no real witness was asked: litewitness cannot be built: %v\n%s", err, out)
	}
	run := func(env string, args ...string) string {
		t.Helper()
		c := exec.Command(args[0], args[1:]...)
		c.Env = append(os.Environ(), env)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	file, sock := filepath.Join(dir, "id"), filepath.Join(dir, "agent")
	run("", keygen, "-q", "-t", "ed25519", "-N", "", "-f", file)
	background(t, "", agent, "-D", "-a", sock)
	run("SSH_AUTH_SOCK="+sock, add, file)
	print := strings.Fields(run("", keygen, "-l", "-f", file))[1]
	know(t, filepath.Join(dir, "db"), origin, key)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	said := background(t, "listening", program, "-name", "witness.example/w1", "-db", filepath.Join(dir, "db"), "-ssh-agent", sock, "-key", print, "-listen", addr)
	vkey := regexp.MustCompile(`vkey="?([^ "\n]+)`).FindStringSubmatch(said)
	if vkey == nil {
		t.Fatalf("the witness does not say its key:\n%s", said)
	}
	reachable(t, addr)
	return lake.Witness{URL: "http://" + addr, Key: vkey[1]}
}

// reachable waits until somebody listens.
func reachable(t *testing.T, addr string) {
	t.Helper()
	for {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// background runs a program until the test's end, and returns what it says until a
// word of it, of which none is: what it says first.
func background(t *testing.T, until string, args ...string) (said string) {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = w, w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait(); out.Close() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), until) {
			break
		}
	}
	go func() { _, _ = bufio.NewReader(out).WriteTo(discard{}) }()
	return said
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// know writes into the witness's state that it is to sign for the log.
func know(t *testing.T, db, origin, key string) {
	t.Helper()
	d, err := sql.Open("sqlite", db)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, q := range []string{
		"CREATE TABLE IF NOT EXISTS log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL)",
		"CREATE TABLE IF NOT EXISTS key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin))",
		"INSERT INTO log VALUES ('" + origin + "', 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')",
		"INSERT INTO key VALUES ('" + origin + "', '" + key + "')",
	} {
		if _, err := d.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

type place struct{ dir, key string }

// act opens the lake, makes it if need be, and a store of each name: an entry each.
func (p place) act(t *testing.T, fn func(*lake.Lake), names ...string) {
	t.Helper()
	l, err := lake.Open(p.dir, lake.Options{Key: p.key})
	if errors.Is(err, lake.ErrNoLake) {
		l, err = lake.Create(p.dir, lake.Options{Key: p.key})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := l.CreateStore(name, schemas.CloudTrail()); err != nil {
			t.Fatal(err)
		}
	}
	if fn != nil {
		fn(l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func (p place) verify(t *testing.T, o lake.VerifyOptions) *lake.Report {
	t.Helper()
	o.Key = p.key
	r, err := lake.Verify(t.Context(), p.dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARealWitness(t *testing.T) {
	dir := t.TempDir()
	p := place{filepath.Join(dir, "lake"), filepath.Join(dir, "key")}
	var key string
	p.act(t, func(l *lake.Lake) { key = l.Snapshot().Keys()[0].Key }, "first", "second")
	origin, _, _ := strings.Cut(key, "+")
	w := litewitness(t, origin, key)
	submit := func(l *lake.Lake) {
		t.Helper()
		size, err := witness.Submit(t.Context(), l, w)
		if err != nil || size != l.Snapshot().LogSize() {
			t.Fatalf("submitted %d of %d entries: %v", size, l.Snapshot().LogSize(), err)
		}
	}
	p.act(t, func(l *lake.Lake) {
		if err := l.AddWitness(w); err != nil {
			t.Fatal(err)
		}
		submit(l)
		submit(l) // the same size again
	})
	p.act(t, submit, "third", "fourth", "fifth") // it goes on
	// What the lake knows of the witness is lost: the witness says its size itself (409).
	if err := os.RemoveAll(filepath.Join(p.dir, "log", "cosigned")); err != nil {
		t.Fatal(err)
	}
	p.act(t, submit, "sixth")
	policy := []byte("log " + key + "\nwitness W " + w.Key + "\nquorum W\n")
	if r := p.verify(t, lake.VerifyOptions{Policy: policy}); len(r.Problems) > 0 || !r.Witnessed.Policy || r.Witnessed.Since != 0 {
		t.Errorf("verify: %+v, %+v", r.Problems, r.Witnessed)
	}
	text, err := os.ReadFile(p.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, stores := range map[string][]string{
		"shorter": {"second"}, "of the same length": {"second", "third", "fourth", "fifth", "sixth", "extra", "another"}, "longer": {"aaa", "bbb", "ccc", "ddd", "eee", "fff", "ggg", "hhh", "iii"},
	} {
		forged := place{filepath.Join(t.TempDir(), "lake"), strings.TrimSpace(string(text))}
		forged.act(t, func(l *lake.Lake) {
			if _, err := witness.Submit(t.Context(), l, w); !errors.Is(err, lake.ErrForgets) {
				t.Errorf("%s: %v; want that the witness refuses", name, err)
			} else {
				t.Logf("%s: %v", name, err)
			}
		}, stores...)
		if r := forged.verify(t, lake.VerifyOptions{}); len(r.Problems) > 0 {
			t.Errorf("%s: the forged lake is to be whole in itself: %+v", name, r.Problems)
		}
	}
	p.act(t, func(l *lake.Lake) {
		if _, err := l.RotateKey("", false); err != nil {
			t.Fatal(err)
		}
		submit(l) // both keys have signed this one
	})
	p.act(t, func(l *lake.Lake) {
		if _, err := witness.Submit(t.Context(), l, w); !errors.Is(err, lake.ErrWitness) {
			t.Errorf("signed by the new key alone: %v; the witness does not know it yet", err)
		}
	}, "seventh")
}
