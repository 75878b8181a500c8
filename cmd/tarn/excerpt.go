package main

import (
	"strings"

	"tarn/query"
)

// statementError is an error of a statement, with the line that it is about.
type statementError struct {
	err     error
	excerpt string
}

// Error returns the error's text alone.
func (e *statementError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *statementError) Unwrap() error { return e.err }

// inStatement adds the line of the statement to an error that has a place.
func inStatement(sql string, err error) error {
	line, col, ok := query.Place(err)
	if !ok {
		return err
	}
	return &statementError{err, excerpt(sql, line, col)}
}

// excerptWidth is how much of a long line is shown.
const excerptWidth = 76

// excerpt is a line of a text with a caret under one of its characters, both
// counted from 1; empty if there is no such place.
func excerpt(text string, line, col int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	shown := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' ' // a tab would move the caret
		}
		return r
	}, strings.TrimRight(lines[line-1], "\r")))
	at := col - 1
	if at < 0 || at > len(shown) {
		return ""
	}
	before, after := "", ""
	if len(shown) > excerptWidth {
		from := min(max(0, at-excerptWidth/2), len(shown)-excerptWidth)
		if from > 0 {
			before = "…"
		}
		if from+excerptWidth < len(shown) {
			after = "…"
		}
		shown, at = shown[from:from+excerptWidth], at-from
	}
	return "  " + before + string(shown) + after + "\n  " + strings.Repeat(" ", len([]rune(before))+at) + "^"
}
