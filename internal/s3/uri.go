package s3

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Scheme is what a place in object storage begins with.
const Scheme = "s3://"

// URI is a bucket, and a key or the beginning of keys in it.
type URI struct{ Bucket, Key string }

// ErrURI means that a text names no place in object storage.
var ErrURI = errors.New("no s3:// address")

// bucketName is what every service takes, and AWS's older buckets.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$`)

// keyBytes is the length of the longest key.
const keyBytes = 1024

// ParseURI reads s3://bucket or s3://bucket/key.
func ParseURI(text string) (URI, error) {
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return URI{}, fmt.Errorf("%w: %.100q does not begin with %s", ErrURI, text, Scheme)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if !bucketName.MatchString(bucket) {
		return URI{}, fmt.Errorf("%w: %.100q is no name of a bucket", ErrURI, bucket)
	}
	if len(key) > keyBytes {
		return URI{}, fmt.Errorf("%w: the key is longer than %d bytes", ErrURI, keyBytes)
	}
	return URI{bucket, key}, nil
}

// IsURI reports whether a text is meant to be one.
func IsURI(text string) bool { return strings.HasPrefix(text, Scheme) }

// String is the address.
func (u URI) String() string {
	if u.Key == "" {
		return Scheme + u.Bucket
	}
	return Scheme + u.Bucket + "/" + u.Key
}

// Join is the place of a key below this one.
func (u URI) Join(key string) URI {
	if u.Key != "" && !strings.HasSuffix(u.Key, "/") {
		key = "/" + key
	}
	return URI{u.Bucket, u.Key + key}
}
