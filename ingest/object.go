package ingest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"tarn/internal/s3"
)

// open opens the object where it is, and tells what its metadata says of its signature,
// which a digest in a bucket has.
func (o Object) open(ctx context.Context) (r io.ReadCloser, signature string, err error) {
	if o.bucket == nil {
		r, err = os.Open(at(o.Dir, o.Path))
		return r, "", err
	}
	r, found, err := o.bucket.Get(ctx, o.inS3())
	return r, found.Metadata["signature"], err
}

// inS3 is what the door to buckets calls the object.
func (o Object) inS3() s3.Object {
	uri, _ := s3.ParseURI(o.Path) // a listing made it
	return s3.Object{URI: uri, Bytes: o.Bytes, ETag: o.ETag}
}

// neighbour is where a file would be that lies beside the object.
func (o Object) neighbour(name string) string {
	if o.bucket == nil {
		return filepath.Join(filepath.Dir(at(o.Dir, o.Path)), name)
	}
	uri := o.inS3().URI
	uri.Key = path.Join(path.Dir(uri.Key), name)
	return uri.String()
}

// has reports whether a file lies beside the object.
func (o Object) has(ctx context.Context, name string) bool {
	if o.bucket == nil {
		_, err := os.Stat(o.neighbour(name))
		return err == nil
	}
	uri, err := s3.ParseURI(o.neighbour(name))
	if err == nil {
		_, err = o.bucket.Head(ctx, uri, "")
	}
	return err == nil
}

// beside reads a small file that lies beside the object; fs.ErrNotExist if none does.
func (o Object) beside(ctx context.Context, name string) ([]byte, error) {
	if o.bucket == nil {
		return readSmall(o.neighbour(name))
	}
	uri, err := s3.ParseURI(o.neighbour(name))
	if err != nil {
		return nil, err
	}
	text, _, err := o.bucket.Read(ctx, s3.Object{URI: uri}, signBytes)
	if errors.Is(err, s3.ErrNotFound) {
		err = fs.ErrNotExist
	}
	return text, err
}
