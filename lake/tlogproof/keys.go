package tlogproof

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/torchwood"
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
		if w, err := torchwood.NewCosignatureVerifier(line); err == nil {
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

// seenAt is when a witness signed, if it was one of them that did.
func (k Keys) seenAt(sig note.Signature) (at time.Time, ok bool) {
	v, err := k.Verifier(sig.Name, sig.Hash)
	if _, ok := v.(*torchwood.CosignatureVerifier); err != nil || !ok {
		return at, false
	}
	seconds, err := torchwood.CosignatureTimestamp(sig)
	// What is beyond the year 9999 cannot be written.
	return time.Unix(min(seconds, 253402300799), 0).UTC(), err == nil
}
