package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What writes to keys and the log runs in the server where one has the lake, by whom
// the kernel saw there; and the server goes on with the new key.
func TestKeysAreRotatedInAServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	p.run(t, "store", "create", "first", "--lake", dir)
	s := p.serve(t, dir)
	p.run(t, "keys", "rotate", "--reason", "yearly", "--lake", dir)
	p.run(t, "store", "create", "second", "--lake", dir)
	p.run(t, "witness", "submit", "--lake", dir)
	if out := p.run(t, "log", "--type", "key_rotate", "--format", "csv", "--lake", dir); !strings.Contains(out, fmt.Sprintf("(uid %d)", os.Getuid())) {
		t.Errorf("the log says of the rotation\n%s", out)
	}
	if code := s.ends(syscall.SIGTERM); code != exitDone {
		t.Errorf("the server ends with exit code %d:\n%s", code, &s.log)
	}
	p.run(t, "store", "create", "third", "--lake", dir)
	p.place(t, dir).Sound(t)
}
