package decode

import (
	"bytes"
	"errors"
	"fmt"

	"tarn/internal/jscan"
)

// value is a JSON value of the file, or one that was packed in a text of it.
type value struct {
	text    []byte
	members []jscan.Member // of an object
	// offset and length say where it stands in the inflated bytes; if it was
	// packed, where the text stands that it was packed in.
	offset, length int64
	packed         bool
	depth          int // how far in it is
}

// maxDepth is how far in an event may be. An envelope counts once, and again if
// it is a list or a text. A log event in subscription data in a record of Kinesis
// is ten deep.
const maxDepth = 32

// level is the memory of one depth.
type level struct {
	members     []jscan.Member // of the object that is read there
	text, coded []byte         // what was packed in a text there
}

// part is the part [from, to) of a value, one envelope further in.
func (v value) part(from, to int) value {
	p := value{text: v.text[from:to], offset: v.offset, length: v.length, packed: v.packed, depth: v.depth + 1}
	if !v.packed {
		p.offset, p.length = v.offset+int64(from), int64(to-from)
	}
	return p
}

// parse reads the value at v.text[i], which is a part of v, up to its end.
func (s *splitter) parse(v value, i int) (part value, end int, err error) {
	l := &s.levels[v.depth+1]
	l.members, end, err = jscan.Record(v.text[i:], 0, l.members[:0])
	if err != nil {
		return value{}, i + end, err
	}
	part = v.part(i, i+end)
	part.members = l.members
	return part, i + end, nil
}

// document takes a text apart that holds values, one behind the other. name is
// what it is called in reasons. If nothing is in it, it says why.
func (s *splitter) document(v value, name string) (reason string) {
	before, at := s.number, 0
	if bytes.HasPrefix(v.text, bom) {
		at = len(bom)
	}
	if at = jscan.Space(v.text, at); at == len(v.text) {
		return name + " is empty"
	}
	for at < len(v.text) && s.failed == nil {
		at += stamp(v.text[at:])
		part, end, err := s.parse(v, at)
		if err != nil {
			part = v
			part.text = v.text[at:]
			reason = fmt.Sprintf("%s %s at its byte %d", name, wrong(err), end)
			end = len(v.text)
		} else if part.text[0] == '[' {
			s.inside(part)
		} else {
			reason = s.take(part)
		}
		if at = between(v.text, end); at == len(v.text) && s.number == before {
			return reason
		}
		if reason != "" {
			s.refuse(part, reason)
		}
		reason = ""
	}
	return ""
}

// between skips what may stand between values: space, and commas of an array that
// they were cut out of.
func between(text []byte, at int) int {
	for at = jscan.Space(text, at); at < len(text) && text[at] == ','; {
		at = jscan.Space(text, at+1)
	}
	return at
}

// wrong says what is wrong with a text that has jscan's error.
func wrong(err error) string {
	switch {
	case errors.Is(err, jscan.ErrShort):
		return "is cut off"
	case errors.Is(err, jscan.ErrDepth):
		return "is " + err.Error()
	}
	return "is not JSON"
}

// inside takes the elements of an array.
func (s *splitter) inside(v value) {
	for i := jscan.Space(v.text, 1); v.text[i] != ']' && s.failed == nil; {
		part, end, err := s.parse(v, i)
		if err != nil {
			return // it was read before, so it is JSON
		}
		s.element(part)
		if i = jscan.Space(v.text, end); v.text[i] == ',' {
			i = jscan.Space(v.text, i+1)
		}
	}
}

// element takes an element of an array.
func (s *splitter) element(v value) {
	if reason := s.take(v); reason != "" {
		s.refuse(v, reason)
	}
}

// alone takes a value that stands alone in the file.
func (s *splitter) alone(v value) {
	reason := s.take(v)
	if reason == reasonNoTime {
		reason = ReasonNoRecords
	}
	if reason != "" {
		s.refuse(v, reason)
	}
}

// take finds the events in a value: it is one, or has some in it. If not, it says
// why.
func (s *splitter) take(v value) (reason string) {
	switch {
	case v.depth > maxDepth:
		return "wrapped too often"
	case v.text[0] == '"':
		return s.unescape(v, "the text")
	case v.text[0] != '{':
		return "record is not an object"
	case s.objects:
		s.emit(Record{Raw: bytes.Clone(v.text), Offset: v.offset, Length: v.length})
		return ""
	}
	found := look(v)
	if !found.sure {
		if known, reason := s.unwrap(v, found.time != nil); known {
			return reason
		}
	}
	return s.event(v, found)
}
