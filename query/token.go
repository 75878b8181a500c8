package query

import "strings"

// tokenKind is what a token is; the scanner knows no more of SQL than this.
type tokenKind uint8

const (
	spaceToken   tokenKind = iota // white space
	commentToken                  // -- to the end of the line, or /* nested */
	wordToken                     // a keyword or a bare name
	nameToken                     // a "quoted name"
	stringToken                   // 'text', E'text', $tag$text$tag$
	numberToken                   // digits, with fraction and exponent
	markToken                     // any other single character
	brokenToken                   // a string, name or comment that does not end
)

// token is a piece of SQL text. The tokens of a text, put together, are the text.
type token struct {
	kind tokenKind
	pos  int // of its first byte
	text string
}

// end is the position behind the token.
func (t token) end() int { return t.pos + len(t.text) }

// blank reports whether the token separates others and means nothing itself.
func (t token) blank() bool { return t.kind == spaceToken || t.kind == commentToken }

// is reports whether the token is this bare word, in any case, or this mark.
func (t token) is(text string) bool {
	return (t.kind == wordToken || t.kind == markToken) && strings.EqualFold(t.text, text)
}

// nextToken returns the token that starts at pos, which must be within the text.
func nextToken(sql string, pos int) token {
	rest := sql[pos:]
	c := rest[0]
	switch {
	case isSpace(c):
		return token{spaceToken, pos, span(rest, isSpace)}
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexAny(rest, "\r\n"); end >= 0 {
			rest = rest[:end]
		}
		return token{commentToken, pos, rest}
	case strings.HasPrefix(rest, "/*"):
		return ended(commentToken, pos, rest, commentEnd(rest))
	case c == '"':
		return ended(nameToken, pos, rest, quoteEnd(rest, 1, '"'))
	case c == '\'':
		return ended(stringToken, pos, rest, quoteEnd(rest, 1, '\''))
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		return ended(stringToken, pos, rest, escapedEnd(rest))
	case c == '$':
		if tag, ok := dollarTag(rest); ok {
			end := strings.Index(rest[len(tag):], tag)
			if end >= 0 {
				end += 2 * len(tag)
			}
			return ended(stringToken, pos, rest, end)
		}
		return token{markToken, pos, rest[:1]}
	case isDigit(c):
		return token{numberToken, pos, number(rest)}
	case isWord(c):
		return token{wordToken, pos, span(rest, isWord)}
	}
	return token{markToken, pos, rest[:1]}
}

// tokens returns all tokens of the text.
func tokens(sql string) []token {
	var all []token
	for pos := 0; pos < len(sql); {
		t := nextToken(sql, pos)
		all = append(all, t)
		pos = t.end()
	}
	return all
}

// otherSpaces puts as many bytes of spaces in the place of the white space that
// comes along when text is copied from a page, so that places stay.
var otherSpaces = strings.NewReplacer("\u00a0", "  ", "\u2000", "   ", "\u2001", "   ", "\u2002", "   ", "\u2003", "   ", "\u2004", "   ",
	"\u2005", "   ", "\u2006", "   ", "\u2007", "   ", "\u2008", "   ", "\u2009", "   ", "\u200a", "   ", "\u200b", "   ", "\u202f", "   ",
	"\u205f", "   ", "\u2060", "   ", "\u3000", "   ", "\ufeff", "   ")

// plainSpaces returns the statement with spaces for other white space, which is
// taken for letters otherwise. In texts, names and comments it stays.
func plainSpaces(sql string) string {
	for pos := 0; pos < len(sql); {
		t := nextToken(sql, pos)
		if plain := otherSpaces.Replace(t.text); t.kind == wordToken && plain != t.text {
			sql = sql[:pos] + plain + sql[t.end():]
			continue // an E may stand alone now, before a quote
		}
		pos = t.end()
	}
	return sql
}

// ended is a token of the given length, or a broken one if end is -1.
func ended(kind tokenKind, pos int, rest string, end int) token {
	if end < 0 {
		return token{brokenToken, pos, rest}
	}
	return token{kind, pos, rest[:end]}
}

// quoteEnd returns the length up to and with the closing quote, which stands
// for itself where it is doubled; -1 if there is none.
func quoteEnd(s string, from int, quote byte) int {
	for i := from; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			i++
			continue
		}
		return i + 1
	}
	return -1
}

// escapedEnd is quoteEnd for E'…', where a backslash takes the next character.
func escapedEnd(s string) int {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '\\' || s[i] == '\'' && strings.HasPrefix(s[i+1:], "'"):
			i++
		case s[i] == '\'':
			return i + 1
		}
	}
	return -1
}

// commentEnd returns the length of a /* comment */, which may hold others.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// dollarTag returns the $tag$ at the start of s.
func dollarTag(s string) (string, bool) {
	end := strings.IndexByte(s[1:], '$') + 2
	if end < 2 || end > 2 && (isDigit(s[1]) || span(s[1:end-1], isWord) != s[1:end-1]) {
		return "", false
	}
	return s[:end], true
}

// number returns the number at the start of s. A word may follow it at once:
// SQL reads 1e5 as a number and 1x as a number and a word.
func number(s string) string {
	i := digits(s, 0)
	if i < len(s) && s[i] == '.' {
		i = digits(s, i+1)
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		sign := i + 1
		if sign < len(s) && (s[sign] == '+' || s[sign] == '-') {
			sign++
		}
		if end := digits(s, sign); end > sign {
			i = end
		}
	}
	return s[:i]
}

func digits(s string, i int) int {
	for i < len(s) && (isDigit(s[i]) || s[i] == '_') {
		i++
	}
	return i
}

// span returns the longest start of s whose bytes all are in the class.
func span(s string, class func(byte) bool) string {
	for i := range len(s) {
		if !class(s[i]) {
			return s[:i]
		}
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWord takes all of UTF-8's longer sequences for letters, as DuckDB does.
func isWord(c byte) bool {
	return c == '_' || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
