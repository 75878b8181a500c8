package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// kind says what a frame is.
type kind byte

// The frames of a client. An empty payload ends a file, and standard input.
const (
	order     kind = 'O' // JSON of an Order
	file      kind = 'F' // bytes of the file whose turn it is
	input     kind = 'I' // bytes of standard input; not before there is leave for it
	interrupt kind = 'C'
)

// The frames of a server.
const (
	printed  kind = 'o' // bytes of standard output
	told     kind = 'e' // bytes of standard error
	leave    kind = 'l' // one more piece of standard input may come
	made     kind = 'n' // a file was written: its name
	contents kind = 'f' // bytes of it; an empty payload ends it
	still    kind = 's' // the command runs
	ended    kind = 'x' // JSON of the exit code; nothing follows
)

const (
	headBytes = 5
	// pieceBytes is how much of a file, or of what is read or printed, is in a frame.
	pieceBytes = 64 << 10
	// orderBytes is more than a command line has.
	orderBytes = 1 << 20
	// leaves is how many pieces of standard input are on the way at a time.
	leaves = 16
)

// errFrame means that something else came than what this package says.
var errFrame = errors.New("what came is no part of a command")

// framed writes frames, each at once, from wherever.
type framed struct {
	mu    sync.Mutex
	w     io.Writer
	flush func() error
}

func (f *framed) send(k kind, payload []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := make([]byte, headBytes, headBytes+len(payload))
	b[0] = byte(k)
	binary.LittleEndian.PutUint32(b[1:], uint32(len(payload)))
	if _, err := f.w.Write(append(b, payload...)); err != nil {
		return err
	}
	return f.flush()
}

// pieces sends all of r, and the empty piece behind it.
func (f *framed) pieces(k kind, r io.Reader) error {
	b := make([]byte, pieceBytes)
	for {
		n, err := r.Read(b)
		if n > 0 {
			if failed := f.send(k, b[:n]); failed != nil {
				return failed
			}
		}
		if errors.Is(err, io.EOF) {
			return f.send(k, nil)
		}
		if err != nil {
			return err
		}
	}
}

// stream is a writer whose bytes go into frames of a kind.
type stream struct {
	to *framed
	k  kind
}

// Write is io.Writer's.
func (s stream) Write(b []byte) (n int, err error) {
	for n < len(b) {
		piece := b[n:min(n+pieceBytes, len(b))]
		if err := s.to.send(s.k, piece); err != nil {
			return n, err
		}
		n += len(piece)
	}
	return n, nil
}

// next reads a frame. The end of r before its first byte is io.EOF.
func next(r io.Reader) (kind, []byte, error) {
	var head [headBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[1:])
	most := uint32(pieceBytes)
	if kind(head[0]) == order {
		most = orderBytes
	}
	if n > most {
		return 0, nil, fmt.Errorf("%w: a frame of %d bytes", errFrame, n)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, fmt.Errorf("a frame of %d bytes: %w", n, io.ErrUnexpectedEOF)
	}
	return kind(head[0]), payload, nil
}
