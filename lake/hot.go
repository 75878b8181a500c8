package lake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"tarn/internal/vfs"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/journal"
	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
)

// hot is the hot tier of a lake that is open for writing: events that came one by
// one, and are not sealed yet. Their way is
//
//	Put → journal, durable → Flush: a small file → Tidy: fewer, larger files → a sealed segment
//
// Locks are taken in the order tidying, work, committing, mu, Lake.mu, idBook.mu.
type hot struct {
	lake *Lake

	// work lets one flush, or one change of the manifest, go on at a time.
	work sync.Mutex
	// unanswered is what an import had that is over, while the log does not tell what
	// came of it. work guards it.
	unanswered *idSet
	// tidying lets one merging or sealing go on at a time.
	tidying sync.Mutex
	// aside are days with a file that is damaged, and why: they stay as they are until
	// the lake is opened again. tidying guards it.
	aside map[storeDay]error
	// committing lets one import commit at a time, and none while a backup looks.
	committing sync.Mutex
	// pins is how many backups read files that may be retired meanwhile: these stay.
	// Lake.mu guards it.
	pins int

	mu      sync.Mutex
	journal *journal.Writer // nil before the first event
	next    int64           // number of the journal's next file, while there is none
	stores  map[string]*hotStore
	waiting int64     // bytes of events that stand in the journal alone
	since   time.Time // the oldest of them came
	// outcomes counts what became of events.
	outcomes [Conflict + 1]int64
	counted  time.Time
	given    int   // how often a journal was given up, with what was not on disk of it
	broken   error // why nothing goes on until the lake is opened again
	closed   bool
}

// storeDay is a day of a store.
type storeDay struct {
	store string
	day   int64
}

func (d storeDay) compare(o storeDay) int {
	return cmp.Or(cmp.Compare(d.store, o.store), cmp.Compare(d.day, o.day))
}

// hotStore is what a store has that is in no file yet.
type hotStore struct {
	store Store
	book  *idBook
	next  int64 // number of the next live event
	days  map[hotKey]*hotDay
	// leaves are those of events in no file; tally adds up those of events that are
	// in files and not counted in the log.
	leaves []numbered
	tally  tally
	// fresh is how many days, and days' conflicts, have something in the journal alone.
	fresh int
}

// hotKey is a day, and whether it is its conflicts.
type hotKey struct {
	day       int64
	conflicts bool
}

// hotDay is what a day has in memory.
type hotDay struct {
	fresh []segment.Event // in the journal alone
	// tail is in the newest file, tailFile, which is small: the next one takes the
	// tail along and replaces it.
	tail     []segment.Event
	tailFile string
}

// hotChange are files of the hot tier that come, and others, by id, that go.
type hotChange struct {
	add  []hotFile
	gone []string
}

func (c hotChange) empty() bool { return len(c.add)+len(c.gone) == 0 }

// newcomers returns what is in is and not in was, and the ids of what is gone.
func newcomers(was, is []Segment) (add []Segment, gone []string) {
	for _, s := range is {
		if !slices.ContainsFunc(was, sameSegment(s)) {
			add = append(add, s)
		}
	}
	for _, s := range was {
		if !slices.ContainsFunc(is, sameSegment(s)) {
			gone = append(gone, s.ID)
		}
	}
	return add, gone
}

func sameSegment(s Segment) func(Segment) bool { return func(o Segment) bool { return o.ID == s.ID } }

// announce writes a manifest in which the files come and go with the log's size.
// The caller holds the mutex.
func (l *Lake) announce(files hotChange, size int64) error {
	m := *l.manifest
	m.LogSize = l.state.pos.Size
	m.Files = slices.Clone(m.Files)
	for i := range m.Files {
		if slices.Contains(files.gone, m.Files[i].Segment.ID) {
			m.Files[i].Until = size
		}
	}
	for _, f := range files.add {
		f.Since = size
		m.Files = append(m.Files, f)
	}
	return l.writeManifest(&m)
}

// publishHot lets files come and go that hold what was there before, or what the
// journal held in its files before that number; zero if that stays as it is.
func (l *Lake) publishHot(files hotChange, journal int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.manifest.replace(files.add, files.gone, l.moment())
	m.LogSize = l.state.pos.Size
	m.Journal = max(m.Journal, journal)
	if err := l.writeManifest(m); err != nil {
		return err
	}
	l.enter(l.state.clone(), nil)
	return nil
}

// writeManifest writes the manifest, which is the present one from then on.
func (l *Lake) writeManifest(m *manifest) error {
	if err := l.fsys.MkdirAll(hotDir); err != nil {
		return err
	}
	if err := m.write(l.fsys); err != nil {
		return err
	}
	if l.manifest.V == 0 { // the first one
		if err := l.fsys.SyncDir("."); err != nil {
			return err
		}
	}
	l.manifest = m
	return nil
}

// readHot takes in the manifest as it stands with the log's state.
func (l *Lake) readHot() error {
	m, err := readManifest(l.fsys)
	if err != nil {
		return err
	}
	if m.LogSize > l.state.pos.Size {
		return fmt.Errorf("%w: %s stands on %d log entries; there are %d", ErrCorrupt, manifestFile, m.LogSize, l.state.pos.Size)
	}
	l.manifest = m
	l.state.hot = m.at(l.state.pos.Size)
	return nil
}

// openHot makes the hot tier ready to be written to, and brings into files what a
// writer that came to a sudden end left in the journal.
func (l *Lake) openHot() error {
	if err := l.readHot(); err != nil {
		return err
	}
	h := &hot{lake: l, stores: map[string]*hotStore{}, aside: map[storeDay]error{}, next: 1}
	if l.manifest.V > 0 || l.state.live { // else there has never been one
		if err := h.recover(); err != nil {
			return err
		}
	}
	// Only now: what could not be read whole is not brought into files by Close.
	l.hot = h
	return nil
}

func (h *hot) recover() error {
	if err := h.lake.settleManifest(); err != nil {
		return err
	}
	if err := h.sweep(); err != nil {
		return err
	}
	if err := h.replay(); err != nil {
		return fmt.Errorf("hot tier: %w", err)
	}
	return h.flush()
}

// replay takes in what stands in the journal alone, and what stands in files and was
// not counted: it must be before these are sealed.
func (h *hot) replay() error {
	state := h.lake.now()
	for _, store := range state.stores {
		if len(state.uncounted(store.ID)) == 0 {
			continue
		}
		if _, err := h.open(store); err != nil {
			return err
		}
	}
	last, err := journal.Recover(h.lake.fsys, h.lake.manifest.Journal, func(b journal.Batch) error {
		st := h.lake.now().storeAt(b.Store)
		if st < 0 {
			return fmt.Errorf("%w: the journal has events of a store that was never created: %s", ErrCorrupt, b.Store)
		}
		s, err := h.open(h.lake.now().stores[st])
		if err != nil {
			return err
		}
		if b.First != s.next {
			return fmt.Errorf("%w: %w: event %d of store %s, after %d", ErrCorrupt, errGap, b.First, b.Store, s.next-1)
		}
		for _, e := range b.Events {
			event := Event{ID: e.ID, Time: e.Time, Raw: e.Raw, Leaf: proof.Leaf(e.Raw)}
			s.book.enter(event, e.Conflict)
			h.take(s, event, e.Conflict)
		}
		return nil
	})
	h.next = max(h.next, last+1, h.lake.manifest.Journal)
	return err
}

// open returns what is known of the store.
func (h *hot) open(store Store) (*hotStore, error) {
	if s := h.stores[store.ID]; s != nil {
		return s, nil
	}
	t, err := h.lake.uncounted(store.ID)
	if err != nil {
		return nil, err
	}
	s := &hotStore{store: store, book: h.lake.book(store), days: map[hotKey]*hotDay{}, tally: t}
	s.next = max(firstLive, h.lake.now().covered[store.ID]+1, t.last+1)
	h.stores[store.ID] = s
	return s, nil
}

// take takes an event in that is, or is about to be, in the journal.
func (h *hot) take(s *hotStore, e Event, conflict bool) {
	key := hotKey{dayOf(e.Time), conflict}
	d := s.days[key]
	if d == nil {
		d = &hotDay{}
		s.days[key] = d
	}
	if len(d.fresh) == 0 {
		s.fresh++
	}
	// It may wait for long, and shares its memory with events around it.
	d.fresh = append(d.fresh, segment.Event{Raw: bytes.Clone(e.Raw), Time: e.Time, Seq: s.next, Leaf: e.Leaf})
	s.leaves = append(s.leaves, numbered{s.next, e.Leaf})
	s.next++
	if h.waiting == 0 {
		h.since = time.Now()
	}
	h.waiting += int64(len(e.Raw))
}

// full reports whether the event would be of one day too many for the next flush.
func (s *hotStore) full(e Event) bool {
	if s.fresh < freshDays {
		return false
	}
	d := s.days[hotKey{dayOf(e.Time), false}]
	return d == nil || len(d.fresh) == 0
}

// sweep removes files of the hot tier that the manifest does not name.
func (h *hot) sweep() error {
	named := map[string]bool{}
	for _, f := range h.lake.manifest.Files {
		named[f.Segment.ID] = true
	}
	for _, r := range h.lake.manifest.Retired {
		named[r.Segment] = true
	}
	return vfs.Walk(h.lake.fsys, hotDir, func(name string, _ fs.DirEntry) error {
		id, _, _ := strings.Cut(path.Base(name), ".")
		if name == manifestFile || name == ballastFile || strings.HasPrefix(name, journal.Dir+"/") || named[id] {
			return nil
		}
		return gone(h.lake.fsys.Remove(name))
	})
}

// gone is nil if what was to be removed is not there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// mend is heal for who does not hold work.
func (h *hot) mend() error {
	h.work.Lock()
	defer h.work.Unlock()
	return h.heal()
}

// answered reports whether it is known what the log has of an import. If not, the
// import's ids are let go of when it is.
func (h *hot) answered(ids *idSet) bool {
	h.work.Lock()
	defer h.work.Unlock()
	if h.heal() == nil {
		return true
	}
	h.unanswered = ids
	return false
}

// heal opens the log anew if writing to it has failed, which a full disk brings
// about. What the log turns out to have counts. The caller holds work.
func (h *hot) heal() error {
	if err := h.lake.healLog(); err != nil {
		return err
	}
	if ids := h.unanswered; ids != nil {
		ids.book.end(ids)
		h.unanswered = nil
	}
	covered := h.lake.now().covered
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, s := range h.stores {
		if s.tally.tree.Leaves() > 0 && s.tally.last <= covered[id] {
			s.tally = tally{}
		}
	}
	return nil
}

func (l *Lake) healLog() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.log.Broken() {
		return nil
	}
	keys, err := l.state.verifiers()
	if err == nil && l.keyChanging {
		keys, err = l.keyAgain()
	}
	if err != nil {
		return err
	}
	next := l.state.clone()
	var payloads [][]byte
	var entries []entry
	log, err := entrylog.Open(l.fsys, l.signer, keys, l.state.pos, func(raw entrylog.Entry) error {
		e, err := decodeEntry(raw.Payload)
		payloads, entries = append(payloads, raw.Payload), append(entries, e)
		return errors.Join(err, next.applyRaw(raw))
	})
	if err != nil {
		return fmt.Errorf("open the log again: %w", err)
	}
	for _, e := range entries {
		if e.Commit == nil {
			continue
		}
		if err := l.remember(e.Commit); err != nil {
			return errors.Join(err, log.Close())
		}
	}
	_ = l.log.Close() // it has failed
	l.log = log
	l.fresh = append(l.fresh, payloads...)
	l.enter(next, entries)
	return l.settleManifest()
}

// settleManifest writes the manifest without files that were to come or go with an
// entry that is not there, before the log grows and they do so with another.
func (l *Lake) settleManifest() error {
	if !slices.ContainsFunc(l.manifest.Files, func(f hotFile) bool { return f.Since > 0 || f.Until > 0 }) {
		return nil
	}
	return l.writeManifest(l.manifest.cut(l.state.pos.Size, l.moment()))
}

// errGivenUp means that an import met live events that are gone.
var errGivenUp = errors.New("live events could not be written that this import may have met: import again")

// givenUp is for durable.
func (h *hot) givenUp() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.given
}

// durable returns when all that was accepted is on disk. It is an error if a journal
// was given up since givenUp returned that number.
func (h *hot) durable(since int) error {
	h.mu.Lock()
	j, given := h.journal, h.given
	h.mu.Unlock()
	if given != since {
		return behind(errGivenUp)
	}
	if j == nil {
		return nil
	}
	return j.Wait(j.Last())
}

// errClosed means that the lake takes nothing more.
var errClosed = errors.New("the lake is closed")

// close accepts nothing more, and brings into files and into the log what was
// accepted.
func (h *hot) close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	err := h.flush()
	if err == nil {
		err = h.count()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.journal != nil {
		err = errors.Join(err, h.journal.Close())
		h.journal = nil
	}
	return err
}
