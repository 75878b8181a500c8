// Package segment writes and reads the files of one segment: the Parquet file
// of its events, the needle filters and the tree file beside it.
//
// Writing goes through Arrow; reading, for verification and export, through
// parquet-go, which shares no code with the writer or the query engine: what
// both agree on is in the file.
package segment

import (
	"crypto/sha256"
	"hash"
	"io"
)

// Format is the version of the layout that Write produces. FORMAT.md describes it,
// and those before, which are read for ever.
const Format = 2

// By names the program that writes, in the log and in the files.
const By = "tarn version 1"

// Event is one event to seal.
type Event struct {
	// Raw is the event as it came: one JSON object in valid UTF-8.
	Raw []byte
	// Time is its time in microseconds since 1970 in UTC.
	Time int64
	// Seq is its number in the store.
	Seq int64
	// Leaf is its leaf hash, computed once, when it was read.
	Leaf [sha256.Size]byte
}

// Summary is what the log keeps of a sealed segment.
type Summary struct {
	Rows, RawBytes   int64
	MinTime, MaxTime int64
	MinSeq, MaxSeq   int64
	Root             [sha256.Size]byte
	Parquet          File
	Needles          File // SHA256 is that of the header, which holds the others
	Tree             File
	Accounts         []string // sorted; nil if too many for the log
	Regions          []string
}

// File is a file's length and hash.
type File struct {
	Bytes  int64
	SHA256 [sha256.Size]byte
}

// Files are where a segment is written to.
type Files struct{ Parquet, Needles, Tree io.Writer }

// hashed counts and hashes what passes through.
type hashed struct {
	w io.Writer
	h hash.Hash
	n int64
}

func newHashed(w io.Writer) *hashed { return &hashed{w: w, h: sha256.New()} }

func (h *hashed) Write(p []byte) (int, error) {
	n, err := h.w.Write(p)
	h.h.Write(p[:n])
	h.n += int64(n)
	return n, err
}

func (h *hashed) file() File {
	f := File{Bytes: h.n}
	h.h.Sum(f.SHA256[:0])
	return f
}
