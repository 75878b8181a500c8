package delivery

import (
	"compress/gzip"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/lake/statedb"
	"tarn/query/jobs"
	"tarn/query/result"
)

// The words in which CloudTrail Lake says how far a delivery is.
const (
	Pending = "PENDING"
	Success = "SUCCESS"
	Failed  = "FAILED"
)

// Errors that callers tell apart.
var (
	// ErrAddress means that something is no address of a bucket.
	ErrAddress = errors.New("it is no address of a bucket")
	// ErrBucket means that results are brought to no such bucket.
	ErrBucket = errors.New("results are not brought there")
)

// Courier brings results into the folders that stand for buckets.
type Courier struct {
	// Buckets are folders by the names of buckets.
	Buckets map[string]string
	// Keys sign.
	Keys *Keys
	// Warn hears why something could not be brought.
	Warn func(error)
}

const (
	region  = "us-east-1"
	account = "000000000000"
	// resultName and signName are CloudTrail Lake's.
	resultName = "result_1.csv.gz"
	signName   = "result_sign.json"
)

// address is what an address looks like.
var address = regexp.MustCompile(`^s3://([a-z0-9][-.a-z0-9]{1,61}[a-z0-9])(/.*)?$`)

// folder is where an address leads.
func (c *Courier) folder(uri string) (string, error) {
	m := address.FindStringSubmatch(uri)
	if m == nil {
		return "", fmt.Errorf("%w: %q", ErrAddress, uri)
	}
	dir, ok := c.Buckets[m[1]]
	if !ok {
		return "", hint.Add(fmt.Errorf("%w: this server knows no bucket %q for results", ErrBucket, m[1]), "the server's owner gives a folder for it: tarn serve --results-bucket "+m[1]+"=FOLDER")
	}
	prefix := filepath.FromSlash(strings.Trim(m[2], "/"))
	if prefix != "" && !filepath.IsLocal(prefix) {
		return "", fmt.Errorf("%w: %q leads out of the bucket", ErrAddress, uri)
	}
	return filepath.Join(dir, prefix), nil
}

// Check says whether results can be brought to an address.
func (c *Courier) Check(uri string) error {
	_, err := c.folder(uri)
	return err
}

// Deliver brings results where their query wants them, and says how that went.
func (c *Courier) Deliver(ctx context.Context, q statedb.Query, rows *jobs.Rows) string {
	if err := c.deliver(ctx, q, rows); err != nil {
		c.Warn(fmt.Errorf("bring the results of query %s to %s: %w", q.ID, q.DeliverTo, err))
		return Failed
	}
	return Success
}

func (c *Courier) deliver(ctx context.Context, q statedb.Query, rows *jobs.Rows) error {
	base, err := c.folder(q.DeliverTo)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	dir := filepath.Join(base, filepath.FromSlash(path.Join("AWSLogs", account, "CloudTrail-Lake", "Query", now.Format("2006/01/02"), q.ID)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	hash, err := write(filepath.Join(dir, resultName), func(w io.Writer) error { return writeCSV(ctx, w, rows) })
	if err != nil {
		return err
	}
	signed, err := c.sign(now, hash)
	if err != nil {
		return err
	}
	// What is signed is there before what signs it.
	_, err = write(filepath.Join(dir, signName), func(w io.Writer) error { return json.NewEncoder(w).Encode(signed) })
	return err
}

// write writes a file, whole or not at all, and returns its hash.
func write(name string, fill func(io.Writer) error) (hash string, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".tarn-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // it has another name by then, or is no use
	h := sha256.New()
	err = fill(io.MultiWriter(f, h))
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

func writeCSV(ctx context.Context, w io.Writer, rows *jobs.Rows) error {
	packed := gzip.NewWriter(w)
	out := csv.NewWriter(packed)
	line := make([]string, len(rows.Columns()))
	for i, c := range rows.Columns() {
		line[i] = c.Name
	}
	err := out.Write(line)
	for values, failed := range rows.Rows(ctx) {
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		for i, c := range rows.Columns() {
			line[i] = result.Shown(c, values[i])
		}
		err = out.Write(line)
	}
	out.Flush()
	return errors.Join(err, out.Error(), packed.Close())
}

// signFile is what result_sign.json says.
type signFile struct {
	Version              string       `json:"version"`
	Region               string       `json:"region"`
	Files                []signedFile `json:"files"`
	HashAlgorithm        string       `json:"hashAlgorithm"`
	SignatureAlgorithm   string       `json:"signatureAlgorithm"`
	QueryCompleteTime    string       `json:"queryCompleteTime"`
	HashSignature        string       `json:"hashSignature"`
	PublicKeyFingerprint string       `json:"publicKeyFingerprint"`
}

type signedFile struct {
	FileHashValue string `json:"fileHashValue"`
	FileName      string `json:"fileName"`
}

// sign signs the hashes of files, of which there is one.
func (c *Courier) sign(now time.Time, hash string) (*signFile, error) {
	key, fingerprint, err := c.Keys.current(now)
	if err != nil {
		return nil, fmt.Errorf("the key that signs results: %w", err)
	}
	sum := sha256.Sum256([]byte(hash))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, err
	}
	return &signFile{Version: "1.0", Region: region, Files: []signedFile{{hash, resultName}}, HashAlgorithm: "SHA-256", SignatureAlgorithm: "SHA256withRSA",
		QueryCompleteTime: now.Format(time.RFC3339), HashSignature: hex.EncodeToString(signature), PublicKeyFingerprint: fingerprint}, nil
}
