package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// console is a program at a terminal, and what it has shown so far.
type console struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd

	mu    sync.Mutex
	shown bytes.Buffer
	read  int // how much of it was awaited
	news  chan struct{}
}

// atTerminal starts tarn at a pseudo-terminal of 24 lines with 100 columns.
func atTerminal(t *testing.T, vars map[string]string, args ...string) *console {
	t.Helper()
	master, slave := openTerminal(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, master: master, news: make(chan struct{}, 1)}
	c.cmd = &exec.Cmd{
		Path: exe, Args: append([]string{"tarn"}, args...), // by this name the test binary is tarn
		Stdin: slave, Stdout: slave, Stderr: slave,
		Env:         append(os.Environ(), "TERM=xterm"),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	for name, value := range vars {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go c.collect()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // unless it has ended
		master.Close()
	})
	return c
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// collect reads what is shown until the program ends.
func (c *console) collect() {
	b := make([]byte, 4096)
	for {
		n, err := c.master.Read(b)
		c.mu.Lock()
		c.shown.Write(b[:n])
		c.mu.Unlock()
		select {
		case c.news <- struct{}{}:
		default:
		}
		if err != nil {
			return // EIO: nobody has the other side open any more
		}
	}
}

// types sends keys.
func (c *console) types(keys string) {
	c.t.Helper()
	if _, err := io.WriteString(c.master, keys); err != nil {
		c.t.Fatal(err)
	}
}

// sees waits until a text is shown behind what was seen last.
func (c *console) sees(want string) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		fresh := c.shown.String()[c.read:]
		if i := strings.Index(fresh, want); i >= 0 {
			c.read += i + len(want)
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		select {
		case <-c.news:
		case <-deadline:
			c.t.Fatalf("%q is not shown, but:\n%q", want, fresh)
		}
	}
}

// ends waits for the program and returns its exit code.
func (c *console) ends() int {
	c.t.Helper()
	var exit *exec.ExitError
	late := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.t.Errorf("the program does not end; shown last:\n%q", c.shown.String()[c.read:])
		_ = c.cmd.Process.Kill()
	})
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return c.cmd.ProcessState.ExitCode()
}
