package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"tarn/internal/s3"
)

// place is where the results of a query go. write writes a file, whole or not at all,
// and returns its hash.
type place interface {
	write(ctx context.Context, name string, fill func(io.Writer) error) (hash string, err error)
}

// folder is a place on disk.
type folder string

func (f folder) write(_ context.Context, name string, fill func(io.Writer) error) (hash string, err error) {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return "", err
	}
	part, err := os.CreateTemp(string(f), ".tarn-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(part.Name()) // it has another name by then, or is no use
	h := sha256.New()
	err = fill(io.MultiWriter(part, h))
	if err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close()); err == nil {
		err = os.Rename(part.Name(), filepath.Join(string(f), name))
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// bucket is a place in object storage.
type bucket struct {
	client *s3.Client
	at     s3.URI
}

func (b bucket) write(ctx context.Context, name string, fill func(io.Writer) error) (hash string, err error) {
	part, err := os.CreateTemp("", "tarn-results-*") // its length and hash come before it
	if err != nil {
		return "", err
	}
	defer os.Remove(part.Name())
	defer part.Close()
	h := sha256.New()
	if err := fill(io.MultiWriter(part, h)); err != nil {
		return "", err
	}
	sum := h.Sum(nil)
	_, err = b.client.Put(ctx, b.at.Join(name), part, s3.PutOptions{OnlyNew: true, SHA256: base64.StdEncoding.EncodeToString(sum)})
	return hex.EncodeToString(sum), err
}
