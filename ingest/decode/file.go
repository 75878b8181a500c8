package decode

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Kind is what a file turned out to be.
type Kind int

// The kinds of files.
const (
	// Log is a file of records.
	Log Kind = iota
	// Digest is a file that signs others, or has the keys for it, and holds no
	// events.
	Digest
)

// Reasons that other rooms give hints for.
const (
	// ReasonNoRecords marks what is no event and holds none, as far as is known.
	ReasonNoRecords = "no CloudTrail event, and nothing that is known to hold any"
	// ReasonTruncated starts the reason of a file that ends too early.
	ReasonTruncated = "file is cut off"
)

// keptWindow is the largest window, and buffer, that waits for the next file.
const keptWindow = 1 << 20

// keptMembers is the largest list of members that waits for the next file: real
// records have some thirty.
const keptMembers = 4096

// keptOfReject is how many bytes of a long reject are kept.
const keptOfReject = 1 << 20

var gzipMagic = []byte{0x1f, 0x8b}

// Decoder reads files one after the other. Its memory serves them all: files of
// five records are the normal case. One goroutine uses it at a time.
type Decoder struct {
	// Content, if not nil, gets the bytes of the next file as they are when it is
	// unpacked.
	Content io.Writer
	// EachLine says that the files are records in lines: one that is no value is
	// rejected alone, as soon as its end is there, and the first tells nothing of the
	// others.
	EachLine bool

	arena  arena
	levels [maxDepth + 5]level
	spare  []byte // the window of the next file
	in     *bufio.Reader
	zip    *gzip.Reader
	inner  *gzip.Reader // for what is gzipped within the file; nil until it is needed
}

// File reads a file or a stream, gzipped or not, and calls fn for each record as
// soon as it has come; if fn returns an error, File returns it. Whatever is wrong
// with the file itself comes as a record with a reason. r is read to its end
// unless fn fails or the file is hostile.
func (d *Decoder) File(r io.Reader, fn func(Record) error) (Kind, error) {
	return d.read(r, fn, false)
}

// Objects is File for what other programs write: every object is a record, whatever
// it looks like, so that of a record only bytes and place are known.
func (d *Decoder) Objects(r io.Reader, fn func(Record) error) error {
	_, err := d.read(r, fn, true)
	return err
}

func (d *Decoder) read(r io.Reader, fn func(Record) error, objects bool) (Kind, error) {
	source := &counter{r: r}
	if d.in == nil {
		d.in, d.zip = bufio.NewReaderSize(nil, 64<<10), new(gzip.Reader)
	}
	d.in.Reset(source)
	s := &splitter{Decoder: d, fn: fn, objects: objects, window: window{r: d.in, ahead: d.in, source: source, content: d.Content, buf: d.spare[:0]}}
	if magic, _ := d.in.Peek(len(gzipMagic)); bytes.Equal(magic, gzipMagic) {
		s.err = d.zip.Reset(d.in)
		s.r = d.zip
		if s.more() && bytes.HasPrefix(s.buf, gzipMagic) {
			s.unzip()
		}
	}
	kind := s.file()
	d.spare = s.buf
	d.forget()
	return kind, s.failed
}

// unzip goes on within what is gzipped in a gzipped file, as Firehose has it of log
// events, which CloudWatch Logs zipped before.
func (s *splitter) unzip() {
	zip, err := gzip.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(s.buf)), s.r))
	s.buf, s.err = s.buf[:0], err
	if err == nil {
		s.r = zip
	}
}

// forget lets go of memory that only an unusual file needs.
func (d *Decoder) forget() {
	if cap(d.spare) > keptWindow {
		d.spare = nil
	}
	for i := range d.levels {
		l := &d.levels[i]
		if cap(l.members) > keptMembers || cap(l.text)+cap(l.coded) > keptWindow {
			*l = level{}
		}
	}
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

// splitter finds the records of a file in a window.
type splitter struct {
	*Decoder
	window
	fn         func(Record) error
	objects    bool // every object is a record
	number     int64
	values     int    // how many values the file has had
	signatures int    // how many of these sign files
	held       int    // bytes that are unpacked at the moment
	inflated   int64  // bytes that were inflated of what is gzipped within the file
	lines      bool   // lines with a time in front have come
	again      int64  // bytes that were read again
	dropped    []byte // what is kept of the reject that is being read
	told       bool   // what is wrong with the stream was said
	failed     error  // what fn returned
}

// file reads the values that a file is, one behind the other: log files have one,
// JSON lines have many.
func (s *splitter) file() Kind {
	for s.failed == nil {
		c, more := s.peek()
		if !more {
			break
		}
		switch {
		case c == ',': // between values that were cut out of an array
			s.at++
			continue
		case c == bom[0] && s.skipBOM():
			continue
		case c == '{':
			s.object()
		case c == '[':
			s.at++
			s.array()
		default:
			s.other()
		}
		s.values++
	}
	switch {
	case s.number == 0 && s.signatures > 0 && errors.Is(s.err, io.EOF):
		return Digest
	case s.values == 0 && !s.objects && !s.EachLine:
		s.rest(ReasonNoRecords, 0)
	case !errors.Is(s.err, io.EOF) && !s.told:
		s.rest("", 0)
	}
	return Log
}

// object reads an object of the file: a list of events, or a whole value.
func (s *splitter) object() {
	if s.list(1) {
		s.records()
		return
	}
	n, err := s.scan()
	if s.long && s.list(s.scanned()) {
		s.long = false
		s.records()
		return
	}
	if err != nil {
		s.broken(n, err)
		return
	}
	s.alone(s.taken(n, 0))
}

// records reads a list whose first element is at the position, and the members
// behind it.
func (s *splitter) records() {
	for s.array() {
		for {
			c, ok := s.peek()
			if !ok {
				s.rest("", 0)
				return
			}
			if c == '}' {
				s.at++
				return
			}
			if s.list(0) {
				break
			}
			if !s.skip(c) {
				return
			}
		}
	}
}

// skip reads over a key, what is between members, or a value.
func (s *splitter) skip(c byte) bool {
	if c == ',' || c == ':' {
		s.at++
		return true
	}
	n, err := s.scan()
	if err != nil {
		return s.broken(n, err)
	}
	s.at += n
	return true
}

// array reads the elements behind the bracket of an array.
func (s *splitter) array() bool {
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			s.rest("", 0)
			return false
		case c == ']':
			s.at++
			return true
		case c == ',':
			s.at++
			continue
		}
		n, err := s.scan()
		if err != nil {
			if !s.broken(n, err) {
				return false
			}
			continue
		}
		if s.element(s.taken(n, 1)); s.failed != nil {
			return false
		}
	}
}

func (s *splitter) emit(r Record) {
	if s.failed != nil {
		return
	}
	s.number++
	r.Number = s.number
	if r.Line == 0 {
		r.Line = s.lineOf(r.Offset)
	}
	s.failed = s.fn(r)
}
