package worker_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"tarn/query/internal/worker"
)

// The workers of the tests are this program, too, and so is the process that
// tries the walls.
func TestMain(m *testing.M) {
	worker.Serve()
	if os.Args[0] == attempts {
		os.Exit(attempt(os.Args[1], os.Args[2], os.Args[3], os.Args[4]))
	}
	os.Exit(m.Run())
}

const attempts = "tarn-attempts"

// attempt shuts this process in and says what it still can do.
func attempt(own, other, temp, address string) int {
	if err := worker.WallIn([]string{own}, temp); err != nil {
		fmt.Println(err)
		return 1
	}
	sealed := filepath.Join(own, "sealed")
	for _, a := range []struct {
		what string
		try  func() error
	}{
		{"read own", func() error { _, err := os.ReadFile(sealed); return err }},
		{"write temp", func() error { return os.WriteFile(filepath.Join(temp, "x"), []byte("x"), 0o666) }},
		{"read other", func() error { _, err := os.ReadFile(filepath.Join(other, "sealed")); return err }},
		{"list other", func() error { _, err := os.ReadDir(other); return err }},
		{"read passwd", func() error { _, err := os.ReadFile("/etc/passwd"); return err }},
		{"read environment", func() error { _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid())); return err }},
		{"read through a link", func() error { _, err := os.ReadFile(filepath.Join(own, "link")); return err }},
		{"write own", func() error { _, err := os.OpenFile(sealed, os.O_WRONLY, 0); return err }},
		{"truncate own", func() error { return os.Truncate(sealed, 0) }},
		{"remove own", func() error { return os.Remove(sealed) }},
		{"rename own", func() error { return os.Rename(sealed, filepath.Join(own, "y")) }},
		{"link own", func() error { return os.Link(sealed, filepath.Join(temp, "y")) }},
		{"create", func() error { return os.WriteFile(filepath.Join(own, "new"), nil, 0o666) }},
		{"run a program", func() error { return exec.Command("/bin/true").Run() }},
		{"run a program of its own", func() error { return exec.Command(filepath.Join(temp, "true")).Run() }},
		{"connect", func() error { _, err := net.Dial("tcp4", address); return err }},
		{"listen", listen},
		{"signal the parent", func() error { return syscall.Kill(os.Getppid(), 0) }},
	} {
		fmt.Println(a.what, a.try() == nil)
	}
	return 0
}

// listen binds a socket of plain TCP: Go's own listeners may be multipath.
func listen() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	return syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
}
