package query

import (
	"fmt"
	"strings"
)

// placeholder finds what was to be replaced before the statement is run, as
// statements that people share have it: $EDS_ID, ${name}, {name}, <the name>;
// ? where a table should be. In texts anything may stand.
func placeholder(all []token, stores []string) *placeFault {
	var places tablePlaces
	for i, t := range all {
		table := places.expected()
		if n := placeholderLength(all, i, table); n > 0 {
			var text strings.Builder
			text.WriteString(all[i].text)
			for j := i + 1; j < i+n; j++ {
				text.WriteString(strings.Repeat(" ", min(1, all[j].pos-all[j-1].end())) + all[j].text)
			}
			advice := "put the value in its place"
			if table {
				advice = "put the name of an event data store in its place"
				if len(stores) > 0 {
					advice += ", such as " + stores[0]
				}
			}
			return &placeFault{t.pos, fmt.Sprintf("%s is a placeholder", text.String()), advice}
		}
		places.see(t)
	}
	return nil
}

// placeholderLength returns how many tokens from i on are a placeholder.
func placeholderLength(all []token, i int, table bool) int {
	t := all[i]
	next := token{}
	if i+1 < len(all) {
		next = all[i+1]
	}
	switch {
	case t.is("$") && next.pos == t.end() && next.kind == wordToken:
		return 2
	case t.is("$") && next.pos == t.end() && next.is("{"):
		if n := wordsTo(all, i+2, "}"); n > 0 {
			return n + 3
		}
	case t.is("{"):
		if n := wordsTo(all, i+1, "}"); n > 0 {
			return n + 2
		}
	case t.is("<") && (table || i > 0 && !endsTerm(all[i-1])):
		if n := wordsTo(all, i+1, ">"); n > 0 {
			return n + 2
		}
	case t.is("?") && table:
		return 1
	}
	return 0
}

// wordsTo counts the words, numbers, dots and hyphens from i to a closing mark;
// 0 if something else is between, or nothing.
func wordsTo(all []token, i int, mark string) int {
	for n := i; n < len(all); n++ {
		if all[n].is(mark) {
			return n - i
		}
		if t := all[n]; t.kind != wordToken && t.kind != numberToken && !t.is("-") && !t.is(".") {
			return 0
		}
	}
	return 0
}

// endsTerm reports whether the left side of a comparison may end with the token.
func endsTerm(t token) bool {
	switch t.kind {
	case wordToken:
		word := strings.ToUpper(t.text)
		return operands[word] || !reservedWords[word] && !afterSelect[word]
	case nameToken, stringToken, numberToken:
		return true
	}
	return t.is(")") || t.is("]") || t.is("<") || t.is(">")
}
