package samples

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tarn/internal/hint"
	"tarn/internal/nearest"
)

// Values is what a question is asked about.
type Values struct {
	Store    string    // name, id or ARN of an event data store
	From, To time.Time // from this instant, to before that one; zero is all there is
	Params   map[string]string
}

// Where nobody says, a question is about all events.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// ErrParam marks a parameter that is missing, unknown or has a value that does
// not fit.
var ErrParam = errors.New("parameter does not fit")

type paramError struct{ error }

func (paramError) Is(target error) bool { return target == ErrParam }

var (
	placeholder = regexp.MustCompile(`\$[a-z_]+`)
	storeID     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// Statement returns the SQL with values in the place of the placeholders. A
// value never becomes anything but a literal: texts are quoted, numbers read.
func (s Sample) Statement(v Values) (string, error) {
	literals := map[string]string{
		"$store": storeName(v.Store), "$from": timestamp(v.From, earliest), "$to": timestamp(v.To, latest),
	}
	for name := range v.Params {
		if !slices.ContainsFunc(s.Params, func(p Param) bool { return p.Name == name }) {
			return "", s.unknown(name)
		}
	}
	for _, p := range s.Params {
		value, given := v.Params[p.Name]
		if !given {
			value = p.Default
		}
		literal, err := p.literal(value)
		if err != nil {
			return "", fmt.Errorf("sample query %s: %w", s.Name, err)
		}
		literals["$"+p.Name] = literal
	}
	return placeholder.ReplaceAllStringFunc(s.SQL, func(name string) string {
		if literal, ok := literals[name]; ok {
			return literal
		}
		return name
	}), nil
}

// Head says as comments in front of SQL what is asked and what to look for.
func (s Sample) Head() string {
	return "-- " + s.Question + "\n-- look for: " + s.LookFor + "\n"
}

// unknown is the error for a parameter that the sample does not have.
func (s Sample) unknown(name string) error {
	err := paramError{fmt.Errorf("sample query %s has no parameter %q", s.Name, name)}
	var known []string
	for _, p := range s.Params {
		known = append(known, p.Name)
	}
	if len(known) == 0 {
		return hint.Add(err, "it has no parameters")
	}
	if near := nearest.Of(name, known); near != "" {
		return hint.Add(err, "did you mean "+near+"?")
	}
	return hint.Add(err, "its parameters: "+strings.Join(known, ", "))
}

// maxText is more than any name, ARN or pattern has.
const maxText = 2048

// literal is a value as SQL.
func (p Param) literal(value string) (string, error) {
	switch {
	case value == "" && p.Required():
		return "", paramError{fmt.Errorf("%s has no value: %s", p.Name, p.What)}
	case p.Kind == Number:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return "", hint.Add(paramError{fmt.Errorf("%s is %q", p.Name, value)}, p.Name+" is a whole number: "+p.What)
		}
		return strconv.FormatUint(n, 10), nil
	case len(value) > maxText:
		return "", paramError{fmt.Errorf("%s has %d bytes; at most %d", p.Name, len(value), maxText)}
	case strings.ContainsFunc(value, unicode.IsControl) || !isUTF8(value):
		return "", paramError{fmt.Errorf("%s is %q, in which there is something that cannot be printed", p.Name, value)}
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'", nil
}

func isUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// storeName is a store as it may stand behind FROM: CloudTrail Lake has its ids
// bare, and a name may be a keyword.
func storeName(store string) string {
	if storeID.MatchString(store) {
		return store
	}
	return `"` + strings.ReplaceAll(store, `"`, `""`) + `"`
}

// timestamp is an instant as SQL.
func timestamp(t, usual time.Time) string {
	if t.IsZero() {
		t = usual
	}
	return "timestamp '" + t.UTC().Format("2006-01-02 15:04:05.999999") + "'"
}
