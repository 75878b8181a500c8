package ingest

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// stdin is the path of standard input.
const stdin = "-"

// Archive is what is read from front to back, once: a tar archive, or a stream,
// which may turn out to be a single log file.
type Archive struct {
	// Path is where it is, relative to Dir if that is not empty; "-" is standard input.
	Path, Dir string
	// Bytes is its length, and 0 for a stream.
	Bytes int64
	// Stream marks what is no file on disk: standard input, a pipe.
	Stream bool

	object *Object // that it is in a bucket; nil on disk
}

// Name is what messages call the archive.
func (a Archive) Name() string {
	if a.Path == stdin {
		return "standard input"
	}
	return a.Path
}

// tarName finds the names of archives. What is called so is one, so that a
// broken archive is told to be that, and is not taken for a log.
var tarName = regexp.MustCompile(`(?i)\.(tar|tar\.gz|tgz|tar\.zst|tzst)$`)

// isTar reports whether a file is an archive, by its name, else by its bytes. A
// file with the name of a log is not looked into: there may be a million.
func (a Archive) isTar() bool {
	switch {
	case tarName.MatchString(a.Path):
		return true
	case logName.MatchString(a.Path):
		return false
	}
	f, err := os.Open(at(a.Dir, a.Path))
	if err != nil {
		return false // reading it will say so
	}
	defer f.Close()
	what, _ := recognise(bufio.NewReaderSize(f, peeked))
	return what != plainLog && what != zippedLog
}

// packing is how an archive, or a log, lies in a stream.
type packing int

const (
	plainLog packing = iota
	zippedLog
	plainTar
	gzipTar
	zstdTar
)

const (
	// peeked is how much of a stream is looked at to know what it is. A first
	// block of a tar archive comes out of far fewer bytes, if they were packed by
	// any known program.
	peeked = 64 << 10
	// blockBytes is the unit of tar archives.
	blockBytes = 512
	// zstdWindow is the largest that zstd unpacks without being told to.
	zstdWindow = 128 << 20
)

// recognise tells from its first bytes what a stream is, and takes none of them.
// The error is that of reading; a stream that is short has none.
func recognise(r *bufio.Reader) (packing, error) {
	head, err := r.Peek(peeked)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstdTar, err // no log is packed so
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		zip, failed := gzip.NewReader(bytes.NewReader(head))
		if failed != nil {
			return zippedLog, err
		}
		block := make([]byte, blockBytes)
		n, _ := io.ReadFull(zip, block)
		if startsTar(block[:n]) {
			return gzipTar, err
		}
		return zippedLog, err
	case startsTar(head):
		return plainTar, err
	}
	return plainLog, err
}

// startsTar reports whether the bytes begin a tar archive: with a header whose
// checksum is right, or with the end mark of an empty one.
func startsTar(head []byte) bool {
	if len(head) < blockBytes {
		return false
	}
	_, err := tar.NewReader(bytes.NewReader(head[:blockBytes])).Next()
	return !errors.Is(err, tar.ErrHeader)
}

// unpack returns the archive's bytes as tar wrote them, and how to let go of
// what unpacks them.
func (p packing) unpack(r io.Reader) (io.Reader, func(), error) {
	switch p {
	case gzipTar:
		zip, err := gzip.NewReader(r)
		return zip, func() {}, err
	case zstdTar:
		// One goroutine: the log files inside are what takes time.
		zip, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, func() {}, err
		}
		return zip, zip.Close, nil
	}
	return r, func() {}, nil
}

// open opens the archive. A read that waits for whoever writes a stream ends
// with ctx; the function returned lets go of it.
func (a Archive) open(ctx context.Context, in io.Reader) (io.Reader, func(), error) {
	if a.Path == stdin {
		if in == nil {
			in = bytes.NewReader(nil)
		}
		r := interruptible(ctx, in)
		return r, func() { r.Close() }, nil
	}
	if a.object != nil {
		r, _, err := a.object.open(ctx)
		if err != nil {
			return nil, nil, err
		}
		return r, func() { r.Close() }, nil
	}
	f, err := os.Open(at(a.Dir, a.Path))
	if err != nil {
		return nil, nil, err
	}
	if !a.Stream {
		return f, func() { f.Close() }, nil
	}
	r := interruptible(ctx, f)
	return r, func() { r.Close(); f.Close() }, nil
}

// interruptible returns r with reads that end with ctx. A read from a pipe cannot
// be called back, so the goroutine that waits in one is left behind; it ends with
// the program, or when something comes.
func interruptible(ctx context.Context, r io.Reader) *io.PipeReader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		// Hiding what else r can do lets the buffer be used.
		_, err := io.CopyBuffer(in, struct{ io.Reader }{r}, make([]byte, 4*peeked))
		in.CloseWithError(err)
	}()
	return out
}
