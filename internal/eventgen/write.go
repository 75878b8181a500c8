package eventgen

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipLevel is the one CloudTrail's own objects look like.
const gzipLevel = 6

// Summary counts what WriteBucket wrote.
type Summary struct {
	Objects        int
	Records        int   // with duplicates
	DistinctEvents int   // without
	RawBytes       int64 // of the bodies
	GzBytes        int64 // of the objects
}

// WriteBucket writes the objects below dir, gzipped, on all cores. The same
// options write the same files; files that are there already are overwritten,
// others are left alone. The first error ends it and leaves what was written.
func WriteBucket(dir string, o Options) (Summary, error) {
	g := New(o)
	work := make(chan *plan)
	failed := make(chan struct{})
	writers := make([]bucketWriter, runtime.GOMAXPROCS(0))
	errs := make([]error, len(writers))
	var all sync.WaitGroup
	var once sync.Once
	for i := range writers {
		w := &writers[i]
		w.dir, w.maker = dir, maker{gen: g}
		all.Go(func() {
			for p := range work {
				if err := w.write(p); err != nil {
					errs[i] = fmt.Errorf("writing generated object %s: %w", p.key(), err)
					once.Do(func() { close(failed) })
					return
				}
			}
		})
	}
	g.handOut(work, failed)
	all.Wait()

	sum := Summary{DistinctEvents: g.options.Events + g.story.Events}
	for i := range writers {
		sum.add(writers[i].sum)
	}
	return sum, errors.Join(errs...)
}

// handOut sends every plan to the writers, until one of them failed.
func (g *Generator) handOut(work chan<- *plan, failed <-chan struct{}) {
	defer close(work)
	for p := range g.plans() {
		select {
		case work <- p:
		case <-failed:
			return
		}
	}
}

func (s *Summary) add(t Summary) {
	s.Objects += t.Objects
	s.Records += t.Records
	s.RawBytes += t.RawBytes
	s.GzBytes += t.GzBytes
}

// bucketWriter writes objects one after the other, with buffers of its own.
type bucketWriter struct {
	dir   string
	maker maker
	body  []byte
	gz    bytes.Buffer
	zip   *gzip.Writer
	sum   Summary
}

func (w *bucketWriter) write(p *plan) error {
	w.body = w.maker.object(w.body[:0], p)
	if err := w.compress(); err != nil {
		return err
	}
	name := filepath.Join(w.dir, filepath.FromSlash(p.key()))
	err := os.WriteFile(name, w.gz.Bytes(), 0o644)
	if errors.Is(err, os.ErrNotExist) { // the first object of its day
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			err = os.WriteFile(name, w.gz.Bytes(), 0o644)
		}
	}
	if err != nil {
		return err
	}
	w.sum.add(Summary{Objects: 1, Records: p.records(), RawBytes: int64(len(w.body)), GzBytes: int64(w.gz.Len())})
	return nil
}

func (w *bucketWriter) compress() (err error) {
	w.gz.Reset()
	if w.zip == nil {
		if w.zip, err = gzip.NewWriterLevel(&w.gz, gzipLevel); err != nil {
			return err
		}
	}
	w.zip.Reset(&w.gz)
	if _, err = w.zip.Write(w.body); err != nil {
		return err
	}
	return w.zip.Close()
}
