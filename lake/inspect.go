package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
)

// Format is the version of the lakes that this program makes and reads.
const Format = 1

// Head says which lake this is, how far its log of record has come, and who
// vouches for it.
type Head struct {
	// Origin names the lake's log, as its checkpoints do: tarn/<lake-id>.
	Origin string `json:"origin"`
	// PublicKey is what the checkpoints' signatures are checked with.
	PublicKey string `json:"public_key"`
	// Size is the number of log entries that the snapshot stands on, Bytes the
	// length of everything in the log's folder.
	Size  int64 `json:"log_size"`
	Bytes int64 `json:"log_bytes"`
	// Checkpoint is the newest one, signed and checked. While somebody writes
	// it may be of a greater size than the snapshot.
	Checkpoint string `json:"checkpoint"`
}

// Head reads the newest checkpoint and checks its signature. ErrCorrupt if it
// is not signed with the key that the log names.
func (s *Snapshot) Head() (Head, error) {
	h := Head{Origin: originPrefix + s.state.lake, PublicKey: s.state.keyInUse().Key, Size: s.state.pos.Size}
	newest, err := s.lake.newest(s.state)
	if err != nil {
		return h, err
	}
	h.Checkpoint = strings.TrimRight(string(newest.Note), "\n")
	err = vfs.Walk(s.lake.fsys, entrylog.Dir, func(_ string, d fs.DirEntry) error {
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // a partial tile that its successor has replaced
			return nil
		}
		if err == nil {
			h.Bytes += info.Size()
		}
		return err
	})
	return h, err
}

// LogEntry is one act of the log of record.
type LogEntry struct {
	Index int64     `json:"index"`
	Time  time.Time `json:"time"`
	// Type is the kind of act; of some, what was done stands in the members
	// below, and of all in Payload.
	Type    string        `json:"type"`
	Store   *Store        `json:"-"`
	Change  *StoreChange  `json:"-"`
	Commit  *Commit       `json:"-"`
	Journal *Journal      `json:"-"`
	NewKey  *KeyChange    `json:"-"`
	Witness *Witness      `json:"-"`
	Hold    *Hold         `json:"-"`
	Expiry  *Expiry       `json:"-"`
	Clock   *Confirmation `json:"-"`
	Report  *ReportRecord `json:"-"`
	// By is who did it; nil if nobody said.
	By      *By             `json:"by,omitempty"`
	Payload json.RawMessage `json:"payload"`
}

// Log calls fn with every entry that the snapshot stands on, oldest first. It
// reads the log itself, not the index.
func (s *Snapshot) Log(ctx context.Context, fn func(LogEntry) error) error {
	_, err := entrylog.Scan(s.lake.fsys, entrylog.Position{}, s.state.pos.Size, func(raw entrylog.Entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := decodeEntry(raw.Payload)
		if err != nil {
			return fmt.Errorf("entry %d: %w", raw.Index, err)
		}
		return fn(LogEntry{raw.Index, e.Time, e.Type, e.Store, e.Change, e.Commit, e.Journal, e.NewKey, e.Witness, e.Hold, e.Expiry, e.Clock, e.Report, e.By, raw.Payload})
	})
	return err
}

// Bytes is the size of the segment's files.
func (s Segment) Bytes() int64 { return s.Parquet.Bytes + s.Needles.Bytes + s.Tree.Bytes }
