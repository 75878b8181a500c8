package decode

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"tarn/internal/jscan"
)

// Kind is what a file turned out to be.
type Kind int

// The kinds of files.
const (
	// Log is a file of records.
	Log Kind = iota
	// Digest is a digest file, which signs log files and holds no events.
	Digest
)

// Reasons that other rooms give hints for.
const (
	// ReasonNoRecords marks a file that is JSON but no CloudTrail log.
	ReasonNoRecords = `no "Records" array: not a CloudTrail log file`
	// ReasonTruncated starts the reason of a file that ends too early.
	ReasonTruncated = "file is cut off"
)

// keptWindow is the largest window that waits for the next file.
const keptWindow = 1 << 20

// keptMembers is the largest list of members that waits for the next file: real
// records have some thirty.
const keptMembers = 4096

// keptOfReject is how many bytes of a long reject are kept.
const keptOfReject = 1 << 20

// Decoder reads log files one after the other. Its memory serves them all:
// files of five records are the normal case. One goroutine uses it at a time.
type Decoder struct {
	arena   arena
	members []jscan.Member
	buf     []byte
	in      *bufio.Reader
	zip     *gzip.Reader
}

// File reads a log file, gzipped or not, and calls fn for each record; if fn
// returns an error, File returns it. Whatever is wrong with the file itself
// comes as the last record, with a reason. r is read to its end unless fn fails
// or the file is hostile.
func (d *Decoder) File(r io.Reader, fn func(Record) error) (Kind, error) {
	counted := &counter{r: r}
	if d.in == nil {
		d.in, d.zip = bufio.NewReaderSize(nil, 64<<10), new(gzip.Reader)
	}
	d.in.Reset(counted)
	s := &splitter{fn: fn, arena: &d.arena, members: d.members}
	s.buf = d.buf[:0]
	s.packed = func() int64 { return counted.n }
	s.r = d.in
	if magic, _ := d.in.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		s.err = d.zip.Reset(d.in)
		s.r = d.zip
	}
	kind := s.file()
	if d.members = s.members; cap(d.members) > keptMembers {
		d.members = nil
	}
	if d.buf = s.buf; cap(d.buf) > keptWindow {
		d.buf = nil
	}
	return kind, s.failed
}

// counter counts the bytes read of the object.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// splitter finds the records of {"Records":[…]} in a window.
type splitter struct {
	window
	fn      func(Record) error
	arena   *arena
	members []jscan.Member // of the value read last, if it is an object
	number  int64
	failed  error // what fn returned
}

// file reads the one object that a file is.
func (s *splitter) file() Kind {
	if c, ok := s.peek(); !ok || c != '{' {
		s.rest(ReasonNoRecords)
		return Log
	}
	s.at++
	records, digest := false, false
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			s.rest("")
			return Log
		case c == '}':
			s.at++
			if digest && !records {
				s.drain()
				return Digest
			}
			s.end(records)
			return Log
		case c == ',':
			s.at++
			continue
		}
		key, ok := s.member()
		switch {
		case !ok:
			return Log
		case key == "Records": // a second one is read too: nothing is dropped
			if records = true; !s.records() {
				return Log
			}
		default:
			digest = digest || key == "digestStartTime" || key == "digestEndTime"
			if _, ok := s.value(); !ok {
				return Log
			}
		}
	}
}

// end checks that nothing but space follows the object.
func (s *splitter) end(records bool) {
	if _, more := s.peek(); more {
		s.rest("more text behind the log file's object")
		return
	}
	if !errors.Is(s.err, io.EOF) {
		s.rest("")
		return
	}
	if !records {
		// The whole file is the reject, if it is still in view.
		if s.base == 0 {
			s.at = 0
		}
		s.rest(ReasonNoRecords)
	}
}

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

// member reads a key and its colon.
func (s *splitter) member() (key string, ok bool) {
	if s.buf[s.at] != '"' {
		s.rest(s.notJSON(s.at))
		return "", false
	}
	v, ok := s.value()
	if !ok {
		return "", false
	}
	key = string(v[1 : len(v)-1])
	c, ok := s.peek()
	if ok && c != ':' {
		s.rest(s.notJSON(s.at))
		return "", false
	}
	if ok {
		s.at++
		_, ok = s.peek()
	}
	if !ok {
		s.rest("")
	}
	return key, ok
}

func (s *splitter) notJSON(at int) string {
	return fmt.Sprintf("not JSON at byte %d", s.base+int64(at))
}

// value reads the value at the scanning position; it is valid until the next
// read, and nil if it was nested too deep and rejected. If there is none, the
// rest of the file is rejected and ok is false.
func (s *splitter) value() (v []byte, ok bool) {
	for {
		members, end, err := jscan.Record(s.buf, s.at, s.members[:0])
		s.members = members
		// A number may go on in the next window.
		if err == nil && (end < len(s.buf) || s.err != nil) {
			return s.take(end), true
		}
		if err == nil || errors.Is(err, jscan.ErrShort) {
			if s.more() {
				continue
			}
			s.rest("")
			return nil, false
		}
		if errors.Is(err, jscan.ErrDepth) {
			return nil, s.deep()
		}
		s.rest(s.notJSON(end))
		return nil, false
	}
}

// take returns what is before end, and makes the members' places relative to it.
func (s *splitter) take(end int) []byte {
	for i := range s.members {
		m := &s.members[i]
		m.Key, m.KeyEnd, m.Val, m.End = m.Key-s.at, m.KeyEnd-s.at, m.Val-s.at, m.End-s.at
	}
	v := s.buf[s.at:end]
	s.at = end
	return v
}

// deep rejects the value that is nested too deep, and goes on behind it.
func (s *splitter) deep() bool {
	for {
		end, found := jscan.SkipDeep(s.buf, s.at)
		if found {
			s.emit(Record{Raw: s.arena.keep(s.buf[s.at:end])[1:], Offset: s.offset(),
				Length: int64(end - s.at), Reason: "record is " + jscan.ErrDepth.Error()})
			s.at = end
			return s.failed == nil
		}
		if !s.more() {
			s.rest("")
			return false
		}
	}
}

// records reads the array of records.
func (s *splitter) records() bool {
	if c, ok := s.peek(); !ok || c != '[' {
		s.rest(ReasonNoRecords)
		return false
	}
	s.at++
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			s.rest("")
			return false
		case c == ']':
			s.at++
			return true
		case c == ',':
			s.at++
			continue
		}
		v, ok := s.value()
		if !ok {
			return false
		}
		if v == nil { // was too deep, and is dealt with
			continue
		}
		r := describe(s.arena.keep(v), s.members)
		r.Offset = s.offset() - r.Length
		if s.emit(r); s.failed != nil {
			return false
		}
	}
}

func (s *splitter) emit(r Record) {
	s.number++
	r.Number = s.number
	s.failed = s.fn(r)
}

// rest rejects what is left of the file. Without a reason, the file ended
// where more was needed.
func (s *splitter) rest(reason string) {
	if s.failed != nil {
		return
	}
	r := Record{Offset: s.offset(), Reason: reason}
	if s.long {
		r.Reason = "record is longer than 16 MiB"
	} else if reason == "" {
		r.Reason = ReasonTruncated
	}
	r.Raw = append(r.Raw, s.buf[s.at:min(len(s.buf), s.at+keptOfReject)]...)
	s.drain()
	r.Length = s.offset() - r.Offset
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		r.Reason += ": " + explain(s.err)
	}
	s.emit(r)
}

// drain reads to the end of the stream and forgets it.
func (s *splitter) drain() {
	for s.at = len(s.buf); s.more(); s.at = len(s.buf) {
	}
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
