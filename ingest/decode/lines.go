package decode

import (
	"bytes"

	"tarn/schemas"
)

// bom is what some programs begin a text in UTF-8 with.
var bom = []byte("\xef\xbb\xbf")

// skipBOM skips the bom, if it is there.
func (s *splitter) skipBOM() bool {
	for len(s.buf)-s.at < len(bom) && s.more() {
	}
	if !bytes.HasPrefix(s.buf[s.at:], bom) {
		return false
	}
	s.at += len(bom)
	return true
}

// other reads what starts with neither an object nor an array.
func (s *splitter) other() {
	first := s.values == 0 && !s.objects && !s.EachLine
	if first && s.firstLine() {
		return
	}
	line := s.line(stampAhead)
	switch at := stamp(line); {
	case at > 0:
		s.at += at
		s.lines = true
	case line[0] == '"':
		if n, err := s.scan(); err != nil {
			s.broken(n, err)
		} else {
			s.alone(s.taken(n, 0))
		}
	case first:
		s.whole(ReasonNoRecords)
	default:
		s.rest(s.notJSON(0), 0)
	}
}

// firstLine reads the file if its first line tells what it is.
func (s *splitter) firstLine() bool {
	line := s.line(firstWindow)
	if bytes.HasPrefix(line, []byte("\xff\xfe")) || bytes.HasPrefix(line, []byte("\xfe\xff")) {
		s.whole("text in UTF-16, as PowerShell writes it: save it as UTF-8")
		return true
	}
	columns := header(line)
	if columns != nil {
		s.csv(columns)
	}
	return columns != nil
}

// line returns the line at the position, or the first part of one that is longer
// than most.
func (s *splitter) line(most int) []byte {
	for seen := 0; ; {
		text := s.buf[s.at:min(len(s.buf), s.at+most)]
		if i := bytes.IndexByte(text[seen:], '\n'); i >= 0 {
			return text[:seen+i]
		}
		if seen = len(text); seen == most || !s.more() {
			return s.buf[s.at:min(len(s.buf), s.at+most)]
		}
	}
}

// stampAhead is how long what stands in front of an event in a line may be: a time
// and the name of a log stream, which has at most 512 letters.
const stampAhead = 1 << 10

// stamp returns where the JSON begins in a line that has a time in front, as
// CloudWatch Logs exports them and aws logs tail prints them; 0 if it has none.
func stamp(line []byte) int {
	if len(line) < len("2026-01-02") || line[0]-'0' > 9 || line[4] != '-' || line[7] != '-' {
		return 0
	}
	line, _, _ = bytes.Cut(line[:min(len(line), stampAhead)], []byte("\n"))
	at := bytes.IndexByte(line, '{')
	if at < 0 {
		return 0
	}
	words := bytes.Fields(line[:at])
	for n := 1; n <= min(2, len(words)); n++ { // a space may stand in the time
		if _, ok := schemas.ParseTime(bytes.Join(words[:n], []byte(" "))); ok {
			return at
		}
	}
	return 0
}
