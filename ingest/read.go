package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"tarn/ingest/decode"
	"tarn/lake"
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

// unreadError is such an error.
type unreadError struct{ error }

func (u unreadError) Is(target error) bool { return target == errUnread }
func (u unreadError) Unwrap() error        { return u.error }

// file is an object being read. Its records come in batches, which end when it
// is done; then the other fields are true.
type file struct {
	Object
	// body is what a member of an archive holds, or an object that was fetched; nil
	// means that the object is opened. failed is why it could not be fetched.
	body       io.Reader
	failed     error
	release    func()        // if not nil, called when body is no longer read
	done       chan struct{} // if not nil, closed when body is no longer read
	batches    chan []decode.Record
	kind       decode.Kind
	sha256     string
	content    [sha256.Size]byte // the hash of what is in it, if somebody asks
	judge      *judge            // who asks; nil for nobody
	mismatched bool              // it is not what a digest says, and was not taken
	bytes      int64
	err        error
	// passed, if not nil, says what becomes of an object that is not read.
	passed func(*importer)
}

// newFile returns an object whose turn to be read will come.
func newFile(o Object) *file { return &file{Object: o, batches: make(chan []decode.Record, 2)} }

// offerFiles is who finds the files to read: it calls put for each, in order, and
// returns what put returns if that is an error.
type offerFiles func(ctx context.Context, put func(*file) error) error

// readAll reads the files offered, several at a time, and calls fn for each in
// order. fn must take all batches unless it returns an error.
func readAll(ctx context.Context, l *lake.Lake, offer offerFiles, fn func(*file) error) error {
	g, ctx := errgroup.WithContext(ctx)
	turns := make(chan *file, readAhead)
	work := make(chan *file)
	g.Go(func() error {
		defer close(turns)
		defer close(work)
		return offer(ctx, func(f *file) error {
			to := []chan *file{turns, work}
			if f.passed != nil {
				to = to[:1]
			}
			for _, to := range to {
				select {
				case to <- f:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range l.Helpers(readers) {
		g.Go(func() error {
			l.StepAside()
			var d decode.Decoder
			for f := range work {
				f.err = f.read(ctx, &d)
				f.body = nil // its turn may be long in coming
				close(f.batches)
				if f.done != nil {
					close(f.done)
				}
				if f.release != nil {
					f.release()
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		l.StepAside()
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

// read takes the object apart.
func (f *file) read(ctx context.Context, d *decode.Decoder) error {
	switch {
	case f.failed != nil:
		return unreadError{f.failed}
	case f.bucket == nil && f.body != nil:
		return f.split(ctx, d, f.body)
	case f.bucket == nil:
		return f.readFile(ctx, d)
	}
	if r, ok := f.body.(io.ReadSeeker); ok {
		return f.judgeAndSplit(ctx, d, r)
	}
	r, err := f.large(ctx)
	if err != nil {
		return unreadError{err}
	}
	defer r.Close()
	if r, ok := r.(io.ReadSeeker); ok {
		return f.judgeAndSplit(ctx, d, r)
	}
	return f.split(ctx, d, r)
}

// readFile takes a file apart, which has to stay as it is meanwhile.
func (f *file) readFile(ctx context.Context, d *decode.Decoder) error {
	r, err := os.Open(at(f.Dir, f.Path))
	if err != nil {
		return unreadError{err}
	}
	defer r.Close()
	began, err := r.Stat()
	if err != nil {
		return unreadError{err}
	}
	if err := f.judgeAndSplit(ctx, d, r); err != nil {
		return err
	}
	return unchanged(r, began, f.bytes)
}

// judgeAndSplit takes an object apart, if nothing that was signed speaks against it.
func (f *file) judgeAndSplit(ctx context.Context, d *decode.Decoder, r io.ReadSeeker) error {
	if f.SignedHash != "" {
		if err := matches(r, f.SignedHash); err != nil {
			return unreadError{err}
		}
	}
	if f.judge.refuses(f.Object, r) {
		return f.quarantine(ctx, d, r)
	}
	return f.split(ctx, d, r)
}

// split takes the object's bytes apart and hashes them on the way.
func (f *file) split(ctx context.Context, d *decode.Decoder, body io.Reader) error {
	in := &input{r: body, stop: ctx.Err, hash: sha256.New()}
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
	content := f.hashContent(d)
	var err error
	f.kind, err = d.File(in, func(rec decode.Record) error {
		if in.failed != nil && rec.Reason != "" {
			return nil // the file cannot be read; that is no record's fault
		}
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
	if _, err := io.Copy(io.Discard, in); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unreadError{err}
	}
	content()
	f.bytes, f.sha256 = in.n, base64.StdEncoding.EncodeToString(in.hash.Sum(nil))
	return nil
}

// input counts and hashes the bytes of an object. It ends with the import, which
// an object without records would not notice otherwise.
type input struct {
	r      io.Reader
	stop   func() error
	hash   hash.Hash
	n      int64
	failed error // why not all could be read
}

func (in *input) Read(p []byte) (int, error) {
	if err := in.stop(); err != nil {
		in.failed = err
		return 0, err
	}
	n, err := in.r.Read(p)
	in.n += int64(n)
	in.hash.Write(p[:n])
	if err != nil && !errors.Is(err, io.EOF) {
		in.failed = err
	}
	return n, err
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
		return unreadError{err}
	}
	return nil
}

// hashOf returns the base64 SHA-256 of an object.
func hashOf(ctx context.Context, o Object) (string, error) {
	r, _, err := o.open(ctx)
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
