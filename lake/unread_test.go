package lake_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake"
	"tarn/lake/laketest"
)

// denying is a folder in which one file or folder cannot be read.
type denying struct {
	vfs.FS
	name string
	err  error
	late bool // it can be opened
}

func (d *denying) Open(name string) (vfs.File, error) {
	if d.name != "" && (name == d.name || strings.HasPrefix(name, d.name+"/")) {
		if !d.late {
			return nil, &fs.PathError{Op: "openat", Path: name, Err: d.err}
		}
		f, err := d.FS.Open(name)
		return deniedFile{f, d.err}, err
	}
	return d.FS.Open(name)
}

func (d *denying) List(name string) ([]fs.DirEntry, error) {
	if d.name != "" && (name == d.name || strings.HasPrefix(name, d.name+"/")) {
		return nil, &fs.PathError{Op: "openat", Path: name, Err: d.err}
	}
	return d.FS.List(name)
}

type deniedFile struct {
	vfs.File
	err error
}

func (f deniedFile) ReadAt([]byte, int64) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: "x", Err: f.err}
}

// What cannot be read is no evidence of a change; what differs beside it is.
func TestWhatCannotBeReadIsNoProblem(t *testing.T) {
	p := filledPlace(t)
	disk, err := vfs.OpenOS(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	names := []string{"segments", "log"}
	for _, name := range evidence(t, p.Dir) {
		rel, err := filepath.Rel(p.Dir, name)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(rel))
	}
	for _, name := range names {
		for _, d := range []denying{{disk, name, syscall.EACCES, false}, {disk, name, syscall.EIO, true}} {
			r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: &d})
			if err != nil {
				if !strings.HasPrefix(name, "log") || len(hint.Of(err)) == 0 || !strings.Contains(err.Error(), d.err.Error()) {
					t.Errorf("%s: Verify = %v, hints %q", name, err, hint.Of(err))
				}
				continue
			}
			if len(r.Problems) > 0 {
				t.Errorf("%s, %v: problems %+v; want none", name, d.err, r.Problems)
			}
			if len(r.Unread) == 0 || !strings.HasPrefix(r.Unread[0].Path, name) || r.Unread[0].What != "could not be read: "+d.err.Error() {
				t.Errorf("%s, %v: unread %+v; want it", name, d.err, r.Unread)
			}
		}
	}
}

func TestASegmentThatCannotBeReadIsNotCorrupt(t *testing.T) {
	p := filledPlace(t)
	disk, err := vfs.OpenOS(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for _, d := range []denying{{disk, "segments", syscall.EACCES, false}, {disk, "segments", syscall.EIO, true}} {
		l, err := lake.View(p.Dir, lake.Options{FS: &d})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		snap := l.Snapshot()
		defer snap.Release()
		st := snap.Stores()[0]
		seg := snap.Segments(st.ID, false)[0]
		raw := snap.Raw(t.Context(), st.ID, false, func([]byte) error { return nil })
		_, needle := snap.MayHold(st.ID, &seg, st.Schema().Needles()[0].Name, "x")
		for _, err := range []error{raw, needle} {
			if err == nil || errors.Is(err, lake.ErrCorrupt) || len(hint.Of(err)) == 0 ||
				err.Error() != "segment "+seg.ID+", "+seg.Day+": cannot be read: "+d.err.Error() {
				t.Errorf("%v: %v; want that the segment cannot be read", d.err, err)
			}
		}
	}
}

// An import that meets a segment which it cannot read does not call it damaged.
func TestAnImportDoesNotCallWhatItCannotReadCorrupt(t *testing.T) {
	for _, ext := range []string{".needles", ".parquet"} {
		dir, l, st := laketest.New(t)
		event := lake.Event{ID: "a", Raw: []byte(`{"eventID":"a","eventTime":"1970-01-01T00:00:00Z"}`)}
		app, err := l.Append(st, lake.AppendOptions{})
		if err != nil {
			t.Fatal(err)
		}
		app.Begin(lake.Source{Key: "one"})
		if _, err := app.Offer(event); err != nil {
			t.Fatal(err)
		}
		app.End("", 0)
		if _, err := app.Finish(); err != nil {
			t.Fatal(err)
		}
		l.Close()
		disk, err := vfs.OpenOS(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer disk.Close()
		found, err := filepath.Glob(filepath.Join(dir, "segments", "*", "*", "*"+ext))
		if err != nil || len(found) != 1 {
			t.Fatalf("files %q, %v; want one", found, err)
		}
		rel, _ := filepath.Rel(dir, found[0])
		o := laketest.Options(filepath.Dir(dir))
		o.FS = &denying{disk, filepath.ToSlash(rel), syscall.EACCES, false}
		if l, err = lake.Open(dir, o); err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if app, err = l.Append(st, lake.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
		app.Begin(lake.Source{Key: "two"})
		_, err = app.Offer(event)
		if err == nil || errors.Is(err, lake.ErrCorrupt) || !strings.HasSuffix(err.Error(), "cannot be read: permission denied") {
			t.Errorf("%s: %v; want that the segment cannot be read", ext, err)
		}
		if _, err := app.Abandon(); err != nil {
			t.Error(err)
		}
	}
}

func TestAChangeBesideAFileThatCannotBeReadIsFound(t *testing.T) {
	p := filledPlace(t)
	disk, err := vfs.OpenOS(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	segments, err := filepath.Glob(filepath.Join(p.Dir, "segments", "*", "*", "*.parquet"))
	if err != nil || len(segments) < 2 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	if err := os.WriteFile(segments[0], []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	rel, _ := filepath.Rel(p.Dir, segments[1])
	r, err := lake.Verify(t.Context(), p.Dir, lake.VerifyOptions{Key: p.Key, FS: &denying{disk, filepath.ToSlash(rel), syscall.EACCES, false}})
	if err != nil || len(r.Problems) != 1 || len(r.Unread) != 1 {
		t.Errorf("Verify = %+v, %v; want a problem and an unread file", r, err)
	}
}
