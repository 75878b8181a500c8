package entrylog

import (
	"errors"
	"fmt"
	"io"

	"tarn/internal/vfs"
)

// Names of the log's files.
const (
	Dir             = "log"
	EntriesFile     = Dir + "/entries"
	CheckpointsFile = Dir + "/checkpoints"
	CheckpointFile  = Dir + "/checkpoint"
	tileDir         = Dir + "/tile"
	// CosignedDir holds checkpoints that others have signed, for who reads the log.
	CosignedDir = Dir + "/cosigned"
)

// Position is a place between two entries: how many stand before it, and the
// byte offset in log/entries. The zero Position is the start.
type Position struct {
	Size  int64
	Bytes int64
}

// Entry is an entry of the log and where it stands.
type Entry struct {
	Index   int64
	Payload []byte
	// End is the position behind the entry.
	End Position
}

// Scan calls fn for each entry from a position until the log's size is to. An
// entry that is missing or damaged before that is ErrCorrupt.
func Scan(fsys vfs.FS, from Position, to int64, fn func(Entry) error) (Position, error) {
	f, err := fsys.Open(EntriesFile)
	if err != nil {
		return from, err
	}
	defer f.Close()
	if err := checkMagic(f, EntriesFile, entriesMagic); err != nil {
		if errors.Is(err, errTorn) {
			err = fmt.Errorf("%w: %s is empty", ErrCorrupt, EntriesFile)
		}
		return from, err
	}
	at := start(from)
	for at.Size < to {
		payload, next, err := readFrame(f, at.Bytes)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return at, fmt.Errorf("%w: entry %d at byte %d of %s is damaged or missing", ErrCorrupt, at.Size, at.Bytes, EntriesFile)
		}
		if err != nil {
			return at, err
		}
		at = Position{at.Size + 1, next}
		if err := fn(Entry{at.Size - 1, payload, at}); err != nil {
			return at, err
		}
	}
	return at, nil
}

func start(p Position) Position {
	if p.Bytes < magicLen {
		return Position{0, magicLen}
	}
	return p
}
