package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"tarn/ingest/digest"
)

// ErrOther means that something else is there under the name of a file to be written.
var ErrOther = errors.New("something else is there")

// Place is where an export is written. Names of files are keys from AWSLogs/ on. It is
// safe for concurrent use.
type Place interface {
	// Put writes a file, whole or not at all; signature is empty for one that is no
	// digest. A file that is there already with the same content, unpacked, is left
	// as it is: then new is false. Another one is ErrOther.
	Put(ctx context.Context, key string, body []byte, signature string) (new bool, err error)
	// Get returns a file, and the signature that was kept beside it, empty if there is
	// none. The error is fs.ErrNotExist if there is no such file.
	Get(ctx context.Context, key string) (body []byte, signature string, err error)
	// Below returns the names of files and folders in a folder, whose key ends in "/";
	// those of folders do too. Without such a folder, there are none.
	Below(ctx context.Context, folder string) ([]string, error)
}

// newestBefore finds the newest digest of a chain whose time is before a limit, both
// as they stand in names; empty if there is none. The base is the chain's folder, and
// name what its files begin with.
func newestBefore(ctx context.Context, p Place, base, name, limit string) (key string, err error) {
	var search func(folder string, depth int) (string, error)
	search = func(folder string, depth int) (string, error) {
		names, err := p.Below(ctx, folder)
		for i := len(names) - 1; i >= 0 && err == nil; i-- {
			found := ""
			if depth > 0 {
				day := strings.ReplaceAll(strings.TrimPrefix(folder, base)+names[i], "/", "")
				if strings.HasSuffix(names[i], "/") && day <= limit[:min(len(day), len(limit))] {
					found, err = search(folder+names[i], depth-1)
				}
			} else if t := timeIn(names[i], name); t != "" && t < limit {
				found = folder + names[i]
			}
			if found != "" {
				return found, err
			}
		}
		return "", err
	}
	return search(base, 3)
}

const digestEnd = ".json.gz"

// timeIn is the time in a digest's name; empty if it is of another chain.
func timeIn(file, name string) string {
	t, ours := strings.CutPrefix(file, name)
	t, ends := strings.CutSuffix(t, digestEnd)
	if !ours || !ends || len(t) != len(digestTime) {
		return ""
	}
	return t
}

// packer gzips. Each holds a megabyte, and there are many small files.
type packer struct{ pool sync.Pool }

// zipped is a text in parts, gzipped.
func (p *packer) zipped(text ...[]byte) ([]byte, error) {
	var b bytes.Buffer
	w, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		var err error
		if w, err = gzip.NewWriterLevel(nil, gzipLevel); err != nil {
			return nil, err
		}
	}
	defer p.pool.Put(w)
	w.Reset(&b)
	for _, t := range text {
		if _, err := w.Write(t); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// gzipLevel is the one CloudTrail's own files look like.
const gzipLevel = 6

// unzipped is what was gzipped. It is at most as long as a digest, and a log file of
// ours, can be.
func unzipped(packed []byte) ([]byte, error) { return digest.Unpack(bytes.NewReader(packed)) }

// same reports whether two gzipped files have the same content: another version of a
// library packs it otherwise.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := gzip.NewReader(bytes.NewReader(a))
	if err != nil {
		return false
	}
	y, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	p, q := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errX := io.ReadFull(x, p)
		m, errY := io.ReadFull(y, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return false
		}
		if errX != nil || errY != nil {
			return over(errX) && over(errY)
		}
	}
}

func over(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
