package duck

import (
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Error is what DuckDB said.
type Error struct {
	// Kind says whose fault it is.
	Kind ErrorKind
	// Msg is DuckDB's first sentence, without its picture of the statement.
	Msg string
}

// ErrorKind sorts DuckDB's errors by what can be done about them.
type ErrorKind int

// The kinds.
const (
	Other     ErrorKind = iota // the machine, the files, or the engine itself
	Statement                  // the statement makes no sense: an unknown name, a wrong type
	Value                      // a value in the data does not fit: a cast, an overflow
	Memory                     // the memory limit or the space for spilling is used up
	Interrupt                  // the context ended
)

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// Translate returns an *Error for an error of DuckDB's, and any other as it is.
func Translate(err error) error {
	var from *duckdb.Error
	if !errors.As(err, &from) {
		return err
	}
	msg, _, _ := strings.Cut(from.Msg, "\nLINE ")
	if prefix, rest, ok := strings.Cut(msg, "Error: "); ok && len(prefix) < 30 {
		msg = rest
	}
	return &Error{Kind: kind(from.Type), Msg: strings.TrimSpace(msg)}
}

func kind(t duckdb.ErrorType) ErrorKind {
	switch t {
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeParser,
		duckdb.ErrorTypeSyntax, duckdb.ErrorTypeExpression, duckdb.ErrorTypeNotImplemented,
		duckdb.ErrorTypeParameterNotAllowed, duckdb.ErrorTypeParameterNotResolved:
		return Statement
	case duckdb.ErrorTypeConversion, duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeInvalidInput,
		duckdb.ErrorTypeDivideByZero, duckdb.ErrorTypeMismatchType, duckdb.ErrorTypeInvalidType:
		return Value
	case duckdb.ErrorTypeOutOfMemory:
		return Memory
	case duckdb.ErrorTypeInterrupt:
		return Interrupt
	}
	return Other
}
