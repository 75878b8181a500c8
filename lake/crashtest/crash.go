package crashtest

import (
	"fmt"
	"hash/maphash"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"tarn/internal/vfs"
	"tarn/internal/vfs/crashfs"
	"tarn/lake/laketest"
)

// Shares are how much of what is not durable survives a crash, in percent.
var Shares = []int{0, 25, 50, 75, 100}

// Figures say how much was tried.
type Figures struct {
	Moments int // operations behind which the power was cut
	Crashes int // disks that were found after it
	States  int // different ones among them
	Indexes int // states together with an index
}

// state is a disk after a crash.
type state struct {
	moment
	share int
	found *crashfs.FS
}

func (s state) String() string {
	return fmt.Sprintf("crash behind operation %d (%s) with %d %% of what was not durable, %d entries acknowledged",
		s.number, s.op, s.share, s.size)
}

// Crash crashes the disk at every moment of the life that was lived, and returns
// what is wrong with what is found then; having found enough it stops. seed decides
// what survives.
func (w *World) Crash(story Story, seed uint64, enough int) (Figures, []error) {
	states, figures := w.states(seed)
	c := &checker{story: story, world: w, brief: w.Brief}
	if !story.Puts {
		c.sizes = w.sizes()
	}
	var mu sync.Mutex
	var wrong []error
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range laketest.Few(3, states) {
		g.Go(func() error {
			mu.Lock()
			done := len(wrong) >= enough
			mu.Unlock()
			if done {
				return nil
			}
			n, err := c.check(i, s)
			mu.Lock()
			defer mu.Unlock()
			figures.Indexes += n
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", s, err))
			}
			return nil
		})
	}
	// What is wrong is collected; nothing else fails.
	_ = g.Wait()
	return figures, wrong
}

// states are the disks that crashes leave, each once.
func (w *World) states(seed uint64) (states []state, figures Figures) {
	hash := maphash.MakeSeed()
	seen := map[[2]uint64]bool{}
	figures.Moments = len(w.moments)
	for _, m := range w.moments {
		for i, share := range Shares {
			if w.Sparse && i != m.number%len(Shares) {
				continue
			}
			chance := rand.New(rand.NewPCG(seed, uint64(m.number*101+share)))
			found := m.disk.Crash(share, chance, "")
			figures.Crashes++
			key := [2]uint64{digest(hash, found), uint64(m.size)}
			if !seen[key] {
				seen[key] = true
				states = append(states, state{m, share, found})
			}
		}
	}
	figures.States = len(states)
	return states, figures
}

// digest tells one disk's content from another's. Of what stands in tmp it counts
// only whether there is any: nothing reads it after a crash, which checks see to.
func digest(seed maphash.Seed, fsys vfs.FS) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	swept := false
	_ = vfs.Walk(fsys, ".", func(path string, _ fs.DirEntry) error {
		if strings.HasPrefix(path, "tmp/") {
			swept = true
			return nil
		}
		content, err := vfs.ReadFile(fsys, path)
		fmt.Fprintf(&h, "%q %d ", path, len(content))
		h.Write(content)
		return err
	})
	fmt.Fprint(&h, swept)
	return h.Sum64()
}

// sizes are those of all checkpoints of the life: no lake may ever show another.
func (w *World) sizes() map[int64]bool {
	sizes := map[int64]bool{1: true, 2: true}
	for _, m := range w.moments {
		sizes[m.size] = true
	}
	sizes[w.size] = true
	maps.Copy(sizes, w.earlier)
	return sizes
}

// index is an index to open a lake with.
type index struct {
	name    string
	content []byte // nil for none
	ahead   bool   // of the log
}

// indexesFor returns the indexes that may lie beside a log of that size.
func (w *World) indexesFor(size int64) []index {
	all := []index{{"no index", nil, false}}
	var known []int64
	for n := range w.indexes {
		known = append(known, n)
	}
	slices.Sort(known)
	for _, n := range slices.Backward(known) {
		if n < size {
			all = append(all, index{fmt.Sprintf("an index of %d entries", n), w.indexes[n], false})
			break
		}
	}
	if n := len(known) - 1; n >= 0 && known[n] > size {
		all = append(all, index{fmt.Sprintf("an index of %d entries", known[n]), w.indexes[known[n]], true})
	}
	return all
}

// put makes a folder with the index in it.
func (x index) put(parent string) (dir string, err error) {
	if dir, err = os.MkdirTemp(parent, "found-"); err != nil || x.content == nil {
		return dir, err
	}
	if err := os.Mkdir(dir+"/local", 0o755); err != nil {
		return dir, err
	}
	return dir, os.WriteFile(dir+"/local/index.db", x.content, 0o644)
}
