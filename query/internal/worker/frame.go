package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tarn/query/internal/duck"
)

// A frame is a byte that says what it is, four bytes of length, and as many
// bytes.
const (
	frameRequest   = 'q' // to the worker: do this, as JSON
	frameInterrupt = 'i' // to the worker: stop doing it
	frameReply     = 'r' // to the parent: it is done, as JSON
	frameBatch     = 'b' // to the parent: rows
	frameData      = 'd' // to the parent: bytes of a file
	frameShare     = 's' // to the parent: how far it has come, a number from 0 to 1
)

// maxFrame is the most that a frame may have: a batch with the longest row.
const maxFrame = duck.MaxBatch

// usualFrame is a length of frames for which memory is kept.
const usualFrame = 4 << 20

// request is what a worker is asked to do. The first one sets it up.
type request struct {
	Setup *setup `json:",omitempty"`
	// Do is one of the words that child.answer knows, to be done with the text.
	Do     string
	Text   string
	Macros []string    `json:",omitempty"`
	Format duck.Format `json:",omitempty"`
	// Watched asks for frames that tell how far it has come.
	Watched bool `json:",omitempty"`
	// Job comes with the first request of a query and begins it.
	Job *duck.Job `json:",omitempty"`
}

// setup is what a worker becomes.
type setup struct {
	Folders []string // the grants
	Duck    duck.Options
	Limits  limits
}

// reply is how a request ended.
type reply struct {
	Texts   []string      `json:",omitempty"`
	Columns []duck.Column `json:",omitempty"`
	Count   int64         `json:",omitempty"`
	// Error is DuckDB's; Problem is any other.
	Error   *duck.Error `json:",omitempty"`
	Problem string      `json:",omitempty"`
}

// failed makes a reply of an error.
func failed(err error) reply {
	var from *duck.Error
	if errors.As(err, &from) {
		return reply{Error: from}
	}
	return reply{Problem: err.Error()}
}

// err is the error that a reply has.
func (r reply) err() error {
	switch {
	case r.Error != nil:
		return r.Error
	case r.Problem != "":
		return &duck.Error{Msg: r.Problem}
	}
	return nil
}

func writeFrame(w io.Writer, kind byte, payload []byte) error {
	head := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// readFrame reads a frame into the buffer, which grows with what comes and not
// with what was announced.
func readFrame(r *bufio.Reader, b *bytes.Buffer) (kind byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	n := int64(binary.LittleEndian.Uint32(head[1:]))
	if n > maxFrame {
		return 0, fmt.Errorf("a frame of %d bytes", n)
	}
	if b.Reset(); b.Cap() > usualFrame && n <= usualFrame {
		*b = bytes.Buffer{} // a worker stays, and one long row was its last
	}
	if _, err := io.CopyN(b, r, n); err != nil {
		return 0, err
	}
	return head[0], nil
}
