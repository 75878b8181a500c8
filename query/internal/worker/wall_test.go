package worker_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tarn/query/internal/worker"
)

// The last wall is the kernel's: whatever code runs in a worker reaches what
// the query was granted, and no more. DuckDB has no part in this.
func TestWallIsTheKernels(t *testing.T) {
	for _, w := range worker.Walls() {
		if !w.Holds && w.What != "UDP" {
			t.Skipf("%s: %s", w.What, w.Missing)
		}
	}
	own, other, temp := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{own, other} {
		if err := os.WriteFile(filepath.Join(dir, "sealed"), []byte("sealed"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(own, "link")); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile("/bin/true")
	if err == nil {
		err = os.WriteFile(filepath.Join(temp, "true"), small, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c := &exec.Cmd{Path: program, Args: []string{attempts, own, other, temp, listener.Addr().String()}, Env: []string{}}
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		what, can := strings.CutSuffix(line, " true\n")
		if want := what == "read own" || what == "write temp"; can != want {
			t.Errorf("%s: %t; want %t", what, can, want)
		}
	}
	if n := strings.Count(string(out), "\n"); n < 15 {
		t.Errorf("%d attempts were made", n)
	}
}

func TestDescribeSaysWhatIsMissing(t *testing.T) {
	got := worker.Describe([]worker.Wall{{What: "files", Holds: true}, {What: "memory", Holds: true}, {What: "UDP", Missing: "too old"}})
	if want := "files, memory; missing: UDP (too old)"; got != want {
		t.Errorf("Describe = %q; want %q", got, want)
	}
}
