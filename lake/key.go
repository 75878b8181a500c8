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

// keyFile is the file that keeps the key of the lake: the one given, or the usual one.
func keyFile(given, lake string) (string, error) {
	if given != "" {
		return given, nil
	}
	return keyPath(lake)
}

// loadKey returns the signing key of the lake and the verification key that
// belongs to it. given is a key, a file's name, or empty for the usual place.
func loadKey(given, lake string) (signer note.Signer, public string, err error) {
	text, isText := asText(given)
	where := "the key given"
	if !isText {
		if where, err = keyFile(given, lake); err != nil {
			return nil, "", err
		}
		b, err := os.ReadFile(where)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, "", hint.Add(fmt.Errorf("%w: %s is not there", ErrNoKey, where),
				"the key was made with the lake; bring it back from your backup, or name it with TARN_KEY",
				"reading the lake needs no key: query, export and verify go on working")
		}
		if err != nil {
			return nil, "", fmt.Errorf("%w: %w", ErrNoKey, err)
		}
		text = strings.TrimSpace(string(b))
	}
	if signer, err = note.NewSigner(text); err != nil {
		// The text must not reach a message: it is a secret.
		return nil, "", fmt.Errorf("%w: %s does not hold a signing key", ErrNoKey, where)
	}
	if signer.Name() != originPrefix+lake {
		return nil, "", hint.Add(fmt.Errorf("%w: %s is the key of %s", errOtherLake, where, signer.Name()),
			"this lake is "+originPrefix+lake+"; name its key with TARN_KEY")
	}
	public, err = publicKey(text)
	return signer, public, err
}

// makeKey makes the id and the key of a new lake, and keeps the key in its file,
// which must not be there yet: two lakes of one key would be one log to whoever
// checks. A key given as text decides the id instead; who gives it answers for it.
func makeKey(given string) (lake string, signer note.Signer, public string, err error) {
	text, isText := asText(given)
	if !isText {
		lake = uuid.New()
		if text, _, err = note.GenerateKey(rand.Reader, originPrefix+lake); err != nil {
			return "", nil, "", err
		}
		if err := keepKey(given, lake, text); err != nil {
			return "", nil, "", err
		}
	}
	if signer, err = note.NewSigner(text); err != nil {
		return "", nil, "", fmt.Errorf("%w: the key given is not a signing key", ErrNoKey)
	}
	var ok bool
	if lake, ok = strings.CutPrefix(signer.Name(), originPrefix); !ok || !uuid.Valid(lake) {
		return "", nil, "", fmt.Errorf("%w: the key given is that of %s, which is no lake's name", ErrNoKey, signer.Name())
	}
	public, err = publicKey(text)
	return lake, signer, public, err
}

func keepKey(given, lake, text string) error {
	path, err := keyFile(given, lake)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the signing key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return hint.Add(fmt.Errorf("keep the signing key: %s is there already", path),
			"a new lake makes a key of its own; name a file that does not exist with TARN_KEY, or unset it")
	}
	if err != nil {
		return fmt.Errorf("keep the signing key: %w", err)
	}
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		// Half a key would be in the way of the next attempt.
		return errors.Join(fmt.Errorf("keep the signing key: %w", err), os.Remove(path))
	}
	// A lake that outlives a power cut without its key could never grow again.
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
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
