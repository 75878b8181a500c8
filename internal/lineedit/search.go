package lineedit

import (
	"fmt"
	"strings"
	"unicode"
)

// search is the search back through the history that ^R begins: letters make
// the pattern longer and ^R goes on to an older entry.
type search struct {
	on      bool
	pattern string
	found   string
	at      int  // which entry that is; 0 is the newest
	failed  bool // no entry, or none older, holds the pattern
	// The line as it was when the search began, to come back to.
	line string
	pos  int
}

// begin starts the search for what is typed already, if anything is.
func (s *search) begin(h *History, line string, pos int) {
	*s = search{on: true, line: line, pos: pos, found: line}
	s.look(h, line, 0)
}

// look finds the newest entry from that one on which holds the pattern. If there
// is none, what was found stays.
func (s *search) look(h *History, pattern string, from int) {
	s.pattern, s.failed = pattern, false
	if pattern == "" {
		s.found, s.at = s.line, 0
		return
	}
	for i := from; i < h.Len(); i++ {
		if strings.Contains(strings.ToLower(h.At(i)), strings.ToLower(pattern)) {
			s.found, s.at = h.At(i), i
			return
		}
	}
	s.failed = true
}

// older goes on to the next older entry that is another one.
func (s *search) older(h *History) {
	from := s.at + 1
	for from < h.Len() && h.At(from) == s.found {
		from++
	}
	s.look(h, s.pattern, from)
}

// key takes a key while the search is on, and reports what the line is then.
func (s *search) key(h *History, key rune) (line string, pos int) {
	switch {
	case key == ctrlR:
		s.older(h)
	case key == keyShorten:
		letters := []rune(s.pattern)
		s.look(h, string(letters[:max(0, len(letters)-1)]), 0)
	case key == ctrlG:
		s.on = false
		return s.line, s.pos
	case key == keyTake:
		s.on = false
	case unicode.IsPrint(key):
		s.look(h, s.pattern+string(key), s.at)
	}
	return s.found, len(s.found)
}

// prompt says what is searched for.
func (s *search) prompt() string {
	failed := ""
	if s.failed {
		failed = "failed "
	}
	return fmt.Sprintf("(%sreverse-i-search)'%s': ", failed, s.pattern)
}

// Keys of a search that the terminal would take for its own come to it as these,
// which no keyboard types but with ^\ and ^].
const (
	keyTake    = 0x1c
	keyShorten = 0x1d
)

// searchKey is the next key of a search, as the terminal is to see it, and how
// many of the bytes typed it takes. Any key that is none of the search's ends
// it, and is then what it always is.
func searchKey(typed []byte) (key byte, n int) {
	switch b := typed[0]; {
	case b == backspace, b == del:
		return keyShorten, 1
	case b == escape && len(typed) > 1 && (typed[1] == '[' || typed[1] == 'O'): // an arrow
		return keyTake, 0
	case b == escape, b == ctrlG:
		return ctrlG, 1
	case b == ctrlR, b >= ' ':
		return b, 1
	}
	return keyTake, 0
}
