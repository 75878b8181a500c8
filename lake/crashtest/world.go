package crashtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/uuid"
	"tarn/internal/vfs/crashfs"
	"tarn/lake"
	"tarn/lake/laketest"
	"tarn/schemas"
)

// Story is a life of a lake with one store.
type Story struct {
	// Live writes to the lake in as many sessions as it likes, and gives up at
	// the first error.
	Live func(*World) error
	// Again brings everything that Live brings, in one session.
	Again func(*lake.Lake, lake.Store) error
	// Puts says that live events are part of the life: the log then has entries that
	// no commit brought.
	Puts bool
	// Events, Conflicts and Rejects are the bytes of what the store has in the
	// end, each sorted.
	Events, Conflicts, Rejects []string
}

// Session opens the lake for writing, makes it and its store where they are not
// there, calls fn and closes the lake.
type Session func(fn func(*lake.Lake, lake.Store) error) error

// World is where a story is lived: a disk that remembers every moment.
type World struct {
	laketest.Place
	// Disk is where the lake lies.
	Disk *crashfs.FS
	// Now is the lake's clock; nil for the real one.
	Now func() time.Time
	// Brief lets each state that Crash finds be tried with one of the indexes, in
	// turns, where otherwise it is tried with all; Sparse lets it try each moment with
	// one of the shares.
	Brief, Sparse bool

	tmp string // for folders of crashed disks

	mu      sync.Mutex
	size    int64    // log entries that were acknowledged
	acked   []string // bytes of live events that were acknowledged
	commits []lake.Commit
	earlier map[int64]bool // sizes of the log in the life before the crash
	moments []moment
	indexes map[int64][]byte // what stood in index.db between sessions, by size of the log
}

// moment is the disk right after an operation.
type moment struct {
	number int
	op     crashfs.Op
	size   int64 // log entries acknowledged by then
	acked  int   // live events acknowledged by then
	disk   *crashfs.FS
}

// NewWorld returns an empty world. Before, if not nil, sees every operation before
// it is done, and may fail it or leave it out.
func NewWorld(t testing.TB, before func(crashfs.Op) error) *World {
	t.Helper()
	tmp := scratch(t)
	// The key is given as text, which decides the lake's id: so a creation that was
	// interrupted can be made again with it.
	key, _, err := note.GenerateKey(rand.Reader, "tarn/"+uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(tmp, "lake") // holds the lock and the index
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w := &World{tmp: tmp, Disk: crashfs.New(dir), indexes: map[int64][]byte{}}
	w.Place = laketest.Place{Dir: dir, Key: key, FS: w.Disk}
	w.Disk.Watch(before, w.remember)
	return w
}

// scratch is a folder for locks and indexes, in memory where there is such a place:
// their syncs are not what is tested, and there are thousands.
func scratch(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tarn-crashtest-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// lieOn moves the lake to a disk that has something on it already.
func (w *World) lieOn(disk *crashfs.FS) {
	w.Disk, w.FS = disk, disk
	disk.Watch(nil, w.remember)
}

func (w *World) remember(op crashfs.Op) {
	if !op.Changes() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moments = append(w.moments, moment{len(w.moments), op, w.size, len(w.acked), w.Disk.Freeze()})
}

// Options are the place's, with ears for what is acknowledged.
func (w *World) Options() lake.Options {
	o := w.Place.Options()
	o.Now = w.Now
	o.Events.Committed = func(c lake.Commit) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.commits = append(w.commits, c)
		w.size++
	}
	return o
}

// Put accepts live events, and remembers that they were acknowledged.
func (w *World) Put(l *lake.Lake, st lake.Store, events ...lake.Event) error {
	done, err := l.Put(context.Background(), st, events)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range done {
		w.acked = append(w.acked, string(events[i].Raw))
	}
	return err
}

// acknowledged notes that the log has that many entries for all that anybody knows.
func (w *World) acknowledged(size int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.size = max(w.size, size)
}

// Session is a Session of the world's life. An error ends it as a killed process
// would: nothing is tidied up but the lock.
func (w *World) Session(fn func(*lake.Lake, lake.Store) error) error {
	if err := session(w.Dir, w.Options(), w.acknowledged, fn); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(w.Dir, "local/index.db"))
	if err != nil {
		return err
	}
	l, err := lake.View(w.Dir, w.Options())
	if err != nil {
		return err
	}
	// With live events the log has entries that nobody is told of.
	w.acknowledged(l.Snapshot().LogSize())
	w.indexes[w.size] = content
	return l.Close()
}

// session is a Session of any lake; acknowledged, if not nil, hears of creation.
func session(dir string, o lake.Options, acknowledged func(int64), fn func(*lake.Lake, lake.Store) error) error {
	l, err := lake.Open(dir, o)
	if errors.Is(err, lake.ErrNoLake) {
		l, err = lake.Create(dir, o)
	}
	if err != nil {
		return err
	}
	tell := func(size int64) {
		if acknowledged != nil {
			acknowledged(size)
		}
	}
	tell(1)
	st, err := l.Store(laketest.StoreName)
	if errors.Is(err, lake.ErrStoreNotFound) {
		st, err = l.CreateStore(laketest.StoreName, schemas.CloudTrail())
	}
	if err == nil {
		tell(2)
		err = fn(l, st)
	}
	return errors.Join(err, l.Close())
}
