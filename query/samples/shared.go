package samples

import (
	"fmt"
	"strings"
	"time"
)

// Shared is the SQL as people share it: about all times, with $EDS_ID for the store,
// and a $name for each value that has to be given.
func (s Sample) Shared() string {
	return placeholder.ReplaceAllStringFunc(s.SQL, func(name string) string {
		switch name {
		case "$store":
			return "$EDS_ID"
		case "$from":
			return timestamp(time.Time{}, earliest)
		case "$to":
			return timestamp(time.Time{}, latest)
		}
		for _, p := range s.Params {
			if "$"+p.Name != name || p.Required() {
				continue
			}
			if literal, err := p.literal(p.Default); err == nil {
				return literal
			}
		}
		return name
	})
}

// Filled is Statement with the values in their order: the store, from, to, and the
// parameters. Those that are empty or left out at the end are as where nobody says.
func (s Sample) Filled(values []string) (string, error) {
	v := Values{Params: map[string]string{}}
	for i, value := range values {
		var err error
		switch {
		case i == 0:
			v.Store = value
		case value == "":
		case i == 1:
			v.From, err = instant(value)
		case i == 2:
			v.To, err = instant(value)
		case i-3 < len(s.Params):
			v.Params[s.Params[i-3].Name] = value
		default:
			err = s.tooMany(len(values))
		}
		if err != nil {
			return "", err
		}
	}
	if v.Store == "" {
		return "", s.noStore()
	}
	return s.Statement(v)
}

// instant reads a time as SQL or AWS writes it.
func instant(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", time.DateOnly} {
		if t, err = time.ParseInLocation(layout, strings.TrimSpace(text), time.UTC); err == nil {
			return t, nil
		}
	}
	return t, notATime(text)
}

func (s Sample) tooMany(n int) error {
	return paramError{fmt.Errorf("sample query %s takes at most %d values (the store, from, to, and %d of its own), not %d", s.Name, 3+len(s.Params), len(s.Params), n)}
}

func (s Sample) noStore() error {
	return paramError{fmt.Errorf("sample query %s needs the event data store as its first value", s.Name)}
}

func notATime(text string) error {
	return paramError{fmt.Errorf("%q is not a time such as 2026-01-02 03:04:05", text)}
}
