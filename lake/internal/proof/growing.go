package proof

import "golang.org/x/mod/sumdb/tlog"

// Growing is a tree to which leaves are added, of which only what its root needs
// is kept. Its zero value is empty.
type Growing struct {
	leaves int64
	// full are the hashes of its full subtrees, the largest first.
	full []Hash
}

// Add adds a leaf.
func (g *Growing) Add(leaf Hash) {
	h := leaf
	for n := g.leaves; n&1 == 1; n >>= 1 {
		last := len(g.full) - 1
		h = tlog.NodeHash(g.full[last], h)
		g.full = g.full[:last]
	}
	g.full = append(g.full, h)
	g.leaves++
}

// Leaves is how many there are.
func (g *Growing) Leaves() int64 { return g.leaves }

// Root is the tree hash, as [Root] has it.
func (g *Growing) Root() Hash {
	if g.leaves == 0 {
		return Root(nil)
	}
	h := g.full[len(g.full)-1]
	for i := len(g.full) - 2; i >= 0; i-- {
		h = tlog.NodeHash(g.full[i], h)
	}
	return h
}
