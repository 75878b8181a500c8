package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
	"tarn/lake/internal/lock"
)

// Names in a lake's folder.
const (
	formatFile  = "FORMAT"
	lockFile    = "lock"
	indexFile   = "index.db"
	segmentsDir = "segments"
	sourcesDir  = "sources"
	rejectsDir  = "rejects"
	tmpDir      = "tmp"
)

// Options say how to open a lake. The zero value is good for production.
type Options struct {
	// Key is the lake's signing key, or the name of the file that holds it;
	// empty for the file in the user's configuration folder.
	Key string
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Events hears what the lake does; any function may be nil.
	Events Events
}

// Events are functions that the lake calls to tell what it did, from the
// goroutine that did it; they must not call the lake.
type Events struct {
	// SegmentSealed is called when a segment's files stand in their place.
	SegmentSealed func(Store, Segment)
	// Committed is called when a commit counts.
	Committed func(Commit)
}

// Lake is a folder of event data stores. It is safe for concurrent use.
type Lake struct {
	fsys *vfs.OS
	opts Options

	mu    sync.Mutex
	state *state

	// Only for writing:
	lock  *lock.Lock
	log   *entrylog.Log
	index *index.Index
	// fresh are the payloads that the index does not have yet; recent their sources.
	fresh  [][]byte
	recent map[string][]index.Source
}

// Create makes a lake in the folder dir, which is made if need be and must be
// empty, and opens it for writing. Its signing key goes into the user's
// configuration folder.
func Create(dir string, opts Options) (*Lake, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create lake: %w", err)
	}
	l, err := at(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := l.create(); err != nil {
		return nil, errors.Join(fmt.Errorf("create lake in %s: %w", dir, err), l.Close())
	}
	return l, nil
}

func at(dir string, opts Options) (*Lake, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	fsys, err := vfs.OpenOS(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noLake(dir)
	}
	if err != nil {
		return nil, err
	}
	return &Lake{fsys: fsys, opts: opts, state: newState(), recent: map[string][]index.Source{}}, nil
}

func noLake(dir string) error {
	return hint.Add(fmt.Errorf("%w: %s", ErrNoLake, dir),
		"name the lake with --lake DIR or TARN_LAKE",
		"a first import makes one: tarn import ./AWSLogs --lake "+dir)
}

// create writes the log first and FORMAT last: a folder without FORMAT is no
// lake yet, and what an interrupted creation left is made anew.
func (l *Lake) create() error {
	if err := l.clear(); err != nil {
		return err
	}
	var err error
	if l.lock, err = lock.Acquire(l.fsys.Path(lockFile)); err != nil {
		return err
	}
	id, signer, public, err := makeKey(l.opts.Key)
	if err != nil {
		return err
	}
	if l.log, err = entrylog.Create(l.fsys, signer); err != nil {
		return err
	}
	if err := l.record(entry{Type: typeLake, Lake: id, Key: public}); err != nil {
		return err
	}
	if err := vfs.WriteFile(l.fsys, formatFile, formatText(id)); err != nil {
		return err
	}
	return l.fsys.SyncDir(".")
}

// clear checks that the folder is empty but for an unfinished creation, and
// removes that.
func (l *Lake) clear() error {
	entries, err := l.fsys.List(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != entrylog.Dir && name != lockFile && name != formatFile+".tmp" {
			return hint.Add(ErrNotEmpty, "choose another folder with --lake DIR, or empty this one")
		}
	}
	return vfs.Walk(l.fsys, entrylog.Dir, func(path string, _ fs.DirEntry) error { return l.fsys.Remove(path) })
}

const formatPrefix = "tarn lake, format "

func formatText(id string) []byte {
	return fmt.Appendf(nil, "%s1\n%s%s\n", formatPrefix, originPrefix, id)
}

// readFormat returns the id of the lake.
func readFormat(fsys vfs.FS) (id string, err error) {
	b, err := vfs.ReadFile(fsys, formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", noLake(fsys.Path("."))
	}
	if err != nil {
		return "", err
	}
	version, rest, _ := strings.Cut(strings.TrimPrefix(string(b), formatPrefix), "\n")
	id = strings.TrimSuffix(strings.TrimPrefix(rest, originPrefix), "\n")
	if string(formatText(id)) == string(b) {
		return id, nil
	}
	if strings.HasPrefix(string(b), formatPrefix) && version != "1" {
		return "", hint.Add(fmt.Errorf("%w: format %s; this program knows format 1", ErrNewer, version),
			"update tarn; a lake is never converted to an older format")
	}
	return "", fmt.Errorf("%w: %s is damaged", ErrCorrupt, formatFile)
}

// Open opens the lake in dir for writing. The error is ErrNoLake, ErrNewer,
// ErrLocked, ErrNoKey or ErrCorrupt where one of these is the reason.
func Open(dir string, opts Options) (*Lake, error) {
	l, err := at(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := l.openForWriting(); err != nil {
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
		return hint.Add(err, "wait until the other process is done; queries need not wait")
	}
	signer, err := loadKey(l.opts.Key, id)
	if err != nil {
		return err
	}
	if l.state, l.index, err = stateFromIndex(l.fsys.Path(indexFile), id); err != nil {
		return err
	}
	key, err := l.verifier()
	if err != nil {
		return err
	}
	collect := func(e entrylog.Entry) error {
		l.fresh = append(l.fresh, e.Payload)
		return l.state.applyRaw(e)
	}
	l.log, err = entrylog.Open(l.fsys, signer, key, l.state.pos, collect)
	if errors.Is(err, entrylog.ErrCorrupt) && l.index != nil {
		// The index may point into the middle of nowhere: start from the log alone.
		l.dropIndex()
		l.log, err = entrylog.Open(l.fsys, signer, key, l.state.pos, collect)
	}
	if err != nil {
		return err
	}
	return l.recall()
}

func (l *Lake) dropIndex() {
	l.index.Close()
	l.index, l.state, l.fresh = nil, newState(), nil
}

// recall reads the source lists of commits that the index does not have, and
// sweeps what an interrupted writer left half written.
func (l *Lake) recall() error {
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
	return vfs.Walk(l.fsys, tmpDir, func(path string, _ fs.DirEntry) error { return l.fsys.Remove(path) })
}

// verifier returns the lake's verification key: from the index, else from the
// first entry of the log.
func (l *Lake) verifier() (note.Verifier, error) {
	key := l.state.key
	if key == "" {
		var err error
		if key, err = firstKey(l.fsys); err != nil {
			return nil, err
		}
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("%w: the key in the first log entry: %w", ErrCorrupt, err)
	}
	return v, nil
}

func firstKey(fsys vfs.FS) (key string, err error) {
	_, err = entrylog.Scan(fsys, entrylog.Position{}, 1, func(e entrylog.Entry) error {
		first, err := decodeEntry(e.Payload)
		key = first.Key
		return err
	})
	return key, err
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
	key, err := l.verifier()
	if err != nil {
		return err
	}
	newest, err := entrylog.Latest(l.fsys, key)
	if err != nil {
		return err
	}
	if l.state.pos.Size > newest.Size {
		// An index that is ahead speaks of what does not exist.
		l.dropIndex()
	}
	_, err = entrylog.Scan(l.fsys, l.state.pos, newest.Size, l.state.applyRaw)
	if errors.Is(err, entrylog.ErrCorrupt) && l.index != nil {
		l.dropIndex()
		_, err = entrylog.Scan(l.fsys, l.state.pos, newest.Size, l.state.applyRaw)
	}
	return err
}

// Close lets go of the lake. A writer publishes the index first.
func (l *Lake) Close() error {
	var errs []error
	if l.log != nil {
		errs = append(errs, l.publishIndex(), l.log.Close())
	}
	if l.index != nil {
		errs = append(errs, l.index.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Release())
	}
	return errors.Join(append(errs, l.fsys.Close())...)
}

// record appends entries to the log and makes them count: the one place where
// anything comes to exist.
func (l *Lake) record(entries ...entry) error {
	if l.log == nil {
		return ErrReadOnly
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.state.clone()
	var payloads [][]byte
	for _, e := range entries {
		e.Time = l.opts.Now().UTC()
		payload, err := encodeEntry(e)
		if err != nil {
			return err
		}
		if _, err := l.log.Append(payload); err != nil {
			return err
		}
		if e.Commit != nil {
			e.Commit.Time = e.Time
		}
		next.apply(e)
		payloads = append(payloads, payload)
	}
	if err := l.log.Publish(); err != nil {
		return err
	}
	next.pos = l.log.Position()
	l.state = next
	l.fresh = append(l.fresh, payloads...)
	return nil
}

// now returns the lake's present state, which nobody changes any more.
func (l *Lake) now() *state {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// publishIndex brings the index up to the log. Without one, it is built whole.
func (l *Lake) publishIndex() error {
	if len(l.fresh) == 0 {
		return nil
	}
	path := l.fsys.Path(indexFile)
	w, err := index.Write(path, l.index)
	if err != nil {
		return err
	}
	for _, payload := range l.fresh {
		if err := indexEntry(w, payload); err != nil {
			return errors.Join(err, w.Abandon())
		}
	}
	for _, sources := range l.recent {
		for _, s := range sources {
			if err := w.AddSource(s); err != nil {
				return errors.Join(err, w.Abandon())
			}
		}
	}
	pos := l.state.pos
	if err := w.Publish(index.Meta{Lake: l.state.lake, LogSize: pos.Size, LogBytes: pos.Bytes}); err != nil {
		return err
	}
	l.fresh = nil
	return l.fsys.SyncDir(".")
}
