package follow

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/ingest"
	"tarn/internal/s3"
)

const (
	// listers is how many requests for lists are under way.
	listers = 8
	// unfolded is how many folders are listed by themselves where their names say
	// nothing: of more, all is listed in one go.
	unfolded = 1000
	// dayForm is a day as it stands in keys.
	dayForm = "2006/01/02"
)

var (
	// region finds where the folders of years are in a key of CloudTrail's.
	region = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?\d{12}/CloudTrail[A-Za-z-]*/[a-z0-9-]+/`)
	// year finds a folder of one.
	year = regexp.MustCompile(`(?:^|/)\d{4}/$`)
)

// bucket is a place in object storage.
type bucket struct {
	at     s3.URI
	client *s3.Client
}

// recent lists what was delivered from a day on.
type recent struct {
	*bucket
	from  string
	turns *errgroup.Group
	mu    sync.Mutex // page is called by one at a time
	page  func([]s3.Object) error
}

func (b *bucket) list(ctx context.Context, from time.Time, page func([]ingest.Object) error) (bool, error) {
	each := func(all []s3.Object) error {
		var logs []ingest.Object
		for _, o := range all {
			if ingest.IsLog(o.Key) {
				logs = append(logs, ingest.InBucket(b.client, o))
			}
		}
		return page(logs)
	}
	if from.IsZero() {
		return false, b.client.List(ctx, b.at, "", each)
	}
	turns, ctx := errgroup.WithContext(ctx)
	turns.SetLimit(listers)
	r := &recent{bucket: b, from: from.UTC().Format(dayForm), turns: turns, page: each}
	err := r.walk(ctx, b.at.Key)
	return false, errors.Join(turns.Wait(), err)
}

// walk lists what is below a prefix: keys of CloudTrail's in the order of days from the
// folders of years on, others as their folders are named.
func (r *recent) walk(ctx context.Context, prefix string) error {
	if m := region.FindStringIndex(prefix); m != nil {
		return r.list(ctx, prefix, prefix[:m[1]]+r.from)
	}
	folders, beside, err := r.client.Folders(ctx, s3.URI{Bucket: r.at.Bucket, Key: prefix})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(folders, year.MatchString) {
		return r.list(ctx, prefix, prefix[:strings.LastIndexByte(prefix, '/')+1]+r.from)
	}
	if len(folders) > unfolded && !strings.Contains("/"+prefix, "/AWSLogs/") {
		return r.list(ctx, prefix, "")
	}
	if err := r.hand(beside); err != nil {
		return err
	}
	for _, f := range folders {
		if !ingest.IsLog(f + "x.json") { // digests
			continue
		}
		if !region.MatchString(f) {
			if err := r.walk(ctx, f); err != nil {
				return err
			}
			continue
		}
		r.turns.Go(func() error { return r.walk(ctx, f) })
	}
	return nil
}

// list lists what begins with a prefix, behind a key.
func (r *recent) list(ctx context.Context, prefix, after string) error {
	return r.client.List(ctx, s3.URI{Bucket: r.at.Bucket, Key: prefix}, after, r.hand)
}

func (r *recent) hand(page []s3.Object) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page(page)
}

func (b *bucket) find(ctx context.Context, path string) (ingest.Object, error) {
	at, err := s3.ParseURI(path)
	if err != nil {
		return ingest.Object{}, err
	}
	o, err := b.client.Head(ctx, at, "")
	if errors.Is(err, s3.ErrNotFound) {
		err = errGone
	}
	return ingest.InBucket(b.client, o), err
}

func (b *bucket) named(n notice) (paths []string) {
	if n.Bucket != b.at.Bucket {
		return nil
	}
	for _, key := range n.Keys {
		if strings.HasPrefix(key, b.at.Key) && ingest.IsLog(key) && !climbs(key) {
			paths = append(paths, s3.URI{Bucket: b.at.Bucket, Key: key}.String())
		}
	}
	return paths
}

// climbs reports whether a key could mean another place to whoever takes it for a path.
func climbs(key string) bool {
	return slices.ContainsFunc(strings.Split(key, "/"), func(name string) bool { return name == "." || name == ".." })
}

func (b *bucket) requests() int64 { return b.client.Counts().Total() }
