package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"tarn/internal/hint"
	"tarn/internal/s3"
	"tarn/lake"
)

const (
	// fetches is how many objects of a bucket are fetched at a time, or wait for their
	// turn: a service answers in tens of milliseconds, and a bucket has thousands of
	// small objects a day. fetchedBytes bounds what they hold.
	fetches      = 48
	fetchedBytes = 64 << 20
	// refusals is how many objects in a row may be refused before it is believed that
	// all will be.
	refusals = 10
)

// fetched is an object whose bytes are under way. What it says holds when ready is
// closed.
type fetched struct {
	file  *file
	ready chan struct{}
	known bool  // the store has it already, under another time
	err   error // what ends the import
}

// offer offers the objects in order; those of buckets are fetched ahead.
func (im *importer) offer(objects []Object) offerFiles {
	return func(ctx context.Context, put func(*file) error) error {
		tasks, ctx := errgroup.WithContext(ctx)
		queue := make(chan *fetched, fetches)
		tasks.Go(func() error {
			defer close(queue)
			return im.fetch(ctx, objects, queue)
		})
		tasks.Go(func() error { return im.handOver(ctx, queue, put) })
		return tasks.Wait()
	}
}

// fetch puts the objects into the queue, and begins to fetch what is small.
func (im *importer) fetch(ctx context.Context, objects []Object, queue chan<- *fetched) error {
	room := semaphore.NewWeighted(fetchedBytes)
	var getting sync.WaitGroup
	defer getting.Wait() // nobody asks a lake that was closed
	for _, o := range objects {
		w := &fetched{file: im.newFile(o), ready: make(chan struct{})}
		small := o.bucket != nil && o.Bytes <= memberBytes
		if small {
			if err := room.Acquire(ctx, o.Bytes); err != nil {
				return err
			}
			w.file.release = func() { room.Release(o.Bytes) }
		}
		select {
		case queue <- w:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !small {
			close(w.ready)
			continue
		}
		getting.Go(func() {
			defer close(w.ready)
			w.get(ctx, im)
		})
	}
	return nil
}

// get fetches an object, and asks whether the store has it if it has one of that key.
func (w *fetched) get(ctx context.Context, im *importer) {
	o := w.file.Object
	text, _, err := o.bucket.Read(ctx, o.inS3(), memberBytes)
	if err != nil {
		w.file.failed = err
		w.err = ends(err)
		return
	}
	w.file.body = bytes.NewReader(text)
	s := lake.Source{Key: o.Key, Bytes: o.Bytes, Modified: o.Modified}
	if _, seen, err := im.lake.Imported(im.app.Store(), s); err != nil || !seen {
		w.err = err
		return
	}
	sum := sha256.Sum256(text)
	s.SHA256 = base64.StdEncoding.EncodeToString(sum[:])
	w.known, _, w.err = im.lake.Imported(im.app.Store(), s)
}

// ends returns the error if it is none of the object, but one that the next object
// would have, too.
func ends(err error) error {
	for _, all := range []error{s3.ErrCredentials, s3.ErrUnreachable, s3.ErrBusy, s3.ErrNoBucket, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, all) {
			return err
		}
	}
	return nil
}

// handOver hands the objects over in order.
func (im *importer) handOver(ctx context.Context, queue <-chan *fetched, put func(*file) error) error {
	refused := 0
	for w := range queue {
		select {
		case <-w.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		if refused++; !errors.Is(w.file.failed, s3.ErrDenied) {
			refused = 0
		}
		if refused == refusals && w.err == nil {
			w.err = hint.Add(fmt.Errorf("%d objects in a row: %w", refusals, w.file.failed))
		}
		if w.err != nil {
			return w.err
		}
		f := w.file
		if w.known {
			o := f.Object
			w.file.release()
			f = &file{passed: func(im *importer) { im.known(o); im.step(o.Bytes) }}
		}
		if err := put(f); err != nil {
			return err
		}
	}
	return nil
}

// large opens an object of a bucket that is too large to be fetched ahead. What has to
// be hashed before it is read comes by way of a file.
func (f *file) large(ctx context.Context) (io.ReadCloser, error) {
	r, _, err := f.open(ctx)
	if err != nil || f.SignedHash == "" && !f.judge.mayRefuse(f.Object) {
		return r, err
	}
	defer r.Close()
	t, err := os.CreateTemp("", "tarn-object-*")
	if err != nil {
		return nil, err
	}
	// Without a name it is gone when it is closed.
	if err = os.Remove(t.Name()); err == nil {
		_, err = io.Copy(t, r)
	}
	if err == nil {
		_, err = t.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}
