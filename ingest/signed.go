package ingest

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"tarn/ingest/digest"
)

// signName is the file in which CloudTrail Lake signs the results of a query, which
// lie beside it; keysName is where the answer of ListPublicKeys is looked for.
const (
	signName = "result_sign.json"
	keysName = "public_keys.json"
)

// Signed tells of results of a query of CloudTrail Lake that were signed. Files whose
// hash is not the one that was signed are not read, none if the signature is wrong.
type Signed struct {
	// Path is the file with the signature.
	Path string
	// Files is how many files it signs, Missing which of them are not there.
	Files   int
	Missing []string
	// Checked means that the signature is right by the public key beside it. Without
	// the key, only the hashes could be compared.
	Checked bool
	// Err says why it vouches for nothing.
	Err error
}

// signed is a signature with the hashes of its files, hexadecimal, by name.
type signed struct {
	Signed
	hashes map[string]string
}

// signFile is what result_sign.json says.
type signFile struct {
	Files []struct {
		FileHashValue string `json:"fileHashValue"`
		FileName      string `json:"fileName"`
	} `json:"files"`
	HashAlgorithm        string `json:"hashAlgorithm"`
	SignatureAlgorithm   string `json:"signatureAlgorithm"`
	HashSignature        string `json:"hashSignature"`
	PublicKeyFingerprint string `json:"publicKeyFingerprint"`
}

// signedHash returns the hash that an object must have, empty if none was signed.
// The error says why the object cannot be what was signed.
func (im *importer) signedHash(ctx context.Context, o Object) (string, error) {
	name := filepath.Base(o.Path)
	if !strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".csv") {
		return "", nil
	}
	path := o.neighbour(signName)
	s, met := im.signed[path]
	if !met {
		var err error
		s, err = readSigned(ctx, o)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		s.Path, s.Err = path, err
		im.signed[path] = s
		im.result.Signed = append(im.result.Signed, s.Signed)
	}
	if s.Err != nil {
		return "", fmt.Errorf("%s does not vouch for it: %w", signName, s.Err)
	}
	hash, ok := s.hashes[name]
	if !ok {
		return "", fmt.Errorf("%s beside it does not name it; import it from a folder of its own", signName)
	}
	return hash, nil
}

// readSigned reads the signature beside an object and checks it, if the key is there.
func readSigned(ctx context.Context, o Object) (signed, error) {
	var said signFile
	text, err := o.beside(ctx, signName)
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		return signed{}, err
	}
	if said.HashAlgorithm != "SHA-256" || said.SignatureAlgorithm != "SHA256withRSA" || len(said.Files) == 0 {
		return signed{}, fmt.Errorf("it signs %d files with %q and %q; want some, SHA-256 and SHA256withRSA",
			len(said.Files), said.HashAlgorithm, said.SignatureAlgorithm)
	}
	s := signed{Signed{Files: len(said.Files)}, map[string]string{}}
	var hashes []string
	for _, f := range said.Files {
		s.hashes[f.FileName] = strings.ToLower(f.FileHashValue)
		hashes = append(hashes, f.FileHashValue)
		if !o.has(ctx, path.Base(f.FileName)) {
			s.Missing = append(s.Missing, f.FileName)
		}
	}
	key, err := publicKey(ctx, o, said.PublicKeyFingerprint)
	if key == nil || err != nil {
		return s, err
	}
	signature, err := hex.DecodeString(said.HashSignature)
	if err != nil {
		return s, fmt.Errorf("its signature is not hexadecimal: %w", err)
	}
	sum := sha256.Sum256([]byte(strings.Join(hashes, " ")))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return s, fmt.Errorf("its signature is not by the key %s", said.PublicKeyFingerprint)
	}
	s.Checked = true
	return s, nil
}

// publicKey returns the key of that fingerprint, nil if it is not there.
func publicKey(ctx context.Context, o Object, fingerprint string) (*rsa.PublicKey, error) {
	text, err := o.beside(ctx, keysName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var keys digest.Keys
	if err == nil {
		keys, err = digest.ReadKeys(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keysName, err)
	}
	return keys[fingerprint], nil
}

// signBytes bounds a file of signatures or keys.
const signBytes = 16 << 20

func readSmall(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > signBytes {
		return nil, errors.New("it is longer than 16 MiB")
	}
	return os.ReadFile(path)
}

// matches checks that a file has the hash that was signed, and goes to its start.
func matches(r io.ReadSeeker, hash string) error {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != hash {
		return fmt.Errorf("it was changed: its SHA-256 is %s, %s has %.64s", sum, signName, hash)
	}
	_, err := r.Seek(0, io.SeekStart)
	return err
}
