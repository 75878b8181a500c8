package page

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"tarn/internal/progress"
)

// marksInARow is how many combining marks a letter may have. More of them are drawn
// over the lines above and below, where they could cover what stands there.
const marksInARow = 4

// visible hands on s in pieces: text as it is, and numbers of what cannot be seen or
// would do something to what can. The same pieces come of a text that is no UTF-8 and
// of what JSON makes of it.
func visible(s string, hidden func(rune) bool, piece func(text string, isNumber bool)) {
	start, marks := 0, 0
	for i, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		bad := r == utf8.RuneError && size == 1
		if !bad && marks <= marksInARow && !hidden(r) {
			continue
		}
		if start < i {
			piece(s[start:i], false)
		}
		start = i + size
		if bad {
			piece("\ufffd", false)
		} else {
			piece(fmt.Sprintf(`\u{%x}`, r), true)
		}
	}
	if start < len(s) {
		piece(s[start:], false)
	}
}

// unseen reports what leaves no mark of its own on a page: control characters, what
// turns the direction of text around, spaces that are none, what has no meaning yet.
func unseen(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }

// show is s as HTML, with numbers that can be told from text.
func show(s string) template.HTML {
	var b strings.Builder
	visible(s, unseen, func(text string, isNumber bool) {
		if isNumber {
			b.WriteString(`<span class="unseen">` + text + `</span>`)
		} else {
			b.WriteString(html.EscapeString(text))
		}
	})
	return template.HTML(b.String())
}

// plain is s with numbers in place of what is hidden, for places that have text only.
func plain(s string, hidden func(rune) bool) string {
	var b strings.Builder
	visible(s, hidden, func(text string, _ bool) { b.WriteString(text) })
	return b.String()
}

// cut returns the first letters of s, and how many it leaves out.
func cut(s string, letters int) (first string, left int) {
	if len(s) <= letters {
		return s, 0
	}
	n := 0
	for i := range s {
		if n == letters {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		n++
	}
	return s, 0
}

// counted writes a number with its noun, whose plural has an s.
func counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return progress.Count(int64(n)) + " " + noun + "s"
}
