package journal

import (
	"errors"
	"fmt"
	"path"
	"sync"

	"tarn/internal/vfs"
)

// Writer appends batches. It is safe for concurrent use. After an error it is of
// no use any more: what the disk then holds is unknown.
type Writer struct {
	fsys vfs.FS

	mu      sync.Mutex
	written sync.Cond // busy ended
	busy    bool      // somebody writes to the file
	file    vfs.File
	number  int64
	waiting []byte // frames that nobody writes yet
	spare   []byte // memory of frames that were written
	added   Ticket
	durable Ticket
	failed  error
}

// Ticket stands for all that was added up to a moment.
type Ticket int64

// maxSpare is how much memory is kept for the next frames.
const maxSpare = 8 << 20

// Start begins the file of that number.
func Start(fsys vfs.FS, number int64) (*Writer, error) {
	w := &Writer{fsys: fsys, number: number}
	w.written.L = &w.mu
	if err := fsys.MkdirAll(Dir); err != nil {
		return nil, err
	}
	var err error
	if w.file, err = begin(fsys, number); err != nil {
		return nil, fmt.Errorf("begin journal: %w", err)
	}
	for dir := path.Dir(Dir); err == nil; dir = path.Dir(dir) {
		if err = fsys.SyncDir(dir); dir == "." {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, w.file.Close())
	}
	return w, nil
}

// begin makes a file, and its name durable.
func begin(fsys vfs.FS, number int64) (vfs.File, error) {
	f, err := fsys.Create(name(number))
	if err != nil {
		return nil, err
	}
	if _, err = f.Write([]byte(magic)); err == nil {
		err = fsys.SyncDir(Dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), fsys.Remove(name(number)))
	}
	return f, nil
}

// Add adds a batch, which is on disk when Wait for the ticket returns. Batches
// stand in the journal in the order in which they were added.
func (w *Writer) Add(b Batch) Ticket {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = appendFrame(w.waiting, b)
	w.added++
	return w.added
}

// Last is the ticket of all that was added so far.
func (w *Writer) Last() Ticket {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.added
}

// Wait returns when everything up to the ticket is on disk. The first to wait
// writes for all.
func (w *Writer) Wait(t Ticket) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.durable < t && w.failed == nil {
		if w.busy {
			w.written.Wait()
			continue
		}
		w.write()
	}
	if w.durable >= t {
		return nil
	}
	return w.failed
}

// write makes durable what waits. The caller holds the mutex, which is let go of
// meanwhile.
func (w *Writer) write() {
	frames, upTo, file := w.waiting, w.added, w.file
	w.waiting, w.busy = w.spare[:0], true
	w.spare = nil
	w.mu.Unlock()
	_, err := file.Write(frames)
	if err == nil {
		err = file.Sync()
	}
	w.mu.Lock()
	if cap(frames) <= maxSpare {
		w.spare = frames
	}
	w.end(err)
	if err == nil {
		w.durable = upTo
	}
}

// end lets the others go on.
func (w *Writer) end(err error) {
	if err != nil && w.failed == nil {
		w.failed = fmt.Errorf("write %s: %w", name(w.number), err)
	}
	w.busy = false
	w.written.Broadcast()
}

// Rotate makes everything durable that was added and begins the next file, whose
// number it returns: all that was added so far is in files before it.
func (w *Writer) Rotate() (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.failed == nil && (w.busy || len(w.waiting) > 0) {
		if w.busy {
			w.written.Wait()
		} else {
			w.write()
		}
	}
	if w.failed != nil {
		return 0, w.failed
	}
	next, err := begin(w.fsys, w.number+1)
	if err != nil {
		// Nothing is lost or unknown: the file goes on.
		return 0, fmt.Errorf("begin journal: %w", err)
	}
	err = w.file.Close()
	w.file, w.number = next, w.number+1
	return w.number, err
}

// Failed is why the journal takes nothing more; nil if it does.
func (w *Writer) Failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// Close closes the file. What was not waited for may not be on disk.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.busy {
		w.written.Wait()
	}
	if w.failed == nil {
		w.failed = errClosed
	}
	return w.file.Close()
}

var errClosed = errors.New("journal is closed")
