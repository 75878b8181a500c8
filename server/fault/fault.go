// Package fault is what a client is told of an error: AWS's name for it, the HTTP
// status that goes with that, a sentence, and what to do. Both doors of the server
// answer with it. What is not the client's business has none.
package fault

import (
	"errors"
	"fmt"

	"tarn/internal/hint"
	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/query"
	"tarn/query/jobs"
	"tarn/server/access"
	"tarn/server/audit"
	"tarn/server/delivery"
	"tarn/server/imports"
)

// Fault is an error as a client sees it.
type Fault struct {
	// Status is HTTP's.
	Status int
	// Code is AWS's name for it where it has one, such as InactiveQueryException.
	Code string
	// Msg is a sentence.
	Msg string
	// Hints say what to do.
	Hints []string
}

// Error is error's.
func (f *Fault) Error() string { return f.Code + ": " + f.Msg }

// New is a fault of that code, with the status that goes with it.
func New(code, format string, args ...any) *Fault {
	return &Fault{Status: StatusOf(code), Code: code, Msg: fmt.Sprintf(format, args...)}
}

// With returns the fault with what to do.
func (f *Fault) With(hints ...string) *Fault {
	f.Hints = append(f.Hints, hints...)
	return f
}

// Codes that are used in more than one place.
const (
	Invalid  = "InvalidParameterException"
	Denied   = "AccessDeniedException"
	Syntax   = "InvalidQueryStatementException"
	NoStore  = "EventDataStoreNotFoundException"
	Inactive = "InactiveEventDataStoreException"
	TooMany  = "MaxConcurrentQueriesException"
	// Throttled is what AWS's SDKs wait after, and then send again.
	Throttled = "ThrottlingException"
	// Unavailable is too: it may be better later.
	Unavailable = "ServiceUnavailableException"
)

// badRequest is the status of all codes that are not in the table.
const badRequest = 400

var statuses = map[string]int{
	"MissingAuthenticationTokenException":       401,
	"UnrecognizedClientException":               401,
	"InvalidSignatureException":                 401,
	Denied:                                      403,
	"InsufficientS3BucketPolicyException":       403,
	"InsufficientSnsTopicPolicyException":       403,
	"MaximumNumberOfTrailsExceededException":    403,
	"NoManagementAccountSLRExistsException":     403,
	"NotOrganizationManagementAccountException": 403,
	"AccountNotFoundException":                  404,
	"OrganizationsNotInUseException":            404,
	"TrailNotProvidedException":                 404,
	"ChannelNotFoundException":                  404,
	NoStore:                                     404,
	"ImportNotFoundException":                   404,
	"NotFound":                                  404,
	"QueryIdNotFoundException":                  404,
	"ResourcePolicyNotFoundException":           404,
	"S3BucketDoesNotExistException":             404,
	"TrailNotFoundException":                    404,
	"NotAcceptable":                             406,
	"RequestTimeout":                            408,
	"ConflictException":                         409,
	"QueryNotFinished":                          409,
	"RequestTooLarge":                           413,
	"UnsupportedMediaType":                      415,
	"QueryFailed":                               422,
	TooMany:                                     429,
	Throttled:                                   429,
	"InternalFailure":                           500,
	Unavailable:                                 503,
	"QueryTimedOut":                             504,
}

// StatusOf is the HTTP status that goes with a code.
func StatusOf(code string) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return badRequest
}

// known says what the errors of the rooms below are called; the first that fits counts.
var known = []struct {
	is   error
	code string
}{
	{lake.ErrStoreNotFound, NoStore},
	{lake.ErrStoreInactive, Inactive},
	{lake.ErrStopped, "InvalidEventDataStoreStatusException"},
	{lake.ErrNotPending, "InvalidEventDataStoreStatusException"},
	{lake.ErrStoreExists, "EventDataStoreAlreadyExistsException"},
	{lake.ErrStoreName, Invalid},
	{lake.ErrRetention, Invalid},
	{lake.ErrBilling, Invalid},
	{lake.ErrSelectors, "InvalidEventSelectorsException"},
	{lake.ErrProtected, "EventDataStoreTerminationProtectedException"},
	{lake.ErrImporting, "EventDataStoreHasOngoingImportException"},
	{lake.ErrStoreLocked, "OperationNotPermittedException"},
	{lake.ErrHeld, "OperationNotPermittedException"},
	{lake.ErrOwnStore, "OperationNotPermittedException"},
	{lake.ErrClock, "OperationNotPermittedException"},
	{lake.ErrBehind, Unavailable},
	{delivery.ErrAddress, "InvalidS3PrefixException"},
	{delivery.ErrBucket, "S3BucketDoesNotExistException"},
	{imports.ErrSource, "InvalidImportSourceException"},
	{imports.ErrOngoing, "AccountHasOngoingImportException"},
	{imports.ErrNotResumed, Invalid},
	{imports.ErrEnded, Invalid},
	{statedb.ErrNoImport, "ImportNotFoundException"},
	{jobs.ErrNone, "QueryIdNotFoundException"},
	{jobs.ErrMany, TooMany},
	{jobs.ErrEnded, "InactiveQueryException"},
	{query.ErrMemory, "QueryFailed"},
	{query.ErrCrash, "QueryFailed"},
	{query.ErrLate, "QueryTimedOut"},
	{audit.ErrNotKept, Unavailable},
}

// Of is what a client is told of an error, or nil if that is none of its business.
func Of(err error) *Fault {
	var told *Fault
	var refused *access.Refusal
	var syntax *query.SyntaxError
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &refused):
		return New(refused.Code, "%s", refused.Msg)
	case errors.As(err, &syntax):
		return New(Syntax, "%v", err).With(hint.Of(err)...)
	}
	for _, k := range known {
		if errors.Is(err, k.is) {
			return New(k.code, "%v", err).With(hint.Of(err)...)
		}
	}
	return nil
}
