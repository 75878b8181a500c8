package follow

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tarn/ingest"
	"tarn/internal/s3"
)

// place is where objects land.
type place interface {
	// list calls page with the objects that are there, some at a time; at least those
	// that were delivered from that day on, or all of them where from is zero. It says
	// whether some were left out that may not be whole yet.
	list(ctx context.Context, from time.Time, page func([]ingest.Object) error) (unsettled bool, err error)
	// find returns an object by its path; errGone if it is not there.
	find(ctx context.Context, path string) (ingest.Object, error)
	// named returns the paths that somebody may mean who says that an object was
	// written; none if it is not of this place, or can hold no events.
	named(n notice) []string
	// requests is how many were sent so far.
	requests() int64
}

// errGone means that an object is not there.
var errGone = errors.New("it is not there")

// settled is for how long a file must not have changed to be taken for whole.
const settled = 3 * time.Second

// folder is a place on disk.
type folder struct {
	dir string
	now func() time.Time
}

func (f *folder) list(ctx context.Context, _ time.Time, page func([]ingest.Object) error) (bool, error) {
	l, err := ingest.ListFrom(ctx, []string{f.dir}, ingest.From{})
	if errors.Is(err, ingest.ErrNothing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := f.now()
	var whole []ingest.Object
	unsettled := false
	for _, o := range l.Objects {
		if age := now.Sub(o.Modified); age >= 0 && age < settled {
			unsettled = true
			continue
		}
		whole = append(whole, o) // it was looked at anyway, of whatever day it is
	}
	err = page(whole)
	for _, u := range l.Unread {
		err = errors.Join(err, &os.PathError{Op: "read", Path: u.Path, Err: u.Err})
	}
	return unsettled, err
}

func (f *folder) find(_ context.Context, path string) (ingest.Object, error) {
	o, err := ingest.InFolder(f.dir, path)
	if errors.Is(err, fs.ErrNotExist) {
		err = errGone
	}
	return o, err
}

func (f *folder) named(notice) []string { return nil }

func (f *folder) requests() int64 { return 0 }

// newPlace is the place that a source names.
func newPlace(source string, client *s3.Client, now func() time.Time) (place, error) {
	if !s3.IsURI(source) {
		return &folder{dir: source, now: now}, nil
	}
	at, err := s3.ParseURI(source)
	if err != nil {
		return nil, err
	}
	return &bucket{at: at, client: client}, nil
}

// Source is the name of a source that somebody names as text: a folder is named by its
// whole path. A folder has to be there.
func Source(text, dir string) (string, error) {
	if s3.IsURI(text) {
		at, err := s3.ParseURI(text)
		return at.String(), err
	}
	if !filepath.IsAbs(text) {
		text = filepath.Join(dir, text)
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return "", err
	}
	if _, err := os.ReadDir(path); err != nil {
		return "", err
	}
	return path, nil
}
