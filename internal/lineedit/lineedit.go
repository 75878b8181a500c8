// Package lineedit reads lines that a person types at a terminal, with
// editing, history and completion.
//
// It is the door to golang.org/x/term's editor, and adds what that leaves to
// its user: ^C that is not the end of the input, ^R, completion with a list of
// what is possible, a history in a file, the width of a window that changes,
// and lines too long for the editor, which would lose their ends unseen.
package lineedit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

var (
	// ErrInterrupt means that ^C was typed: the line is to be forgotten.
	ErrInterrupt = errors.New("interrupted")
	// ErrTooLong means that a line has as many characters as the editor holds:
	// what was typed or pasted behind them is lost.
	ErrTooLong = errors.New("the line is too long")
)

// maxLine is how many characters the editor keeps of a line.
const maxLine = 4096

// Completer returns what the word that ends at byte pos of the line may become:
// candidates for the text from start to pos.
type Completer func(line string, pos int) (start int, candidates []string)

// Editor reads lines from a terminal. The terminal is raw from the first Line
// until Pause. Its methods are for one goroutine.
type Editor struct {
	in, out  *os.File
	terminal *term.Terminal
	history  *History
	complete Completer
	search   search
	tabs     int // pressed in a row
	prompt   string
	chunk    []byte      // read last
	ahead    []byte      // typed, and not read yet
	cooked   *term.State // how the terminal was; nil while it is so
}

// New returns an editor. History and complete may be nil.
func New(in, out *os.File, history *History, complete Completer) *Editor {
	if history == nil {
		history = &History{}
	}
	e := &Editor{in: in, out: out, history: history, complete: complete}
	e.start()
	return e
}

// start makes a fresh terminal, without what was typed so far.
func (e *Editor) start() {
	e.terminal = term.NewTerminal(e, "")
	e.terminal.History = e.history
	e.terminal.AutoCompleteCallback = e.key
}

// Read lets the editor read the keyboard. It fits the editor to the window
// first, which may have changed since the last key.
func (e *Editor) Read(p []byte) (int, error) {
	if width, height, err := term.GetSize(int(e.out.Fd())); err == nil && width > 0 {
		_ = e.terminal.SetSize(width, height)
	}
	if len(e.ahead) == 0 {
		n, err := e.in.Read(p)
		if n == 0 || err != nil {
			return 0, err
		}
		e.ahead = append(e.ahead, p[:n]...)
	}
	e.chunk = append(e.chunk[:0], e.next(len(p))...)
	return copy(p, e.chunk), nil
}

// next takes what the terminal is to read next of what was typed: up to a key
// that changes what the keys behind it mean, and in a search one key.
func (e *Editor) next(most int) []byte {
	if e.search.on {
		key, n := searchKey(e.ahead)
		e.ahead = e.ahead[n:]
		return []byte{key}
	}
	n := min(most, len(e.ahead))
	if i := bytes.IndexAny(e.ahead[:n], "\x03\x12"); i >= 0 { // ^C, ^R
		n = i + 1
	}
	chunk := e.ahead[:n]
	e.ahead = e.ahead[n:]
	return chunk
}

// Write lets the editor write to the screen.
func (e *Editor) Write(p []byte) (int, error) { return e.out.Write(p) }

// Line reads a line behind a prompt. The error is io.EOF for ^D on an empty
// line, ErrInterrupt for ^C, ErrTooLong, or the context's.
func (e *Editor) Line(ctx context.Context, prompt string) (string, error) {
	if err := e.raw(); err != nil {
		return "", err
	}
	e.prompt = prompt
	e.terminal.SetPrompt(prompt)
	type answer struct {
		line string
		err  error
	}
	// Reading a terminal cannot be stopped. Whoever ends the context ends the
	// program, and the goroutine with it.
	typed := make(chan answer, 1)
	go func() {
		line, err := e.terminal.ReadLine()
		typed <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		err := e.Pause()
		_, _ = io.WriteString(e.out, "\n") // what is said next stands on its own line
		return "", errors.Join(ctx.Err(), err)
	case a := <-typed:
		return a.line, e.judge(a.line, a.err)
	}
}

// judge tells what the end of a line means.
func (e *Editor) judge(line string, err error) error {
	switch {
	case errors.Is(err, term.ErrPasteIndicator):
		err = nil
	case errors.Is(err, io.EOF) && bytes.IndexByte(e.chunk, ctrlC) >= 0:
		_, _ = io.WriteString(e.out, "^C\r\n")
		e.start() // the old one would show the line again
		return ErrInterrupt
	case errors.Is(err, io.EOF):
		_, _ = io.WriteString(e.out, "\r\n")
	}
	if err == nil && len([]rune(line)) >= maxLine {
		return ErrTooLong
	}
	return err
}

// raw takes the terminal over.
func (e *Editor) raw() error {
	if e.cooked != nil {
		return nil
	}
	state, err := term.MakeRaw(int(e.in.Fd()))
	if err != nil {
		return err
	}
	e.cooked = state
	// So that tabs and line feeds of a pasted text are no keys.
	e.terminal.SetBracketedPasteMode(true)
	return nil
}

// Pause gives the terminal back as it was, for output and other programs. The
// next Line takes it over again.
func (e *Editor) Pause() error {
	if e.cooked == nil {
		return nil
	}
	state := e.cooked
	e.cooked = nil
	err := term.Restore(int(e.in.Fd()), state)
	e.terminal.SetBracketedPasteMode(false)
	return err
}

// Keys. The terminal leaves ^C, tab, ^G and ^R to us.
const (
	ctrlC     = 3
	ctrlG     = 7
	backspace = 8
	tab       = '\t'
	ctrlR     = 18
	escape    = 27
	del       = 127
)

// key handles a key that the editor has no use for.
func (e *Editor) key(line string, pos int, key rune) (string, int, bool) {
	if key != tab {
		e.tabs = 0
	}
	switch {
	case e.search.on:
		line, pos = e.search.key(e.history, key)
	case key == ctrlR:
		e.search.begin(e.history, line, pos)
		line, pos = e.search.found, len(e.search.found)
	case key == tab:
		e.tabs++
		return e.completed(line, pos)
	default:
		return "", 0, false
	}
	e.show()
	return line, pos, true
}

// show shows the prompt: of the search, or behind it the usual one again.
func (e *Editor) show() {
	prompt := e.prompt
	if e.search.on {
		prompt = e.search.prompt()
	}
	e.terminal.SetPrompt(prompt)
	_, _ = e.terminal.Write(nil) // draws it and the line anew
}

// completed extends the word before the cursor as far as all candidates agree.
// Where they do not, a second tab lists them.
func (e *Editor) completed(line string, pos int) (string, int, bool) {
	if e.complete == nil {
		return line, pos, true
	}
	start, candidates := e.complete(line, pos)
	if len(candidates) == 0 {
		return line, pos, true
	}
	word := common(candidates)
	if len(candidates) == 1 && !strings.HasSuffix(word, "(") && !strings.HasSuffix(word, ".") {
		word += " "
	}
	if len(word) > pos-start || len(candidates) == 1 {
		e.tabs = 0
		return line[:start] + word + line[pos:], start + len(word), true
	}
	if e.tabs > 1 {
		width, _, err := term.GetSize(int(e.out.Fd()))
		if err != nil {
			width = 80
		}
		_, _ = io.WriteString(e.terminal, columns(candidates, width))
	}
	return line, pos, true
}
