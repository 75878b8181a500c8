package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/index"
	"tarn/lake/internal/lock"
	"tarn/lake/internal/pin"
)

// Names in a lake's folder.
const (
	formatFile  = "FORMAT"
	lockFile    = "lock"
	localDir    = "local"
	indexFile   = localDir + "/index.db"
	segmentsDir = "segments"
	sourcesDir  = "sources"
	rejectsDir  = "rejects"
	tmpDir      = "tmp"
)

// Names of files in a lake's folder that others keep there; they are no evidence.
const (
	StateFile   = localDir + "/state.db"  // package statedb
	SocketFile  = localDir + "/lake.sock" // a server listens there
	QueriesDir  = localDir + "/queries"   // the results of queries that ran by themselves
	ReportsDir  = localDir + "/reports"   // the reports that the log names, as JSON
	BucketFiles = localDir + "/bucket."   // begins the names of what package bucket keeps
)

// Options say how to open a lake. The zero value is good for production.
type Options struct {
	// Key is the lake's signing key, or the name of the file that holds it;
	// empty for the file in the user's configuration folder.
	Key string
	// Now tells the time, to several goroutines at once; nil means time.Now.
	Now func() time.Time
	// By, if not nil, is who does what is done; the log keeps it. See Lake.As.
	By *By
	// Events hears what the lake does; any function may be nil.
	Events Events
	// FS is the disk that the lake's files lie on; nil means the folder itself.
	// The lock and the index, which are no evidence, lie in the folder either way.
	FS vfs.FS
	// Far brings sealed files that are not in the folder; nil means that all are.
	Far Far
	// KeyFS is the disk that the signing key's folder lies on; nil means the folder.
	KeyFS vfs.FS
	// Free tells how many bytes can still be written to the lake's disk, and how
	// large that is; nil means that the disk is asked.
	Free func() (free, total int64, err error)
	// Aside has what works long for the lake, imports and sealing, step back for
	// whoever waits for an answer of this machine; see Lake.StepAside.
	Aside bool
}

// Events are functions that the lake calls to tell what it did, from the
// goroutine that did it; they must not call the lake.
type Events struct {
	// SegmentSealed is called when a segment's files stand in their place.
	SegmentSealed func(Store, Segment)
	// Committed is called when a commit counts.
	Committed func(Commit)
	// StoreChanged is called when a store was created, updated, deleted or
	// restored, which what says.
	StoreChanged func(what string, st Store)
	// Trouble is called by Run with what went wrong, and is tried again.
	Trouble func(error)
}

// Lake is a folder of event data stores. It is safe for concurrent use.
type Lake struct {
	*core
	by *By // nil: nobody said
}

// core is what all who act on a lake share.
type core struct {
	fsys   vfs.FS
	folder *vfs.OS   // behind fsys, unless that was given
	reach  *reaching // likewise, where something lies elsewhere
	opts   Options

	mu       sync.Mutex
	state    *state
	manifest *manifest // of the hot tier
	books    map[string]*idBook
	filters  filters

	reading *pin.Pin // of a reader: what it sees is not removed

	appending atomic.Pointer[claim] // the import that is under way
	awaiting  atomic.Int32          // imports that wait for the end of a brief one

	// indexed is how many of the state's commits came from the index; of the
	// others a reader has not looked at the sources.
	indexed int

	// Only for writing:
	lock   *lock.Lock
	log    *entrylog.Log
	signer note.Signer
	// keyFile holds the key; nil if that was given as text. keyLost is that there is
	// none, and another is to be made.
	// keyChanging is that a rotation has failed, perhaps behind its checkpoint.
	keyFile     *keyFile
	keyLost     bool
	keyChanging bool
	index       *index.Index
	hot         *hot
	space       space
	// madeKey is the key file that creation made.
	madeKey string
	// fresh are the payloads that the index does not have yet; recent their sources.
	fresh  [][]byte
	recent map[string][]index.Source
	// selected is the hash of the selectors of the import that is under way.
	selected selected
}

// ID is the lake's id, a UUID.
func (l *Lake) ID() string { return l.now().lake }

// Close lets go of the lake. A writer publishes the index first.
func (l *Lake) Close() error {
	var errs []error
	if l.hot != nil {
		errs = append(errs, l.hot.close())
	}
	if l.log != nil {
		errs = append(errs, l.publishIndex(), l.log.Close())
	}
	if l.index != nil {
		errs = append(errs, l.index.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Release())
	}
	errs = append(errs, release(l.reading))
	if l.folder != nil { // there is none where Unmade found none
		errs = append(errs, l.folder.Close())
	}
	return errors.Join(errs...)
}

// record appends entries to the log and makes them count: the one place where
// anything comes to exist.
func (l *Lake) record(entries ...entry) error { return l.recordWith(hotChange{}, entries...) }

// recordWith is record for entries with which files of the hot tier come or go, in
// the same step.
func (l *Lake) recordWith(files hotChange, entries ...entry) error {
	if l.log == nil {
		return ErrReadOnly
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recordLocked(files, entries)
}

// recordLocked is recordWith for who holds the mutex.
func (l *Lake) recordLocked(files hotChange, entries []entry) error {
	return l.recordAs(files, entries, (*entrylog.Log).Publish)
}

// recordAs is recordLocked where the checkpoint is signed in another way.
func (l *Lake) recordAs(files hotChange, entries []entry, publish func(*entrylog.Log) error) error {
	if l.log.Broken() {
		// On disk it may have more entries than it said: no file may come or go with them.
		return entrylog.ErrBroken
	}
	next := l.state.clone()
	var payloads [][]byte
	for _, e := range entries {
		e.Time, e.By = l.moment(), l.by
		payload, err := encodeEntry(e)
		if err != nil {
			return err
		}
		if len(payload) > entrylog.MaxEntry {
			return fmt.Errorf("log entry of %d bytes; at most %d", len(payload), entrylog.MaxEntry)
		}
		if e.Commit != nil {
			e.Commit.Time = e.Time
		}
		next.apply(e)
		payloads = append(payloads, payload)
	}
	if !files.empty() {
		if err := l.announce(files, l.state.pos.Size+int64(len(entries))); err != nil {
			return err
		}
	}
	if err := l.log.Append(payloads...); err != nil {
		return err
	}
	if err := publish(l.log); err != nil {
		return err
	}
	next.pos = l.log.Position()
	l.enter(next, entries)
	l.fresh = append(l.fresh, payloads...)
	return nil
}

// enter makes a state the present one.
func (l *Lake) enter(next *state, entries []entry) {
	l.manifest = l.manifest.settled(next.pos.Size, l.moment())
	was := l.state.hot
	next.hot = l.manifest.at(next.pos.Size)
	l.state = next
	for id, b := range l.books {
		add, gone := newcomers(was[id], next.hot[id])
		for _, e := range entries {
			if e.Expiry != nil && e.Expiry.Store == id {
				gone = append(gone, e.Expiry.ids()...)
			}
			if e.Commit != nil && e.Commit.Store == id {
				add = append(add, e.Commit.Segments...)
			}
		}
		if len(add)+len(gone) > 0 {
			b.change(add, gone)
		}
	}
}

// moment is the present as the log writes it.
func (l *Lake) moment() time.Time { return l.opts.Now().UTC().Round(0) }

// now returns the lake's present state, which nobody changes any more.
func (l *Lake) now() *state {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reach != nil {
		l.reach.state.Store(l.state)
	}
	return l.state
}

// publishIndex brings the index up to the log. Without one, it is built whole.
func (l *Lake) publishIndex() error {
	if len(l.fresh) == 0 {
		return nil
	}
	err := l.writeIndex()
	if err != nil && l.index != nil {
		// The old one may be damaged: build it whole.
		if err = l.withoutIndex(); err == nil {
			err = l.writeIndex()
		}
	}
	if err != nil {
		return fmt.Errorf("write the index (all that was imported is there; the next import writes it anew): %w", err)
	}
	return nil
}

// PublishIndex brings the index up to the log, as Close does, for a writer that
// stays: whoever opens the lake then need not read the log, and what the index
// has takes no memory here.
func (l *Lake) PublishIndex() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.fresh) == 0 {
		return nil
	}
	if err := l.publishIndex(); err != nil {
		return err
	}
	written, err := index.Open(l.fsys.Path(indexFile), l.state.lake, packedLayout)
	if err != nil {
		return errors.Join(err, l.withoutIndex())
	}
	if l.index != nil {
		err = l.index.Close()
	}
	l.index, l.recent = written, map[string][]index.Source{}
	return err
}

func (l *Lake) writeIndex() error {
	path := l.fsys.Path(indexFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
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
	if err := l.state.indexCovered(w); err != nil {
		return errors.Join(err, w.Abandon())
	}
	pos := l.state.pos
	if err := w.Publish(index.Meta{Lake: l.state.lake, LogSize: pos.Size, LogBytes: pos.Bytes, Layout: packedLayout}); err != nil {
		return err
	}
	l.fresh = nil
	return l.fsys.SyncDir(".")
}
