package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tarn/internal/s3"
	"tarn/lake"
)

// DropReport says what Drop did.
type DropReport struct {
	// Files and Bytes were let go of; Kept are still on disk, and Why says why.
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
	Kept  int64  `json:"kept"`
	Why   string `json:"why,omitempty"`
}

// Drop removes from the folder of a lake the Parquet files of which the bucket has the
// right bytes: it reads and checks the log of record itself, and asks the bucket for each
// file. Filters and tree hashes stay, which are small. Nothing is removed while somebody
// reads the lake. It needs neither the lake's lock nor its key, and may run in a process of
// its own.
func Drop(ctx context.Context, dir string, place Place, client *s3.Client) (*DropReport, error) {
	r := &DropReport{}
	sealed, err := lake.Sealed(ctx, dir, nil)
	if err != nil {
		return r, err
	}
	version, err := VersionsOf(dir, place.URI)
	if err != nil {
		return r, err
	}
	for _, f := range sealed {
		here := filepath.Join(dir, filepath.FromSlash(f.Name))
		if !place.Has(f.Store) || !strings.HasSuffix(f.Name, ".parquet") {
			continue
		}
		if _, err := os.Stat(here); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := r.drop(ctx, dir, here, f, place, client, version(f.Name)); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *DropReport) drop(ctx context.Context, dir, here string, f lake.SealedFile, place Place, client *s3.Client, version string) error {
	keep := func(why string) error {
		r.Kept, r.Why = r.Kept+1, why
		return nil
	}
	found, err := client.Head(ctx, place.URI.Join(f.Name), version)
	if errors.Is(err, s3.ErrNotFound) {
		return keep("the bucket does not have them yet")
	}
	if err != nil {
		return err
	}
	if found.Bytes != f.Bytes || found.SHA256 != f.SHA256 {
		return keep("the bucket does not vouch for their bytes")
	}
	if reading, err := lake.Pinned(dir); err != nil || reading {
		return errors.Join(err, keep("somebody reads the lake"))
	}
	if err := os.Remove(here); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return keep("they are locked by the immutable flag")
		}
		return fmt.Errorf("let go of %s: %w", f.Name, err)
	}
	r.Files++
	r.Bytes += f.Bytes
	return nil
}
