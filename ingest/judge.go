package ingest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"tarn/ingest/decode"
	"tarn/ingest/digest"
	"tarn/internal/hint"
)

// Digests says whether, and with what, to check files by CloudTrail's digests. The
// zero value checks them where there are any.
type Digests struct {
	// Mode is Off, Report or Require.
	Mode DigestMode
	// Keys and Signatures are as in digest.Options.
	Keys       digest.Keys
	Signatures digest.Signatures
}

// DigestMode is what is made of what the digests say.
type DigestMode int

// The modes.
const (
	// Report keeps the verdict of each file, and stores what is in it. Without any
	// digest file nothing is checked.
	Report DigestMode = iota
	// Off leaves digests alone.
	Off
	// Require does not take what is in a file whose hash is not the one in a digest:
	// its bytes are kept among the rejects.
	Require
)

// ErrRequire means that digests cannot be required of what is to be imported.
var ErrRequire = errors.New("digests cannot be required")

// Judged is what CloudTrail's digests say of an import.
type Judged struct {
	*digest.Book
	// Verdicts counts the files that were read by what is said of them.
	Verdicts map[digest.Verdict]int64
}

// Bad counts what is not what AWS delivered: changed files and digests.
func (j *Judged) Bad() int64 {
	if j == nil {
		return 0
	}
	return j.Verdicts[digest.Mismatch] + j.Found[digest.Invalid]
}

// judge asks the digests.
type judge struct {
	book    *digest.Book
	require bool
}

// judge reads the digests of a listing; nil if nobody wants to know.
func (d Digests) judge(ctx context.Context, from *Listing) (*judge, error) {
	if d.Mode == Off || d.Mode == Report && len(from.DigestFiles) == 0 {
		return nil, nil
	}
	if d.Mode == Require && len(from.Archives) > 0 {
		return nil, hint.Add(fmt.Errorf("%w: %s is an archive or a stream, whose digests may come behind their log files", ErrRequire, from.Archives[0].Name()),
			"unpack it and import the folder")
	}
	there := map[string]bool{}
	for _, o := range from.Objects {
		there[o.Key] = true
	}
	var objects []digest.Object
	for _, o := range from.DigestFiles {
		objects = append(objects, digest.Object{Key: o.Key, Open: func() (io.ReadCloser, string, error) { return o.open(ctx) }})
	}
	// What the filter leaves in a bucket was not listed, and nobody misses it.
	present := func(key string) bool {
		var n Skipped
		return there[key] || from.Unlisted > 0 && from.from.Filter.skips(Object{Key: key, Day: deliveryDay("/" + key)}, &n)
	}
	// What cannot be read is among the findings.
	book, _ := digest.Check(objects, digest.Options{Keys: d.Keys, Signatures: d.Signatures, Present: present})
	return &judge{book, d.Mode == Require}, nil
}

// result is where the verdicts are counted.
func (j *judge) result() *Judged {
	if j == nil {
		return nil
	}
	return &Judged{j.book, map[digest.Verdict]int64{}}
}

// mayRefuse reports whether the file has to be looked at before it is taken.
func (j *judge) mayRefuse(o Object) bool { return j != nil && j.require && j.book.Names(o.Key) }

// refuses reports whether the file must not be taken: a digest names it with another
// hash. The file is at its start again.
func (j *judge) refuses(o Object, r io.ReadSeeker) bool {
	if !j.mayRefuse(o) {
		return false
	}
	hash := contentHash(r)
	_, err := r.Seek(0, io.SeekStart)
	return err == nil && j.book.Judge(o.Key, hash) == digest.Mismatch
}

// contentHash is the hash of what is in a file when it is unpacked, as far as it can
// be: what is cut off has another hash, too.
func contentHash(r io.Reader) (sum [sha256.Size]byte) {
	in := bufio.NewReaderSize(r, 64<<10)
	h := sha256.New()
	from := io.Reader(in)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		zip, err := gzip.NewReader(in)
		if err != nil {
			return sum
		}
		from = zip
	}
	if _, err := io.Copy(h, from); err != nil {
		return sum
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// newFile returns an object whose turn to be read will come.
func (im *importer) newFile(o Object) *file {
	f := newFile(o)
	f.judge = im.judge
	return f
}

// hashContent has the decoder hash what is in the file, if somebody asks; the
// returned function takes the hash.
func (f *file) hashContent(d *decode.Decoder) (done func()) {
	if f.judge == nil {
		d.Content = nil
		return func() {}
	}
	h := sha256.New()
	d.Content = h
	return func() { f.content = [sha256.Size]byte(h.Sum(nil)) }
}

// quarantine hands over the bytes of a file as records that are not taken.
func (f *file) quarantine(ctx context.Context, _ *decode.Decoder, body io.Reader) error {
	in := &input{r: body, stop: ctx.Err, hash: sha256.New()}
	for n := 1; ; n++ {
		part := make([]byte, batchBytes)
		size, err := io.ReadFull(in, part)
		if size == 0 && err != nil {
			break
		}
		rec := decode.Record{Number: int64(n), Offset: in.n - int64(size), Length: int64(size), Raw: part[:size],
			Reason: "the file is not the one that CloudTrail delivered: a digest has another hash; these are its own bytes, and offsets in them"}
		select {
		case f.batches <- []decode.Record{rec}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if in.failed != nil {
		return unreadError{in.failed}
	}
	f.bytes, f.sha256 = in.n, base64.StdEncoding.EncodeToString(in.hash.Sum(nil))
	f.mismatched = true
	return nil
}

// judged notes the verdict of a file that was read.
func (im *importer) judged(f *file) {
	if im.judge == nil || f.kind == decode.Digest {
		return
	}
	verdict := im.judge.book.Judge(f.Key, f.content)
	if f.mismatched {
		verdict = digest.Mismatch
	}
	im.app.Digest(string(verdict))
	im.result.Judged.Verdicts[verdict]++
}
