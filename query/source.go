package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tarn/internal/hint"
	"tarn/internal/uuid"
)

// maxLength is CloudTrail Lake's limit on a statement, in characters. It also
// keeps the parser and the planner from being given a bomb.
const maxLength = 10_000

// source is a statement as the user typed it and as the parser gets it, and
// the way back from a place in the second to a place in the first.
type source struct {
	user  string
	text  string
	edits []edit
}

// edit is a piece of the user's text that was replaced.
type edit struct {
	at, was int    // in the user's text, and how long it is there
	now     string // what took its place
}

// newSource reads the user's text, puts names of stores that SQL cannot read
// bare into quotes (ids and ARNs, and names with '-' or '.' in them), and
// rewrites what DuckDB's grammar does not have.
func newSource(sql string, stores []string) (*source, error) {
	s := &source{user: sql}
	if n := utf8.RuneCountInString(sql); n > maxLength {
		return nil, s.fault(0, fmt.Sprintf("the statement has %d characters; at most %d are allowed", n, maxLength))
	}
	if i := strings.IndexByte(sql, 0); i >= 0 || !utf8.ValidString(sql) {
		return nil, s.fault(max(i, 0), "the statement is not text in UTF-8")
	}
	sql = plainSpaces(sql)
	all := tokens(sql)
	for _, t := range all {
		if t.kind == brokenToken {
			return nil, s.fault(t.pos, fmt.Sprintf("the text from %s on does not end", abbreviate(t.text, 10)))
		}
	}
	body := sql[:bodyEnd(all)]
	if body == "" {
		return nil, s.fault(0, "the statement is empty")
	}
	all = slices.DeleteFunc(all, func(t token) bool { return t.blank() || t.pos >= len(body) })
	edits, wrong := rewrite(all)
	if left := placeholder(all, stores); left != nil {
		wrong = left
	}
	if wrong != nil {
		return nil, hint.Add(s.fault(wrong.pos, wrong.msg), wrong.advice)
	}
	s.apply(body, append(quoteStores(body, stores), edits...))
	return s, nil
}

// apply makes the parser's text. Of edits that meet the first counts.
func (s *source) apply(body string, edits []edit) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out strings.Builder
	pos := 0
	for _, e := range edits {
		if e.at < pos {
			continue
		}
		out.WriteString(body[pos:e.at] + e.now)
		s.edits = append(s.edits, e)
		pos = e.at + e.was
	}
	s.text = out.String() + body[pos:]
}

// bodyEnd returns where the statement ends: before trailing space, comments
// and one semicolon.
func bodyEnd(all []token) int {
	semicolon := false
	for _, t := range slices.Backward(all) {
		switch {
		case t.blank():
		case t.is(";") && !semicolon:
			semicolon = true
		default:
			return t.end()
		}
	}
	return 0
}

// quoteStores returns the edits that put quotes around names of stores.
func quoteStores(body string, stores []string) (edits []edit) {
	var places tablePlaces
	for pos := 0; pos < len(body); {
		t := nextToken(body, pos)
		ref := ""
		if places.expected() && (t.kind == wordToken || t.kind == numberToken) {
			ref = storeRef(body[pos:], stores)
		}
		if ref != "" {
			quoted := `"` + ref + `"`
			edits = append(edits, edit{pos, len(ref), quoted})
			places.see(token{nameToken, pos, quoted})
			pos += len(ref)
			continue
		}
		places.see(t)
		pos = t.end()
	}
	return edits
}

// storeRef returns the reference to a store at the start of s that SQL could
// not read without quotes, or "".
func storeRef(s string, stores []string) string {
	best := ""
	if n := arnLength(s); n > 0 {
		best = s[:n]
	}
	for _, name := range stores {
		if len(name) > len(best) && len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			best = s[:len(name)]
		}
	}
	if best == "" {
		best = hyphenated(s)
	}
	if best == "" {
		return ""
	}
	for _, suffix := range suffixes {
		if n := len(best) + len(suffix); len(s) >= n && strings.EqualFold(s[len(best):n], suffix) {
			best = s[:n]
			break
		}
	}
	if rest := s[len(best):]; rest != "" && (isWord(rest[0]) || rest[0] == '-' || rest[0] == '.') {
		return "" // the start of something longer
	}
	if span(best, isWord) == best && !isDigit(best[0]) {
		return "" // a plain name needs no quotes
	}
	return best
}

// hyphenated returns the word with hyphens at the start of s: an id that is
// none, or a placeholder such as eds-id. default.table is one of Athena's.
func hyphenated(s string) string {
	word := span(s, func(c byte) bool { return isWord(c) || c == '-' })
	word, _, _ = strings.Cut(word, "--")
	if strings.EqualFold(word, "default") && strings.HasPrefix(s[len(word):], ".") {
		return s[:len(word)+1] + span(s[len(word)+1:], isWord)
	}
	if !strings.Contains(word, "-") {
		return ""
	}
	return word
}

// arnLength returns the length of the store's id or ARN at the start of s, or 0.
func arnLength(s string) int {
	start := 0
	if strings.HasPrefix(strings.ToLower(s[:min(4, len(s))]), "arn:") {
		slash := strings.IndexByte(s, '/')
		if slash < 0 || strings.ContainsAny(s[:slash], " \t\r\n,;()'\"") || !strings.HasSuffix(s[:slash], ":eventdatastore") {
			return 0
		}
		start = slash + 1
	}
	end := start + 36
	if end > len(s) {
		return 0
	}
	if !uuid.Valid(strings.ToLower(s[start:end])) {
		return 0
	}
	return end
}

// userPos returns the place in the user's text of a place in the parser's.
func (s *source) userPos(pos int) int {
	shift := 0 // how much longer the parser's text is so far
	for _, e := range s.edits {
		start := e.at + shift
		if pos < start {
			break
		}
		if pos < start+len(e.now) {
			return e.at
		}
		shift += len(e.now) - e.was
	}
	return min(max(pos-shift, 0), len(s.user))
}

// abbreviate cuts a text to n characters for a message.
func abbreviate(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
