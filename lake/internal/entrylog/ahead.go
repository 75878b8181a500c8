package entrylog

import "io"

// ahead reads a file in larger pieces than it is asked for, for who goes through it
// from one frame to the next: each would take two reads.
type ahead struct {
	r   io.ReaderAt
	at  int64 // of what is read
	buf []byte
	err error // behind it
}

const aheadBytes = 64 << 10

// ReadAt implements io.ReaderAt.
func (a *ahead) ReadAt(p []byte, off int64) (int, error) {
	if off < a.at || off+int64(len(p)) > a.at+int64(len(a.buf)) {
		if size := max(len(p), aheadBytes); cap(a.buf) < size {
			a.buf = make([]byte, size)
		}
		n, err := a.r.ReadAt(a.buf[:cap(a.buf)], off)
		a.at, a.buf, a.err = off, a.buf[:n], err
	}
	n := copy(p, a.buf[off-a.at:])
	if n < len(p) {
		return n, a.err
	}
	return n, nil
}
