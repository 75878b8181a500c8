package lake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"sync/atomic"

	"github.com/klauspost/compress/s2"

	"tarn/internal/vfs"
	"tarn/lake/internal/segment"
)

// run is a stretch of an open day's events that waits on disk, in order of time,
// for its day to be sealed: a day may be larger than memory, and should be few
// segments all the same. A file in tmp holds the runs of days that were written
// together. It is worth nothing to anybody else: it is not synced, and an import
// that comes to an end early leaves it to be swept.
type run struct {
	file   *runFile
	blocks []block
}

// runFile is a file of runs; the last of them to go takes it along.
type runFile struct {
	name string
	runs atomic.Int64
	err  error // why it could not be written
}

// remove says that a run is not needed any more.
func (f *runFile) remove(fsys vfs.FS) error {
	if f.runs.Add(-1) > 0 {
		return nil
	}
	if err := fsys.Remove(f.name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// block is what is read of a run at a time.
type block struct {
	first, last  int64  // times of its first and its last event
	offset, size int64  // in the file
	raw          int64  // bytes of its events
	sum          uint32 // CRC-32C of what is in the file
}

// blockBytes is the length from which a block is closed. Of each run that is
// merged one block is in memory.
const blockBytes = 256 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// runWriter appends runs to a file.
type runWriter struct {
	file          vfs.File
	offset        int64
	plain, packed []byte
	block         block
}

// write writes a run of events, which come in order.
func (w *runWriter) write(r *run, events iter.Seq2[segment.Event, error]) error {
	for e, err := range events {
		if err != nil {
			return err
		}
		// A long event gets a block of its own.
		if n := len(w.plain); n >= blockBytes || n > 0 && len(e.Raw) >= blockBytes {
			if err := w.flush(r); err != nil {
				return err
			}
		}
		if len(w.plain) == 0 {
			w.block = block{first: e.Time}
		}
		w.plain = appendEvent(w.plain, e)
		w.block.raw += int64(len(e.Raw))
		w.block.last = e.Time
	}
	return w.flush(r)
}

func (w *runWriter) flush(r *run) error {
	if len(w.plain) == 0 {
		return nil
	}
	w.packed = s2.Encode(w.packed[:cap(w.packed)], w.plain)
	w.plain = w.plain[:0]
	b := w.block
	b.offset, b.size, b.sum = w.offset, int64(len(w.packed)), crc32.Checksum(w.packed, castagnoli)
	if _, err := w.file.Write(w.packed); err != nil {
		return err
	}
	w.offset += b.size
	r.blocks = append(r.blocks, b)
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
	f, err := fsys.Open(r.file.name)
	if err != nil {
		return nil, err
	}
	skip := func(b block) bool { return b.last < s.from || b.first >= s.before }
	return &runReader{file: f, name: r.file.name, blocks: slices.DeleteFunc(slices.Clone(r.blocks), skip), span: s}, nil
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

// newRunFile returns a file for so many runs, which is not there yet.
func (a *Appender) newRunFile(runs int) *runFile {
	a.runs++
	f := &runFile{name: path.Join(tmpDir, fmt.Sprintf("%s-%d.run", a.opts.Import, a.runs))}
	f.runs.Store(int64(runs))
	return f
}

// fill makes the file and lets write fill it.
func (f *runFile) fill(fsys vfs.FS, write func(*runWriter) error) (err error) {
	defer func() { f.err = err }()
	if err := fsys.MkdirAll(tmpDir); err != nil {
		return err
	}
	file, err := fsys.Create(f.name)
	if err != nil {
		return err
	}
	if err = errors.Join(write(&runWriter{file: file}), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	return nil
}
