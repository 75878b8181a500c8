// Package proof computes the Merkle trees over events: RFC 6962 tree hashes
// over the raw bytes of a segment's events in row order.
package proof

import "golang.org/x/mod/sumdb/tlog"

// Hash is a SHA-256 hash in the tree.
type Hash = tlog.Hash

// ChunkRows is the number of rows under one hash of a tree file (2⁸, level 8).
const (
	ChunkRows  = 1 << chunkLevel
	chunkLevel = 8
)

// Leaf is the hash of an event: SHA-256 over a zero byte and the raw event.
func Leaf(raw []byte) Hash { return tlog.RecordHash(raw) }

// Root is the tree hash over the leaves, RFC 6962 section 2.1. Without leaves
// it is the hash of nothing.
func Root(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		h, _ := tlog.TreeHash(0, nil)
		return h
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(Root(leaves[:k]), Root(leaves[k:]))
}

// magic starts a tree file: the level-8 hashes of its segment's tree follow.
const magic = "TARNTRE1"

// File returns the content of a segment's tree file: the hash of each full
// chunk of 256 rows, so that a proof rehashes one chunk and not the segment.
// The rows behind the last full chunk have none.
func File(leaves []Hash) []byte {
	b := []byte(magic)
	for i := 0; i+ChunkRows <= len(leaves); i += ChunkRows {
		h := Root(leaves[i : i+ChunkRows])
		b = append(b, h[:]...)
	}
	return b
}
