package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config is how other services of AWS are asked with these settings; what is said of
// the endpoint is S3's alone.
func (s Settings) Config(ctx context.Context) (aws.Config, error) {
	cfg, _, err := s.config(ctx)
	return cfg, err
}

// Means returns which of ErrDenied, ErrCredentials, ErrBusy and ErrUnreachable an error
// of such a service is, nil for none of them, and what it says in short.
func Means(err error) (means, said error) { return meaning(err), brief(err) }
