package query

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says what is wrong with a statement and where.
type SyntaxError struct {
	// Line and Col are where in the text as it was given, counted from 1 in
	// lines and characters; 0 if the place is not known.
	Line, Col int
	// Msg says what is wrong, in the words of the text as it was given.
	Msg string
}

// Error returns "line:col: message".
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg)
}

// fault is an error at a place in the user's text; -1 is nowhere.
func (s *source) fault(userPos int, msg string) *SyntaxError {
	if userPos < 0 {
		return &SyntaxError{Msg: msg}
	}
	line, col := position(s.user, userPos)
	return &SyntaxError{Line: line, Col: col, Msg: msg}
}

// faultAt is an error at a place in the parser's text; -1 is nowhere.
func (s *source) faultAt(pos int, msg string) *SyntaxError {
	if pos >= 0 {
		pos = s.userPos(pos)
	}
	return s.fault(pos, msg)
}

// position returns line and column, counted from 1 in characters.
func position(text string, pos int) (line, col int) {
	before := text[:min(pos, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// placedError is an error that is not about syntax, at a place in the text.
type placedError struct {
	line, col int
	err       error
}

// Error returns "line:col: message".
func (e *placedError) Error() string { return fmt.Sprintf("%d:%d: %v", e.line, e.col, e.err) }

// Unwrap returns the error without its place.
func (e *placedError) Unwrap() error { return e.err }

// wrapAt puts a place in the parser's text before an error that is not about
// syntax.
func (s *source) wrapAt(pos int, err error) error {
	if pos < 0 {
		return err
	}
	line, col := position(s.user, s.userPos(pos))
	return &placedError{line, col, err}
}

// Place returns where in the statement the reason of an error is, counted from
// 1 in lines and characters, if that is known.
func Place(err error) (line, col int, ok bool) {
	var placed *placedError
	var syntax *SyntaxError
	switch {
	case errors.As(err, &placed):
		return placed.line, placed.col, true
	case errors.As(err, &syntax) && syntax.Line > 0:
		return syntax.Line, syntax.Col, true
	}
	return 0, 0, false
}

// Move makes an error of a statement one of the longer text that the statement
// is a piece of: its line and column are then those of the text.
func Move(err error, to Piece) error {
	move := func(line, col *int) {
		if *line == 1 {
			*col += to.Col - 1
		}
		*line += to.Line - 1
	}
	var placed *placedError
	var syntax *SyntaxError
	switch {
	case errors.As(err, &placed):
		move(&placed.line, &placed.col)
	case errors.As(err, &syntax) && syntax.Line > 0:
		move(&syntax.Line, &syntax.Col)
	}
	return err
}
