package lake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/s2"

	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
)

// run is a stretch of an open day's events that waits on disk, in order of time,
// for its day to be sealed: a day may be larger than memory, and should be few
// segments all the same. Its file is in tmp and worth nothing to anybody else:
// it is not synced, and an import that comes to an end early leaves it to be swept.
type run struct {
	name   string
	blocks []block
	err    error // why it could not be written
}

// block is what is read of a run at a time.
type block struct {
	first, last  int64  // times of its first and its last event
	offset, size int64  // in the file
	raw          int64  // bytes of its events
	sum          uint32 // CRC-32C of what is in the file
}

// blockBytes is the length from which a block is closed.
const blockBytes = 1 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// write writes the events, which it sorts.
func (r *run) write(fsys vfs.FS, events []segment.Event) (err error) {
	inOrder(events)
	f, err := fsys.Create(r.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var plain, packed []byte
	offset := int64(0)
	b := block{first: events[0].Time}
	for i, e := range events {
		plain = appendEvent(plain, e)
		b.raw += int64(len(e.Raw))
		if len(plain) < blockBytes && i < len(events)-1 {
			continue
		}
		packed = s2.Encode(packed[:cap(packed)], plain)
		b.last, b.offset, b.size, b.sum = e.Time, offset, int64(len(packed)), crc32.Checksum(packed, castagnoli)
		if _, err := f.Write(packed); err != nil {
			return err
		}
		r.blocks = append(r.blocks, b)
		offset += b.size
		plain = plain[:0]
		if i < len(events)-1 {
			b = block{first: events[i+1].Time}
		}
	}
	return nil
}

// An event in a block is, little-endian: its time and number, 8 bytes each; its
// leaf hash; the length of its bytes, 4 bytes; its bytes.
const eventHead = 8 + 8 + 32 + 4

func appendEvent(to []byte, e segment.Event) []byte {
	to = binary.LittleEndian.AppendUint64(to, uint64(e.Time))
	to = binary.LittleEndian.AppendUint64(to, uint64(e.Seq))
	to = append(to, e.Leaf[:]...)
	to = binary.LittleEndian.AppendUint32(to, uint32(len(e.Raw)))
	return append(to, e.Raw...)
}

// runReader reads the events of a run whose times are in a span.
type runReader struct {
	file   vfs.File
	name   string
	blocks []block // to come
	plain  []byte  // what is left of this one; events share its memory
	span   span
}

// span is the times from a first one to before another.
type span struct{ from, before int64 }

func (r *run) open(fsys vfs.FS, s span) (*runReader, error) {
	f, err := fsys.Open(r.name)
	if err != nil {
		return nil, err
	}
	skip := func(b block) bool { return b.last < s.from || b.first >= s.before }
	return &runReader{file: f, name: r.name, blocks: slices.DeleteFunc(slices.Clone(r.blocks), skip), span: s}, nil
}

// next returns the next event, io.EOF behind the last.
func (r *runReader) next() (segment.Event, error) {
	for {
		if len(r.plain) == 0 {
			if len(r.blocks) == 0 {
				return segment.Event{}, io.EOF
			}
			if err := r.load(); err != nil {
				return segment.Event{}, fmt.Errorf("read %s: %w", r.name, err)
			}
		}
		e := r.take()
		if e.Time >= r.span.before {
			return segment.Event{}, io.EOF
		}
		if e.Time >= r.span.from {
			return e, nil
		}
	}
}

var errRun = errors.New("is not what was written a moment ago: check the disk")

func (r *runReader) load() error {
	b := r.blocks[0]
	r.blocks = r.blocks[1:]
	packed := make([]byte, b.size)
	if n, err := r.file.ReadAt(packed, b.offset); n < len(packed) {
		return err
	}
	if crc32.Checksum(packed, castagnoli) != b.sum {
		return errRun
	}
	var err error
	r.plain, err = s2.Decode(nil, packed)
	return err
}

// take cuts the first event off the block, whose sum was right.
func (r *runReader) take() segment.Event {
	p := r.plain
	e := segment.Event{Time: int64(binary.LittleEndian.Uint64(p)), Seq: int64(binary.LittleEndian.Uint64(p[8:]))}
	copy(e.Leaf[:], p[16:])
	end := eventHead + int(binary.LittleEndian.Uint32(p[16+32:]))
	e.Raw, r.plain = p[eventHead:end:end], p[end:]
	return e
}

func (a *Appender) writeRun(r *run, events []segment.Event) error {
	if err := a.lake.fsys.MkdirAll(tmpDir); err != nil {
		return err
	}
	if err := r.write(a.lake.fsys, events); err != nil {
		return fmt.Errorf("write %s: %w", r.name, err)
	}
	return nil
}
