// Package hint lets advice for a person travel with an error.
//
// The error says what is wrong; a hint says what to do about it. The two are
// kept apart so that an error reads the same in a log, in a test and on a
// screen, and only the program's faces decide where the advice is shown.
package hint

import "slices"

// Add returns err with advice attached, one sentence each. The text of err,
// and what [errors.Is] and [errors.As] find in it, stay as they were. Without
// an error, or without advice, it returns err itself.
func Add(err error, advice ...string) error {
	if err == nil || len(advice) == 0 {
		return err
	}
	return &advised{err: err, advice: slices.Clone(advice)}
}

// Of returns the advice attached to err and to everything it wraps or joins,
// each sentence once. Advice given nearer to the cause comes first, because it
// knows more. Of(nil) is nil.
func Of(err error) []string {
	var all []string
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		all = Of(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = appendNew(all, Of(inner))
		}
	}
	if e, ok := err.(*advised); ok {
		all = appendNew(all, e.advice)
	}
	return all
}

// appendNew appends those sentences of more that all does not hold yet.
func appendNew(all, more []string) []string {
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// advised is an error with advice beside it.
type advised struct {
	err    error
	advice []string
}

// Error returns the text of the error alone.
func (a *advised) Error() string { return a.err.Error() }

// Unwrap returns the error that the advice is about.
func (a *advised) Unwrap() error { return a.err }
