package main

import (
	"bytes"
	"errors"
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

// page holds an answer back until it is higher than the screen; then it goes
// through the pager.
type page struct {
	out           io.Writer
	err           io.Writer
	command       string // empty for none
	width, height int
	held          bytes.Buffer
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
		return p.pipe.Write(b)
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
	if err != nil { // then without
		p.command, p.program = "", nil
		_, err = p.out.Write(p.held.Bytes())
		return err
	}
	p.pipe = pipe
	_, err = pipe.Write(p.held.Bytes())
	return err
}

// end shows what is still held, or waits until the reader leaves the pager. It
// returns the error of writing; that the reader has left early is none.
func (p *page) end(err error) error {
	if p.pipe == nil {
		_, writeErr := p.out.Write(p.held.Bytes())
		if p.command == "" {
			writeErr = nil // nothing was held
		}
		return errors.Join(err, writeErr)
	}
	_ = p.pipe.Close()
	_ = p.program.Wait() // its code says nothing about the answer
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
