package decode

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	// firstWindow is where a window starts: small files are the normal case.
	firstWindow = 64 << 10
	// maxWindow bounds a record. CloudTrail's are at most 1 MB.
	maxWindow = 16 << 20
	// A file that inflates to more than bombRatio times its size, and to more
	// than bombFloor bytes, is no log: real ones reach 50, gzip's limit is 1,032.
	bombRatio = 250
	bombFloor = 64 << 20
)

var errBomb = errors.New("it inflates to more than 250 times its size and is no log file")

// window is a sliding view of a stream.
type window struct {
	r       io.Reader
	ahead   *bufio.Reader // what r reads from, or r itself
	source  *counter      // what ahead reads from
	content io.Writer     // gets what is read, if not nil
	buf     []byte
	at      int   // where scanning goes on
	base    int64 // offset of buf[0] in the stream
	lines   int64 // how many end before the offset counted
	counted int64
	long    bool  // the value at the position does not fit
	err     error // why no more comes; io.EOF at a clean end
}

// offset is the stream offset of the scanning position.
func (w *window) offset() int64 { return w.base + int64(w.at) }

// lineOf is the line, from 1, in which an offset lies that is still in the window.
func (w *window) lineOf(offset int64) int64 {
	from, to := w.counted-w.base, offset-w.base
	if to < from {
		return 1 + w.lines - int64(bytes.Count(w.buf[max(0, to):from], []byte{'\n'}))
	}
	w.lines += int64(bytes.Count(w.buf[from:to], []byte{'\n'}))
	w.counted = offset
	return 1 + w.lines
}

// more reads on, keeping what is not scanned yet: what is there, so that a record
// of a stream need not wait for the next. It reports whether anything was added;
// if not, err or long says why.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	if w.at > 0 {
		if w.counted < w.offset() {
			w.lineOf(w.offset())
		}
		w.base += int64(w.at)
		w.buf = w.buf[:copy(w.buf, w.buf[w.at:])]
		w.at = 0
	}
	if len(w.buf) == cap(w.buf) {
		if cap(w.buf) >= maxWindow {
			w.long = true
			return false
		}
		bigger := make([]byte, len(w.buf), max(firstWindow, 2*cap(w.buf)))
		copy(bigger, w.buf)
		w.buf = bigger
	}
	before := len(w.buf)
	for len(w.buf) < cap(w.buf) && w.err == nil {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
		if w.content != nil {
			_, _ = w.content.Write(w.buf[len(w.buf)-n:]) // a hash: it never fails
		}
		if n > 0 && w.ahead.Buffered() == 0 {
			break
		}
	}
	if total := w.base + int64(len(w.buf)); w.err == nil && total > bombFloor && total > bombRatio*w.source.n {
		w.err = errBomb
	}
	return len(w.buf) > before
}
