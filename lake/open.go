package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
	"tarn/lake/internal/lock"
)

func at(dir string, opts Options) (*Lake, error) {
	l := notYet(opts)
	if opts.FS != nil {
		l.fsys = vfs.Stopping(opts.FS)
		return l, nil
	}
	var err error
	l.folder, err = vfs.OpenOS(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err != nil && isFile(dir) {
		return nil, noLake(dir)
	}
	if err != nil {
		return nil, err
	}
	l.fsys = vfs.Stopping(l.folder)
	if opts.Far != nil {
		l.reach = &reaching{FS: l.folder, far: opts.Far}
		l.fsys = vfs.Stopping(l.reach)
	}
	if l.space.measure == nil {
		l.space.measure = l.folder.Free
	}
	return l, nil
}

// notYet is a lake without a folder.
func notYet(opts Options) *Lake {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	l := &Lake{core: &core{
		space: space{measure: opts.Free},
		opts:  opts, state: newState(), manifest: &manifest{},
		recent: map[string][]index.Source{}, books: map[string]*idBook{},
	}}
	if opts.By != nil {
		return l.As(*opts.By)
	}
	return l
}

// isFile reports whether there is something that is no folder, or on the way to it.
func isFile(dir string) bool {
	st, err := os.Stat(dir)
	return err == nil && !st.IsDir() || errors.Is(err, syscall.ENOTDIR)
}

// noFolder is the error of making a lake where a file is in the way.
func noFolder(dir string) error {
	return hint.Add(fmt.Errorf("%w: %s is no folder", ErrNoLake, dir), "name the lake with --lake DIR or TARN_LAKE")
}

func noLake(dir string) error {
	advice := "a first import makes one: tarn import ./AWSLogs --lake " + dir
	if holdsOthers(dir) {
		advice = "this folder holds other files, and a lake needs one of its own: a first import makes one, tarn import ./AWSLogs --lake NEWDIR"
	}
	return hint.Add(fmt.Errorf("%w: %s", ErrNoLake, dir), "name the lake with --lake DIR or TARN_LAKE", advice)
}

// holdsOthers reports whether there is something in the folder that no lake has.
func holdsOthers(dir string) bool {
	entries, _ := os.ReadDir(dir) // what cannot be read cannot be told
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !ofUnfinished(e.Name()) })
}

// Open opens the lake in dir for writing. The error is ErrNoLake, ErrNewer,
// ErrLocked, ErrNoKey or ErrCorrupt where one of these is the reason.
func Open(dir string, opts Options) (*Lake, error) {
	l, err := at(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := l.openForWriting(); err != nil {
		// No index of what was taken in by half: it would lack sources for good.
		l.fresh = nil
		return nil, errors.Join(fmt.Errorf("open lake %s: %w", dir, err), l.Close())
	}
	return l, nil
}

func (l *Lake) openForWriting() error {
	id, err := readFormat(l.fsys)
	if err != nil {
		return err
	}
	if l.lock, err = lock.Acquire(l.fsys.Path(lockFile)); err != nil {
		return lockHint(err)
	}
	l.preparePins()
	key, err := l.takeKey(id)
	if err != nil {
		return err
	}
	if err := gather(l.fsys.Path(".")); err != nil {
		return err
	}
	if l.state, l.index, err = stateFromIndex(l.fsys.Path(indexFile), id); err != nil {
		return err
	}
	l.indexed = len(l.state.commits)
	if err := l.openLog(key); err != nil {
		return err
	}
	if key != nil && l.state.keyInUse().Key != key.public {
		return l.notInUse(key.public)
	}
	if err := l.recall(); err != nil {
		return err
	}
	return l.openHot()
}

// openLog opens the log for who has the key, and brings the state up to it. Without
// one it can be read, and the newest checkpoint is of whom the log says.
func (l *Lake) openLog(key *signingKey) error {
	var keys entrylog.Keys
	if key != nil {
		v, err := key.verifier()
		if err != nil {
			return err
		}
		keys, l.signer = entrylog.OneKey(v), key.signer
	} else {
		var err error
		if _, keys, err = entrylog.Newest(l.fsys, keyOf); err != nil {
			return err
		}
	}
	collect := func(e entrylog.Entry) error {
		l.fresh = append(l.fresh, e.Payload)
		return l.state.applyRaw(e)
	}
	var err error
	l.log, err = entrylog.Open(l.fsys, l.signer, keys, l.state.pos, collect)
	if !errors.Is(err, entrylog.ErrCorrupt) {
		return err
	}
	if l.index != nil {
		// The index may point into the middle of nowhere: start from the log alone.
		l.dropIndex()
		if l.log, err = entrylog.Open(l.fsys, l.signer, keys, l.state.pos, collect); err == nil {
			return l.removeIndex()
		}
	}
	if key != nil {
		if former := l.formerKey(key); former != nil {
			return former
		}
	}
	return err
}

// formerKey is an error if the key is not the one of the newest checkpoint, as far as
// the log can be read.
func (l *Lake) formerKey(key *signingKey) error {
	shown, err := entrylog.Shown(l.fsys)
	if err != nil {
		return nil // that is the error already
	}
	s := newState()
	_, _ = entrylog.Scan(l.fsys, entrylog.Position{}, shown.Size, s.applyRaw)
	if k := s.keyInUse().Key; k == "" || k == key.public {
		return nil
	}
	l.state = s
	return l.notInUse(key.public)
}

func lockHint(err error) error {
	if errors.Is(err, ErrLocked) {
		return hint.Add(err, "wait until the other process is done; queries need not wait")
	}
	return hint.Add(err, "an import writes to the lake's folder; queries and verify only read")
}

func (l *Lake) dropIndex() {
	l.index.Close()
	l.index, l.state, l.fresh, l.indexed = nil, newState(), nil, 0
}

// removeIndex removes an index that does not fit the log, before the log grows: one
// that was ahead would fit by its size again, and tell of what never was.
func (l *Lake) removeIndex() error {
	if err := os.Remove(l.fsys.Path(indexFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(l.fsys.Path(localDir))
}

// withoutIndex drops an index that turns out to be damaged, and takes from the
// log what it had. The caller holds the mutex.
func (l *Lake) withoutIndex() error {
	size := l.state.pos.Size
	l.dropIndex()
	l.recent = map[string][]index.Source{}
	_, err := entrylog.Scan(l.fsys, entrylog.Position{}, size, func(e entrylog.Entry) error {
		l.fresh = append(l.fresh, e.Payload)
		return l.state.applyRaw(e)
	})
	if err != nil {
		return err
	}
	l.state.hot = l.manifest.at(size)
	return l.recallSources()
}

// recall reads the source lists of commits that the index does not have, and
// sweeps what an interrupted writer left half written.
func (l *Lake) recall() error {
	if err := l.recallSources(); err != nil {
		return err
	}
	return vfs.Walk(l.fsys, tmpDir, func(path string, _ fs.DirEntry) error { return l.fsys.Remove(path) })
}

func (l *Lake) recallSources() error {
	for _, payload := range l.fresh {
		e, err := decodeEntry(payload)
		if err != nil {
			return err
		}
		if e.Commit != nil {
			if err := l.remember(e.Commit); err != nil {
				return err
			}
		}
	}
	return nil
}

// View opens the lake in dir for reading. It needs neither the lock nor the
// key, and sees what the newest checkpoint covers at this moment.
func View(dir string, opts Options) (*Lake, error) {
	l, err := at(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := l.openForReading(); err != nil {
		return nil, errors.Join(fmt.Errorf("open lake %s: %w", dir, err), l.Close())
	}
	return l, nil
}

func (l *Lake) openForReading() error {
	id, err := readFormat(l.fsys)
	if err != nil {
		return err
	}
	if l.state, l.index, err = stateFromIndex(l.fsys.Path(indexFile), id); err != nil {
		return err
	}
	l.indexed = len(l.state.commits)
	// What is seen from here on is not removed: pinAt says why.
	l.reading = l.pinNow()
	for {
		if err := l.follow(); err != nil {
			return err
		}
		// The hot tier may already stand on a log that has grown since.
		size := l.state.pos.Size
		if err = l.readHot(); !errors.Is(err, ErrCorrupt) {
			return err
		}
		if newest, failed := l.newest(l.state); failed != nil || newest.Size <= size {
			return errors.Join(err, failed)
		}
	}
}

// follow brings the state up to the newest checkpoint.
func (l *Lake) follow() error {
	newest, err := entrylog.Shown(l.fsys)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s is missing", ErrCorrupt, entrylog.CheckpointFile)
	}
	if err != nil {
		return err
	}
	if l.state.pos.Size > newest.Size {
		// An index that is ahead speaks of what does not exist.
		l.dropIndex()
	}
	err = l.catchUp(newest)
	if errors.Is(err, entrylog.ErrCorrupt) && l.index != nil {
		l.dropIndex()
		err = l.catchUp(newest)
	}
	return err
}

// catchUp brings the state up to a checkpoint, whose signatures the keys that the
// entries name tell.
func (l *Lake) catchUp(to entrylog.Checkpoint) error {
	if _, err := entrylog.Scan(l.fsys, l.state.pos, to.Size, l.state.applyRaw); err != nil {
		return err
	}
	keys, err := l.state.verifiers()
	if err == nil {
		_, err = keys.Open(to.Note)
	}
	return err
}
