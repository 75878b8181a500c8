package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Settings say which service is asked, and as whom. The zero value is what AWS's
// own programs would do: environment, shared configuration, role of the machine.
type Settings struct {
	// Endpoint is the service's address; empty for AWS's, or for what
	// AWS_ENDPOINT_URL_S3 or the profile says.
	Endpoint string
	// Region is the buckets'; empty for AWS's configuration, and where that has
	// none, the bucket is asked.
	Region string
	// Profile is one of the shared configuration, Role the ARN of a role to take on.
	Profile, Role string
	// Anonymous sends requests without a signature, for public buckets.
	Anonymous bool
	// Style is how a bucket stands in a URL: "path", "host", or empty, which is
	// host for AWS and path for any other endpoint.
	Style string
	// Attempts is how often a request is sent before it has failed; zero is 8.
	Attempts int
	// Patience is how long a connection may say nothing before it counts as broken; zero
	// is a minute.
	Patience time.Duration
}

// usualAttempts are those of a request, slowest the longest pause between two of
// them: with growing pauses, a service may throttle for about a minute.
const (
	usualAttempts = 8
	slowest       = 20 * time.Second
)

// Client asks one object storage as one caller.
type Client struct {
	settings Settings
	cfg      aws.Config
	counter  *counter

	mu      sync.Mutex
	regions map[string]*api.Client // by region, "" for that of the configuration
	buckets map[string]string      // regions that buckets told
}

// ErrSettings means that nobody could be asked with such settings.
var ErrSettings = errors.New("settings of S3")

// Open makes a client. No request is sent but what it takes to find out who asks.
func Open(ctx context.Context, s Settings) (*Client, error) {
	if s.Style != "" && s.Style != "path" && s.Style != "host" {
		return nil, fmt.Errorf(`%w: style %q is neither "path" nor "host"`, ErrSettings, s.Style)
	}
	cfg, counter, err := s.config(ctx)
	if err != nil {
		return nil, err
	}
	return &Client{settings: s, cfg: cfg, counter: counter, regions: map[string]*api.Client{}, buckets: map[string]string{}}, nil
}

// config finds out who asks, and counts what is asked.
func (s Settings) config(ctx context.Context) (aws.Config, *counter, error) {
	c := &counter{by: map[string]int64{}}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(transport(cmp.Or(s.Patience, usualPatience))),
		config.WithLogger(logging.Nop{}), // what is worth telling is in errors
		config.WithRetryer(func() aws.Retryer { return &retryer{standard(s.Attempts), c} }),
	}
	if s.Region != "" {
		load = append(load, config.WithRegion(s.Region))
	}
	if s.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(s.Profile))
	}
	if s.Anonymous {
		load = append(load, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return cfg, nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	c.to, cfg.HTTPClient = cfg.HTTPClient, c
	if s.Role != "" {
		asking := cfg.Copy()
		if asking.Region == "" {
			asking.Region = usualRegion
		}
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(asking), s.Role,
			func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "tarn" }))
	}
	return cfg, c, nil
}

// retryer sends no request again where nobody has ever answered: then the address is
// wrong, not the moment.
type retryer struct {
	aws.RetryerV2
	met *counter
}

// IsErrorRetryable implements [aws.Retryer].
func (r *retryer) IsErrorRetryable(err error) bool {
	if _, dialled := errors.AsType[*net.OpError](err); dialled && !r.met.answered.Load() {
		return false
	}
	return r.RetryerV2.IsErrorRetryable(err)
}

func standard(attempts int) aws.RetryerV2 {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, slowest
		if attempts == 0 {
			o.MaxAttempts = usualAttempts
		}
		// The usual limiter counts the failures of all requests together, and gives
		// up on the first ones where many are under way.
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.NewExponentialJitterBackoff(slowest)
	})
}

// usualRegion is asked where nobody says which.
const usualRegion = "us-east-1"

// in returns the client for a bucket's region.
func (c *Client) in(ctx context.Context, bucket string) (*api.Client, error) {
	if c.cfg.Region != "" {
		return c.of(c.cfg.Region), nil
	}
	c.mu.Lock()
	region, known := c.buckets[bucket]
	c.mu.Unlock()
	if known {
		return c.of(region), nil
	}
	out, err := c.of(usualRegion).HeadBucket(ctx, &api.HeadBucketInput{Bucket: &bucket})
	if err == nil {
		region = aws.ToString(out.BucketRegion)
	} else if region = header(err, "X-Amz-Bucket-Region"); region == "" && !answered(err) {
		return nil, explain(err, URI{Bucket: bucket})
	}
	if region == "" {
		region = usualRegion
	}
	c.mu.Lock()
	c.buckets[bucket] = region
	c.mu.Unlock()
	return c.of(region), nil
}

// of returns the client for a region.
func (c *Client) of(region string) *api.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.regions[region]; ok {
		return known
	}
	made := api.NewFromConfig(c.cfg, func(o *api.Options) {
		o.Region = region
		if c.settings.Endpoint != "" {
			o.BaseEndpoint = &c.settings.Endpoint
		}
		o.UsePathStyle = c.settings.Style == "path" || c.settings.Style == "" && o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	c.regions[region] = made
	return made
}
