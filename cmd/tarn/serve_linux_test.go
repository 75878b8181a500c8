package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// At a terminal, an import in a server is drawn as wide as that is, ^C interrupts
// it, and a question is asked before anything is sent.
func TestATerminalAndAServer(t *testing.T) {
	p := newProgram(t)
	dir := filepath.Join(t.TempDir(), "lake")
	for _, args := range [][]string{{"create", "cloudtrail"}, {"create", "old", "--termination-protection", "off"}} {
		p.run(t, append([]string{"store", "--lake", dir}, args...)...)
	}
	s := p.serve(t, dir)
	vars := map[string]string{"TARN_LAKE": dir, "XDG_CONFIG_HOME": p.config}

	fifo := filepath.Join(t.TempDir(), "logs.tar")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c := atTerminal(t, vars, "import", fifo)
	in, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	wrote := make(chan int, 1)
	go func() {
		n := 0
		for ; ; n++ { // until nobody reads any more
			log := fmt.Sprintf(`{"Records":[{"eventID":"%d","eventTime":"2026-10-02T03:04:05Z"}]}`, n)
			b := tarOf(t, fmt.Sprintf("log-%d.json", n), log)
			if _, err := in.Write(b[:len(b)-1024]); err != nil { // without the end mark
				break
			}
		}
		wrote <- n
	}()
	c.sees("\rimport  ")
	c.sees(" events, ")
	c.types("\x03") // with which the system may throw away what is shown next
	if code := c.ends(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	t.Logf("%d files until then", <-wrote)
	in.Close()

	c = atTerminal(t, vars, "store", "delete", "old")
	c.sees("Delete the event data store old")
	c.types("y\r")
	c.sees("is pending deletion until")
	if code := c.ends(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	s.logged(`"args":["store","delete","`)

	c = atTerminal(t, vars, "import", fifo)
	if in, err = os.OpenFile(fifo, os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.sees("\r\x1b[Ktarn: error: process ")
	if code := c.ends(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}

	c = atTerminal(t, vars, "serve", "--listen", "off") // its log is for people here
	c.sees("listening")
	c.types("\x03")
	if code := c.ends(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	p.place(t, dir).Sound(t)
}
