package tlogproof

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash in a tree.
type Hash = tlog.Hash

// File is a C2SP tlog-proof, version 1: that something is in a log.
type File struct {
	// Extra is what the application adds; here, how an event leads to the entry.
	Extra []byte
	// Index is the number of the log entry, Path its inclusion proof (RFC 6962).
	Index int64
	Path  []Hash
	// Checkpoint is that of the log, with all its signatures.
	Checkpoint []byte
}

const (
	header = "c2sp.org/tlog-proof@v1\n"
	// MaxFile is more than any proof takes: a log entry has 64 KB at most, and does
	// not compress at worst.
	MaxFile = 128 << 10
	// maxPath is how long a path can be, for a tree of fewer than 2^63 leaves.
	maxPath = 63
)

// Format writes the proof as it stands in a file.
func (f File) Format() []byte {
	b := []byte(header)
	if len(f.Extra) > 0 {
		b = fmt.Appendf(b, "extra %s\n", base64.StdEncoding.EncodeToString(f.Extra))
	}
	b = fmt.Appendf(b, "index %d\n", f.Index)
	for _, h := range f.Path {
		b = fmt.Appendf(b, "%s\n", h)
	}
	return append(append(b, '\n'), f.Checkpoint...)
}

// Parse reads a proof. It takes nothing but what Format writes, so that no byte of a
// file is without meaning. Nothing is checked by it.
func Parse(text []byte) (f File, err error) {
	if len(text) > MaxFile {
		return f, fmt.Errorf("it has more than %d bytes", MaxFile)
	}
	rest, ok := strings.CutPrefix(string(text), header)
	if !ok {
		return f, errors.New("it does not begin with the line " + strings.TrimSpace(header))
	}
	if after, ok := strings.CutPrefix(rest, "extra "); ok {
		var line string
		line, rest, _ = strings.Cut(after, "\n")
		if f.Extra, err = base64.StdEncoding.Strict().DecodeString(line); err != nil {
			return f, fmt.Errorf("its line extra is no base64: %w", err)
		}
	}
	rest, ok = strings.CutPrefix(rest, "index ")
	if !ok {
		return f, errors.New("it has no line index")
	}
	line, rest, _ := strings.Cut(rest, "\n")
	if f.Index, err = strconv.ParseInt(line, 10, 64); err != nil || f.Index < 0 {
		return f, errors.New("its line index holds no number")
	}
	for line, rest, ok = strings.Cut(rest, "\n"); ok && line != ""; line, rest, ok = strings.Cut(rest, "\n") {
		h, err := tlog.ParseHash(line)
		if err != nil || len(f.Path) == maxPath {
			return f, fmt.Errorf("line %d of its path is no hash", len(f.Path)+1)
		}
		f.Path = append(f.Path, h)
	}
	f.Checkpoint = []byte(rest)
	// Base64 and numbers can be written in more than one way.
	if !bytes.Equal(f.Format(), text) {
		return f, errors.New("it is not written as proofs are")
	}
	return f, nil
}
