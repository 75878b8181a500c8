package lake

import (
	"fmt"
	"slices"
	"time"

	"tarn/lake/internal/index"
)

// Source is an object that events came from, as the lake's ledger keeps it: a
// file in a bucket, most often.
type Source struct {
	// Key names the object: from AWSLogs/ on, where there is such a part.
	Key string `json:"key"`
	// Bytes, Modified and SHA256 tell this version of the object from others:
	// its length, its time of change, the base64 hash of its bytes.
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"`
	// FirstSeq is the number of its first record in the store; the others
	// follow. So an event's number tells its source.
	FirstSeq int64 `json:"first_seq"`
	// Counts accounts for its records.
	Counts Counts `json:"counts"`
	// Digest is reserved for the verdict of CloudTrail's own digest.
	Digest string `json:"digest,omitempty"`
}

// source is a source whose events are on their way.
type source struct {
	Source
	pending int // open or sealing days with events of it
	ended   bool
}

// Reject is a record that was not taken.
type Reject struct {
	// Import and Source say where it came from.
	Import string `json:"import,omitempty"`
	Source string `json:"source"`
	// Record is its number in the source, from 1; Offset and Length where it
	// stands in the inflated bytes.
	Record int64 `json:"record"`
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
	// Reason says what is wrong with it.
	Reason string `json:"reason"`
	// Raw is its bytes; of more than 1 MiB, the first.
	Raw []byte `json:"raw"`
}

// Imported reports whether this version of a source object is in the store
// already: one of the same key with the same length and time of change, or, if
// s has a hash, with the same hash. seen tells whether any version is there.
func (l *Lake) Imported(store Store, s Source) (known, seen bool, err error) {
	l.mu.Lock()
	versions := slices.Clone(l.recent[sourceKey(store.ID, s.Key)])
	l.mu.Unlock()
	if l.index != nil {
		old, err := l.index.Sources(store.ID, s.Key)
		if err != nil {
			return false, false, fmt.Errorf("look for source %s: %w", s.Key, err)
		}
		versions = append(versions, old...)
	}
	for _, v := range versions {
		if s.SHA256 != "" {
			known = known || v.SHA256 == s.SHA256
		} else {
			known = known || v.Bytes == s.Bytes && v.ModifiedMicros == s.Modified.UnixMicro()
		}
	}
	return known, len(versions) > 0, nil
}

func sourceKey(store, key string) string { return store + "\x00" + key }

// remember notes the sources of a commit that the index does not have yet.
func (l *Lake) remember(c *Commit) error {
	if c.Sources == nil {
		return nil
	}
	return readLines(l.fsys, *c.Sources, func(s Source) error {
		l.note(c.Store, s)
		return nil
	})
}

func (l *Lake) note(store string, s Source) {
	k := sourceKey(store, s.Key)
	l.recent[k] = append(l.recent[k], index.Source{
		Store: store, Key: s.Key, Bytes: s.Bytes, ModifiedMicros: s.Modified.UnixMicro(), SHA256: s.SHA256,
	})
}
