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
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"tarn/internal/hint"
	"tarn/internal/s3"
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

// Courier brings results into buckets, and into folders that stand for buckets.
type Courier struct {
	// Buckets are folders by the names of buckets; empty for the bucket itself.
	Buckets map[string]string
	// S3 writes to these; nil if there are none.
	S3 *s3.Client
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

// place is where an address leads; the folder is one below it.
func (c *Courier) place(uri, folderBelow string) (place, error) {
	m := address.FindStringSubmatch(uri)
	if m == nil {
		return nil, fmt.Errorf("%w: %q", ErrAddress, uri)
	}
	dir, ok := c.Buckets[m[1]]
	if !ok {
		return nil, hint.Add(fmt.Errorf("%w: this server knows no bucket %q for results", ErrBucket, m[1]),
			"the server's owner names it, or gives a folder for it: tarn serve --results-bucket "+m[1]+" or --results-bucket "+m[1]+"=FOLDER")
	}
	prefix := strings.Trim(m[2], "/")
	if prefix != "" && !filepath.IsLocal(filepath.FromSlash(prefix)) {
		return nil, fmt.Errorf("%w: %q leads out of the bucket", ErrAddress, uri)
	}
	if dir != "" {
		return folder(filepath.Join(dir, filepath.FromSlash(path.Join(prefix, folderBelow)))), nil
	}
	return bucket{c.S3, s3.URI{Bucket: m[1], Key: path.Join(prefix, folderBelow)}}, nil
}

// Check says whether results can be brought to an address.
func (c *Courier) Check(uri string) error {
	_, err := c.place(uri, "")
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
	now := time.Now().UTC()
	to, err := c.place(q.DeliverTo, path.Join("AWSLogs", account, "CloudTrail-Lake", "Query", now.Format("2006/01/02"), q.ID))
	if err != nil {
		return err
	}
	hash, err := to.write(ctx, resultName, func(w io.Writer) error { return writeCSV(ctx, w, rows) })
	if err != nil {
		return err
	}
	signed, err := c.sign(now, hash)
	if err != nil {
		return err
	}
	// What is signed is there before what signs it.
	_, err = to.write(ctx, signName, func(w io.Writer) error { return json.NewEncoder(w).Encode(signed) })
	return err
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
