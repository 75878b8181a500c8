package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"
)

// lessCommand shows long answers if nobody says what else should: it leaves at
// once where all fits, keeps colours, cuts long lines and leaves the screen as
// it was used.
const lessCommand = "less -FRSX"

// pager is the program for long answers, or off.
func (a *app) pager() string {
	if p := a.config.get("pager"); p != "" {
		return p
	}
	if p := a.getenv("PAGER"); p != "" {
		return p
	}
	if _, err := exec.LookPath("less"); err == nil {
		return lessCommand
	}
	return "off"
}

// pipeHolds is more than a pipe takes before somebody reads it.
const pipeHolds = 1 << 20

// page holds an answer back until it is higher than the screen; then it goes
// through the pager.
type page struct {
	out           io.Writer
	err           io.Writer
	command       string // empty for none
	width, height int
	held          bytes.Buffer // what was not shown yet; once the pager runs, a copy of what it got
	whole         bool         // that copy is all of it
	lines, column int
	program       *exec.Cmd
	pipe          io.WriteCloser
}

// page returns a page for the terminal; one that passes everything on if there
// is none, or no pager.
func (a *app) page() *page {
	p := &page{out: a.out, err: a.err}
	f, ok := a.out.(interface{ Fd() uintptr })
	if command := a.pager(); ok && command != "off" {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil && height > 0 {
			p.command, p.width, p.height = command, max(width, 1), height
		}
	}
	return p
}

// Write takes a piece of the answer.
func (p *page) Write(b []byte) (int, error) {
	switch {
	case p.command == "":
		return p.out.Write(b)
	case p.pipe != nil:
		return p.feed(b)
	}
	p.held.Write(b)
	p.count(b)
	if p.lines < p.height-1 { // the line that tells the time comes behind
		return len(b), nil
	}
	return len(b), p.start()
}

// count counts the lines of the screen that the bytes take.
func (p *page) count(b []byte) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		if p.column++; r == '\n' || p.column > p.width {
			p.lines++
			p.column = 0
		}
	}
}

// start starts the pager and gives it what was held.
func (p *page) start() error {
	p.program = exec.Command("sh", "-c", p.command)
	p.program.Stdout, p.program.Stderr = p.out, p.err
	pipe, err := p.program.StdinPipe()
	if err == nil {
		err = p.program.Start()
	}
	if err != nil {
		p.program = nil
		return p.without()
	}
	p.pipe = pipe
	first := bytes.Clone(p.held.Bytes())
	p.held.Reset()
	p.whole = true
	_, err = p.feed(first)
	return err
}

// feed gives the pager a piece. The first ones are kept: a shell takes some
// time to find out that there is no such program, and the pipe takes them
// meanwhile.
func (p *page) feed(b []byte) (int, error) {
	if p.program == nil {
		return 0, syscall.EPIPE // it has ended
	}
	if p.whole = p.whole && p.held.Len() < pipeHolds; p.whole {
		p.held.Write(b)
	}
	n, err := p.pipe.Write(b)
	if err == nil || !errors.Is(err, syscall.EPIPE) || !p.missing() {
		return n, err
	}
	return len(b), p.without()
}

// missing waits for the pager, and reports whether it could not be run at all:
// the shell ends with 126 or 127 then.
func (p *page) missing() bool {
	_ = p.pipe.Close()
	_ = p.program.Wait() // any other code says nothing about the answer
	code := p.program.ProcessState.ExitCode()
	p.program = nil
	return p.whole && (code == 126 || code == 127)
}

// without goes on without a pager: what was held comes first.
func (p *page) without() error {
	fmt.Fprintf(p.err, "note: no pager %q here; another one: TARN_PAGER, or off for none\n", p.command)
	p.command, p.pipe = "", nil
	_, err := p.out.Write(p.held.Bytes())
	p.held.Reset()
	return err
}

// end shows what is still held, or waits until the reader leaves the pager. It
// returns the error of writing; that the reader has left early is none.
func (p *page) end(err error) error {
	if p.pipe == nil {
		_, writeErr := p.out.Write(p.held.Bytes())
		return errors.Join(err, writeErr)
	}
	if p.program != nil && p.missing() {
		return errors.Join(err, p.without())
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
