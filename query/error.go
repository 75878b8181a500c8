package query

import (
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

// wrapAt puts a place in the parser's text before an error that is not about
// syntax.
func (s *source) wrapAt(pos int, err error) error {
	if pos < 0 {
		return err
	}
	line, col := position(s.user, s.userPos(pos))
	return fmt.Errorf("%d:%d: %w", line, col, err)
}
