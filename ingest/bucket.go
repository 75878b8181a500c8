package ingest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/internal/s3"
)

// From says where paths lie that are to be listed, and what of it is wanted.
type From struct {
	// Dir is the folder that paths on disk are relative to; empty for that of the process.
	Dir string
	// S3 opens the door to buckets, for paths s3://BUCKET/PREFIX; nil refuses those.
	S3 func() (*s3.Client, error)
	// Filter is what the import will have. Folders of a bucket whose names tell that
	// nothing in them passes are not listed; with NoDigests, digests are not either.
	Filter    Filter
	NoDigests bool
	// Found, if not nil, hears how many objects of buckets were found so far. It is
	// called by one goroutine at a time.
	Found func(objects int)
}

// ErrNoS3 means that a path is in a bucket, and that nobody here asks for those.
var ErrNoS3 = errors.New("buckets cannot be asked here")

const (
	// listers is how many requests for lists are under way.
	listers = 16
	// unfolded is how many folders are listed by themselves where their names say
	// nothing: of more, all is listed in one go.
	unfolded = 100
)

// bucketWalk lists what is below a place in a bucket, folder by folder, many at a time.
// Only folders of a month or less are listed to the last key: CloudTrail writes years.
type bucketWalk struct {
	client *s3.Client
	from   From
	tasks  *errgroup.Group
	turn   chan struct{} // taken while a request is under way

	mu sync.Mutex
	l  *Listing
}

// addBucket lists a place in a bucket.
func (l *Listing) addBucket(ctx context.Context, text string) error {
	uri, err := s3.ParseURI(text)
	if err != nil {
		return hint.Add(err, "name a bucket and what the keys begin with, such as s3://my-trail/AWSLogs/")
	}
	if l.from.S3 == nil {
		return fmt.Errorf("%w: %s", ErrNoS3, text)
	}
	client, err := l.from.S3()
	if err != nil {
		return err
	}
	tasks, ctx := errgroup.WithContext(ctx)
	w := &bucketWalk{client: client, from: l.from, tasks: tasks, turn: make(chan struct{}, listers), l: l}
	tasks.Go(func() error { return w.root(ctx, uri) })
	return tasks.Wait()
}

// root tells whether the place is an object, a folder, or the beginning of keys.
func (w *bucketWalk) root(ctx context.Context, at s3.URI) error {
	if at.Key == "" || strings.HasSuffix(at.Key, "/") {
		return w.folder(ctx, at)
	}
	folders, beside, err := w.list(ctx, at)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(beside, func(o s3.Object) bool { return o.Key == at.Key }); i >= 0 {
		w.named(beside[i])
		return nil
	}
	if slices.Contains(folders, at.Key+"/") {
		return w.folder(ctx, s3.URI{Bucket: at.Bucket, Key: at.Key + "/"})
	}
	return w.flat(ctx, at)
}

// monthly is a folder of a month, which is short enough to be listed whole.
var monthly = regexp.MustCompile(`(^|/)\d{4}/\d{2}/`)

// folder lists what is below a folder: its folders by themselves, as far as their
// names tell what they are.
func (w *bucketWalk) folder(ctx context.Context, at s3.URI) error {
	if monthly.MatchString(at.Key) {
		return w.flat(ctx, at)
	}
	folders, beside, err := w.list(ctx, at)
	if err != nil {
		return err
	}
	if len(folders) > unfolded && !strings.Contains("/"+at.Key, "/AWSLogs/") {
		return w.flat(ctx, at)
	}
	w.add(beside)
	for _, f := range folders {
		if w.leaves(f) {
			continue
		}
		w.tasks.Go(func() error { return w.folder(ctx, s3.URI{Bucket: at.Bucket, Key: f}) })
	}
	return nil
}

func (w *bucketWalk) list(ctx context.Context, at s3.URI) (folders []string, beside []s3.Object, err error) {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	return w.client.Folders(ctx, at)
}

// errBeyond ends a list whose other keys are of later days.
var errBeyond = errors.New("the other days are not wanted")

// flat lists all that begins with a prefix; keys are in the order of days there.
func (w *bucketWalk) flat(ctx context.Context, at s3.URI) error {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := w.client.List(ctx, at, w.behind(at.Key), func(page []s3.Object) error {
		w.add(page)
		if n := len(page); n > 0 && w.beyond(page[n-1].Key) {
			return errBeyond
		}
		return nil
	})
	if errors.Is(err, errBeyond) {
		return nil
	}
	return err
}

// add takes the objects that may hold something, by their names.
func (w *bucketWalk) add(page []s3.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range page {
		switch {
		case strings.HasSuffix(o.Key, "/"): // a folder as some programs make it
		case isDigestPath(o.Key):
			w.l.Digests++
			if isLogName(o.Key) && !w.from.NoDigests {
				w.l.DigestFiles = append(w.l.DigestFiles, InBucket(w.client, o))
			}
		case !isLogName(o.Key):
			w.l.Others++
		default:
			w.l.Objects = append(w.l.Objects, InBucket(w.client, o))
		}
	}
	if w.from.Found != nil {
		w.from.Found(len(w.l.Objects))
	}
}

// named takes an object that somebody named, whatever its name.
func (w *bucketWalk) named(o s3.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if taken := InBucket(w.client, o); tarName.MatchString(o.Key) {
		w.l.Archives = append(w.l.Archives, Archive{Path: taken.Path, Bytes: o.Bytes, object: &taken})
	} else {
		w.l.Objects = append(w.l.Objects, taken)
	}
}

// bucketFolder is a folder of a bucket as CloudTrail makes it, as far down as it goes.
var bucketFolder = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/(?:(CloudTrail|CloudTrail-Digest)/(?:([a-z0-9-]+)/(?:(\d{4})/(?:(\d{2})/(?:(\d{2})/)?)?)?)?)?$`)

// leaves reports whether a folder's name tells that nothing below it is wanted.
func (w *bucketWalk) leaves(folder string) bool {
	m := bucketFolder.FindStringSubmatch(folder)
	if m == nil {
		return false
	}
	f := w.wanted(folder)
	first, last := span(m[4], m[5], m[6])
	switch {
	case w.from.NoDigests && isDigestPath(folder),
		len(f.Accounts) > 0 && !slices.Contains(f.Accounts, m[1]),
		m[3] != "" && f.otherRegion(m[3]),
		!first.IsZero() && f.otherDays(first, last):
		w.mu.Lock()
		w.l.Unlisted++
		w.mu.Unlock()
		return true
	}
	return false
}

// span is the first and the last day of a year, a month or a day; zero without a year.
func span(year, month, day string) (first, last time.Time) {
	for _, p := range []struct {
		text, layout      string
		years, months, of int
	}{{year + month + day, "20060102", 0, 0, 1}, {year + month, "200601", 0, 1, 0}, {year, "2006", 1, 0, 0}} {
		if t, err := time.Parse(p.layout, p.text); err == nil {
			return t, t.AddDate(p.years, p.months, p.of).AddDate(0, 0, -1)
		}
	}
	return time.Time{}, time.Time{}
}

// dayOf finds the day of a key that is below a month's folder.
var dayOf = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?\d{12}/CloudTrail(?:-Digest)?/[a-z0-9-]+/(\d{4})/(\d{2})/(\d{2})/`)

// beyond reports whether keys behind this one are of days that are not wanted.
func (w *bucketWalk) beyond(key string) bool {
	m, f := dayOf.FindStringSubmatch(key), w.wanted(key)
	if m == nil || f.To.IsZero() {
		return false
	}
	day, _ := span(m[1], m[2], m[3])
	return !day.IsZero() && f.otherDays(day, day) && day.After(f.To)
}

// wanted is the filter for what is at a key. A file that was delivered late in a day is
// in a digest of the next one.
func (w *bucketWalk) wanted(key string) Filter {
	f := w.from.Filter
	if !f.To.IsZero() && isDigestPath(key) {
		f.To = f.To.AddDate(0, 0, 1)
	}
	return f
}

// behind is the key behind which a month's wanted days begin; empty for its start.
func (w *bucketWalk) behind(prefix string) string {
	m := bucketFolder.FindStringSubmatch(prefix)
	if m == nil || m[5] == "" || m[6] != "" || w.from.Filter.From.IsZero() {
		return ""
	}
	last := w.from.Filter.From.UTC().AddDate(0, 0, -2) // the last day that is not wanted
	if first, end := span(m[4], m[5], ""); last.Before(first) || last.After(end.AddDate(0, 0, 1)) {
		return ""
	}
	return prefix + last.Format("02") + "/~" // no key that CloudTrail writes has a tilde
}
