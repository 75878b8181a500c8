package imports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tarn/ingest"
	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake/statedb"
)

// place is a part of a bucket, and where that is: below a folder, or in S3.
type place struct {
	bucket, folder string // the bucket, and its folder; empty if it is the bucket itself
	dir            string // the part of it
	client         *s3.Client
}

func (p place) real() bool { return p.client != nil }

// list finds what is there.
func (p place) list(ctx context.Context, filter ingest.Filter) (*ingest.Listing, error) {
	if !p.real() {
		return ingest.List([]string{p.dir})
	}
	return ingest.ListFrom(ctx, []string{p.dir}, ingest.From{S3: func() (*s3.Client, error) { return p.client, nil }, Filter: filter})
}

// place finds what stands for an address s3://BUCKET/PREFIX.
func (m *Imports) place(ctx context.Context, uri string) (place, error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	folder, known := m.o.Buckets[bucket]
	local := strings.Trim(prefix, "/")
	switch {
	case !ok || bucket == "":
		return place{}, fmt.Errorf("%w: %q is no address of a bucket", ErrSource, uri)
	case !known:
		return place{}, hint.Add(fmt.Errorf("%w: this server knows no bucket %q", ErrSource, bucket), "the server's owner names it: tarn serve --bucket "+bucket+", or with =FOLDER for one that stands for it")
	case folder == "":
		return m.inS3(ctx, s3.URI{Bucket: bucket, Key: prefix})
	case local != "" && !filepath.IsLocal(filepath.FromSlash(local)):
		return place{}, fmt.Errorf("%w: %q leads out of the bucket", ErrSource, uri)
	}
	p := place{bucket, folder, filepath.Join(folder, filepath.FromSlash(local)), nil}
	if _, err := os.Stat(p.dir); err != nil {
		return place{}, fmt.Errorf("%w: there is nothing below %s", ErrSource, uri)
	}
	return p, nil
}

// patience is how long a bucket may take to answer whoever starts an import.
const patience = 10 * time.Second

// errSeen ends a list that need not be longer.
var errSeen = errors.New("there is something")

// inS3 is a place in a bucket that answers, and has something there.
func (m *Imports) inS3(ctx context.Context, at s3.URI) (place, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := m.o.S3.List(ctx, at, "", func(page []s3.Object) error {
		if len(page) > 0 {
			return errSeen
		}
		return nil
	})
	switch {
	case errors.Is(err, errSeen):
		return place{at.Bucket, "", at.String(), m.o.S3}, nil
	case err == nil:
		return place{}, fmt.Errorf("%w: there is nothing below %s", ErrSource, at)
	case ctx.Err() != nil:
		return place{}, fmt.Errorf("%w: the bucket %s gave no list within %v: it does not answer, or asks to come back later", ErrSource, at.Bucket, patience)
	}
	return place{}, fmt.Errorf("%w: %w", ErrSource, err)
}

// uri is the address of a file of the bucket.
func (p place) uri(path string) string {
	if s3.IsURI(path) {
		return path
	}
	if !filepath.IsAbs(path) { // the key, from AWSLogs/ on
		return "s3://" + p.bucket + "/" + path
	}
	rest, err := filepath.Rel(p.folder, path)
	if err != nil || !filepath.IsLocal(rest) {
		return p.shown(path)
	}
	return "s3://" + p.bucket + "/" + filepath.ToSlash(rest)
}

// shown is a text in which the bucket stands for its folder.
func (p place) shown(text string) string {
	if p.real() {
		return text
	}
	return strings.ReplaceAll(text, p.folder, "s3://"+p.bucket)
}

// failures are what could not be read, or not whole, each object once.
func (p place) failures(r *ingest.Result) (all []statedb.ImportFailure) {
	for _, u := range r.Unread {
		all = append(all, statedb.ImportFailure{Path: p.uri(u.Path), Kind: "Unreadable", Reason: p.shown(u.Err.Error())})
	}
	for _, rej := range r.Rejects {
		if n := len(all); n > 0 && all[n-1].Path == p.uri(rej.Source) {
			continue
		}
		all = append(all, statedb.ImportFailure{Path: p.uri(rej.Source), Kind: "RejectedRecord",
			Reason: fmt.Sprintf("record %d at byte %d: %s", rej.Record, rej.Offset, p.shown(rej.Reason))})
	}
	return all
}
