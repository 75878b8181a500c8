package ingest

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"tarn/lake"
)

// nameBytes is longer than any path on disk and any key in a bucket; names in
// archives may be of any length, and the ledger keeps them.
const nameBytes = 4096

// walk takes one archive apart into its members, on a single way from front to
// back. Nothing is written where a member's name says, and no link is followed.
type walk struct {
	Archive
	im     *importer
	put    func(*file) error
	tape   tape
	packed atomic.Int64
	last   string // the member read last
}

// archive imports an archive. What is wrong with it is noted as with a file that
// cannot be read; what came before stays.
//
// Its days come in any order, each once for every account and region, so none of
// them can be said to be over: Advance is not called.
func (im *importer) archive(ctx context.Context, a Archive) error {
	w := &walk{Archive: a, im: im}
	im.packed = &w.packed
	err := readAll(ctx, im.lake, w.run, func(f *file) error { return im.turn(ctx, f) })
	im.packed = nil
	im.now.Bytes += max(a.Bytes, w.packed.Load())
	im.report() // with the end mark, which is read behind the last member
	return err
}

func (w *walk) run(ctx context.Context, put func(*file) error) error {
	w.put, w.tape = put, tape{stop: ctx.Err, packed: &w.packed}
	r, done, err := w.open(ctx, w.im.opts.Stdin)
	if err != nil {
		return w.broken(err)
	}
	defer done()
	// What is read ahead here is not read past the end of a plain archive.
	head := bufio.NewReaderSize(counted{r, &w.packed}, peeked)
	what, err := recognise(head)
	if err != nil {
		return w.broken(err)
	}
	if !w.Stream && (what == plainLog || what == zippedLog) {
		what = plainTar // by its name; the tar reader will tell what is wrong
	}
	if file, ok := r.(io.ReadSeeker); ok && what == plainTar {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return w.broken(err)
		}
		w.tape.r, w.tape.skip = file, file
		return w.members()
	}
	if what == plainLog || what == zippedLog {
		w.tape.r = head
		return w.single(head)
	}
	unpacked, release, err := what.unpack(head)
	if err != nil {
		return w.broken(err)
	}
	defer release()
	w.tape.r = unpacked
	return w.members()
}

// members walks over the archive, and over others that follow it.
func (w *walk) members() error {
	for r := io.Reader(&w.tape); r != nil; {
		err := w.one(tar.NewReader(r))
		if !errors.Is(err, io.EOF) {
			return err
		}
		if w.tape.zeros < blockBytes {
			return w.broken(io.ErrUnexpectedEOF)
		}
		if r, err = w.tape.another(); err != nil {
			return w.broken(err)
		}
	}
	return nil
}

// one walks over one archive; io.EOF is its end, nil that it is broken, which is
// noted.
func (w *walk) one(t *tar.Reader) error {
	for {
		w.tape.zeros = 0
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return err
		}
		if err != nil {
			return w.broken(err)
		}
		body := &member{r: t, w: w}
		if err := w.member(h, body); err != nil || body.failed != nil {
			return err
		}
		w.last = h.Name[:min(len(h.Name), nameBytes)]
	}
}

// member says what becomes of a member, by its name and kind first, as in a
// folder.
func (w *walk) member(h *tar.Header, body *member) error {
	name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
	switch {
	case h.Typeflag == tar.TypeDir, h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case isDigestPath(name):
		return w.pass(func(im *importer) { im.result.Digests++ })
	case !isLogName(name) || len(name) > nameBytes:
		return w.pass(func(im *importer) { im.result.Others++ })
	case h.Typeflag == tar.TypeSymlink, h.Typeflag == tar.TypeLink:
		return w.pass(func(im *importer) { im.result.Links++ })
	case isSparse(h):
		// Its holes could be of any length. No log has any.
		return w.unread(w.Name()+": "+name, errors.New("it is a sparse file; pack it without --sparse"))
	case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeCont:
		return w.pass(func(im *importer) { im.result.Others++ })
	}
	inBucket, found := bucketKey("/" + name)
	if !found {
		inBucket = name
	}
	o := Object{Path: w.Name() + ": " + name, Key: inBucket, Day: deliveryDay("/" + name),
		Bytes: h.Size, Modified: changed(h.ModTime)}
	var skipped Skipped
	if w.im.opts.Filter.skips(o, &skipped) {
		return w.pass(func(im *importer) { im.skip(o, skipped, 0) })
	}
	known, seen, err := w.im.lake.Imported(w.im.app.Store(), lake.Source{Key: o.Key, Bytes: o.Bytes, Modified: o.Modified})
	switch {
	case err != nil:
		return err
	case known:
		return w.known(o)
	}
	return w.load(o, body, seen)
}

// single takes a stream that is no archive for a log file. Its time is that of
// reading; another time, its bytes tell that it is in the store.
func (w *walk) single(r *bufio.Reader) error {
	if _, err := r.Peek(1); errors.Is(err, io.EOF) {
		return w.broken(errors.New("nothing came"))
	}
	o := Object{Path: w.Name(), Key: "stdin", Modified: time.Now().UTC()}
	if w.Path != stdin {
		o.Key = key(w.Dir, filepath.Dir(w.Path), w.Path)
	}
	o.Bytes = unknownLength
	return w.load(o, &member{r: &w.tape, w: w}, true)
}

func (w *walk) pass(fn func(*importer)) error { return w.put(&file{passed: fn}) }

func (w *walk) known(o Object) error {
	return w.pass(func(im *importer) { im.known(o); im.step(0) })
}

func (w *walk) unread(path string, err error) error {
	return w.pass(func(im *importer) { im.result.Unread = append(im.result.Unread, Unread{path, reason(err)}) })
}

// broken notes that the archive cannot be read on, and behind which member.
func (w *walk) broken(err error) error {
	if stopped := w.tape.stop(); stopped != nil {
		return stopped
	}
	err = w.explain(err)
	if w.last != "" {
		err = fmt.Errorf("%w, behind %s", err, w.last)
	}
	return w.unread(w.Name(), err)
}

// explain says what is wrong with an archive, and where.
func (w *walk) explain(err error) error {
	at := w.tape.at
	if w.tape.skip != nil {
		at = min(at, w.Bytes) // it may have jumped over the end
	}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, tar.ErrHeader) && at <= blockBytes, errors.Is(err, io.ErrUnexpectedEOF) && at < blockBytes:
		return fmt.Errorf("it is no tar archive, or cut off at byte %d", at)
	case errors.Is(err, tar.ErrHeader):
		return fmt.Errorf("the archive is damaged before byte %d", at)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("the archive is cut off at byte %d", at)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return fmt.Errorf("the archive's gzip stream is damaged near byte %d of what is packed", at)
	case at > 0:
		return fmt.Errorf("at byte %d: %w", at, err)
	}
	return err
}
