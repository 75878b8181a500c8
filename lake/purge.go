package lake

import (
	"context"
	"errors"
	"time"

	"tarn/internal/vfs"
)

// PurgeOptions say how to purge. The zero value is good for production.
type PurgeOptions struct {
	// Key is as in VerifyOptions: where it is at hand, the log must be signed by it.
	Key string
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// FS is as in Options.
	FS vfs.FS
	// Unlock, if not nil, is called with the path of a file, relative to the lake,
	// right before it is removed: who locks sealed files lets this one go.
	Unlock func(name string) error
}

// PurgeReport says what Purge did.
type PurgeReport struct {
	// Segments, Files and Bytes are what it removed.
	Segments int64 `json:"segments"`
	Files    int64 `json:"files"`
	Bytes    int64 `json:"bytes"`
	// Waiting are expired segments of which files are still there, in order of day.
	Waiting []Waiting `json:"waiting"`
}

// Waiting is an expired segment whose files may not be removed yet, and why.
type Waiting struct {
	Store   string `json:"store"` // its id
	Segment string `json:"segment"`
	Day     string `json:"day"`
	Bytes   int64  `json:"bytes"`
	// Why says what keeps it: the grace, a hold, a reader.
	Why string `json:"why"`
	// Until is when the grace is over, where that is what keeps it.
	Until time.Time `json:"until,omitzero"`
}

// Purge removes the files of segments that have expired: those of which an entry
// of the log says so, lawfully (Verify checks the same), more than the grace ago,
// that no hold covers and no reader has pinned. It decides alone: it reads the log
// of record itself, from its beginning, and checks it against the signed
// checkpoint; the index is not asked. It needs neither the lake's lock nor its key, and may
// run in a process of its own while others write and read. Interrupted at any
// moment, it does no harm: nothing that exists names these files any more, and the
// next one goes on.
func Purge(ctx context.Context, dir string, o PurgeOptions) (*PurgeReport, error) {
	return nil, errors.Join(ctx.Err(), errors.New("not built yet"))
}
