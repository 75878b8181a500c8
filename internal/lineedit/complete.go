package lineedit

import (
	"strings"
	"unicode/utf8"
)

// common returns what all candidates begin with, in any case, as the first of
// them spells it.
func common(candidates []string) string {
	first := candidates[0]
	n := len(first)
	for _, c := range candidates[1:] {
		n = min(n, len(c))
		for n > 0 && !strings.EqualFold(first[:n], c[:n]) {
			n--
		}
	}
	for n > 0 && n < len(first) && !utf8.RuneStart(first[n]) {
		n--
	}
	return first[:n]
}

// mostListed is how many candidates are shown.
const mostListed = 200

// columns lists candidates in as many columns as the width allows.
func columns(candidates []string, width int) string {
	more := max(0, len(candidates)-mostListed)
	candidates = candidates[:len(candidates)-more]
	widest := 0
	for _, c := range candidates {
		widest = max(widest, utf8.RuneCountInString(c)+2)
	}
	perLine := max(1, width/max(1, widest))
	lines := (len(candidates) + perLine - 1) / perLine
	var b strings.Builder
	for i := range lines {
		for j := i; j < len(candidates); j += lines {
			b.WriteString(candidates[j])
			if j+lines < len(candidates) {
				b.WriteString(strings.Repeat(" ", widest-utf8.RuneCountInString(candidates[j])))
			}
		}
		b.WriteByte('\n')
	}
	if more > 0 {
		b.WriteString("… and more\n")
	}
	return b.String()
}
