package query

import "strings"

// Piece is a statement within a longer text.
type Piece struct {
	// Text is the statement, without the semicolon behind it.
	Text string
	// Line and Col are where it starts, counted from 1 as in [SyntaxError].
	Line, Col int
}

// Split returns the statements of a text that end with a semicolon, and what
// stands behind the last. Comments before a statement belong to it; what is
// nothing but comments is left out. Open is what the rest leaves open: a quote,
// the start of a comment or of a dollar-quoted text; empty if nothing.
func Split(text string) (whole []Piece, rest Piece, open string) {
	from, empty := 0, true
	for _, t := range tokens(text) {
		switch {
		case t.kind == brokenToken:
			open, empty = opening(t.text), false
		case t.is(";"):
			if !empty {
				whole = append(whole, piece(text, from, t.pos))
			}
			from, empty = t.end(), true
		case !t.blank():
			empty = false
		}
	}
	if !empty {
		rest = piece(text, from, len(text))
	}
	return whole, rest, open
}

// piece is the statement between two places of a text, without the blanks
// around it.
func piece(text string, from, to int) Piece {
	body := text[from:to]
	from += len(body) - len(strings.TrimLeft(body, " \t\r\n\v\f"))
	line, col := position(text, from)
	return Piece{Text: strings.TrimSpace(body), Line: line, Col: col}
}

// opening is how a token that does not end begins.
func opening(broken string) string {
	if strings.HasPrefix(broken, "/*") {
		return "/*"
	}
	if tag, ok := dollarTag(broken); ok {
		return tag
	}
	return strings.TrimLeft(broken, "eE")[:1]
}

// OneLine returns the statement on one line, without comments; false if a text
// in it has several lines, so that it cannot be.
func OneLine(sql string) (string, bool) {
	var b strings.Builder
	for _, t := range tokens(strings.TrimSpace(sql)) {
		switch {
		case t.blank():
			if !strings.HasSuffix(b.String(), " ") {
				b.WriteByte(' ')
			}
		case strings.ContainsAny(t.text, "\r\n"):
			return "", false
		default:
			b.WriteString(t.text)
		}
	}
	return strings.TrimSpace(b.String()), true
}
