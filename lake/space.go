package lake

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"tarn/internal/hint"
	"tarn/internal/vfs"
)

// ErrDiskLow means that the lake's disk has so little room left that nothing more is
// taken in. Queries go on, and so does taking in once there is room.
var ErrDiskLow = errors.New("the lake's disk is nearly full")

// watermark is how much of a disk is left free: so many bytes, of a small disk so
// many thousandths.
type watermark struct{ bytes, thousandth int64 }

// A lake first warns, then stops imports, which can wait, then live events, and last
// the records of what was asked, without which nothing is answered.
var (
	lowForWarning = watermark{4 << 30, 100}
	lowForImports = watermark{1 << 30, 50}
	lowForEvents  = watermark{256 << 20, 20}
	lowForAudit   = watermark{128 << 20, 10}
)

const (
	// ballastFile takes room that is let go of when the disk is full all the same,
	// so that what was accepted can be brought into files.
	ballastFile = "hot/ballast"
)

var ballastBytes = watermark{64 << 20, 10}

func (w watermark) of(total int64) int64 { return min(w.bytes, total/1000*w.thousandth) }

// space knows how much room the disk has, as of a moment ago.
type space struct {
	// measure is nil where nobody can tell.
	measure func() (free, total int64, err error)

	mu          sync.Mutex
	at          time.Time
	free, total int64
}

// now measures, but not all the time. Where it cannot, there is room.
func (s *space) now() (free, total int64) {
	if s.measure == nil {
		return 1, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.at) > 100*time.Millisecond {
		free, total, err := s.measure()
		if err != nil {
			return 1, 0
		}
		s.at, s.free, s.total = now, free, total
	}
	return s.free, s.total
}

// room is ErrDiskLow if less is free than the mark.
func (s *space) room(mark watermark) error {
	free, total := s.now()
	if total == 0 || free >= mark.of(total) {
		return nil
	}
	return hint.Add(fmt.Errorf("%w: %s are free, %s are left for what was accepted", ErrDiskLow, bytesText(free), bytesText(mark.of(total))),
		"make room on the lake's disk; queries go on, and so do imports and events as soon as there is room")
}

func bytesText(n int64) string {
	if n < 10<<20 {
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// dropBallast makes what room there is to be made on a full disk.
func (l *Lake) dropBallast() { _ = l.fsys.Remove(ballastFile) } // there may be none

// takeBallast takes the room that dropBallast makes, if there is plenty.
func (l *Lake) takeBallast() error {
	_, total := l.space.now()
	if total == 0 || l.space.room(lowForWarning) != nil {
		return nil
	}
	if f, err := l.fsys.Open(ballastFile); err == nil {
		return f.Close()
	}
	if err := l.fsys.MkdirAll(hotDir); err != nil {
		return err
	}
	f, err := l.fsys.Create(ballastFile)
	if err != nil {
		return err
	}
	err = fill(f, ballastBytes.of(total))
	if err = errors.Join(err, f.Close()); err != nil {
		l.dropBallast()
	}
	return err
}

func fill(f vfs.File, bytes int64) error {
	for zeros := make([]byte, 1<<20); bytes > 0; bytes -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(bytes, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}
