package query

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"syscall"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/query/internal/duck"
)

// damagedError says which segment is not what was sealed. It wraps
// lake.ErrCorrupt.
type damagedError struct {
	scan    Scan
	segment lake.Segment
}

// Error names the segment as tarn verify does, by the name of its file.
func (e *damagedError) Error() string {
	return fmt.Sprintf("segment %s of %s, %s: is damaged or missing", e.segment.ID, e.scan.Source(), e.segment.Day)
}

// Unwrap returns lake.ErrCorrupt.
func (e *damagedError) Unwrap() error { return lake.ErrCorrupt }

// askVerify is the advice for all damage.
const askVerify = "tarn verify says what differs"

// aboutFiles are words that DuckDB's errors have if bytes of a file make no
// sense to it. Statements can bring about the same words.
var aboutFiles = regexp.MustCompile(`(?i)parquet|zstd|snappy|thrift|protocol|corrupt|decompress|no files found|magic|invalid string encoding|page`)

// damage finds the segment that is behind an error of DuckDB's: one whose file
// is not what was sealed. It is nil if the files are well, or not in doubt.
func (p *Plan) damage(ctx context.Context, from *duck.Error) error {
	switch from.Kind {
	case duck.Memory, duck.Interrupt, duck.Late, duck.Crash:
		return nil
	}
	named := p.namesFile(from.Msg)
	if !named && from.Kind != duck.Other && !aboutFiles.MatchString(from.Msg) {
		return nil
	}
	for _, scan := range p.Scans {
		for i, seg := range scan.Kept {
			file := scan.files[i]
			if named && !strings.Contains(from.Msg, file) {
				continue
			}
			if ctx.Err() != nil {
				return nil
			}
			sealed, err := isSealed(file, seg.Parquet)
			if err != nil {
				return hint.Add(fmt.Errorf("segment %s of %s, %s: cannot be read: %w", seg.ID, scan.Source(), seg.Day, err),
					"give the user who runs this the right to read the lake's folder, or look after the disk; that is no sign of a change")
			}
			if !sealed {
				return hint.Add(&damagedError{scan, seg}, askVerify)
			}
		}
	}
	return nil
}

// namesFile reports whether a message names one of the files.
func (p *Plan) namesFile(msg string) bool {
	for _, list := range p.files {
		for _, file := range list {
			if strings.Contains(msg, file) {
				return true
			}
		}
	}
	return false
}

// isSealed reports whether a file has the length and the hash that it was
// sealed with. The error, without the file's name, is for one that is there and
// may not be read.
func isSealed(file string, want lake.File) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, notRead(err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return false, notRead(err)
	}
	return n == want.Bytes && base64.StdEncoding.EncodeToString(h.Sum(nil)) == want.SHA256, nil
}

// notRead is the reason why a file cannot be read; nil if it is not there, or a
// folder is in its place.
func notRead(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) {
		return nil
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// corruptAdvice adds advice to an error of the lake's if it is one of damage.
func corruptAdvice(err error) error {
	if errors.Is(err, lake.ErrCorrupt) {
		return hint.Add(err, askVerify)
	}
	return err
}
