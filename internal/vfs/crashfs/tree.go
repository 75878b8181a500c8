package crashfs

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// file is a file: what programs see of it, and what is durable.
type file struct {
	data, durable []byte
	lost          bool // a sync failed: what was not durable then never will be
}

func (f *file) sync() error {
	if !f.lost {
		f.durable = f.data[:len(f.data):len(f.data)]
	}
	return nil
}

func (f *file) lose(error) { f.lost = true }

// folder is a folder: the names that programs see in it, and those that are
// durable. A name stands for a *file or a *folder.
type folder struct {
	names, durable map[string]any
	lost           map[string]any // what a failed sync should have made durable
}

func newFolder() *folder {
	return &folder{names: map[string]any{}, durable: map[string]any{}, lost: map[string]any{}}
}

// changed returns the names whose durable meaning is another, in order.
func (f *folder) changed() (names []string) {
	all := maps.Clone(f.durable)
	maps.Copy(all, f.names)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if f.names[name] != f.durable[name] {
			names = append(names, name)
		}
	}
	return names
}

func (f *folder) sync() {
	for _, name := range f.changed() {
		if was, lost := f.lost[name]; lost && was == f.names[name] {
			continue
		}
		if f.names[name] == nil {
			delete(f.durable, name)
		} else {
			f.durable[name] = f.names[name]
		}
	}
}

func (f *folder) lose() {
	for _, name := range f.changed() {
		f.lost[name] = f.names[name]
	}
}

// info tells about a file or folder.
type info struct {
	name string
	node any
}

func (i info) Name() string       { return i.name }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) IsDir() bool        { _, is := i.node.(*folder); return is }

func (i info) Size() int64 {
	if f, ok := i.node.(*file); ok {
		return int64(len(f.data))
	}
	return 0
}

func (i info) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// Freeze returns a copy of the disk as it is, with what is durable and what is
// not. Nobody watches it.
func (f *FS) Freeze() *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := copier{twins: map[any]any{}}
	return &FS{dir: f.dir, root: c.folder(f.root)}
}

// copier copies a tree. A file that has two names has one copy.
type copier struct{ twins map[any]any }

func (c *copier) node(n any) any {
	if twin, ok := c.twins[n]; ok {
		return twin
	}
	switch n := n.(type) {
	case *folder:
		return c.folder(n)
	case *file:
		// Without room behind it, so that appending to either does not show in the other.
		c.twins[n] = &file{data: slices.Clip(n.data), durable: slices.Clip(n.durable), lost: n.lost}
	}
	return c.twins[n]
}

func (c *copier) folder(f *folder) *folder {
	twin := newFolder()
	c.twins[f] = twin
	for _, part := range []struct{ from, to map[string]any }{{f.names, twin.names}, {f.durable, twin.durable}, {f.lost, twin.lost}} {
		for name, n := range part.from {
			part.to[name] = c.node(n)
		}
	}
	return twin
}

// Crash returns the disk as it may be found after its power was cut now. Of what
// is not durable, that percentage has survived: none of it with 0, all with 100;
// in between chance decides for every name and every piece of a file. What the
// new disk has is durable. Its Path leads to dir.
func (f *FS) Crash(percent int, chance *rand.Rand, dir string) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	// Pages, sectors, and pieces as small as a torn line: one size a crash.
	pieces := []int{4096, 512, 16}
	c := crash{percent: percent, chance: chance, piece: pieces[chance.IntN(len(pieces))], left: map[any]any{}}
	return &FS{dir: dir, root: c.folder(f.root)}
}

type crash struct {
	percent, piece int
	chance         *rand.Rand
	left           map[any]any // what is left of a file or folder
}

func (c *crash) survives() bool { return c.chance.IntN(100) < c.percent }

func (c *crash) folder(f *folder) *folder {
	left := newFolder()
	c.left[f] = left
	names := maps.Clone(f.durable)
	for _, name := range f.changed() {
		if !c.survives() {
			continue
		}
		if f.names[name] == nil {
			delete(names, name)
		} else {
			names[name] = f.names[name]
		}
	}
	// In order, for chance is to fall the same way each time.
	for _, name := range slices.Sorted(maps.Keys(names)) {
		left.names[name] = c.node(names[name])
	}
	left.durable = maps.Clone(left.names)
	return left
}

func (c *crash) node(n any) any {
	if left, ok := c.left[n]; ok {
		return left
	}
	switch n := n.(type) {
	case *folder:
		return c.folder(n)
	case *file:
		data := slices.Clip(c.content(n.durable, n.data))
		c.left[n] = &file{data: data, durable: data}
	}
	return c.left[n]
}

// content is what is left of a file: each piece as it was or as it is, zeros
// where neither reaches, and a length of either or between.
func (c *crash) content(old, now []byte) []byte {
	switch {
	case c.percent == 0:
		return old
	case c.percent == 100:
		return now
	}
	left := make([]byte, c.length(len(old), len(now)))
	for at := 0; at < len(left); at += c.piece {
		from := old
		if c.survives() {
			from = now
		}
		if at < len(from) {
			copy(left[at:min(at+c.piece, len(left))], from[at:])
		}
	}
	return left
}

func (c *crash) length(old, now int) int {
	switch low, high := min(old, now), max(old, now); {
	case c.survives():
		return now
	case c.survives():
		return low + c.chance.IntN(high-low+1)
	}
	return old
}
