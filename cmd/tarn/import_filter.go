package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tarn/ingest"
	"tarn/schemas"
)

// filterFlags are the flags that say which events an import takes, or an export writes.
type filterFlags struct {
	command                    string // whose they are
	from, to                   string
	accounts, regions, sources []string
}

// add adds them to a command that takes, or writes, events.
func (f *filterFlags) add(c *cobra.Command, verb string) {
	f.command = c.Name()
	c.Flags().StringVar(&f.from, "from", "", verb+" events from this day or instant on: 2026-01-31, 2026-01-31T08:00:00Z")
	c.Flags().StringVar(&f.to, "to", "", verb+" events before this instant, or through the end of this day (UTC)")
	c.Flags().StringSliceVar(&f.accounts, "account", nil, verb+" events of these accounts (recipientAccountId), separated by commas")
	c.Flags().StringSliceVar(&f.regions, "region", nil, verb+" events of these regions (awsRegion), such as eu-west-1")
	c.Flags().StringSliceVar(&f.sources, "source", nil, verb+" events of these services (eventSource), such as s3.amazonaws.com")
}

var (
	accountText = regexp.MustCompile(`^[0-9]{12}$`)
	regionText  = regexp.MustCompile(`^[a-z0-9-]+$`)
	sourceText  = regexp.MustCompile(`^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$`)
)

// parse refuses what could not match any event: a mistake there would filter
// everything.
func (f *filterFlags) parse() (to ingest.Filter, err error) {
	if to.From, err = boundary(f.command+": --from", f.from, 0); err != nil {
		return to, err
	}
	if to.To, err = boundary(f.command+": --to", f.to, 1); err != nil {
		return to, err
	}
	if !to.From.IsZero() && !to.To.IsZero() && !to.From.Before(to.To) {
		return to, usage(fmt.Errorf("%s: nothing is from %s to %s", f.command, f.from, f.to), "--from is where it begins; --to is the last day, or the instant before which it ends")
	}
	for _, l := range []struct {
		flag   string
		form   *regexp.Regexp
		advice string
		given  []string
		into   *[]string
	}{
		{"--account", accountText, "an account has 12 digits", f.accounts, &to.Accounts},
		{"--region", regionText, "regions are written like eu-west-1", f.regions, &to.Regions},
		{"--source", sourceText, "sources are written in full, like s3.amazonaws.com", f.sources, &to.Sources},
	} {
		for _, v := range l.given {
			if v = strings.TrimSpace(v); !l.form.MatchString(v) {
				return to, usage(fmt.Errorf("%s: %s %q", f.command, l.flag, v), l.advice)
			}
			*l.into = append(*l.into, v)
		}
	}
	return to, nil
}

// boundary reads a day, which stands for its start and so many days later, or an
// instant; without a zone it is in UTC.
func boundary(flag, text string, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.AddDate(0, 0, days), nil
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	micros, ok := schemas.ParseTime([]byte(text))
	if !ok {
		return time.Time{}, usage(fmt.Errorf("%s %q", flag, text), "write a day, 2026-01-31, or an instant, 2026-01-31T08:00:00Z")
	}
	return time.UnixMicro(micros).UTC(), nil
}
