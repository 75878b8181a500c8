package needle

import "slices"

// keys collects the distinct hashes of one kind. Most kinds have few values that
// come again and again: those met lately are dropped at once, the others when
// there are many.
type keys struct {
	met   [256]uint64 // lately, each at its low bits
	list  []uint64
	limit int // of the list, before it is sorted out
}

// sortFrom is how long a list is before it is sorted out.
const sortFrom = 1 << 16

func (k *keys) add(h uint64) {
	slot := &k.met[h%uint64(len(k.met))]
	if *slot == h && h != 0 { // an empty slot is not the hash 0
		return
	}
	*slot = h
	k.list = append(k.list, h)
	if len(k.list) > max(sortFrom, k.limit) {
		k.limit = 2 * len(k.distinct())
	}
}

// distinct returns the keys in order, each once.
func (k *keys) distinct() []uint64 {
	slices.Sort(k.list)
	k.list = slices.Compact(k.list)
	return k.list
}
