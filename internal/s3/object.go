package s3

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Object is an object in a bucket, or one version of it.
type Object struct {
	URI
	Bytes    int64
	Modified time.Time
	// ETag changes when the object does. Version is the id of one version; empty
	// means the newest.
	ETag, Version string
	// SHA256 is the hash in base64 that the service has checked, where it was asked for
	// one; Head and Put tell it.
	SHA256 string
	// Metadata is what was written beside it, by lower-case names. Listings have none.
	Metadata map[string]string
}

// List calls fn with the objects whose keys begin with a prefix, a page at a time, in
// the order of keys, beginning behind the key after.
func (c *Client) List(ctx context.Context, prefix URI, after string, fn func([]Object) error) error {
	in := &api.ListObjectsV2Input{Bucket: &prefix.Bucket, Prefix: &prefix.Key}
	if after != "" {
		in.StartAfter = &after
	}
	_, err := c.pages(ctx, prefix, in, fn)
	return err
}

// Folders returns what is between a prefix, which ends in "/" or is empty, and the
// next "/" of the keys below it, in order, and the objects that lie beside them.
func (c *Client) Folders(ctx context.Context, prefix URI) (folders []string, beside []Object, err error) {
	in := &api.ListObjectsV2Input{Bucket: &prefix.Bucket, Prefix: &prefix.Key, Delimiter: aws.String("/")}
	folders, err = c.pages(ctx, prefix, in, func(page []Object) error {
		beside = append(beside, page...)
		return nil
	})
	return folders, beside, err
}

func (c *Client) pages(ctx context.Context, prefix URI, in *api.ListObjectsV2Input, fn func([]Object) error) (folders []string, err error) {
	of, err := c.in(ctx, prefix.Bucket)
	if err != nil {
		return nil, err
	}
	for pages := api.NewListObjectsV2Paginator(of, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return folders, explain(err, prefix)
		}
		for _, f := range page.CommonPrefixes {
			folders = append(folders, aws.ToString(f.Prefix))
		}
		found := make([]Object, len(page.Contents))
		for i, o := range page.Contents {
			found[i] = Object{URI: URI{prefix.Bucket, aws.ToString(o.Key)}, Bytes: aws.ToInt64(o.Size),
				Modified: aws.ToTime(o.LastModified).UTC(), ETag: aws.ToString(o.ETag)}
		}
		if err := fn(found); err != nil {
			return folders, err
		}
	}
	return folders, nil
}

// Head returns what is known of an object. The version is the one asked for, or the
// newest.
func (c *Client) Head(ctx context.Context, at URI, version string) (Object, error) {
	of, err := c.in(ctx, at.Bucket)
	if err != nil {
		return Object{}, err
	}
	in := &api.HeadObjectInput{Bucket: &at.Bucket, Key: &at.Key, ChecksumMode: types.ChecksumModeEnabled}
	if version != "" {
		in.VersionId = &version
	}
	out, err := of.HeadObject(ctx, in)
	if err != nil {
		return Object{}, explain(err, at)
	}
	return Object{URI: at, Bytes: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified).UTC(),
		ETag: aws.ToString(out.ETag), Version: aws.ToString(out.VersionId), SHA256: aws.ToString(out.ChecksumSHA256), Metadata: maps.Clone(out.Metadata)}, nil
}

// Delete removes one version of an object, or, without a version, puts a mark over it.
// What a lock holds is ErrDenied.
func (c *Client) Delete(ctx context.Context, o Object) error {
	of, err := c.in(ctx, o.Bucket)
	if err != nil {
		return err
	}
	in := &api.DeleteObjectInput{Bucket: &o.Bucket, Key: &o.Key}
	if o.Version != "" {
		in.VersionId = &o.Version
	}
	_, err = of.DeleteObject(ctx, in)
	return explain(err, o.URI)
}

// Versions returns what was ever written under a key that begins with a prefix and is
// still there, in order of key, of each the oldest first; without a version id where the
// bucket has no versions.
func (c *Client) Versions(ctx context.Context, at URI) (all []Object, err error) {
	of, err := c.in(ctx, at.Bucket)
	if err != nil {
		return nil, err
	}
	pages := api.NewListObjectVersionsPaginator(of, &api.ListObjectVersionsInput{Bucket: &at.Bucket, Prefix: &at.Key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain(err, at)
		}
		for _, v := range page.Versions {
			all = append(all, Object{URI: URI{at.Bucket, aws.ToString(v.Key)}, Bytes: aws.ToInt64(v.Size),
				Modified: aws.ToTime(v.LastModified).UTC(), ETag: aws.ToString(v.ETag), Version: aws.ToString(v.VersionId)})
		}
	}
	slices.Reverse(all) // they come with the newest first
	slices.SortStableFunc(all, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}
