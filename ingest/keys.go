package ingest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"tarn/ingest/digest"
	"tarn/internal/s3"
)

// KeySource answers, as aws cloudtrail list-public-keys prints it, with the public keys
// with which CloudTrail signed digests in a region between two times.
type KeySource func(ctx context.Context, region string, from, to time.Time) ([]byte, error)

// digestIn finds in the key of a digest file the region that it is of.
var digestIn = regexp.MustCompile(`/CloudTrail-Digest/([a-z0-9-]+)/`)

// AskKeys gets the public keys of the digests that lie in buckets, unless keys are known
// or digests are left alone. Where nobody answers, what the digests say is not checked,
// which the result tells; the errors say why, one for each region.
func (d *Digests) AskKeys(ctx context.Context, from *Listing, ask KeySource) (failed []error) {
	if ask == nil || d.Keys != nil || d.Mode == Off {
		return nil
	}
	regions, first, last := digestsOf(from)
	for _, region := range regions {
		text, err := ask(ctx, region, first.AddDate(0, 0, -1), last.AddDate(0, 0, 2))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		keys, err := digest.ReadKeys(text)
		if err != nil {
			failed = append(failed, fmt.Errorf("CloudTrail's public keys in %s: %w", region, err))
			continue
		}
		if d.Keys == nil {
			d.Keys = digest.Keys{}
		}
		maps.Copy(d.Keys, keys)
	}
	return failed
}

// digestsOf are the regions and days of the digests in buckets.
func digestsOf(from *Listing) (regions []string, first, last time.Time) {
	of := map[string]bool{}
	for _, o := range from.DigestFiles {
		m := digestIn.FindStringSubmatch("/" + o.Key)
		if m == nil || !s3.IsURI(o.Path) || o.Day.IsZero() {
			continue
		}
		of[m[1]] = true
		if first.IsZero() || o.Day.Before(first) {
			first = o.Day
		}
		if o.Day.After(last) {
			last = o.Day
		}
	}
	return slices.Sorted(maps.Keys(of)), first, last
}
