package s3

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
)

// brief is what an error says without the layers that it came through: those name
// the request, which the caller knows, and a URL, which may have a signature in it.
func brief(err error) error {
	if named, ok := errors.AsType[smithy.APIError](err); ok {
		text := strings.TrimSuffix(named.ErrorMessage(), ".")
		switch {
		case text == "" || named.ErrorCode() == text:
			return errors.New(named.ErrorCode())
		default:
			return fmt.Errorf("%s: %.300s", named.ErrorCode(), text)
		}
	}
	if asked, ok := errors.AsType[*url.Error](err); ok {
		return asked.Err
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return op.Err
	}
	return err
}

// noCredentials reports whether nobody could be found to ask as.
func noCredentials(op *smithy.OperationError) bool {
	text := op.Error()
	return strings.Contains(text, "get identity") || strings.Contains(text, "failed to refresh cached credentials") || strings.Contains(text, "failed to sign request")
}
