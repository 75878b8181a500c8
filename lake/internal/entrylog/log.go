package entrylog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/internal/vfs"
)

// Log is the log of record, open for writing. One goroutine uses it at a time.
type Log struct {
	fsys        vfs.FS
	signers     []note.Signer
	entries     vfs.File
	checkpoints vfs.File
	hashes      *hashes
	pos         Position // behind the last entry
	published   int64    // size of the newest checkpoint
	former      int64    // of the one before, as far as this Log has seen it
	bundle      [][]byte // entries since the last full bundle began
	broken      bool
}

// Create starts a log in an empty folder tree. Nothing counts before the first
// Publish.
func Create(fsys vfs.FS, signer note.Signer) (*Log, error) {
	if err := fsys.MkdirAll(Dir); err != nil {
		return nil, err
	}
	l := &Log{fsys: fsys, signers: signing(signer), pos: start(Position{}), hashes: &hashes{fresh: map[int64]tlog.Hash{}}}
	var err error
	if l.entries, err = startFile(fsys, EntriesFile, entriesMagic); err != nil {
		return nil, err
	}
	if l.checkpoints, err = startFile(fsys, CheckpointsFile, checkpointsMagic); err != nil {
		l.entries.Close()
		return nil, err
	}
	return l, nil
}

// signing are those who sign; nobody signs a copy.
func signing(signer note.Signer) []note.Signer {
	if signer == nil {
		return nil
	}
	return []note.Signer{signer}
}

func startFile(fsys vfs.FS, name, magic string) (vfs.File, error) {
	f, err := fsys.Append(name)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write([]byte(magic)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Open opens a log for writing. It calls fn for every entry that the newest
// checkpoint covers, from the position on (which must be the end of an entry, or
// zero), and cuts off what stands behind it: nobody was told that it counts, and
// to sign what lies there would be to sign what anybody wrote.
func Open(fsys vfs.FS, signer note.Signer, keys Keys, from Position, fn func(Entry) error) (*Log, error) {
	l := &Log{fsys: fsys, signers: signing(signer)}
	newest, err := l.openCheckpoints(keys)
	if err != nil {
		return nil, err
	}
	if l.entries, err = fsys.Append(EntriesFile); err != nil {
		l.checkpoints.Close()
		return nil, err
	}
	if err := l.replay(newest, from, fn); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// openCheckpoints finds the newest checkpoint and cuts off a torn one.
func (l *Log) openCheckpoints(keys Keys) (Checkpoint, error) {
	var last []byte
	end, torn, err := Checkpoints(l.fsys, func(signed []byte) error { last = signed; return nil })
	if err != nil {
		return Checkpoint{}, err
	}
	if last == nil {
		return Checkpoint{}, fmt.Errorf("%w: %s holds no checkpoint", ErrCorrupt, CheckpointsFile)
	}
	newest, err := keys.Open(last)
	if err != nil {
		return Checkpoint{}, err
	}
	// The shown checkpoint is replaced after the kept one is durable. If it knows
	// more, checkpoints were lost, and nothing may be cut on their account.
	shown, err := Latest(l.fsys, keys)
	if err == nil && shown.Size > newest.Size {
		return Checkpoint{}, fmt.Errorf("%w: %s ends at size %d; %s is of size %d", ErrCorrupt, CheckpointsFile, newest.Size, CheckpointFile, shown.Size)
	}
	if torn {
		// Without the shown one, nothing tells a torn checkpoint from a damaged one.
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w: %s is damaged behind size %d, and %s cannot be read", ErrCorrupt, CheckpointsFile, newest.Size, CheckpointFile)
		}
		if err := l.cutCheckpoint(end); err != nil {
			return Checkpoint{}, err
		}
	}
	l.checkpoints, err = l.fsys.Append(CheckpointsFile)
	return newest, err
}

// longestCheckpoint is more than a checkpoint with its frame takes: its origin is
// a lake's, and there are two signatures at most.
const longestCheckpoint = 1024

// cutCheckpoint removes what is left of a checkpoint whose writing was
// interrupted. Each is synced before the next is written, so that is less than
// one; anything else is damage, and no checkpoint is ever cut away.
func (l *Log) cutCheckpoint(end int64) error {
	interrupted, err := interruptedAt(l.fsys, end)
	if err != nil {
		return err
	}
	if !interrupted {
		return fmt.Errorf("%w: %s is damaged at byte %d", ErrCorrupt, CheckpointsFile, end)
	}
	return l.fsys.Truncate(CheckpointsFile, end)
}

// interruptedAt reports whether no more stands in log/checkpoints behind its last
// whole checkpoint than one whose writing was interrupted.
func interruptedAt(fsys vfs.FS, end int64) (bool, error) {
	f, err := fsys.Open(CheckpointsFile)
	if err != nil {
		return false, err
	}
	defer f.Close()
	size, err := f.Size()
	return size-end <= longestCheckpoint, err
}

// replay reads the entries, then makes tiles and checkpoint true for them.
func (l *Log) replay(newest Checkpoint, from Position, fn func(Entry) error) error {
	if err := checkMagic(l.entries, EntriesFile, entriesMagic); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	l.published = newest.Size
	if err := l.openTree(newest); err != nil {
		return err
	}
	if from.Size > newest.Size {
		return fmt.Errorf("%w: asked to go on from entry %d; the newest checkpoint covers %d", ErrCorrupt, from.Size, newest.Size)
	}
	var err error
	if l.pos, err = Scan(l.fsys, from, newest.Size, fn); err != nil {
		return err
	}
	if err := l.cutTail(); err != nil {
		return err
	}
	if err := l.loadBundle(from); err != nil {
		return err
	}
	if err := l.mendBundle(); err != nil {
		return err
	}
	if err := l.heal(newest); err != nil {
		return err
	}
	// Not before: the checkpoint that was shown may have been an older one, whose
	// tiles are swept.
	return sweepTiles(l.fsys, newest.Size)
}

// cutTail removes what stands behind the last covered entry. The position came
// from outside (an index), so before anything is cut the end is found again
// from the start: what a checkpoint covers must survive any wrong position.
func (l *Log) cutTail() error {
	size, err := l.entries.Size()
	if err != nil || size == l.pos.Bytes {
		return err
	}
	end, err := Scan(l.fsys, Position{}, l.pos.Size, func(Entry) error { return nil })
	if err != nil {
		return err
	}
	if end != l.pos {
		return fmt.Errorf("%w: entry %d does not end at byte %d", ErrCorrupt, l.pos.Size-1, l.pos.Bytes)
	}
	return l.fsys.Truncate(EntriesFile, end.Bytes)
}

// heal shows the newest checkpoint if a crash came before it was shown.
func (l *Log) heal(newest Checkpoint) error {
	seen, err := vfs.ReadFile(l.fsys, CheckpointFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if string(seen) == string(newest.Note) {
		return nil
	}
	return l.show(newest.Note)
}

// openTree makes the hashes of the tree readable: from the tiles if they are
// those of the checkpoint, else computed from the entries anew.
func (l *Log) openTree(newest Checkpoint) error {
	l.hashes = published(l.fsys, newest.Size, newest.Root)
	if root, err := tlog.TreeHash(newest.Size, l.hashes); err == nil && root == newest.Root {
		return nil
	}
	l.hashes = &hashes{fresh: map[int64]tlog.Hash{}}
	_, err := Scan(l.fsys, Position{}, newest.Size, func(e Entry) error { return l.hashes.add(e.Index, e.Payload) })
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(newest.Size, l.hashes)
	if err != nil {
		return err
	}
	if root != newest.Root {
		return fmt.Errorf("%w: the entries' tree hash is not the checkpoint's at size %d", ErrCorrupt, newest.Size)
	}
	return l.rebuild(newest.Size)
}

// published are the hashes of a tree whose tiles are on disk.
func published(fsys vfs.FS, size int64, root tlog.Hash) *hashes {
	tree := tlog.Tree{N: size, Hash: root}
	return &hashes{fresh: map[int64]tlog.Hash{}, old: tlog.TileHashReader(tree, tiles{fsys})}
}

// rebuild writes all tiles and bundles anew.
func (l *Log) rebuild(size int64) error {
	if err := writeTiles(l.fsys, l.hashes, 0, size); err != nil {
		return err
	}
	var part [][]byte
	_, err := Scan(l.fsys, Position{}, size, func(e Entry) error {
		part = append(part, e.Payload)
		if len(part) == tileWidth || e.Index == size-1 {
			first := e.Index + 1 - int64(len(part))
			err := writeBundles(l.fsys, first, part)
			part = nil
			return err
		}
		return nil
	})
	return err
}

// loadBundle reads the entries of the bundle that is not full yet.
func (l *Log) loadBundle(from Position) error {
	first := l.published / tileWidth * tileWidth
	if from.Size > first {
		from = Position{}
	}
	_, err := Scan(l.fsys, from, l.pos.Size, func(e Entry) error {
		if e.Index >= first {
			l.bundle = append(l.bundle, e.Payload)
		}
		return nil
	})
	return err
}

// mendBundle writes the bundle that is not full yet anew, if it is not what it should
// be: it stays a while beside the next one.
func (l *Log) mendBundle() error {
	if len(l.bundle) == 0 {
		return nil
	}
	first := l.published - int64(len(l.bundle))
	there, err := vfs.ReadFile(l.fsys, bundlePath(first/tileWidth, len(l.bundle)))
	if err == nil && bytes.Equal(there, bundle(l.bundle)) {
		return nil
	}
	return writeBundles(l.fsys, first, l.bundle)
}

// Broken reports whether the log takes nothing more and must be opened anew.
func (l *Log) Broken() bool { return l.broken }

// Position is the place behind the last entry.
func (l *Log) Position() Position { return l.pos }

// Append writes entries behind the last one, all or none: an entry that is too
// long leaves the log as it was, and after any other error the log is broken.
// They count only after Publish.
func (l *Log) Append(payloads ...[]byte) error {
	if l.broken {
		return ErrBroken
	}
	for _, p := range payloads {
		if len(p) == 0 || len(p) > MaxEntry {
			return fmt.Errorf("log entry of %d bytes; at most %d", len(p), MaxEntry)
		}
	}
	for _, p := range payloads {
		if err := l.append(p); err != nil {
			l.broken = true
			return err
		}
	}
	return nil
}

func (l *Log) append(payload []byte) error {
	if err := l.hashes.add(l.pos.Size, payload); err != nil {
		return err
	}
	if _, err := l.entries.Write(appendFrame(nil, payload)); err != nil {
		return fmt.Errorf("append to %s: %w", EntriesFile, err)
	}
	l.bundle = append(l.bundle, payload)
	l.pos = Position{l.pos.Size + 1, l.pos.Bytes + headerLen + int64(len(payload))}
	return nil
}

// Publish makes the entries appended so far count: entries, tiles, checkpoint,
// in this order, each durable before the next. After an error the log is
// broken: the disk may hold more than it said.
func (l *Log) Publish() error {
	if l.broken {
		return ErrBroken
	}
	if l.pos.Size == l.published {
		return nil
	}
	err := l.publish()
	l.broken = err != nil
	return err
}

// PublishAs is Publish with other signers from now on. The first checkpoint is
// signed by the former ones too, unless they are lost.
func (l *Log) PublishAs(next note.Signer, lost bool) error {
	former := l.signers
	l.signers = signing(next)
	if !lost {
		l.signers = append(slices.Clip(former), next)
	}
	if err := l.Publish(); err != nil {
		l.signers = former
		return err
	}
	l.signers = signing(next)
	return nil
}

func (l *Log) publish() error {
	root, err := l.lay()
	if err != nil {
		return err
	}
	if len(l.signers) == 0 {
		return errors.New("nobody is there to sign a checkpoint")
	}
	signed, err := signCheckpoint(l.signers, l.pos.Size, root)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	if _, err := l.checkpoints.Write(appendFrame(nil, signed)); err != nil {
		return fmt.Errorf("append to %s: %w", CheckpointsFile, err)
	}
	if err := l.checkpoints.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", CheckpointsFile, err)
	}
	if err := l.show(signed); err != nil {
		return err
	}
	l.shown(root)
	return nil
}

// lay makes durable what was appended, and the tiles over it.
func (l *Log) lay() (root tlog.Hash, err error) {
	if err := l.entries.Sync(); err != nil {
		return root, fmt.Errorf("sync %s: %w", EntriesFile, err)
	}
	if err := writeTiles(l.fsys, l.hashes, l.published, l.pos.Size); err != nil {
		return root, fmt.Errorf("write log tiles: %w", err)
	}
	first := l.pos.Size - int64(len(l.bundle))
	if err := writeBundles(l.fsys, first, l.bundle); err != nil {
		return root, fmt.Errorf("write log entry bundles: %w", err)
	}
	return tlog.TreeHash(l.pos.Size, l.hashes)
}

// shown takes note that the checkpoint over all that was appended is out.
func (l *Log) shown(root tlog.Hash) {
	old := l.published
	l.published = l.pos.Size
	l.bundle = l.bundle[int64(len(l.bundle))-l.pos.Size%tileWidth:]
	l.hashes = published(l.fsys, l.pos.Size, root)
	// The checkpoint is out: what cannot be tidied up now does no harm.
	_ = removePartials(l.fsys, old, l.published)
	_ = removeBundle(l.fsys, l.former)
	l.former = old
}

// show replaces the checkpoint that readers see.
func (l *Log) show(signed []byte) error {
	if err := vfs.WriteFile(l.fsys, CheckpointFile, signed); err != nil {
		return fmt.Errorf("write %s: %w", CheckpointFile, err)
	}
	return l.fsys.SyncDir(Dir)
}

// Close closes the files. What was not published does not count, and is cut off
// when the log is opened again.
func (l *Log) Close() error {
	var errs []error
	for _, f := range []vfs.File{l.entries, l.checkpoints} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

func ignoreMissing(err error) error { return ignore(err, fs.ErrNotExist) }
