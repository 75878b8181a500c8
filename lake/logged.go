package lake

import (
	"bytes"
	"errors"
	"io/fs"
	"sort"
	"time"

	"tarn/internal/uuid"
	"tarn/lake/internal/entrylog"
	"tarn/lake/internal/proof"
)

// logged is an entry of the log with its inclusion proof.
type logged struct {
	entry      entry
	payload    []byte
	index      int64
	which      int // of its segments or parts
	path       []proof.Hash
	checkpoint []byte
}

// wanted says which entry of the log is looked for.
type wanted struct {
	// text stands in its payload.
	text string
	// at is when it was written, or a little earlier; zero if that was lately.
	at time.Time
	// is returns which of its segments or parts is meant, or -1.
	is func(entry) int
}

// sealedBy is the entry that names a segment. Its id begins with the time at which
// its writing began, so the entry need not be looked for in the whole log.
func sealedBy(seg Segment) wanted {
	at, _ := uuid.Time(seg.ID)
	return wanted{seg.ID, at, func(e entry) int {
		if e.Commit != nil {
			for i, s := range e.Commit.Segments {
				if s.ID == seg.ID {
					return i
				}
			}
		}
		return -1
	}}
}

// countedBy is the entry that says that the event of a number was accepted.
func countedBy(storeID string, seq int64) wanted {
	return wanted{storeID, time.Time{}, func(e entry) int {
		if e.Journal != nil {
			for i, p := range e.Journal.Parts {
				if p.Store == storeID && p.FirstSeq <= seq && seq <= p.LastSeq {
					return i
				}
			}
		}
		return -1
	}}
}

// errNotLogged means that no entry of the log is the wanted one.
var errNotLogged = errors.New("the log does not name it")

// locate finds an entry in the log and proves it under the newest checkpoint. While
// somebody writes, tiles of that checkpoint may give way to those of a newer one.
func (l *Lake) locate(w wanted) (found logged, err error) {
	last := int64(-1)
	for {
		newest, err := l.newest(l.now())
		if err != nil {
			return found, err
		}
		found, err = locateIn(entrylog.NewReader(l.fsys, newest), w)
		if !errors.Is(err, fs.ErrNotExist) || newest.Size == last {
			return found, err
		}
		last = newest.Size
	}
}

func locateIn(r *entrylog.Reader, w wanted) (found logged, err error) {
	start := r.Bundles() // and backwards
	if !w.at.IsZero() {
		if start, err = bundleOf(r, w.at); err != nil {
			return found, err
		}
	}
	for n := start; n < r.Bundles(); n++ {
		if found, err = inBundle(r, n, w); !errors.Is(err, errNotLogged) {
			return found, err
		}
	}
	// The clock may have been set back.
	for n := start - 1; n >= 0; n-- {
		if found, err = inBundle(r, n, w); !errors.Is(err, errNotLogged) {
			return found, err
		}
	}
	return found, errNotLogged
}

// bundleOf is the bundle in which the entries of a time begin, as far as the log's
// clock went forward.
func bundleOf(r *entrylog.Reader, at time.Time) (int64, error) {
	var failed error
	n := sort.Search(int(r.Bundles()), func(i int) bool {
		_, entries, err := r.Bundle(int64(i))
		var e entry
		if err == nil {
			e, err = decodeEntry(entries[0])
		}
		failed = errors.Join(failed, err)
		return err == nil && e.Time.After(at)
	})
	return int64(max(n-1, 0)), failed
}

// inBundle looks for the entry in a bundle.
func inBundle(r *entrylog.Reader, n int64, w wanted) (logged, error) {
	first, entries, err := r.Bundle(n)
	if err != nil {
		return logged{}, err
	}
	for i, payload := range entries {
		if !bytes.Contains(payload, []byte(w.text)) {
			continue
		}
		e, err := decodeEntry(payload)
		if err != nil {
			return logged{}, err
		}
		if which := w.is(e); which >= 0 {
			index := first + int64(i)
			path, err := r.Prove(index)
			return logged{e, payload, index, which, path, r.Checkpoint.Note}, err
		}
	}
	return logged{}, errNotLogged
}
