package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"tarn/internal/s3"
)

// Bucket is a place in object storage. The signatures of digests are their metadata,
// as AWS's own are, so that aws cloudtrail validate-logs reads them.
type Bucket struct {
	Client *s3.Client
	// At is the bucket, and what keys begin with.
	At s3.URI
}

// objectBytes bounds a file that is there and is compared with one to be written.
const objectBytes = 128 << 20

// Put implements [Place].
func (b *Bucket) Put(ctx context.Context, key string, body []byte, signature string) (bool, error) {
	at := b.At.Join(key)
	there, err := b.Client.Head(ctx, at, "")
	if errors.Is(err, s3.ErrNotFound) {
		o := s3.PutOptions{OnlyNew: true, ContentType: "application/x-gzip"}
		if signature != "" {
			o.Metadata = map[string]string{"signature": signature, "signature-algorithm": algorithm}
		}
		if _, err = b.Client.Put(ctx, at, bytes.NewReader(body), o); err == nil {
			return true, nil
		}
		if errors.Is(err, s3.ErrExists) { // somebody was faster
			there, err = b.Client.Head(ctx, at, "")
		}
	}
	if err != nil {
		return false, err
	}
	text, _, err := b.Client.Read(ctx, there, objectBytes)
	if err != nil && !errors.Is(err, s3.ErrTooLong) {
		return false, err
	}
	if err != nil || !same(text, body) || signature != "" && there.Metadata["signature"] != signature {
		return false, fmt.Errorf("%s: %w", at, ErrOther)
	}
	return false, nil
}

// Get implements [Place].
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, string, error) {
	text, o, err := b.Client.Read(ctx, s3.Object{URI: b.At.Join(key)}, objectBytes)
	if errors.Is(err, s3.ErrNotFound) {
		return nil, "", fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return text, o.Metadata["signature"], err
}

// Below implements [Place].
func (b *Bucket) Below(ctx context.Context, folder string) ([]string, error) {
	at := b.At.Join(folder)
	folders, beside, err := b.Client.Folders(ctx, at)
	var names []string
	for _, f := range folders {
		names = append(names, strings.TrimPrefix(f, at.Key))
	}
	for _, o := range beside {
		names = append(names, path.Base(o.Key))
	}
	slices.Sort(names)
	return names, err
}
