package digest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// algorithm is how digests are signed, hashing how files are hashed.
const (
	algorithm = "SHA256withRSA"
	hashing   = "SHA-256"
)

// Digest is the content of a digest file, in the order of its members.
type Digest struct {
	Account        string    `json:"awsAccountId"`
	Start          time.Time `json:"digestStartTime"`
	End            time.Time `json:"digestEndTime"`
	Bucket         string    `json:"digestS3Bucket"`
	Object         string    `json:"digestS3Object"`
	Fingerprint    string    `json:"digestPublicKeyFingerprint"`
	Algorithm      string    `json:"digestSignatureAlgorithm"`
	Newest         *string   `json:"newestEventTime"`
	Oldest         *string   `json:"oldestEventTime"`
	PreviousBucket *string   `json:"previousDigestS3Bucket"`
	PreviousObject *string   `json:"previousDigestS3Object"`
	PreviousHash   *string   `json:"previousDigestHashValue"`
	PreviousHashed *string   `json:"previousDigestHashAlgorithm"`
	PreviousSigned *string   `json:"previousDigestSignature"`
	Logs           []Log     `json:"logFiles"`
}

// Log is a log file that a digest vouches for. Hash is hexadecimal, of the file as
// it is when it is unpacked.
type Log struct {
	Bucket string  `json:"s3Bucket"`
	Object string  `json:"s3Object"`
	Hash   string  `json:"hashValue"`
	Hashed string  `json:"hashAlgorithm"`
	Newest *string `json:"newestEventTime"`
	Oldest *string `json:"oldestEventTime"`
}

// parse reads a digest. What is missing or of another kind than CloudTrail writes is
// an error.
func parse(text []byte) (d Digest, err error) {
	if err = json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("it is no digest: %w", err)
	}
	if d.Bucket == "" || d.Object == "" || d.Start.IsZero() || d.End.IsZero() || d.Fingerprint == "" || d.Algorithm != algorithm {
		return d, errors.New("it is no digest: bucket, object, times, fingerprint or algorithm are missing")
	}
	return d, nil
}

// signed is the text that the signature of a digest is over. hash is that of its
// bytes.
func (d Digest) signed(hash [sha256.Size]byte, end string) string {
	previous := "null"
	if d.PreviousSigned != nil {
		previous = *d.PreviousSigned
	}
	return strings.Join([]string{end, d.Bucket + "/" + d.Object, hex.EncodeToString(hash[:]), previous}, "\n")
}

// times are a digest's times as they stand in it.
type times struct {
	End string `json:"digestEndTime"`
}

// verify checks the signature of a digest file.
func verify(d Digest, text []byte, signature string, key *rsa.PublicKey) error {
	var said times
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	sig, err := hex.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("its signature is not hexadecimal: %w", err)
	}
	sum := sha256.Sum256([]byte(d.signed(sha256.Sum256(text), said.End)))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return errors.New("its signature is not right: it was changed, or signed with another key")
	}
	return nil
}

// Keys are public keys by their fingerprint.
type Keys map[string]*rsa.PublicKey

// ReadKeys reads what aws cloudtrail list-public-keys answers.
func ReadKeys(text []byte) (Keys, error) {
	var answer struct {
		PublicKeyList []struct {
			Value       []byte // PKCS #1
			Fingerprint string
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("it is not what list-public-keys answers: %w", err)
	}
	if len(answer.PublicKeyList) == 0 {
		return nil, errors.New("there is no key in it; it should be what list-public-keys answers")
	}
	keys := Keys{}
	for _, k := range answer.PublicKeyList {
		key, err := x509.ParsePKCS1PublicKey(k.Value)
		if err != nil {
			return nil, fmt.Errorf("the key %s: %w", k.Fingerprint, err)
		}
		keys[k.Fingerprint] = key
	}
	return keys, nil
}

// Signatures are the signatures of digests, hexadecimal, by their keys from AWSLogs/
// on: what the metadata of their objects in S3 has.
type Signatures map[string]string

// ReadSignatures reads metadata of objects: a JSON object of {"signature": …} by
// the key.
func ReadSignatures(text []byte) (Signatures, error) {
	var all map[string]struct {
		Signature string `json:"signature"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("it is no object of metadata by key: %w", err)
	}
	signatures := Signatures{}
	for key, m := range all {
		signatures[inBucket(key)] = m.Signature
	}
	return signatures, nil
}

// inBucket is a key without what stands before AWSLogs/: a copy of a bucket may
// have left that out.
func inBucket(key string) string {
	if i := strings.LastIndex("/"+key, "/AWSLogs/"); i >= 0 {
		return key[i:]
	}
	return key
}

// maxDigest bounds a digest file that is unpacked: real ones have some thousand log
// files of 400 bytes each.
const maxDigest = 64 << 20

// Unpack returns what is in a digest file, gzipped or not.
func Unpack(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDigest+1))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		zip, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		if text, err = io.ReadAll(io.LimitReader(zip, maxDigest+1)); err != nil {
			return nil, err
		}
	}
	if len(text) > maxDigest {
		return nil, errors.New("it is longer than any digest")
	}
	return text, nil
}
