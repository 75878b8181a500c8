package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"tarn/internal/hint"
)

// PublicKeys asks CloudTrail, as the same caller, for the public keys with which it
// signed digests in a region between two times, and returns its answer as JSON, as aws
// cloudtrail list-public-keys prints it. It is not asked for another endpoint than
// AWS's, unless AWS_ENDPOINT_URL_CLOUDTRAIL names one.
func (c *Client) PublicKeys(ctx context.Context, region string, from, to time.Time) ([]byte, error) {
	type key struct {
		Value       []byte
		Fingerprint string
	}
	var all struct{ PublicKeyList []key }
	of := cloudtrail.NewFromConfig(c.cfg, func(o *cloudtrail.Options) { o.Region = region })
	in := &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to}
	for pages := cloudtrail.NewListPublicKeysPaginator(of, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			means := meaning(err)
			return nil, hint.Add(fmt.Errorf("ask CloudTrail in %s for its public keys: %w", region, brief(err)), advice[means]...)
		}
		for _, k := range page.PublicKeyList {
			all.PublicKeyList = append(all.PublicKeyList, key{k.Value, aws.ToString(k.Fingerprint)})
		}
	}
	return json.Marshal(all)
}
