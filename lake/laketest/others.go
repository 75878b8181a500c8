package laketest

import (
	"bytes"
	"encoding/json"
	"testing"

	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake/tlogproof"
)

// Others checks an event's proof with the code of others: torchwood reads the file
// as a C2SP tlog-proof, and transparency-dev/merkle checks the way through both trees.
// Of ours is only what takes extra apart.
func Others(t testing.TB, file, event []byte, key string) {
	t.Helper()
	extra, err := torchwood.ProofExtraData(file)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := tlogproof.ParseInner(extra)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := torchwood.ParsePolicy([]byte("log " + key + "\nquorum none\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(inner.Entry), file); err != nil {
		t.Fatalf("torchwood: %v", err)
	}
	f, err := tlogproof.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := torchwood.VerifyCheckpoint(f.Checkpoint, policy)
	if err != nil {
		t.Fatal(err)
	}
	under(t, f.Index, c.N, inner.Entry, f.Path, c.Hash[:])
	under(t, inner.Row, inner.Rows, event, inner.Path, rootIn(t, inner))
}

// under checks that a leaf is in a tree.
func under(t testing.TB, index, size int64, leaf []byte, path []tlog.Hash, root []byte) {
	t.Helper()
	var hashes [][]byte
	for _, h := range path {
		hashes = append(hashes, h[:])
	}
	hasher := rfc6962.DefaultHasher
	if err := proof.VerifyInclusion(hasher, uint64(index), uint64(size), hasher.HashLeaf(leaf), hashes, root); err != nil {
		t.Fatalf("merkle: %v", err)
	}
}

// rootIn is the tree hash that a log entry names.
func rootIn(t testing.TB, n tlogproof.Inner) []byte {
	t.Helper()
	type named struct {
		Root []byte `json:"root"`
	}
	var e struct {
		Commit  struct{ Segments []named }
		Journal struct{ Parts []named }
	}
	if err := json.NewDecoder(bytes.NewReader(n.Entry)).Decode(&e); err != nil {
		t.Fatal(err)
	}
	return append(e.Commit.Segments, e.Journal.Parts...)[n.Which].Root
}
