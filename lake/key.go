package lake

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tarn/internal/hint"
	"tarn/internal/uuid"
)

// originPrefix and the lake's id make the log's origin, which is also the name
// of its key.
const originPrefix = "tarn/"

// keyText marks a key given as itself rather than as the file that holds it.
const keyText = "PRIVATE+KEY+"

// asText returns a key given as itself, without the space and the quotes around
// it. Whatever has the mark of a key in it is one, even a malformed one: taken
// for a file's name, a secret would stand in messages and in a folder.
func asText(given string) (text string, ok bool) {
	if !strings.Contains(given, keyText) {
		return "", false
	}
	return strings.Trim(given, " \t\r\n\"'"), true
}

// keyPath is where the signing key of a lake is kept: a file of its own in the
// user's configuration folder, so that who copies the lake has not copied it.
func keyPath(lake string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the signing key: %w", err)
	}
	return filepath.Join(dir, "tarn", lake+".key"), nil
}

// signingKey is a key that signs checkpoints.
type signingKey struct {
	text   string // a secret: it must not reach a message
	signer note.Signer
	public string // the verification key that belongs to it
}

// parseKey reads a signing key.
func parseKey(text string) (*signingKey, error) {
	text = strings.TrimSpace(text)
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, ErrNoKey
	}
	public, err := publicKey(text)
	return &signingKey{text, signer, public}, err
}

// newKey makes a key of the lake.
func newKey(lake string) (*signingKey, error) {
	text, _, err := note.GenerateKey(rand.Reader, originPrefix+lake)
	if err != nil {
		return nil, err
	}
	return parseKey(text)
}

// verifier is the verification key that belongs to it.
func (k *signingKey) verifier() (note.Verifier, error) { return note.NewVerifier(k.public) }

// loadKey returns the signing key of the lake, and the file that it lies in; there is
// none if the key was given as text.
func loadKey(o Options, lake string) (*signingKey, *keyFile, error) {
	if text, isText := asText(o.Key); isText {
		k, err := checkKey(text, "the key given", lake)
		return k, nil, err
	}
	f, err := findKeyFile(o, lake)
	if err != nil {
		return nil, nil, err
	}
	text, err := f.read(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f, hint.Add(fmt.Errorf("%w: %s is not there", ErrNoKey, f.path),
			"the key was made with the lake; bring it back from your backup, or name it with TARN_KEY",
			"reading the lake needs no key: query, export and verify go on working",
			"if it is lost for good, or somebody else has it: tarn keys lost")
	}
	if err != nil {
		return nil, f, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	k, err := checkKey(text, f.path, lake)
	return k, f, err
}

// checkKey reads a key and checks that it is one of the lake's.
func checkKey(text, where, lake string) (*signingKey, error) {
	k, err := parseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not hold a signing key", ErrNoKey, where)
	}
	if k.signer.Name() != originPrefix+lake {
		return nil, hint.Add(fmt.Errorf("%w: %s is the key of %s", errOtherLake, where, k.signer.Name()),
			"this lake is "+originPrefix+lake+"; name its key with TARN_KEY")
	}
	return k, nil
}

// makeKey makes the id and the key of a new lake, and keeps the key in its file,
// which must not be there yet: two lakes of one key would be one log to whoever
// checks. A key given as text decides the id instead; who gives it answers for it.
func makeKey(o Options) (lake string, k *signingKey, f *keyFile, err error) {
	if text, isText := asText(o.Key); isText {
		if k, err = parseKey(text); err != nil {
			return "", nil, nil, fmt.Errorf("%w: the key given is not a signing key", ErrNoKey)
		}
		var ok bool
		if lake, ok = strings.CutPrefix(k.signer.Name(), originPrefix); !ok || !uuid.Valid(lake) {
			return "", nil, nil, fmt.Errorf("%w: the key given is that of %s, which is no lake's name", ErrNoKey, k.signer.Name())
		}
		return lake, k, nil, nil
	}
	lake = uuid.New()
	if k, err = newKey(lake); err != nil {
		return "", nil, nil, err
	}
	if f, err = findKeyFile(o, lake); err != nil {
		return "", nil, nil, err
	}
	return lake, k, f, f.keep(k)
}

// publicKey returns the verification key that belongs to a signing key.
func publicKey(text string) (string, error) {
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 {
		return "", ErrNoKey
	}
	// The first byte tells the algorithm, which NewSigner has checked.
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return "", ErrNoKey
	}
	public, ok := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", ErrNoKey
	}
	return note.NewEd25519VerifierKey(parts[2], public)
}
