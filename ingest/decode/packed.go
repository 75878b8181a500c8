package decode

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"

	"tarn/internal/jscan"
)

// unescape takes a text apart that holds events. name is what it is called in
// reasons. If nothing is in it, it says why.
func (s *splitter) unescape(v value, name string) (reason string) {
	l := &s.levels[v.depth]
	l.text = jscan.Unescape(l.text[:0], v.text[1:len(v.text)-1])
	return s.packed(v, l.text, name)
}

// decode takes a base64 text apart that holds events, gzipped or not.
func (s *splitter) decode(v value, name string) (reason string) {
	l := &s.levels[v.depth]
	l.coded = jscan.Unescape(l.coded[:0], v.text[1:len(v.text)-1])
	n, err := base64.StdEncoding.Decode(l.coded, l.coded)
	if err != nil {
		return name + " is not base64"
	}
	content := l.coded[:n]
	if bytes.HasPrefix(content, gzipMagic) {
		if l.text, err = s.inflate(l.text[:0], content); err != nil {
			return name + " cannot be unpacked: " + explain(err)
		}
		content = l.text
	}
	return s.packed(v, content, name)
}

// packed takes what came out of a text apart, if there is room for it.
func (s *splitter) packed(v value, content []byte, name string) (reason string) {
	if s.held+len(content) > maxWindow {
		return name + " is longer than 16 MiB"
	}
	s.held += len(content)
	defer func() { s.held -= len(content) }()
	return s.document(value{text: content, offset: v.offset, length: v.length, packed: true, depth: v.depth + 1}, name)
}

var errLong = errors.New("it is longer than 16 MiB")

// inflate appends what is gzipped within the file to dst. It counts towards what
// the file may inflate to.
func (s *splitter) inflate(dst, packed []byte) ([]byte, error) {
	if s.inflated > bombFloor && s.inflated > bombRatio*s.source.n {
		return dst, errBomb
	}
	if s.inner == nil {
		s.inner = new(gzip.Reader)
	}
	if err := s.inner.Reset(bytes.NewReader(packed)); err != nil {
		return dst, err
	}
	out := bytes.NewBuffer(dst)
	n, err := out.ReadFrom(io.LimitReader(s.inner, maxWindow+1))
	s.inflated += n
	if n > maxWindow {
		return dst, errLong
	}
	return out.Bytes(), err
}
