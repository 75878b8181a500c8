package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"tarn/internal/hint"
	"tarn/internal/s3"
)

// Errors beside those of package s3.
var (
	// ErrURL means that a text is no URL of a queue.
	ErrURL = errors.New("no URL of a queue")
	// ErrNoQueue means that there is no such queue.
	ErrNoQueue = errors.New("no such queue")
)

const (
	// atOnce is how many messages a request may be about, longest how long one waits for
	// the first: the service's bounds.
	atOnce  = 10
	longest = 20 * time.Second
)

// Queue is a queue.
type Queue struct {
	url    string
	client *api.Client
}

// regional finds the region of a queue of AWS.
var regional = regexp.MustCompile(`^sqs(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$`)

// Check says whether a text can be the URL of a queue.
func Check(text string) error {
	at, err := url.Parse(text)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.Path == "" || at.Path == "/" || at.User != nil || at.RawQuery != "" {
		return hint.Add(fmt.Errorf("%w: %.200q", ErrURL, text), "such as https://sqs.eu-west-1.amazonaws.com/111122223333/trail")
	}
	return nil
}

// Open makes a client of the queue at a URL. Nothing is sent.
func Open(ctx context.Context, text string, s s3.Settings) (*Queue, error) {
	if err := Check(text); err != nil {
		return nil, err
	}
	at, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	cfg, err := s.Config(ctx)
	if err != nil {
		return nil, err
	}
	if m := regional.FindStringSubmatch(at.Hostname()); m != nil {
		cfg.Region = m[1] // a queue may be elsewhere than the bucket
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // it is signed, and others than AWS do not look at it
	}
	return &Queue{text, api.NewFromConfig(cfg, func(o *api.Options) {
		o.BaseEndpoint, o.RetryMaxAttempts = aws.String(at.Scheme+"://"+at.Host), 2 // who asks asks again
	})}, nil
}

// Receive returns messages by what acknowledges them; none, if none came in so long.
// They are hidden from others until the queue's visibility timeout is over.
func (q *Queue) Receive(ctx context.Context, wait time.Duration) (map[string][]byte, error) {
	seconds := int32(min(max(wait, 0), longest) / time.Second)
	out, err := q.client.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: atOnce, WaitTimeSeconds: seconds})
	if err != nil {
		return nil, q.explain(err)
	}
	all := map[string][]byte{}
	for _, m := range out.Messages {
		all[aws.ToString(m.ReceiptHandle)] = []byte(aws.ToString(m.Body))
	}
	return all, nil
}

// Done removes messages for good. Those that cannot be come again.
func (q *Queue) Done(ctx context.Context, receipts []string) error {
	for some := range slices.Chunk(receipts, atOnce) {
		var entries []types.DeleteMessageBatchRequestEntry
		for i, r := range some {
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &r})
		}
		out, err := q.client.DeleteMessageBatch(ctx, &api.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return q.explain(err)
		}
		if n := len(out.Failed); n > 0 {
			return fmt.Errorf("%s: %d messages could not be removed: %s", q.url, n, aws.ToString(out.Failed[0].Message))
		}
	}
	return nil
}

// Close lets go of the queue.
func (q *Queue) Close() error { return nil }

// meanings are what the codes of the service stand for, beside those of S3.
var meanings = map[string]error{
	"AWS.SimpleQueueService.NonExistentQueue": ErrNoQueue, "QueueDoesNotExist": ErrNoQueue, "NonExistentQueue": ErrNoQueue,
	"UnrecognizedClientException": s3.ErrCredentials, "ExpiredTokenException": s3.ErrCredentials, "InvalidSignatureException": s3.ErrCredentials,
	"IncompleteSignature": s3.ErrCredentials, "MissingAuthenticationToken": s3.ErrCredentials,
	"InvalidSecurity": s3.ErrCredentials, "RequestThrottled": s3.ErrBusy, "OverLimit": s3.ErrBusy,
}

// advice is what to do about it.
var advice = map[error][]string{
	ErrNoQueue:        {"look at the URL: aws sqs get-queue-url --queue-name NAME"},
	s3.ErrDenied:      {"it takes sqs:ReceiveMessage and sqs:DeleteMessage on the queue"},
	s3.ErrNotFound:    {"look at the URL: aws sqs get-queue-url --queue-name NAME"},
	s3.ErrCredentials: {"tarn asks as AWS's programs do: AWS_ACCESS_KEY_ID, AWS_PROFILE, a role of the machine; aws sts get-caller-identity tells who that is"},
}

// explain says what an error of the service means, and what to do.
func (q *Queue) explain(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	means, said := s3.Means(err)
	if named, ok := errors.AsType[smithy.APIError](err); ok && meanings[named.ErrorCode()] != nil {
		means = meanings[named.ErrorCode()]
	}
	if means == nil {
		return fmt.Errorf("%s: %w", q.url, said)
	}
	return hint.Add(fmt.Errorf("%s: %w (%w)", q.url, means, said), advice[means]...)
}
