package lake

import (
	"path"
	"time"
)

// Segment is one sealed file of events as its log entry describes it: one
// store, one UTC day of event time, never changed again.
type Segment struct {
	// ID names the segment's files; it is unique within the lake.
	ID string `json:"id"`
	// Format is the version of the file's layout (FORMAT.md).
	Format int `json:"format"`
	// Columns is the version of the rules that made its columns from the raw
	// events (schemas/columns.Rules); By names the program that wrote it.
	Columns int    `json:"columns"`
	By      string `json:"by"`
	// Day is the UTC day of all its events, as 2006-01-02.
	Day string `json:"day"`
	// Conflicts marks a segment of records whose event id was taken by an
	// event with other bytes. Ordinary queries do not read it.
	Conflicts bool `json:"conflicts,omitempty"`
	// Rows is the number of events, RawBytes the length of their own bytes.
	Rows     int64 `json:"rows"`
	RawBytes int64 `json:"raw_bytes"`
	// MinTime and MaxTime are the times of its first and last event.
	MinTime time.Time `json:"min_time"`
	MaxTime time.Time `json:"max_time"`
	// MinSeq and MaxSeq bound the events' numbers in the store.
	MinSeq int64 `json:"min_seq"`
	MaxSeq int64 `json:"max_seq"`
	// Root is the RFC 6962 tree hash over the raw events in row order, base64.
	Root string `json:"root"`
	// Parquet, Needles and Tree describe its files.
	Parquet File `json:"parquet"`
	Needles File `json:"needles"`
	Tree    File `json:"tree"`
	// Stats are what an overview needs without opening the file.
	Stats Stats `json:"stats"`
	// WrappedKey is reserved for the wrapped key of an encrypted segment.
	WrappedKey string `json:"wrapped_key,omitempty"`

	// hot says that the segment is of the hot tier, accepted that its events are, or
	// were before they were sealed.
	hot, accepted bool
	// remembered says that the ids of all its events are in the book's memory. Only
	// the book's own copy tells.
	remembered bool
	// without are the numbers of events that are not of the snapshot.
	without []Numbers
}

// files are the paths of the segment's files.
func (s Segment) files(storeID string) []string {
	base := path.Join(s.dir(storeID), s.ID)
	return []string{base + parquetExt, base + needlesExt, base + treeExt}
}

// Hot reports whether the segment is of the hot tier: its day is not sealed yet.
func (s Segment) Hot() bool { return s.hot }

// MembersFlat reports whether the segment has the promoted members of structs
// (schemas.Promoted.Member) as columns of their own.
func (s Segment) MembersFlat() bool { return s.Format >= 2 }

// File is a sealed file's length and hash.
type File struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // base64
}

// Stats says where a segment's events come from: distinct values, sorted; nil
// where they would take too much of the log.
type Stats struct {
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
}
