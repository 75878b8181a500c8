package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"tarn/internal/lineedit"
	"tarn/lake"
	"tarn/query"
	"tarn/query/result"
)

// lineReader is where a shell's lines come from: an editor at a terminal, or
// plain lines from a terminal that cannot move its cursor.
type lineReader interface {
	// Line reads a line behind a prompt; the errors are lineedit's.
	Line(ctx context.Context, prompt string) (string, error)
	// Pause gives the terminal back while there is output.
	Pause() error
}

// shell is tarn query without SQL on a terminal.
type shell struct {
	*app
	lines   lineReader
	history *lineedit.History
	asked   asked
	stores  []lake.Store // as they were last seen, for completion
	buffer  string       // a statement that is not complete yet
	format  string
	expand  result.Expand
	timing  bool
	output  string    // the file for the next answer
	written time.Time // when the last answer was complete: reading it in a pager takes longer
}

// errQuit means that somebody wants to leave the shell.
var errQuit = errors.New("quit")

const welcome = `Type SQL and end it with ;   \? for help, \q or ^D to leave.`

func (a *app) shell(ctx context.Context, o queryOptions) error {
	s := &shell{app: a, format: o.format, expand: o.expand, timing: true}
	if at := a.endpoint(); at != "" {
		client, err := a.client(at)
		if err != nil {
			return err
		}
		s.asked = askedThere{s, client, at}
	} else {
		engine, err := a.engine()
		if err != nil {
			return err
		}
		defer engine.Close()
		s.asked = askedHere{s, engine}
	}
	// ^C is for the line or the statement, never for the shell.
	signal.Reset(os.Interrupt)
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, os.Interrupt)
	defer signal.Stop(ignored)
	if err := s.greet(ctx); err != nil {
		return err
	}
	s.open()
	return s.loop(ctx)
}

// greet says which lake this is. It is an error if there is none.
func (s *shell) greet(ctx context.Context) error {
	all, err := s.holds(ctx)
	if err != nil {
		return err
	}
	var events int64
	for _, st := range all {
		events += st.events
	}
	_, err = fmt.Fprintf(s.err, "lake %s: %s, %s\n%s\n", s.asked, counted(int64(len(all)), "event data store"), counted(events, "event"), welcome)
	return err
}

// holds are the event data stores as they are now.
func (s *shell) holds(ctx context.Context) ([]holds, error) {
	all, err := s.asked.holds(ctx)
	if err == nil {
		s.stores = nil
		for _, st := range all {
			s.stores = append(s.stores, st.Store)
		}
	}
	return all, err
}

// open starts reading lines. A history that cannot be used is no reason not to.
func (s *shell) open() {
	if s.getenv("TERM") == "dumb" {
		s.lines = &plainLines{bufio.NewReader(s.in), s.out}
		return
	}
	if file := s.historyFile(); file != "off" {
		var err error
		if s.history, err = lineedit.OpenHistory(file); err != nil {
			fmt.Fprintln(s.err, "tarn: note:", err)
		}
	}
	s.lines = lineedit.New(s.in.(*os.File), s.out.(*os.File), s.history, s.complete)
}

// historyFile is where the shell's history is kept, or off.
func (a *app) historyFile() string {
	if file := a.config.get("history"); file != "" {
		return file
	}
	dir := a.getenv("XDG_STATE_HOME")
	if dir == "" {
		home := a.getenv("HOME")
		if home == "" {
			return "off"
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "tarn", "history")
}

// loop reads and runs until somebody leaves.
func (s *shell) loop(ctx context.Context) error {
	for {
		line, err := s.lines.Line(ctx, s.prompt())
		switch {
		case errors.Is(err, lineedit.ErrInterrupt):
			s.buffer = ""
			continue
		case errors.Is(err, lineedit.ErrTooLong):
			s.buffer = ""
			s.complainOf(usage(errors.New("the line is longer than the editor keeps"), `put it into a file and run \i FILE`))
			continue
		case errors.Is(err, io.EOF):
			return s.lines.Pause()
		case err != nil:
			return err
		}
		if err := s.take(ctx, line); errors.Is(err, errQuit) {
			return s.lines.Pause()
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(err, s.lines.Pause())
		}
	}
}

// prompt says what is awaited: a statement, more of one, or the end of a quote.
func (s *shell) prompt() string {
	if s.buffer == "" {
		return "tarn> "
	}
	_, _, open := query.Split(s.buffer)
	if open == "" {
		open = "-"
	}
	return fmt.Sprintf("%4s> ", open)
}

// take takes a line: a command, or SQL, which runs where a semicolon ends it.
func (s *shell) take(ctx context.Context, line string) error {
	trimmed := strings.TrimSpace(line)
	_, _, open := query.Split(s.buffer)
	if open == "" && strings.HasPrefix(trimmed, `\`) || s.buffer == "" && bareCommands[strings.ToLower(trimmed)] != "" {
		s.keep(trimmed)
		return s.command(ctx, trimmed)
	}
	s.buffer += line + "\n"
	whole, rest, open := query.Split(s.buffer)
	for _, p := range whole {
		if one, ok := query.OneLine(p.Text); ok {
			s.keep(one + ";")
		}
		s.run(ctx, p.Text)
	}
	if s.buffer = ""; rest.Text != "" || open != "" {
		s.buffer = rest.Text + "\n"
	}
	return nil
}

// keep puts a line into the history.
func (s *shell) keep(line string) {
	if s.history == nil {
		return
	}
	if err := s.history.Keep(line); err != nil {
		s.complainOf(err)
		s.history = nil // once is enough
	}
}

// errCancelled means that ^C stopped a statement.
var errCancelled = errors.New("cancelled")

// said reports whether what an error means was said already.
func said(err error) bool {
	var there elsewhereError
	return errors.Is(err, errCancelled) || errors.As(err, &there)
}

// run runs a statement. Whatever is wrong is said, and ends nothing.
func (s *shell) run(ctx context.Context, sql string) {
	if err := s.try(ctx, sql, s.asked.answer); !said(err) {
		s.complain(inStatement(sql, err))
	}
}

// try has a statement answered or explained, until ^C.
func (s *shell) try(ctx context.Context, sql string, do func(context.Context, string) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := s.lines.Pause(); err != nil { // from here on, ^C is a signal
		return err
	}
	err := do(ctx, sql)
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(s.err, "cancelled")
		return errCancelled
	}
	return err
}

// complete is the line editor's view of [query.Complete]: lines before this one
// count too.
func (s *shell) complete(line string, pos int) (int, []string) {
	if s.buffer == "" && strings.HasPrefix(strings.TrimSpace(line), `\`) {
		return s.completeCommand(line[:pos])
	}
	start, candidates := query.Complete(s.buffer+line, len(s.buffer)+pos, s.stores)
	if start -= len(s.buffer); start < 0 {
		return pos, nil // a name that began on the line before
	}
	return start, candidates
}

// complainOf prints an error while the editor has the terminal.
func (s *shell) complainOf(err error) {
	if paused := s.lines.Pause(); paused == nil {
		s.complain(err)
	}
}

// plainLines reads lines as they come.
type plainLines struct {
	in  *bufio.Reader
	out io.Writer
}

// Line implements lineReader.
func (p *plainLines) Line(ctx context.Context, prompt string) (string, error) {
	if _, err := io.WriteString(p.out, prompt); err != nil {
		return "", err
	}
	line, err := p.in.ReadString('\n')
	if line != "" && errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), errors.Join(err, ctx.Err())
}

// Pause implements lineReader.
func (p *plainLines) Pause() error { return nil }
