package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tarn/internal/confine"
)

// What writes to keys and the log runs in the server where one has the lake, by whom
// the kernel saw there; and the server goes on with the new key.
func TestKeysAreRotatedInAServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "first", "--lake", dir)
	s := p.serve(t, dir)
	confined(t, s)
	p.run(t, "access", "create", "alice", "--role", "reader", "--lake", dir)
	p.run(t, "keys", "rotate", "--reason", "yearly", "--lake", dir)
	p.run(t, "store", "create", "second", "--lake", dir)
	p.run(t, "witness", "submit", "--lake", dir)
	if out := p.run(t, "log", "--type", "key_rotate", "--format", "csv", "--lake", dir); !strings.Contains(out, fmt.Sprintf("(uid %d)", os.Getuid())) {
		t.Errorf("the log says of the rotation\n%s", out)
	}
	p.run(t, "access", "create", "bob", "--role", "reader", "--lake", dir)
	if out := p.run(t, "access", "list", "--format", "csv", "--lake", dir); strings.Count(out, "active") != 2 {
		t.Errorf("access keys:\n%s", out)
	}
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d:\n%s", code, &s.log)
	}
	p.run(t, "store", "create", "third", "--lake", dir)
	p.place(t, dir).Sound(t)
}

// confined checks that the server has given up rights: who does may not gain any.
func confined(t *testing.T, s *running) {
	t.Helper()
	if confine.Version() < confine.FilesSince {
		t.Log("NOT TRIED: this kernel has no Landlock to confine the server with")
		return
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "NoNewPrivs:\t1") {
		t.Errorf("the server is not confined: %v", err)
	}
}
