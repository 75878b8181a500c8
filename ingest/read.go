package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"tarn/ingest/decode"
)

const (
	// readers is how many files are taken apart at a time. Sealing needs a core
	// too; more readers would only hold more memory.
	readers = 2
	// readAhead is how many files may be under way before their turn.
	readAhead = 16
	// batchRecords and batchBytes bound what is handed over at a time, and so
	// what a file that waits for its turn holds in memory.
	batchRecords = 512
	batchBytes   = 1 << 20
)

// errUnread marks errors of the file, not of the lake.
var errUnread = errors.New("cannot be read")

// file is an object being read. Its records come in batches, which end when it
// is done; then the other fields are true.
type file struct {
	Object
	batches chan []decode.Record
	kind    decode.Kind
	sha256  string
	bytes   int64
	err     error
}

// readAll reads the objects, several at a time, and calls fn for each in order.
// fn must take all batches unless it returns an error.
func readAll(ctx context.Context, objects []Object, fn func(*file) error) error {
	g, ctx := errgroup.WithContext(ctx)
	turns := make(chan *file, readAhead)
	work := make(chan *file)
	g.Go(func() error {
		defer close(turns)
		defer close(work)
		for _, o := range objects {
			f := &file{Object: o, batches: make(chan []decode.Record, 2)}
			for _, to := range []chan *file{turns, work} {
				select {
				case to <- f:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
	for range readers {
		g.Go(func() error {
			var d decode.Decoder
			for f := range work {
				f.err = f.read(ctx, &d)
				close(f.batches)
			}
			return nil
		})
	}
	g.Go(func() error {
		for f := range turns {
			if err := fn(f); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// next returns the next batch of records, nil at the end of the file.
func (f *file) next(ctx context.Context) ([]decode.Record, error) {
	select {
	case batch, ok := <-f.batches:
		if !ok {
			return nil, f.err
		}
		return batch, nil
	case <-ctx.Done():
		// The file may never have been begun.
		return nil, ctx.Err()
	}
}

// read takes the object apart and hashes it on the way.
func (f *file) read(ctx context.Context, d *decode.Decoder) error {
	r, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	defer r.Close()
	began, err := r.Stat()
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	h := sha256.New()
	tee := io.TeeReader(r, h)
	var batch []decode.Record
	size := 0
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case f.batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		batch, size = nil, 0
		return nil
	}
	f.kind, err = d.File(tee, func(rec decode.Record) error {
		batch = append(batch, rec)
		size += len(rec.Raw)
		if len(batch) < batchRecords && size < batchBytes {
			return nil
		}
		return send()
	})
	if err = errors.Join(err, send()); err != nil {
		return err
	}
	// What the decoder did not need belongs to the object all the same.
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	f.bytes, err = r.Seek(0, io.SeekCurrent)
	f.sha256 = base64.StdEncoding.EncodeToString(h.Sum(nil))
	return errors.Join(err, unchanged(r, began, f.bytes))
}

// unchanged checks that a file is as it was when reading it began. One that was
// written to meanwhile may be a mixture that never was: it is not listed, so that
// the next import reads it again.
func unchanged(r *os.File, began os.FileInfo, read int64) error {
	ended, err := r.Stat()
	if err == nil && (ended.Size() != read || ended.Size() != began.Size() || !ended.ModTime().Equal(began.ModTime())) {
		err = errors.New("it changed while it was read")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	return nil
}

// hashFile returns the base64 SHA-256 of a file.
func hashFile(path string) (string, error) {
	r, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}
