// Package proof computes the Merkle trees over events: RFC 6962 tree hashes
// over the raw bytes of a segment's events in row order.
package proof

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

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
	return node(Root(leaves[:k]), Root(leaves[k:]))
}

// node is the hash over two others: tlog.NodeHash without a detour by the heap,
// for a tree has as many of them as leaves.
func node(left, right Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// magic starts a tree file: the level-8 hashes of its segment's tree follow.
const magic = "TARNTRE1"

// Tree returns the tree hash over the leaves, and the content of the tree file: the
// hash of each full chunk of 256 rows, so that a proof rehashes one chunk and not
// the segment. The rows behind the last full chunk have none. Each node is hashed
// once: a chunk's hash is a node of the whole tree.
func Tree(leaves []Hash) (root Hash, file []byte) {
	var chunks []Hash
	file = []byte(magic)
	for i := 0; i < len(leaves); i += ChunkRows {
		h := Root(leaves[i:min(i+ChunkRows, len(leaves))])
		chunks = append(chunks, h)
		if i+ChunkRows <= len(leaves) {
			file = append(file, h[:]...)
		}
	}
	return Root(chunks), file
}
