package digest

import (
	"bytes"
	"crypto"
	"crypto/md5" // AWS names its keys so; nothing rests on it
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Signer writes digests as CloudTrail does.
type Signer struct {
	Key *rsa.PrivateKey
	// Name is the fingerprint of the key where it has one already; without, it is
	// made as CloudTrail makes it.
	Name string
}

// Fingerprint is the name of the signer's key.
func (s Signer) Fingerprint() string {
	if s.Name != "" {
		return s.Name
	}
	sum := md5.Sum(x509.MarshalPKCS1PublicKey(&s.Key.PublicKey))
	return hex.EncodeToString(sum[:])
}

// Sealed is a digest file: its bytes before they are gzipped, and the signature for
// the metadata of its object.
type Sealed struct {
	Digest
	Text      []byte
	Signature string
}

// Seal signs a digest of log files from one time to another; previous is the one
// before it, nil for the first.
func (s Signer) Seal(d Digest, previous *Sealed) (*Sealed, error) {
	d.Fingerprint, d.Algorithm = s.Fingerprint(), algorithm
	if d.Logs == nil {
		d.Logs = []Log{}
	}
	if previous != nil {
		hash, hashed := hashOf(previous.Text), hashing
		d.PreviousBucket, d.PreviousObject, d.PreviousHash = &previous.Bucket, &previous.Object, &hash
		d.PreviousHashed, d.PreviousSigned = &hashed, &previous.Signature
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	body := bytes.TrimRight(text.Bytes(), "\n")
	var said times
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(d.signed(sha256.Sum256(body), said.End)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.Key, crypto.SHA256, sum[:])
	return &Sealed{d, body, hex.EncodeToString(signature)}, err
}

// Open reads a digest that somebody sealed, and checks the signature by keys.
func Open(text []byte, signature string, keys Keys) (*Sealed, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	key := keys[d.Fingerprint]
	if key == nil {
		return nil, fmt.Errorf("it was signed with another key, %s", d.Fingerprint)
	}
	if err := verify(d, text, signature, key); err != nil {
		return nil, err
	}
	return &Sealed{d, text, signature}, nil
}

// Parse reads a digest without checking its signature.
func Parse(text []byte) (Digest, error) { return parse(text) }

// NewLog is what a digest says of a log file with that content, unpacked.
func NewLog(bucket, object string, content []byte) Log {
	return LogOf(bucket, object, sha256.Sum256(content))
}

// LogOf is what a digest says of a log file whose content has that hash.
func LogOf(bucket, object string, hash [sha256.Size]byte) Log {
	return Log{Bucket: bucket, Object: object, Hash: hex.EncodeToString(hash[:]), Hashed: hashing}
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
