package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"tarn/internal/hint"
)

// Errors of asking.
var (
	// ErrNotFound means that there is no such object, or version of it.
	ErrNotFound = errors.New("no such object")
	// ErrNoBucket means that there is no such bucket.
	ErrNoBucket = errors.New("no such bucket")
	// ErrDenied means that the service refuses it to who asks, a lock included.
	ErrDenied = errors.New("access denied")
	// ErrExists means that there is an object of that key already.
	ErrExists = errors.New("there is an object of that key already")
	// ErrChanged means that the object is another one than was listed.
	ErrChanged = errors.New("it changed since it was listed")
	// ErrTooLong means that an object has more bytes than are wanted.
	ErrTooLong = errors.New("it is too long")
	// ErrCredentials means that there are no credentials, or that they are not good.
	ErrCredentials = errors.New("credentials")
	// ErrNoLock means that the bucket has no Object Lock.
	ErrNoLock = errors.New("the bucket has no Object Lock")
	// ErrBusy means that the service throttled or failed in every attempt.
	ErrBusy = errors.New("the service is throttling or failing")
	// ErrUnreachable means that the service could not be asked, or did not answer in time.
	ErrUnreachable = errors.New("the service cannot be reached")
)

// meanings are what the codes of the services stand for.
var meanings = map[string]error{
	"NoSuchKey": ErrNotFound, "NotFound": ErrNotFound, "NoSuchVersion": ErrNotFound, "MethodNotAllowed": ErrDenied,
	"NoSuchBucket": ErrNoBucket,
	"AccessDenied": ErrDenied, "Forbidden": ErrDenied, "AllAccessDisabled": ErrDenied, "AccountProblem": ErrDenied, "InvalidObjectState": ErrDenied,
	"PreconditionFailed": ErrExists, "ConditionalRequestConflict": ErrExists,
	"ExpiredToken": ErrCredentials, "InvalidToken": ErrCredentials, "InvalidAccessKeyId": ErrCredentials, "SignatureDoesNotMatch": ErrCredentials,
	"RequestTimeTooSkewed": ErrCredentials, "TokenRefreshRequired": ErrCredentials, "InvalidClientTokenId": ErrCredentials,
	"ObjectLockConfigurationNotFoundError": ErrNoLock, "ObjectLockConfigurationNotFound": ErrNoLock, "InvalidBucketObjectLockConfiguration": ErrNoLock,
	"NoSuchObjectLockConfiguration": ErrNoLock,
	"SlowDown":                      ErrBusy, "InternalError": ErrBusy, "ServiceUnavailable": ErrBusy, "Throttling": ErrBusy, "ThrottlingException": ErrBusy,
	"RequestTimeout": ErrBusy, "TooManyRequests": ErrBusy,
}

var lockless = regexp.MustCompile(`(?i)missing object ?lock ?configuration`)

// advice is what to do about it.
var advice = map[error][]string{
	ErrNoBucket:    {"look at the name, and at the endpoint and region (tarn config)"},
	ErrDenied:      {"reading takes s3:ListBucket and s3:GetObject on the bucket, writing s3:PutObject; a bucket's own policy may deny what yours allows"},
	ErrCredentials: {"tarn asks as AWS's programs do: AWS_ACCESS_KEY_ID, AWS_PROFILE, a role of the machine; aws sts get-caller-identity tells who that is"},
	ErrNoLock:      {"Object Lock is chosen when a bucket is made: aws s3api create-bucket --object-lock-enabled-for-bucket"},
	ErrBusy:        {"what was done stays; the same command again goes on from there"},
	ErrUnreachable: {"look at the endpoint (tarn config) and the network; the same command again goes on from there"},
}

// explain says what an error of the service means, and what to do.
func explain(err error, at URI) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	means, place := meaning(err), shown(at)
	if means == nil {
		return fmt.Errorf("%s: %w", place, brief(err))
	}
	said := brief(err)
	if said == nil || said.Error() == means.Error() {
		return hint.Add(fmt.Errorf("%s: %w", place, means), advice[means]...)
	}
	return hint.Add(fmt.Errorf("%s: %w (%w)", place, means, said), advice[means]...)
}

// shown is a place as it may be shown: whoever writes to a bucket names the keys.
func shown(at URI) string {
	text := at.String()
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

func meaning(err error) error {
	if named, ok := errors.AsType[smithy.APIError](err); ok {
		if means := meanings[named.ErrorCode()]; means != nil {
			return means
		}
		// A lock in a bucket without has no code of its own.
		if lockless.MatchString(named.ErrorMessage()) {
			return ErrNoLock
		}
	}
	switch status(err) {
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusForbidden, http.StatusUnauthorized:
		return ErrDenied
	case http.StatusPreconditionFailed:
		return ErrExists
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ErrBusy
	case 0:
	default:
		return nil
	}
	if _, ok := errors.AsType[*smithy.CanceledError](err); ok {
		return nil
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok && noCredentials(op) {
		return ErrCredentials
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return ErrUnreachable
	}
	return nil
}

// status is that of the answer, zero if there was none.
func status(err error) int {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// answered reports whether the service has said something.
func answered(err error) bool { return status(err) != 0 }

func header(err error, name string) string {
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || answer.Response == nil || answer.Response.Response == nil {
		return ""
	}
	return answer.Response.Header.Get(name)
}
