package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Get opens an object as it was listed: one that changed since is ErrChanged. Where
// the service breaks off, it is read on from there. The metadata of the object is
// returned with it. Close must be called.
func (c *Client) Get(ctx context.Context, o Object) (io.ReadCloser, Object, error) {
	b := &body{ctx: ctx, c: c, o: o}
	if err := b.open(); err != nil {
		return nil, Object{}, err
	}
	return b, b.o, nil
}

// Read returns the bytes of an object of at most limit bytes; a longer one is ErrTooLong.
func (c *Client) Read(ctx context.Context, o Object, limit int64) ([]byte, Object, error) {
	r, o, err := c.Get(ctx, o)
	if err != nil {
		return nil, o, err
	}
	defer r.Close()
	if o.Bytes > limit {
		return nil, o, fmt.Errorf("%s: %w: %d bytes, and %d are read", o.URI, ErrTooLong, o.Bytes, limit)
	}
	text := make([]byte, o.Bytes)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, o, err
	}
	return text, o, nil
}

// body is an object being read.
type body struct {
	ctx    context.Context // a reader's calls have none of their own
	c      *Client
	o      Object
	r      io.ReadCloser // nil where it broke off
	at     int64
	failed int   // in a row, with little between
	last   int64 // where it broke off
}

const (
	// readsAgain is how often in a row a body may break off before it has come any
	// further, which is furtherBytes.
	readsAgain   = 4
	furtherBytes = 64 << 10
)

// open asks for the object from where reading stands.
func (b *body) open() error {
	of, err := b.c.in(b.ctx, b.o.Bucket)
	if err != nil {
		return err
	}
	in := &api.GetObjectInput{Bucket: &b.o.Bucket, Key: &b.o.Key}
	if b.o.Version != "" {
		in.VersionId = &b.o.Version
	} else if b.o.ETag != "" {
		in.IfMatch = &b.o.ETag
	}
	if b.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", b.at))
	} else {
		in.ChecksumMode = types.ChecksumModeEnabled
	}
	out, err := of.GetObject(b.ctx, in)
	if err != nil {
		if err = explain(err, b.o.URI); errors.Is(err, ErrExists) {
			err = fmt.Errorf("%s: %w", b.o.URI, ErrChanged)
		}
		return err
	}
	if b.at == 0 {
		b.o.Bytes, b.o.ETag, b.o.Modified = aws.ToInt64(out.ContentLength), aws.ToString(out.ETag), aws.ToTime(out.LastModified).UTC()
		b.o.Metadata = maps.Clone(out.Metadata)
	}
	b.r = out.Body
	return nil
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	for {
		if b.r == nil {
			if err := b.open(); err != nil {
				return 0, err
			}
		}
		n, err := b.r.Read(p)
		b.at += int64(n)
		whole := errors.Is(err, io.EOF) && b.at >= b.o.Bytes
		if err == nil || whole {
			return n, err
		}
		// A checksum that is wrong is no line that broke: asking again would hide it.
		if b.at >= b.o.Bytes || b.ctx.Err() != nil {
			return n, explain(errors.Join(err, b.ctx.Err()), b.o.URI)
		}
		b.r.Close()
		b.r = nil
		if b.at-b.last >= furtherBytes {
			b.failed = 0
		}
		b.last = b.at
		if b.failed++; b.failed > readsAgain {
			return n, fmt.Errorf("%s: it broke off at byte %d of %d: %w", b.o.URI, b.at, b.o.Bytes, explain(err, b.o.URI))
		}
		if n > 0 {
			return n, nil
		}
	}
}

// Close implements [io.Closer].
func (b *body) Close() error {
	if b.r == nil {
		return nil
	}
	return b.r.Close()
}
