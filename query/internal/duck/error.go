package duck

import "strings"

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
	Late                       // the time that a query may take is over
	Crash                      // the process that ran it is no more
)

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// kinds are the kinds of what DuckDB writes before its messages.
var kinds = map[string]ErrorKind{
	"Binder": Statement, "Catalog": Statement, "Parser": Statement, "Syntax": Statement, "Expression": Statement,
	"Not implemented": Statement, "Parameter Not Allowed": Statement, "Parameter Not Resolved": Statement,
	"Conversion": Value, "Out of Range": Value, "Invalid Input": Value, "Divide by Zero": Value, "Mismatch Type": Value, "Invalid type": Value,
	"Out of Memory": Memory,
	"INTERRUPT":     Interrupt,
}

// failure is the error of a message of DuckDB's.
func failure(msg string) error {
	msg, _, _ = strings.Cut(msg, "\nLINE ")
	e := &Error{Msg: msg}
	if prefix, rest, ok := strings.Cut(msg, "Error: "); ok && len(prefix) < 30 {
		e.Kind, e.Msg = kinds[strings.TrimSpace(prefix)], rest
	}
	if strings.HasPrefix(e.Msg, "Could not write file") && strings.HasSuffix(e.Msg, "File too large") {
		e.Kind = Memory // the process's limit came before DuckDB's
	}
	e.Msg = strings.TrimSpace(e.Msg)
	return e
}
