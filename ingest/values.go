package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"tarn/internal/jscan"
)

const (
	// firstWindow is where the window over a stream starts, and maxValue the
	// longest value: CloudTrail's log files have at most 50 MB.
	firstWindow = 64 << 10
	maxValue    = 64 << 20
	// keptOfValue is how much of a value that is none is kept.
	keptOfValue = 1 << 20
)

// value is a JSON object that stands in a stream, or what stands there instead,
// with the reason why that is none.
type value struct {
	raw            []byte
	offset, length int64
	reason         string
}

// values cuts a stream into the JSON objects that follow each other in it: in
// lines, one behind the other, or as the elements of arrays. A value is returned
// as soon as it is complete, without waiting for what follows it. What is no
// object costs the rest of its line, or the lines up to the next that can begin
// one.
type values struct {
	r    io.Reader
	buf  []byte
	at   int   // where the next value is looked for
	base int64 // offset of buf[0] in the stream
	err  error // why no more comes
}

// next returns the next value. At the end of the stream, the error is io.EOF.
func (s *values) next() (value, error) {
	for {
		s.at = separators(s.buf, s.at)
		if s.at == len(s.buf) {
			if !s.more() {
				return value{}, s.err
			}
			continue
		}
		if s.buf[s.at] == '{' {
			return s.object()
		}
		return s.line("not a JSON object")
	}
}

// separators skips what stands between objects: space, and the marks of arrays.
func separators(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\n', '\r', '\t', ',', '[', ']':
			i++
		default:
			return i
		}
	}
	return i
}

// more reads on: what is there now, not more. It reports whether anything came.
func (s *values) more() bool {
	if s.err != nil {
		return false
	}
	if s.at > 0 {
		s.base += int64(s.at)
		s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
		s.at = 0
	}
	if len(s.buf) == cap(s.buf) {
		bigger := make([]byte, len(s.buf), min(max(firstWindow, 2*cap(s.buf)), maxValue+firstWindow))
		copy(bigger, s.buf)
		s.buf = bigger
	}
	before := len(s.buf)
	for len(s.buf) == before && s.err == nil {
		var n int
		n, s.err = s.r.Read(s.buf[before:cap(s.buf)])
		s.buf = s.buf[:before+n]
	}
	return len(s.buf) > before
}

// object reads the object that begins here.
func (s *values) object() (value, error) {
	var b brackets
	for i := 0; ; {
		end, state := b.scan(s.buf[s.at:], i)
		switch {
		case end > maxValue:
			return s.line("longer than 64 MiB")
		case state == closed:
			return s.take(s.at + end)
		case state == broken:
			return s.brokenAt(b, end)
		}
		i = end
		if s.more() {
			continue
		}
		if !errors.Is(s.err, io.EOF) {
			return value{}, s.err
		}
		return s.cut(len(s.buf), "the input ends inside of it"), nil
	}
}

// take hands out what is before end, if it is JSON.
func (s *values) take(end int) (value, error) {
	stop, err := jscan.Value(s.buf[:end], s.at)
	switch {
	case errors.Is(err, jscan.ErrDepth):
		return s.cut(end, err.Error()), nil
	case err != nil:
		return s.cut(end, fmt.Sprintf("not JSON at byte %d", s.base+int64(stop))), nil
	}
	return s.cut(end, ""), nil
}

// cut hands out what is before end and goes on behind it.
func (s *values) cut(end int, reason string) value {
	v := value{offset: s.base + int64(s.at), length: int64(end - s.at), reason: reason}
	kept := end
	if reason != "" {
		kept = min(end, s.at+keptOfValue)
	}
	v.raw = bytes.Clone(s.buf[s.at:kept])
	s.at = end
	return v
}

// brokenAt hands out what cannot be JSON any more, up to the end of the line
// before the place where that was seen, if the value is longer than a line.
func (s *values) brokenAt(b brackets, i int) (value, error) {
	reason := fmt.Sprintf("not JSON at byte %d", s.base+int64(s.at+i))
	if b.newline > 0 {
		return s.cut(s.at+b.newline, reason), nil
	}
	return s.line(reason)
}

// line hands out the rest of the line as no value.
func (s *values) line(reason string) (value, error) {
	v := value{offset: s.base + int64(s.at), reason: reason}
	for {
		end := bytes.IndexByte(s.buf[s.at:], '\n')
		if end < 0 {
			end = len(s.buf) - s.at
		}
		v.raw = append(v.raw, s.buf[s.at:s.at+min(end, keptOfValue-len(v.raw))]...)
		v.length += int64(end)
		if s.at += end; s.at < len(s.buf) {
			return v, nil
		}
		if !s.more() {
			if !errors.Is(s.err, io.EOF) {
				return value{}, s.err
			}
			return v, nil
		}
	}
}
