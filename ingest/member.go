package ingest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"tarn/lake"
)

const (
	// memberBytes is how large a member may be to be copied into memory, so that
	// several are taken apart at a time. A larger one is taken apart while the
	// archive waits. CloudTrail's objects are kilobytes, seldom a few MB.
	memberBytes = 8 << 20
	// unknownLength is that of what comes through a pipe.
	unknownLength = -1
)

// member is what a member of an archive holds, or a stream that is none. It
// remembers why the archive ended in it.
type member struct {
	r      io.Reader
	w      *walk
	failed error
}

func (m *member) Read(p []byte) (int, error) {
	if m.failed != nil {
		return 0, m.failed
	}
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		m.failed = m.w.explain(err)
		err = m.failed
	}
	return n, err
}

// load hands an object to the readers: a copy of its bytes, so that the walk can
// go on. If the store has seen the key, it may be the same object with another
// time of change, for archives know whole seconds only; then the hash tells.
func (w *walk) load(o Object, m *member, seen bool) error {
	copied, whole := m.copy(o.Bytes)
	if seen && whole && m.failed == nil {
		sum := sha256.Sum256(copied)
		if is, err := w.holds(o, sum[:]); err != nil || is {
			return err
		}
	}
	f := w.im.newFile(o)
	// Where the archive was cut off, m fails again behind what was copied.
	f.body = io.MultiReader(bytes.NewReader(copied), m)
	if whole {
		if m.failed == nil {
			f.body = bytes.NewReader(copied) // m belongs to the walk
		}
		return w.put(f)
	}
	if seen && w.im.opts.KeepDuplicates {
		return w.loadFromDisk(f)
	}
	return w.wait(f)
}

// copy copies a member of a usual size into memory, or as much of it as there
// is. Of a larger one it copies at most the first part.
func (m *member) copy(size int64) (copied []byte, whole bool) {
	if size > memberBytes {
		return nil, false
	}
	if size == unknownLength {
		copied, _ = io.ReadAll(io.LimitReader(m, memberBytes)) // m remembers the error
		return copied, len(copied) < memberBytes || m.failed != nil
	}
	copied = make([]byte, size)
	n, _ := io.ReadFull(m, copied)
	return copied[:n], true
}

// holds notes an object that is in the store already.
func (w *walk) holds(o Object, sum []byte) (bool, error) {
	s := lake.Source{Key: o.Key, SHA256: base64.StdEncoding.EncodeToString(sum)}
	known, _, err := w.im.lake.Imported(w.im.app.Store(), s)
	if err == nil && known {
		err = w.known(o)
	}
	return known, err
}

// wait hands the object over and waits until it is read: its bytes are the
// archive's.
func (w *walk) wait(f *file) error {
	f.done = make(chan struct{})
	if err := w.put(f); err != nil {
		return err
	}
	<-f.done // a reader has it, and ends with the import
	return nil
}

// loadFromDisk is for a large object that the store may have, where duplicates
// are kept: taking it apart would store it twice, and its hash is known only at
// its end.
func (w *walk) loadFromDisk(f *file) error {
	t, err := os.CreateTemp("", "tarn-member-*")
	if err != nil {
		return err
	}
	defer os.Remove(t.Name())
	defer t.Close()
	h := sha256.New()
	_, failed := io.Copy(io.MultiWriter(t, h), f.body)
	if failed == nil {
		if is, err := w.holds(f.Object, h.Sum(nil)); err != nil || is {
			return err
		}
	}
	if _, err := t.Seek(0, io.SeekStart); err != nil {
		return err
	}
	f.body = t
	if failed != nil {
		f.body = io.MultiReader(t, &member{failed: failed})
	}
	return w.wait(f)
}

// isSparse reports whether the member has holes, which are of any length and
// take no bytes.
func isSparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// changed is a member's time of change as the ledger can write it: years have
// four digits there, and any number of them in an archive.
func changed(t time.Time) time.Time {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return time.Unix(0, 0).UTC()
	}
	return t.UTC()
}
