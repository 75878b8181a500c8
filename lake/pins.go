package lake

import (
	"path/filepath"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/pin"
)

// pinsDir holds a file for each size of the log that somebody reads, and locks
// meanwhile: what such a log names is not removed.
const pinsDir = "pins"

// preparePins makes the folder in which readers pin what they read.
func (l *Lake) preparePins() {
	// Without it there are no pins, and readers have the grace alone.
	_ = pin.Prepare(l.fsys.Path(pinsDir))
}

// pinAt pins what a log of that size names. Who pins reads the log's size again
// afterwards, and works with that or a larger one: then whoever removes something
// has either seen the pin, or has removed nothing that this log names. It returns
// nil where that is not possible, as on a disk that cannot be written to and never
// was: such a reader has the grace to read.
func (l *Lake) pinAt(size int64) *pin.Pin {
	p, err := pin.Take(l.fsys.Path(pinsDir), size)
	if err != nil {
		return nil
	}
	return p
}

// pinNow is pinAt for the newest checkpoint that is shown.
func (l *Lake) pinNow() *pin.Pin {
	newest, err := entrylog.Shown(l.fsys)
	if err != nil {
		return l.pinAt(pin.Everything)
	}
	return l.pinAt(newest.Size)
}

// release lets go of a pin, if there is one.
func release(p *pin.Pin) error {
	if p == nil {
		return nil
	}
	return p.Release()
}

// Pins returns the sizes of the log that readers, in whatever process, have pinned,
// the smallest first.
func (l *Lake) Pins() ([]int64, error) { return pin.Held(l.fsys.Path(pinsDir)) }

// Pinned reports whether somebody reads the lake in dir at this moment.
func Pinned(dir string) (bool, error) {
	held, err := pin.Held(filepath.Join(dir, pinsDir))
	return len(held) > 0, err
}
