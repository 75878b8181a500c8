package control

import (
	"fmt"
	"strconv"
	"strings"
)

// Expectation is what is expected of a control's answer, in words, which are also how it
// is written:
//
//	no rows                each row is a finding
//	at least N rows        that there are fewer is the finding
//	at most N rows         more are a finding
//	each row acknowledged  a row is a finding unless somebody has said that it is right
//	rows for review        rows are shown, for somebody to look at; none is a finding
type Expectation struct {
	kind string
	n    int64
}

// The kinds, as they are written, without the number.
const (
	noRows       = "no rows"
	atLeast      = "at least"
	atMost       = "at most"
	acknowledged = "each row acknowledged"
	forReview    = "rows for review"
)

// parseExpectation reads one.
func parseExpectation(text string) (Expectation, error) {
	switch text {
	case noRows, acknowledged, forReview:
		return Expectation{kind: text}, nil
	}
	for _, kind := range []string{atLeast, atMost} {
		number, ok := strings.CutPrefix(text, kind+" ")
		number, rows := strings.CutSuffix(number, " rows")
		if n, err := strconv.ParseInt(number, 10, 32); ok && rows && err == nil && n > 0 {
			return Expectation{kind, n}, nil
		}
	}
	return Expectation{}, fmt.Errorf("%q is nothing that can be expected: write no rows, at least N rows, at most N rows, each row acknowledged, or rows for review", text)
}

// String is the expectation as it is written.
func (e Expectation) String() string {
	if e.n > 0 {
		return fmt.Sprintf("%s %d rows", e.kind, e.n)
	}
	return e.kind
}

// Met reports whether an answer is what was expected: rows is how many it has,
// acknowledged how many of them somebody said to be right.
func (e Expectation) Met(rows, acknowledged int64) bool {
	switch open := rows - acknowledged; e.kind {
	case atLeast:
		return rows >= e.n
	case atMost:
		return open <= e.n
	case forReview:
		return true
	default:
		return open == 0
	}
}
