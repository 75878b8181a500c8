package proof_test

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake/internal/proof"
)

// The root is what the Go checksum database's own code computes.
func TestRootIsRFC6962(t *testing.T) {
	stored := []tlog.Hash{}
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	var leaves []proof.Hash
	for n := range 1100 {
		want, err := tlog.TreeHash(int64(n), reader)
		if err != nil {
			t.Fatal(err)
		}
		if got := proof.Root(leaves); got != want {
			t.Fatalf("Root of %d leaves = %v; want %v", n, got, want)
		}
		root, file := proof.Tree(leaves)
		if root != want || len(file) != 8+32*(n/256) {
			t.Errorf("Tree of %d leaves = %v and %d bytes; want %v", n, root, len(file), want)
		}
		for i := 0; i < n/256; i++ {
			if chunk := proof.Root(leaves[256*i : 256*i+256]); !bytes.Equal(file[8+32*i:40+32*i], chunk[:]) {
				t.Errorf("the tree file of %d leaves has another hash of chunk %d", n, i)
			}
		}
		record := fmt.Append(nil, "event ", n)
		leaves = append(leaves, proof.Leaf(record))
		hashes, err := tlog.StoredHashes(int64(n), record, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
}
