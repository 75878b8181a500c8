package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"tarn/internal/jscan"
)

// peek skips space and returns the next byte; ok is false at the end.
func (s *splitter) peek() (byte, bool) {
	for {
		s.at = jscan.Space(s.buf, s.at)
		if s.at < len(s.buf) {
			return s.buf[s.at], true
		}
		if !s.more() {
			return 0, false
		}
	}
}

// scan finds how long the value at the position is, and notes the members of an
// object. The error is jscan's, n then where it is; jscan.ErrShort means that no
// more comes, or that the value is too long for the window.
func (s *splitter) scan() (n int, err error) {
	l := &s.levels[0]
	var tail jscan.Skipper
	for {
		text := s.buf[s.at:]
		l.members, n, err = jscan.Record(text, 0, l.members[:0])
		// A number may go on in what comes.
		open := err == nil && n == len(text) && jscan.KindOf(text) == jscan.Number
		if !open && !errors.Is(err, jscan.ErrShort) {
			return n, err
		}
		// Not to read it again and again, it is read again when it is whole, or
		// twice as long.
		for had := len(text); ; {
			if !s.more() {
				if len(s.buf)-s.at == had {
					return n, err
				}
				break
			}
			if _, whole := tail.Skip(s.buf[s.at:]); whole || len(s.buf)-s.at >= 2*had {
				break
			}
		}
	}
}

// scanned is where the last whole member ends of an object that scan did not find
// the end of.
func (s *splitter) scanned() int {
	if m := s.levels[0].members; len(m) > 0 {
		return m[len(m)-1].End
	}
	return 1
}

// span returns the next n bytes and goes behind them. They are valid until the
// next read.
func (s *splitter) span(n int) value {
	v := value{text: s.buf[s.at : s.at+n], offset: s.offset(), length: int64(n)}
	s.at += n
	return v
}

// taken returns the value that scan found, and goes behind it.
func (s *splitter) taken(n, depth int) value {
	v := s.span(n)
	v.members, v.depth = s.levels[0].members, depth
	return v
}

// listAhead is how far list looks for the bracket of an array.
const listAhead = 256

// list reports whether a member follows that is a list of events, from bytes on
// behind the position, and goes to its first element.
func (s *splitter) list(from int) bool {
	for {
		text := s.buf[s.at+from : min(len(s.buf), s.at+from+listAhead)]
		key, behind, err := jscan.Key(text, len(text)-len(bytes.TrimLeft(text, ", \t\r\n")))
		if err == nil && behind < len(text) {
			if text[behind] != '[' || s.objects || !isList(key) {
				return false
			}
			s.at += from + behind + 1
			return true
		}
		if errors.Is(err, jscan.ErrSyntax) || len(text) == listAhead || !s.more() {
			return false
		}
	}
}

// broken deals with a value that scan did not find the end of. It reports whether
// reading goes on behind it, in the array that it is in.
func (s *splitter) broken(n int, err error) bool {
	switch {
	case errors.Is(err, jscan.ErrDepth):
		return s.deep()
	case errors.Is(err, jscan.ErrShort):
		s.rest("", n)
	default:
		s.rest(s.notJSON(n), n)
	}
	return false
}

func (s *splitter) notJSON(n int) string {
	return fmt.Sprintf("not JSON at byte %d", s.offset()+int64(n))
}

// deep rejects the value that is nested too deep, and goes on behind it.
func (s *splitter) deep() bool {
	var skip jscan.Skipper
	for {
		end, whole := skip.Skip(s.buf[s.at:])
		if whole {
			s.refuse(s.span(end), "record is "+jscan.ErrDepth.Error())
			return s.failed == nil
		}
		if !s.more() {
			s.rest("", len(s.buf)-s.at)
			return false
		}
	}
}

// rereads is how often the bytes of a file may be read again on average, to find
// lines in what turned out to be no value. Beyond that, what was read is given up.
const rereads = 4

// rest rejects what follows up to the next line that starts a value; n bytes of it
// were read.
func (s *splitter) rest(reason string, n int) {
	if s.again += int64(n); s.again < firstWindow || s.again < rereads*s.offset() {
		n = 0
	}
	s.reject(reason, func() {
		s.drop(n)
		s.nextLine()
	})
}

// whole rejects the file, or what is left of it.
func (s *splitter) whole(reason string) { s.reject(reason, s.drain) }

// reject rejects what skip skips. Without a reason, the file ended where more was
// needed, or more was needed than fits.
func (s *splitter) reject(reason string, skip func()) {
	switch {
	case s.failed != nil:
		return
	case s.long:
		reason = "record is longer than 16 MiB"
		s.long = false
	case reason == "":
		reason = ReasonTruncated
	}
	r := Record{Offset: s.offset(), Line: s.lineOf(s.offset()), Reason: reason}
	s.dropped = nil
	skip()
	r.Raw, r.Length = s.dropped, s.offset()-r.Offset
	if s.err != nil && !errors.Is(s.err, io.EOF) && s.at == len(s.buf) {
		r.Reason += ": " + explain(s.err)
		s.told = true
	}
	s.emit(r)
}

// drop goes on by n bytes, and keeps some of them for the reject that they are.
func (s *splitter) drop(n int) {
	room := max(0, keptOfReject-len(s.dropped))
	s.dropped = append(s.dropped, s.buf[s.at:s.at+min(n, room)]...)
	s.at += n
}

// drain reads to the end of the stream and forgets it.
func (s *splitter) drain() {
	for more := true; more; more = s.more() {
		s.drop(len(s.buf) - s.at)
	}
}

// nextLine goes to the next line that starts a value, or to the end.
func (s *splitter) nextLine() {
	for {
		i := bytes.IndexByte(s.buf[s.at:], '\n')
		if i < 0 {
			s.drop(len(s.buf) - s.at)
			if !s.more() {
				return
			}
			continue
		}
		s.drop(i)
		if s.EachLine {
			s.drop(1)
			return
		}
		if s.at+1 == len(s.buf) && !s.more() {
			s.drop(1)
			return
		}
		if s.drop(1); s.starts(s.buf[s.at]) {
			return
		}
	}
}

// starts reports whether a line with this first byte starts a value.
func (s *splitter) starts(c byte) bool {
	return c == '{' || c == '[' || s.lines && c-'0' <= 9
}

func explain(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the gzip stream ends early"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return "the gzip stream is damaged"
	}
	return err.Error()
}
