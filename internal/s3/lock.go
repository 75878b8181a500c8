package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Locks reports whether a bucket has Object Lock: without, nothing in it can be locked.
func (c *Client) Locks(ctx context.Context, bucket string) (bool, error) {
	of, err := c.in(ctx, bucket)
	if err != nil {
		return false, err
	}
	out, err := of.GetObjectLockConfiguration(ctx, &api.GetObjectLockConfigurationInput{Bucket: &bucket})
	if err != nil {
		if err = explain(err, URI{Bucket: bucket}); errors.Is(err, ErrNoLock) {
			return false, nil
		}
		return false, err
	}
	return out.ObjectLockConfiguration != nil && out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled, nil
}

// LockOf returns what holds a version; the zero Lock if nothing does.
func (c *Client) LockOf(ctx context.Context, o Object) (Lock, error) {
	of, err := c.in(ctx, o.Bucket)
	if err != nil {
		return Lock{}, err
	}
	version := &o.Version
	if o.Version == "" {
		version = nil
	}
	var l Lock
	kept, err := of.GetObjectRetention(ctx, &api.GetObjectRetentionInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: version})
	if err == nil && kept.Retention != nil {
		l.Mode, l.Until = string(kept.Retention.Mode), aws.ToTime(kept.Retention.RetainUntilDate).UTC()
	}
	if err != nil && !noLock(err) {
		return Lock{}, explain(err, o.URI)
	}
	held, err := of.GetObjectLegalHold(ctx, &api.GetObjectLegalHoldInput{Bucket: &o.Bucket, Key: &o.Key, VersionId: version})
	if err == nil && held.LegalHold != nil {
		l.Hold = held.LegalHold.Status == types.ObjectLockLegalHoldStatusOn
	}
	if err != nil && !noLock(err) {
		return Lock{}, explain(err, o.URI)
	}
	return l, nil
}

// noLock reports whether an error says that nothing of the kind is set.
func noLock(err error) bool { return errors.Is(meaning(err), ErrNoLock) }

// Extend locks a version, or for longer. The service refuses a shorter or weaker lock:
// ErrDenied.
func (c *Client) Extend(ctx context.Context, o Object, l Lock) error {
	of, err := c.in(ctx, o.Bucket)
	if err != nil {
		return err
	}
	in := &api.PutObjectRetentionInput{Bucket: &o.Bucket, Key: &o.Key,
		Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(l.Mode), RetainUntilDate: aws.Time(l.Until.UTC())}}
	if o.Version != "" {
		in.VersionId = &o.Version
	}
	_, err = of.PutObjectRetention(ctx, in)
	return explain(err, o.URI)
}

// Hold places or lifts the legal hold of a version.
func (c *Client) Hold(ctx context.Context, o Object, on bool) error {
	of, err := c.in(ctx, o.Bucket)
	if err != nil {
		return err
	}
	status := types.ObjectLockLegalHoldStatusOff
	if on {
		status = types.ObjectLockLegalHoldStatusOn
	}
	in := &api.PutObjectLegalHoldInput{Bucket: &o.Bucket, Key: &o.Key, LegalHold: &types.ObjectLockLegalHold{Status: status}}
	if o.Version != "" {
		in.VersionId = &o.Version
	}
	_, err = of.PutObjectLegalHold(ctx, in)
	return explain(err, o.URI)
}
