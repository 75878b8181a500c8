package proof

import (
	"bytes"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Path returns the inclusion proof of a row among so many (RFC 6962, from the leaf's
// sibling up). chunks are the hashes of the full chunks; of the one that the row is
// in, and of the last one if that is not full, leaves gives the hashes.
func Path(rows, row int64, chunks []Hash, leaves func(chunk int64) ([]Hash, error)) ([]Hash, error) {
	if int64(len(chunks)) != rows/ChunkRows {
		return nil, fmt.Errorf("%d hashes of full chunks for %d rows", len(chunks), rows)
	}
	known := map[int64][]Hash{}
	return tlog.ProveRecord(rows, row, tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			if level >= chunkLevel {
				from, width := n<<(level-chunkLevel), int64(1)<<(level-chunkLevel)
				out[i] = Root(chunks[from : from+width])
				continue
			}
			chunk := n >> (chunkLevel - level)
			if known[chunk] == nil {
				some, err := leaves(chunk)
				if want := min(ChunkRows, rows-chunk*ChunkRows); err == nil && int64(len(some)) != want {
					err = fmt.Errorf("chunk %d has %d rows, and not %d", chunk, len(some), want)
				}
				if err != nil {
					return nil, err
				}
				known[chunk] = some
			}
			from, width := n<<level-chunk*ChunkRows, int64(1)<<level
			out[i] = Root(known[chunk][from : from+width])
		}
		return out, nil
	}))
}

// Chunks returns the hashes in a segment's tree file; none if it is no such file.
func Chunks(file []byte) (chunks []Hash) {
	at, _ := bytes.CutPrefix(file, []byte(magic))
	for ; len(at) >= tlog.HashSize; at = at[tlog.HashSize:] {
		chunks = append(chunks, Hash(at[:tlog.HashSize]))
	}
	return chunks
}

// PathOf is Path where all leaves are at hand.
func PathOf(leaves []Hash, row int64) ([]Hash, error) {
	_, file := Tree(leaves)
	return Path(int64(len(leaves)), row, Chunks(file), func(chunk int64) ([]Hash, error) {
		return leaves[chunk*ChunkRows : min((chunk+1)*ChunkRows, int64(len(leaves)))], nil
	})
}
