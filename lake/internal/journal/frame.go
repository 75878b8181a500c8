package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"tarn/internal/vfs"
)

// Event is an event that was accepted.
type Event struct {
	// Time is its time in microseconds, ID its id, empty if it has none.
	Time int64
	ID   string
	// Conflict says that its id was taken by an event with other bytes.
	Conflict bool
	// Raw is its bytes.
	Raw []byte
}

// Batch are events of one store, numbered from First on.
type Batch struct {
	Store  string
	First  int64
	Events []Event
}

const (
	magic     = "TARNJNL1"
	headerLen = 8
	// maxFrame is more than any batch takes: who adds them sees to that.
	maxFrame = 1 << 30
)

// errTorn means that a frame ends early or does not match its checksum.
var errTorn = errors.New("torn frame")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends the batch as a frame: the payload's length and its CRC-32C,
// uint32 each, then the payload. Integers are little-endian.
func appendFrame(dst []byte, b Batch) []byte {
	head := len(dst)
	dst = append(dst, make([]byte, headerLen)...)
	dst = appendText(dst, b.Store)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(b.First))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(b.Events)))
	for _, e := range b.Events {
		conflict := byte(0)
		if e.Conflict {
			conflict = 1
		}
		dst = append(dst, conflict)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Time))
		dst = appendText(dst, e.ID)
		dst = appendText(dst, string(e.Raw))
	}
	payload := dst[head+headerLen:]
	binary.LittleEndian.PutUint32(dst[head:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(dst[head+4:], crc32.Checksum(payload, castagnoli))
	return dst
}

func appendText(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// readFrame returns the batch at an offset of a file of that size, and where the
// next one starts. It is io.EOF at the end of the file.
func readFrame(f vfs.File, at, size int64) (b Batch, next int64, err error) {
	if at == size {
		return b, at, io.EOF
	}
	var head [headerLen]byte
	if size-at < headerLen {
		return b, at, errTorn
	}
	if _, err := f.ReadAt(head[:], at); err != nil {
		return b, at, err
	}
	length := int64(binary.LittleEndian.Uint32(head[:4]))
	if length > maxFrame || length > size-at-headerLen {
		return b, at, errTorn
	}
	payload := make([]byte, length)
	if _, err := f.ReadAt(payload, at+headerLen); err != nil && length > 0 {
		return b, at, err
	}
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return b, at, errTorn
	}
	b, ok := decode(payload)
	if !ok {
		return b, at, errTorn
	}
	return b, at + headerLen + length, nil
}

// decode reads a payload; the events' bytes are parts of it.
func decode(payload []byte) (b Batch, ok bool) {
	in := reader{rest: payload}
	b.Store = string(in.text())
	b.First = int64(in.uint64())
	count := in.uint32()
	for range count {
		if in.short {
			break
		}
		var e Event
		e.Conflict = in.byte() == 1
		e.Time = int64(in.uint64())
		e.ID = string(in.text())
		e.Raw = in.text()
		b.Events = append(b.Events, e)
	}
	return b, !in.short && len(in.rest) == 0 && count > 0
}

// reader takes a payload apart; short says that it had too little.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.short = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) text() []byte { return r.take(int(r.uint32())) }
