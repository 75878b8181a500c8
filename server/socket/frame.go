package socket

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame is four letters, the protocol's version, the length of the payload
// (uint32, little-endian) and the payload, which is JSON. The head and the reply
// stay as they are in all versions, so that an old program can be told to go.
const (
	magic     = "tarn"
	protocol  = 1
	headBytes = len(magic) + 1 + 4
	// maxFrame is more than a command line can have.
	maxFrame = 16 << 20
)

// errNoFrame means that something else came than a frame.
var errNoFrame = errors.New("what came is not what tarn says")

// protocolError means that the other side speaks another version.
type protocolError byte

func (p protocolError) Error() string {
	return fmt.Sprintf("the other side speaks version %d of the protocol, this one version %d", byte(p), protocol)
}

// request is the client's only frame, and comes with three files. Texts are bytes,
// because names of files may be any.
type request struct {
	Version  []byte
	Dir      []byte
	Args     [][]byte
	Settings []setting
}

type setting struct{ Name, Value, Source []byte }

// reply is the server's only frame.
type reply struct {
	Code int // the command's exit code
	// Refused says why the command was not begun; Advice what to do about it.
	Refused string   `json:",omitempty"`
	Advice  []string `json:",omitempty"`
}

// frame returns v as a frame.
func frame(v any) ([]byte, error) {
	payload, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if len(payload) > maxFrame {
		return nil, fmt.Errorf("a command line of %d bytes is too long", len(payload))
	}
	head := append([]byte(magic), protocol)
	return append(binary.LittleEndian.AppendUint32(head, uint32(len(payload))), payload...), nil
}

// readFrame reads a frame into v. Memory grows with what comes, and not with what
// was announced.
func readFrame(r io.Reader, v any) error {
	var head [headBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if string(head[:len(magic)]) != magic {
		return errNoFrame
	}
	n := binary.LittleEndian.Uint32(head[len(magic)+1:])
	if n > maxFrame {
		return errNoFrame
	}
	var payload bytes.Buffer
	if _, err := io.CopyN(&payload, r, int64(n)); err != nil {
		return fmt.Errorf("read a frame of %d bytes: %w", n, err)
	}
	if p := head[len(magic)]; p != protocol {
		return protocolError(p)
	}
	if err := json.Unmarshal(payload.Bytes(), v); err != nil {
		return fmt.Errorf("%w: %w", errNoFrame, err)
	}
	return nil
}
