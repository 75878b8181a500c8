package s3

import (
	"context"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// PutOptions say how an object is written. The zero value is good.
type PutOptions struct {
	// OnlyNew refuses to write over an object: ErrExists.
	OnlyNew bool
	// ContentType is the media type; empty for bytes.
	ContentType string
	// Metadata is kept beside the object; names are of lower-case letters, digits and "-".
	Metadata map[string]string
	// SHA256 is the hash of the bytes in base64, which the service checks; empty
	// lets it be computed.
	SHA256 string
	// Lock, if not nil, locks the version that is written.
	Lock *Lock
}

// Lock is what holds one version of an object.
type Lock struct {
	// Mode is Governance or Compliance; empty if there is only a hold.
	Mode string
	// Until is when the lock ends.
	Until time.Time
	// Hold is a legal hold, which has no end.
	Hold bool
}

// Modes of locks, with the names of the service.
const (
	Governance = "GOVERNANCE"
	Compliance = "COMPLIANCE"
)

// Put writes an object whole, and returns it with its version if the bucket has
// versions. When it returns, the service has the bytes, checked against their hash.
func (c *Client) Put(ctx context.Context, at URI, bytes io.ReadSeeker, o PutOptions) (Object, error) {
	of, err := c.in(ctx, at.Bucket)
	if err != nil {
		return Object{}, err
	}
	size, err := bytes.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = bytes.Seek(0, io.SeekStart)
	}
	if err != nil {
		return Object{}, err
	}
	in := &api.PutObjectInput{Bucket: &at.Bucket, Key: &at.Key, Body: bytes, ContentLength: &size,
		Metadata: o.Metadata, ChecksumAlgorithm: types.ChecksumAlgorithmSha256}
	if o.SHA256 != "" {
		in.ChecksumSHA256 = &o.SHA256
	}
	if o.ContentType != "" {
		in.ContentType = &o.ContentType
	}
	if o.OnlyNew {
		in.IfNoneMatch = aws.String("*")
	}
	if l := o.Lock; l != nil {
		if l.Mode != "" {
			in.ObjectLockMode, in.ObjectLockRetainUntilDate = types.ObjectLockMode(l.Mode), aws.Time(l.Until.UTC())
		}
		if l.Hold {
			in.ObjectLockLegalHoldStatus = types.ObjectLockLegalHoldStatusOn
		}
	}
	out, err := of.PutObject(ctx, in)
	if err != nil {
		return Object{}, explain(err, at)
	}
	return Object{URI: at, Bytes: size, ETag: aws.ToString(out.ETag), Version: aws.ToString(out.VersionId), SHA256: aws.ToString(out.ChecksumSHA256)}, nil
}
