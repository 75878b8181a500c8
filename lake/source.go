package lake

import (
	"fmt"
	"slices"
	"strings"
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
	// follow. So an event's number tells its source: the one for which
	// FirstSeq <= seq < FirstSeq + Counts.Offered.
	FirstSeq int64 `json:"first_seq"`
	// Counts accounts for its records.
	Counts Counts `json:"counts"`
	// Partial marks a source that is listed because events of it are in the
	// commit, while others are not yet in the lake: Counts is as of then. Only a
	// source that is listed without the mark is not read again.
	Partial bool `json:"partial,omitempty"`
	// Selectors is the hash of the store's selectors if they left out records of it.
	// It is complete for an import under the same ones only.
	Selectors string `json:"selectors,omitempty"`
	// Filter says which filter left out records of a source that was read to its
	// end; Counts is of all its records then.
	Filter string `json:"filter,omitempty"`
	// Digest is the verdict of CloudTrail's own digests, one of package
	// ingest/digest; empty if they were not asked.
	Digest string `json:"digest,omitempty"`
}

// source is a source whose events are on their way.
type source struct {
	Source
	pending int // open or sealing days with events of it
	ended   bool
	rejects stretch
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
// s has a hash, with the same hash. seen tells whether any version is there. One of
// which other selectors than the store's left something out is not there.
func (l *Lake) Imported(store Store, s Source) (known, seen bool, err error) {
	versions, err := l.imported(store, s.Key)
	for _, v := range versions {
		if s.SHA256 != "" {
			known = known || v.SHA256 == s.SHA256
		} else {
			known = known || v.Bytes == s.Bytes && v.ModifiedMicros == s.Modified.UnixMicro()
		}
	}
	return known, len(versions) > 0, err
}

// ImportedAnyTime is Imported for objects whose keys are given once: one of the same key
// and length is the same, whatever its time of change.
func (l *Lake) ImportedAnyTime(store Store, key string, bytes int64) (bool, error) {
	versions, err := l.imported(store, key)
	return slices.ContainsFunc(versions, func(v index.Source) bool { return v.Bytes == bytes }), err
}

// imported returns what the store has of a source object under its selectors.
func (l *Lake) imported(store Store, key string) ([]index.Source, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	versions, err := l.versions(store.ID, validKey(key))
	if hash := l.selected.of(store.Selectors); err == nil && hash != "" {
		var under []index.Source
		under, err = l.versions(ledger(store.ID, hash), validKey(key))
		versions = append(versions, under...)
	}
	if err != nil {
		return nil, fmt.Errorf("look for source %s: %w", key, err)
	}
	return versions, nil
}

// RejectedOf returns how many records of a source object, by its key, were
// rejected by the imports into the store so far.
func (l *Lake) RejectedOf(store Store) (func(key string) int64, error) {
	rejected := map[string]int64{}
	seen := map[string]bool{} // objects are read again under other selectors
	for _, c := range l.now().commits {
		if c.Store != store.ID || c.Rejects == nil || c.Sources == nil {
			continue
		}
		err := readLines(l.fsys, *c.Sources, func(s Source) error {
			if version := s.Key + "\x00" + s.SHA256; s.Counts.Rejected > 0 && !s.Partial && !seen[version] {
				seen[version] = true
				rejected[s.Key] += s.Counts.Rejected
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return func(key string) int64 { return rejected[validKey(key)] }, nil
}

// versions returns what the store has of a source object.
func (l *Lake) versions(store, key string) ([]index.Source, error) {
	var all []index.Source
	if l.index != nil {
		var err error
		if all, err = l.index.Sources(store, key); err != nil {
			// It is damaged where nobody has looked so far.
			if err := l.withoutIndex(); err != nil {
				return nil, err
			}
			all = nil
		}
	}
	return append(all, l.recent[sourceKey(store, key)]...), nil
}

// validKey is a key as the ledger can keep it: names of files may be any bytes,
// JSON is valid UTF-8.
func validKey(key string) string { return strings.ToValidUTF8(key, "\uFFFD") }

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
	if s.Partial {
		return
	}
	row := indexSource(store, s)
	k := sourceKey(row.Store, s.Key)
	l.recent[k] = append(l.recent[k], row)
}

// ledger is where the index keeps sources of which a store's selectors left
// something out, by the hash of the selectors; without one, all others.
func ledger(store, selectors string) string {
	if selectors == "" {
		return store
	}
	return store + "/" + selectors
}

func indexSource(store string, s Source) index.Source {
	return index.Source{Store: ledger(store, s.Selectors), Key: s.Key, Bytes: s.Bytes, ModifiedMicros: s.Modified.UnixMicro(), SHA256: s.SHA256}
}
