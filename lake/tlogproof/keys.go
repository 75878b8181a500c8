package tlogproof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Keys are what signatures are checked with: those of lakes, of which any may have
// signed, and those of witnesses.
type Keys struct{ all []note.Verifier }

// MaxKeys is more than any file of keys has bytes.
const MaxKeys = 1 << 20

// ParseKeys reads verification keys, each a line as signed notes have them:
// name+hash+key. Blank lines, and lines that begin with #, mean nothing. A lake's
// key is one of Ed25519; keys of witnesses, for cosignatures with a time, are taken
// too.
func ParseKeys(text string) (k Keys, err error) {
	if len(text) > MaxKeys {
		return k, fmt.Errorf("more than %d bytes are no keys", MaxKeys)
	}
	lakes := 0
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if strings.HasPrefix(line, "PRIVATE+KEY") {
			// Not shown: it is a secret.
			return k, fmt.Errorf("line %d is a signing key, and a secret; who checks needs the verification key that belongs to it", n+1)
		}
		if w, ok := newWitness(line); ok {
			k.all = append(k.all, w)
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return k, fmt.Errorf("line %d is no verification key, name+hash+key: %w", n+1, err)
		}
		k.all, lakes = append(k.all, v), lakes+1
	}
	if lakes == 0 {
		return k, errors.New("no lake's verification key in it, a line name+hash+key")
	}
	return k, nil
}

// Verifier implements note.Verifiers: keys of one name and hash count once.
func (k Keys) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, v := range k.all {
		if v.Name() == name && v.KeyHash() == hash {
			return v, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// witness checks cosignatures as C2SP tlog-cosignature has them for Ed25519: of the
// note behind the time at which it was seen.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// cosignature is the algorithm's number in keys.
const cosignature = 4

// newWitness reads the key of one; false for any other line.
func newWitness(line string) (*witness, bool) {
	name, rest, _ := strings.Cut(line, "+")
	hash, text, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature {
		return nil, false
	}
	sum := sha256.Sum256([]byte(name + "\n" + string(key)))
	n, err := strconv.ParseUint(hash, 16, 32)
	if err != nil || len(hash) != 8 || uint32(n) != binary.BigEndian.Uint32(sum[:]) {
		return nil, false
	}
	return &witness{name, uint32(n), ed25519.PublicKey(key[1:])}, true
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(msg, sig []byte) bool {
	seen, ok := seenAt(sig)
	return ok && ed25519.Verify(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seen.Unix(), msg), sig[8:])
}

// seenAt is the time in a cosignature.
func seenAt(sig []byte) (time.Time, bool) {
	if len(sig) != 8+ed25519.SignatureSize {
		return time.Time{}, false
	}
	at := binary.BigEndian.Uint64(sig)
	// Beyond the year 9999 it could not be written.
	return time.Unix(int64(min(at, 253402300799)), 0).UTC(), at <= 253402300799
}
