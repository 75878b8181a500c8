package entrylog

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// tileHeight is C2SP's: 256 hashes a tile.
const tileHeight, tileWidth = 8, 256

// tilePath is the tile's file. C2SP leaves the height out of the path.
func tilePath(t tlog.Tile) string {
	return tileDir + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d", tileHeight))
}

// bundlePath is the file of the entries of tile n, w of them.
func bundlePath(n int64, w int) string {
	t := tlog.Tile{H: tileHeight, L: -1, N: n, W: w}
	return tileDir + "/entries" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/data", tileHeight))
}

// parseTile is the opposite of both: the tile of a file, of level -1 if it is a
// bundle.
func parseTile(name string) (t tlog.Tile, ok bool) {
	rest, ok := strings.CutPrefix(name, tileDir+"/")
	if !ok {
		return t, false
	}
	if n, isBundle := strings.CutPrefix(rest, "entries/"); isBundle {
		rest = "data/" + n
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, rest))
	return t, err == nil
}

// within reports whether a tree of that size has all that stands in the tile.
func within(t tlog.Tile, size int64) bool {
	// A name may say any number.
	return t.N < size && t.N<<tileHeight+int64(t.W) <= size>>(tileHeight*max(t.L, 0))
}

// tiles reads hashes from the tile files, checked against the tree of a size.
type tiles struct{ fsys vfs.FS }

// Height implements tlog.TileReader.
func (t tiles) Height() int { return tileHeight }

// ReadTiles implements tlog.TileReader.
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(want))
	for i, tile := range want {
		b, err := vfs.ReadFile(t.fsys, tilePath(tile))
		if err != nil {
			return nil, err
		}
		out[i] = b
	}
	return out, nil
}

// SaveTiles implements tlog.TileReader; the files are the store already.
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// hashes are the tree's stored hashes: new ones in memory, the rest from tiles.
type hashes struct {
	fresh map[int64]tlog.Hash
	old   tlog.HashReader
}

// ReadHashes implements tlog.HashReader.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var missing []int64
	for _, x := range indexes {
		if _, ok := h.fresh[x]; !ok {
			missing = append(missing, x)
		}
	}
	var found []tlog.Hash
	if len(missing) > 0 {
		var err error
		if found, err = h.old.ReadHashes(missing); err != nil {
			return nil, err
		}
	}
	for i, x := range indexes {
		if v, ok := h.fresh[x]; ok {
			out[i] = v
			continue
		}
		out[i], found = found[0], found[1:]
	}
	return out, nil
}

// add puts the entry of index n into the tree.
func (h *hashes) add(n int64, entry []byte) error {
	stored, err := tlog.StoredHashesForRecordHash(n, tlog.RecordHash(entry), h)
	if err != nil {
		return fmt.Errorf("hash log entry %d: %w", n, err)
	}
	first := tlog.StoredHashIndex(0, n)
	for i, s := range stored {
		h.fresh[first+int64(i)] = s
	}
	return nil
}

// writeTiles writes the tiles that change when the tree grows from one size to
// another.
func writeTiles(fsys vfs.FS, h tlog.HashReader, from, to int64) error {
	dirs := map[string]bool{}
	for _, t := range tlog.NewTiles(tileHeight, from, to) {
		data, err := tlog.ReadTileData(t, h)
		if err != nil {
			return fmt.Errorf("compute %s: %w", tilePath(t), err)
		}
		if err := writeInto(fsys, tilePath(t), data, dirs); err != nil {
			return err
		}
	}
	return syncDirs(fsys, dirs)
}

// writeBundles writes the entry bundles that hold entries first to last.
func writeBundles(fsys vfs.FS, first int64, entries [][]byte) error {
	dirs := map[string]bool{}
	for i := 0; i < len(entries); i += tileWidth {
		n := (first + int64(i)) / tileWidth
		part := entries[i:min(i+tileWidth, len(entries))]
		if err := writeInto(fsys, bundlePath(n, len(part)), bundle(part), dirs); err != nil {
			return err
		}
	}
	return syncDirs(fsys, dirs)
}

// bundle is the content of an entry bundle: each entry behind its length.
func bundle(entries [][]byte) []byte {
	var data []byte
	for _, e := range entries {
		data = binary.BigEndian.AppendUint16(data, uint16(len(e)))
		data = append(data, e...)
	}
	return data
}

// writeInto makes the folder and the file.
func writeInto(fsys vfs.FS, name string, data []byte, dirs map[string]bool) error {
	dir := path.Dir(name)
	if !dirs[dir] {
		if err := fsys.MkdirAll(dir); err != nil {
			return err
		}
	}
	dirs[dir] = true
	return vfs.WriteFile(fsys, name, data)
}

// syncDirs makes the names in the folders durable, and the folders themselves.
func syncDirs(fsys vfs.FS, dirs map[string]bool) error {
	all := map[string]bool{}
	for d := range dirs {
		for ; d != "." && !all[d]; d = path.Dir(d) {
			all[d] = true
		}
	}
	// From the leaf up, and in one order: a name is durable when its folder is.
	for _, d := range slices.Backward(slices.Sorted(maps.Keys(all))) {
		if err := fsys.SyncDir(d); err != nil {
			return err
		}
	}
	return nil
}

// sweepTiles removes what does not belong to a tree of that size: an interrupted
// Publish leaves tiles of entries that never counted. Partial tiles of smaller
// sizes stay while there is no full one.
func sweepTiles(fsys vfs.FS, size int64) error {
	keep := map[string]bool{}
	for first := int64(0); first < size; first += tileWidth {
		keep[bundlePath(first/tileWidth, int(min(tileWidth, size-first)))] = true
	}
	return vfs.Walk(fsys, tileDir, func(path string, _ fs.DirEntry) error {
		t, ok := parseTile(path)
		if keep[path] || ok && t.L >= 0 && within(t, size) && (t.W == tileWidth || !fullBy(t, size)) {
			return nil
		}
		return fsys.Remove(path)
	})
}

// fullBy reports whether the tile is full in a tree of that size.
func fullBy(t tlog.Tile, size int64) bool {
	t.W = tileWidth
	return within(t, size)
}

// removePartials removes the partial tiles that have become full with the growth of
// the tree from one size to another: until then, C2SP has them stay for who comes
// with an older checkpoint.
func removePartials(fsys vfs.FS, from, to int64) error {
	for level := 0; from>>(tileHeight*level) > 0; level++ {
		t := tlog.Tile{H: tileHeight, L: level, N: from >> (tileHeight * level) / tileWidth, W: 1}
		if from>>(tileHeight*level)%tileWidth == 0 || !fullBy(t, to) {
			continue
		}
		if err := vfs.Walk(fsys, path.Dir(tilePath(t)), func(name string, _ fs.DirEntry) error {
			return ignoreMissing(fsys.Remove(name))
		}); err != nil {
			return err
		}
	}
	return nil
}

// removeBundle removes the partial bundle of a tree of that size. Of these only the
// newest and the one before it stay: each repeats all entries since the last full
// one, which would come to more than the log.
func removeBundle(fsys vfs.FS, size int64) error {
	if size%tileWidth == 0 {
		return nil
	}
	return ignoreMissing(fsys.Remove(bundlePath(size/tileWidth, int(size%tileWidth))))
}
