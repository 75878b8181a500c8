package laketest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tarn/internal/vfs"
	"tarn/lake"
	"tarn/schemas"
)

// StoreName is the event data store of every lake that this package makes.
const StoreName = "cloudtrail"

// Place is where a throw-away lake lies, for tests that open and close it, copy
// it or damage it. There is none before the first Write.
type Place struct {
	// Dir is the lake's folder, Key the file of its signing key, or the key.
	Dir, Key string
	// FS is the disk that it lies on; nil for the folder.
	FS vfs.FS
}

// NewPlace returns a place in a temporary folder.
func NewPlace(t testing.TB) Place {
	t.Helper()
	dir := t.TempDir()
	return Place{Dir: filepath.Join(dir, "lake"), Key: filepath.Join(dir, "key")}
}

// Options are those to open the lake with.
func (p Place) Options() lake.Options { return lake.Options{Key: p.Key, FS: p.FS} }

// Write opens the lake for writing, makes it and its store if need be, calls fn
// and closes the lake.
func (p Place) Write(t testing.TB, fn func(*lake.Lake, lake.Store)) {
	t.Helper()
	p.WriteWith(t, p.Options(), fn)
}

// WriteWith is Write with other options.
func (p Place) WriteWith(t testing.TB, o lake.Options, fn func(*lake.Lake, lake.Store)) {
	t.Helper()
	l, err := lake.Open(p.Dir, o)
	if errors.Is(err, lake.ErrNoLake) {
		l, err = lake.Create(p.Dir, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.Store(StoreName)
	if errors.Is(err, lake.ErrStoreNotFound) {
		st, err = l.CreateStore(StoreName, schemas.CloudTrail())
	}
	if err == nil {
		fn(l, st)
	}
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
}

// Read opens the lake for reading, calls fn with a snapshot and closes the lake.
func (p Place) Read(t testing.TB, fn func(*lake.Snapshot, lake.Store)) {
	t.Helper()
	l, err := lake.View(p.Dir, lake.Options{FS: p.FS})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	snap := l.Snapshot()
	defer snap.Release()
	st, err := snap.Store(StoreName)
	if err != nil {
		t.Fatal(err)
	}
	fn(snap, st)
}

// Events returns the bytes of all events, sorted.
func (p Place) Events(t testing.TB) (all []string) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, st lake.Store) { all = Texts(t, s, st, false) })
	return all
}

// Conflicts returns the bytes of all conflicting records, sorted.
func (p Place) Conflicts(t testing.TB) (all []string) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, st lake.Store) { all = Texts(t, s, st, true) })
	return all
}

// Texts returns the bytes of the events, or of the conflicts, of a store in a
// snapshot, sorted.
func Texts(t testing.TB, s *lake.Snapshot, st lake.Store, conflicts bool) (all []string) {
	t.Helper()
	err := s.Raw(t.Context(), st.ID, conflicts, func(raw []byte) error {
		all = append(all, string(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// Rejects returns the records that imports did not take, in order.
func (p Place) Rejects(t testing.TB) (all []lake.Reject) {
	t.Helper()
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		for _, c := range s.Commits() {
			if err := s.Rejects(c, func(r lake.Reject) error { all = append(all, r); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	})
	return all
}

// Verify verifies the lake with its own key.
func (p Place) Verify(t testing.TB) *lake.Report {
	t.Helper()
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: p.FS})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Sound fails the test if Verify finds any problem.
func (p Place) Sound(t testing.TB) {
	t.Helper()
	if r := p.Verify(t); len(r.Problems)+len(r.Unread) > 0 {
		t.Errorf("Verify: problems %+v, unread %+v; want none", r.Problems, r.Unread)
	}
}

// Copy copies the lake as it lies on disk now, file by file in order of path,
// also while somebody writes to it. The copy has the same key.
func (p Place) Copy(t testing.TB) Place {
	t.Helper()
	c := Place{Dir: filepath.Join(t.TempDir(), "lake"), Key: p.Key}
	err := filepath.WalkDir(p.Dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return gone(err)
		}
		rel, err := filepath.Rel(p.Dir, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(c.Dir, rel), 0o755)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return gone(err)
		}
		return os.WriteFile(filepath.Join(c.Dir, rel), content, 0o644)
	})
	if err != nil {
		t.Error(err)
	}
	return c
}

// gone forgives a file that was renamed or removed in the meantime.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Files returns the paths of all files in the lake, relative and in order, but for
// the empty ones that readers lock.
func (p Place) Files(t testing.TB) (all []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(p.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Dir(name) != "pins" {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Path is the path of a file of the lake.
func (p Place) Path(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }
