package ingest

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"
)

const (
	// An archive that unpacks to more than bombRatio times its size, and to more
	// than bombFloor bytes, holds no logs, as package decode has it for a log.
	bombRatio = 250
	bombFloor = 64 << 20
)

var errBomb = errors.New("it unpacks to more than 250 times its size and holds no log files")

// tape is the bytes of an archive on their way to the tar reader. It knows where
// that is, and whether the archive's end mark has passed: a file that was cut
// off between two members looks like a whole one otherwise.
type tape struct {
	r      io.Reader
	skip   io.Seeker // jumps over what nobody wants, where that can be done
	stop   func() error
	packed *atomic.Int64 // bytes read of the archive as it lies
	at     int64
	zeros  int64 // how many zero bytes were read last
	failed error // why no more comes, if it is not the end
}

func (t *tape) Read(p []byte) (int, error) {
	if err := t.stop(); err != nil {
		return 0, err
	}
	n, err := t.r.Read(p)
	t.at += int64(n)
	t.countZeros(p[:n])
	if t.skip != nil {
		t.packed.Store(t.at)
	} else if err == nil && t.at > bombFloor && t.at > bombRatio*t.packed.Load() {
		err = errBomb
	}
	if err != nil && !errors.Is(err, io.EOF) {
		t.failed = err
	}
	return n, err
}

func (t *tape) countZeros(p []byte) {
	i := len(p)
	for i > 0 && p[i-1] == 0 {
		i--
	}
	if i > 0 {
		t.zeros = 0
	}
	t.zeros += int64(len(p) - i)
}

// Seek lets the tar reader jump over members that are not read. Where that
// cannot be done it says so, and they are read past.
func (t *tape) Seek(offset int64, whence int) (int64, error) {
	if t.skip == nil {
		return 0, errors.ErrUnsupported
	}
	at, err := t.skip.Seek(offset, whence)
	if err == nil && at != t.at {
		t.at, t.zeros = at, 0
	}
	return at, err
}

// another reads on behind an archive's end mark: over the zeros that fill the
// last record, to the next archive, as cat a.tar b.tar puts one there. It returns
// what the tar reader reads next, nil at the end.
func (t *tape) another() (io.Reader, error) {
	block := make([]byte, blockBytes)
	for {
		n, err := io.ReadFull(t, block)
		for _, c := range block[:n] {
			if c != 0 {
				return io.MultiReader(bytes.NewReader(block[:n]), t), nil
			}
		}
		if err != nil {
			return nil, t.failed // a part of a block, of zeros, is no error
		}
	}
}

// counted counts the bytes read of an archive as it lies, for who watches.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
