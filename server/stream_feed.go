package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"tarn/server/fault"
)

// lingerTime is how long what somebody still sends is read who was answered before the
// end of it: a connection that is closed before would cost them the answer.
const lingerTime = time.Second

// errOver ends the reading of a body that nobody wants any more.
var errOver = errors.New("the stream is over")

// feed is the body of a stream: it lives while something comes of it, and ends when
// that is not so for silentTime, when whoever sends it may not any more, or when
// somebody ends it.
type feed struct {
	server  *Server
	call    *call
	control *http.ResponseController
	out     *receipts

	reading sync.Mutex // held by who reads
	mu      sync.Mutex
	whole   bool  // all of it was read
	why     error // it was ended, if it was
	asked   time.Time
}

// Read is io.Reader's. Its error says whom it cannot be read from and why, to them.
func (f *feed) Read(b []byte) (int, error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	if err := f.renew(); err != nil {
		return 0, err
	}
	n, err := f.call.Body.Read(b)
	f.call.taken += int64(n)
	if n > 0 {
		f.out.renew()
	}
	if err == nil {
		return n, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case errors.Is(err, io.EOF):
		f.whole = true
		_ = f.control.SetReadDeadline(time.Time{}) // it was read, so it can be set
		return n, io.EOF
	case f.why != nil:
		return n, f.why
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, fault.New("RequestTimeout", "nothing has come for %s", silentTime).With("an empty line now and then keeps a stream open")
	}
	return n, fault.New("IncompleteBody", "the request ends before its body does")
}

// renew gives whoever sends the body time for more of it.
func (f *feed) renew() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why == nil && time.Since(f.asked) > askAgain {
		f.why = f.server.Access.Still(f.call.who)
		f.asked = time.Now()
	}
	if f.why != nil {
		return f.why
	}
	return f.control.SetReadDeadline(time.Now().Add(silentTime))
}

// end ends the body, also for who waits for more of it.
func (f *feed) end(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why == nil {
		f.why = why
	}
	if !f.whole {
		_ = f.control.SetReadDeadline(time.Now().Add(-time.Second)) // if it fails, nothing can be read anyhow
	}
}

// leave ends the body, and waits for who reads.
func (f *feed) leave() {
	f.end(errOver)
	f.reading.Lock()
	defer f.reading.Unlock()
	if !f.whole {
		_ = f.control.SetReadDeadline(time.Now().Add(lingerTime)) // for net/http, which reads what is left
	}
}

// unpacked is a body without its Content-Encoding. Of gzip nothing has to be known:
// whoever takes records apart sees it.
func unpacked(body io.Reader, encoding string) (plain io.Reader, done func(), err error) {
	switch encoding {
	case "", "identity", "gzip", "x-gzip":
		return body, func() {}, nil
	case "zstd":
		z := &unpacking{packed: body}
		// One thread, since there may be many streams.
		z.plain, err = zstd.NewReader(readerFunc(z.readPacked), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.plain.Close, nil
	}
	return nil, nil, fault.New("UnsupportedMediaType", "the Content-Encoding %q is not known", encoding).With("gzip, zstd, or none")
}

const (
	// zstdWindow is what all decoders of zstd have to take.
	zstdWindow = 8 << 20
	// A body that unpacks to more than bombRatio times its size, and to more than
	// bombFloor bytes, holds no logs, as package decode has it for gzip.
	bombRatio = 250
	bombFloor = 64 << 20
)

// unpacking is a body that is unpacked as it comes.
type unpacking struct {
	packed   io.Reader
	plain    *zstd.Decoder
	read, by int64 // bytes unpacked, and packed
	failed   error // of packed
}

type readerFunc func([]byte) (int, error)

// Read is io.Reader's.
func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (z *unpacking) readPacked(b []byte) (int, error) {
	n, err := z.packed.Read(b)
	z.by += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		z.failed = err
	}
	return n, err
}

// Read is io.Reader's.
func (z *unpacking) Read(b []byte) (int, error) {
	n, err := z.plain.Read(b)
	z.read += int64(n)
	switch {
	case err == nil && z.read > bombFloor && z.read > bombRatio*z.by:
		err = fmt.Errorf("it unpacks to more than %d times its size", bombRatio)
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case z.failed != nil:
		return n, z.failed
	}
	return n, fault.New(fault.Invalid, "the body cannot be unpacked: %v", err)
}
