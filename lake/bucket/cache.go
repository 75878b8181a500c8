package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake"
)

// Cache brings sealed files from a bucket into a folder. It implements [lake.Far].
type Cache struct {
	// Find tells where the files lie, when one is wanted; it is asked again as long as
	// they lie nowhere.
	Find func() (Found, error)

	finding  sync.Mutex
	place    *Found
	fetching singleflight.Group
	mu       sync.Mutex
	held     int64 // bytes in the folder
	counted  bool  // somebody has looked
	files    atomic.Int64
	bytes    atomic.Int64
}

// Found is where files lie, and where they may come.
type Found struct {
	// URI is where they lie; without a bucket, nowhere. Client asks there.
	URI    s3.URI
	Client *s3.Client
	// Folder is where they come, below their names in the lake, and Limit how many bytes
	// may lie there.
	Folder string
	Limit  int64
	// Versions tells the version of an object by its name in the lake, where that is
	// known; nil knows none.
	Versions func(name string) string
}

func (c *Cache) found() (Found, error) {
	c.finding.Lock()
	defer c.finding.Unlock()
	if c.place != nil {
		return *c.place, nil
	}
	f, err := c.Find()
	if err == nil && f.URI.Bucket != "" {
		c.place = &f
	}
	return f, err
}

// ErrCacheFull means that what is asked for at once does not fit into the cache.
var ErrCacheFull = errors.New("the cache is too small for what is asked for at once")

// fetchedPrefix begins the names of files that are not whole yet.
const fetchedPrefix = ".fetched-"

// inUse is how long a file stays that somebody asked for: a query may still read it.
const inUse = 15 * time.Minute

// Fetched tells how many files, and bytes of them, came from the bucket.
func (c *Cache) Fetched() (files, bytes int64) { return c.files.Load(), c.bytes.Load() }

// Dir implements [lake.Far].
func (c *Cache) Dir() string {
	f, err := c.found()
	if err != nil {
		return ""
	}
	return f.Folder
}

func (f Found) path(name string) string { return filepath.Join(f.Folder, filepath.FromSlash(name)) }

func (f Found) has(file lake.SealedFile) bool {
	st, err := os.Stat(f.path(file.Name))
	return err == nil && st.Size() == file.Bytes
}

// Has implements [lake.Far].
func (c *Cache) Has(file lake.SealedFile) bool {
	f, err := c.found()
	return err == nil && f.URI.Bucket != "" && f.has(file)
}

// Bring implements [lake.Far].
func (c *Cache) Bring(ctx context.Context, file lake.SealedFile) (string, error) {
	f, err := c.found()
	if err != nil {
		return "", err
	}
	if f.URI.Bucket == "" {
		return "", fs.ErrNotExist
	}
	at := f.path(file.Name)
	if f.has(file) {
		now := time.Now()
		return at, ignoreMissing(os.Chtimes(at, now, now))
	}
	_, err, _ = c.fetching.Do(file.Name, func() (any, error) { return nil, c.fetch(ctx, f, file) })
	return at, err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fetch brings a file from the bucket: the version that is known, or the newest, and
// where that is another file, the oldest that is the right one. Who puts something over
// a key, or a mark that it is deleted, changes nothing.
func (c *Cache) fetch(ctx context.Context, from Found, f lake.SealedFile) error {
	if err := c.room(from, f.Bytes); err != nil {
		return err
	}
	o := s3.Object{URI: from.URI.Join(f.Name)}
	if from.Versions != nil {
		o.Version = from.Versions(f.Name)
	}
	err := c.get(ctx, from, o, f)
	if err == nil || !errors.Is(err, lake.ErrCorrupt) && !errors.Is(err, s3.ErrNotFound) && !errors.Is(err, s3.ErrDenied) {
		return err
	}
	all, failed := from.Client.Versions(ctx, o.URI)
	if failed != nil {
		return missing(err)
	}
	for _, version := range all {
		if version.Key != o.Key || version.Bytes != f.Bytes {
			continue
		}
		if failed := c.get(ctx, from, version, f); failed == nil {
			return nil
		}
	}
	return missing(err)
}

// missing is the error where no version of an object is what was sealed.
func missing(err error) error {
	if errors.Is(err, s3.ErrNotFound) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}

// get brings one version of an object into its place, if it is what was sealed.
func (c *Cache) get(ctx context.Context, from Found, o s3.Object, f lake.SealedFile) error {
	body, found, err := from.Client.Get(ctx, o)
	if err != nil {
		return err
	}
	defer body.Close()
	if found.Bytes != f.Bytes {
		return fmt.Errorf("%s: %w: it has %d bytes; the log says %d", o.URI, lake.ErrCorrupt, found.Bytes, f.Bytes)
	}
	dir := filepath.Dir(from.path(f.Name))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, fetchedPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(t.Name()) // where it was not renamed
	_, err = io.Copy(t, body)
	if err == nil {
		if wrong := f.Check(t); wrong != nil {
			err = fmt.Errorf("%s: %w: %w", o.URI, lake.ErrCorrupt, wrong)
		}
	}
	if err = errors.Join(err, t.Close()); err != nil {
		return err
	}
	if err := os.Rename(t.Name(), from.path(f.Name)); err != nil {
		return err
	}
	c.files.Add(1)
	c.bytes.Add(f.Bytes)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held += f.Bytes
	return nil
}

// room makes room for so many bytes: what nobody has asked for the longest goes first.
func (c *Cache) room(from Found, bytes int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.counted {
		all := from.list()
		for _, f := range all {
			c.held += f.bytes
		}
		c.counted = true
	}
	if c.held+bytes <= from.Limit {
		return nil
	}
	all := from.list()
	slices.SortFunc(all, func(a, b cached) int { return a.used.Compare(b.used) })
	c.held = 0
	for _, f := range all {
		c.held += f.bytes
	}
	for _, f := range all {
		if c.held+bytes <= from.Limit*9/10 || time.Since(f.used) < inUse {
			break
		}
		if err := ignoreMissing(os.Remove(f.path)); err != nil {
			return err
		}
		c.held -= f.bytes
	}
	if c.held+bytes > from.Limit {
		return hint.Add(fmt.Errorf("%w: %d MB are in use there, and it may have %d MB", ErrCacheFull, c.held>>20, from.Limit>>20),
			"ask for less at a time, by eventTime; or let it be larger: setting cache-size")
	}
	return nil
}

// cached is a file in the folder.
type cached struct {
	path  string
	bytes int64
	used  time.Time
}

func (f Found) list() (all []cached) {
	_ = filepath.WalkDir(f.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // somebody else removed it
		}
		if strings.HasPrefix(d.Name(), ".") {
			return abandoned(path, d)
		}
		if !strings.Contains(filepath.ToSlash(path), "/segments/") {
			return nil
		}
		if info, err := d.Info(); err == nil {
			all = append(all, cached{path, info.Size(), info.ModTime()})
		}
		return nil
	})
	return all
}

// abandoned removes a file that somebody began to write, and did not go on with.
func abandoned(path string, d fs.DirEntry) error {
	if info, err := d.Info(); err == nil && strings.HasPrefix(d.Name(), fetchedPrefix) && time.Since(info.ModTime()) > inUse {
		_ = os.Remove(path) // the next one tries again
	}
	return nil
}
