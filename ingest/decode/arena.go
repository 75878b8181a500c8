package decode

// arenaBytes is the size of the pieces that records are copied into: large, so
// that millions of records are thousands of allocations; not so large that a
// few events hold much memory.
const arenaBytes = 256 << 10

// arena hands out copies of records, each behind a zero byte for its leaf hash.
// The copies live as long as somebody refers to them.
type arena struct{ free []byte }

// keep returns a zero byte and a copy of b.
func (a *arena) keep(b []byte) []byte {
	n := len(b) + 1
	if n > len(a.free) {
		if n > arenaBytes/4 {
			c := make([]byte, n)
			copy(c[1:], b)
			return c
		}
		a.free = make([]byte, arenaBytes)
	}
	c := a.free[:n:n]
	a.free = a.free[n:]
	copy(c[1:], b)
	return c
}
