package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tarn/internal/hint"
)

// sealer seals secrets, so that who copies state.db has not copied them.
type sealer struct{ aead cipher.AEAD }

// sealBytes is the length of the key: AES-256.
const sealBytes = 32

// openSealer reads the key in a file for its owner alone, and makes it if it is not
// there.
func openSealer(path string) (sealer, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeSeal(path)
	}
	if err != nil {
		return sealer{}, fmt.Errorf("the key that seals secrets: %w", err)
	}
	if err := private(path); err != nil {
		return sealer{}, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != sealBytes {
		return sealer{}, hint.Add(fmt.Errorf("%s does not hold a key", path),
			"bring it back from your backup; or remove it, and make new access keys: those that there are cannot be checked without it")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, err
}

// private refuses a key that others can read: with it and a backup they have every
// secret.
func private(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return hint.Add(fmt.Errorf("the key that seals secrets is open to others: %s has mode %04o", path, mode), "chmod 600 "+path)
	}
	return nil
}

func makeSeal(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	text := []byte(base64.StdEncoding.EncodeToString(random(sealBytes)) + "\n")
	// Whole or not at all: half a key would be in the way for good.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".seal-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path) // another process was faster
	} else if err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return text, errors.Join(dir.Sync(), dir.Close())
}

// random returns so many bytes that nobody can guess.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// Seal seals what only this server is to read; with Unseal and the same name it can be
// opened.
func (k *Keeper) Seal(name, secret string) []byte { return k.seal.seal(name, secret) }

// Unseal opens what was sealed under that name.
func (k *Keeper) Unseal(name string, sealed []byte) (string, error) { return k.seal.open(name, sealed) }

// seal seals a secret; it can be opened for the same credential alone.
func (s sealer) seal(id, secret string) []byte {
	nonce := random(s.aead.NonceSize())
	return s.aead.Seal(nonce, nonce, []byte(secret), []byte(id))
}

func (s sealer) open(id string, sealed []byte) (string, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return "", errSeal
	}
	secret, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(id))
	if err != nil {
		return "", errSeal
	}
	return string(secret), nil
}

var errSeal = errors.New("cannot be opened with the key that seals secrets")
