package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container may have none

	"github.com/adhocore/gronx"

	"tarn/internal/hint"
)

// ErrCron means that something is no cron expression, or no time zone, that is
// understood here.
var ErrCron = errors.New("not understood")

// Cron is a set of times of the clock on the wall in a time zone. Each becomes one
// instant: a time that the clock shows twice its first, one that it skips the first
// instant after the gap.
type Cron struct {
	expr string
	zone *time.Location
}

const (
	cronForm = "five fields: minute hour day-of-month month day-of-week, such as \"0 8 * * MON\", or @hourly, @daily, @weekly, @monthly, @yearly"
	zoneForm = "a name of the IANA time zone database, such as Europe/Berlin or UTC"
)

// cronWords and cronField are of what cron expressions are made. The library
// understands more; what is not written down here is refused.
var (
	cronWords = []string{"@hourly", "@daily", "@weekly", "@monthly", "@yearly"}
	cronField = regexp.MustCompile(`(?i)^(\*|[0-9]+|[a-z]{3})(-([0-9]+|[a-z]{3}))?(/[0-9]+)?(,(\*|[0-9]+|[a-z]{3})(-([0-9]+|[a-z]{3}))?(/[0-9]+)?)*$`)
)

// ParseCron reads a cron expression for a time zone.
func ParseCron(expr, zone string) (Cron, error) {
	if zone == "" || zone == "Local" { // whose?
		return Cron{}, hint.Add(fmt.Errorf("the time zone %q is %w", zone, ErrCron), zoneForm)
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return Cron{}, hint.Add(fmt.Errorf("the time zone %q is %w", zone, ErrCron), zoneForm)
	}
	c := Cron{strings.Join(strings.Fields(expr), " "), where}
	if err := c.check(); err != nil {
		return Cron{}, hint.Add(fmt.Errorf("the cron expression %q is %w: %w", expr, ErrCron, err), cronForm)
	}
	return c, nil
}

func (c Cron) check() error {
	fields := strings.Fields(c.expr)
	if len(fields) == 1 {
		if slices.Contains(cronWords, c.expr) {
			return nil
		}
	}
	if len(fields) != 5 {
		return fmt.Errorf("it has %d fields", len(fields))
	}
	for i, f := range fields {
		if !cronField.MatchString(f) {
			return fmt.Errorf("field %d is %q", i+1, f)
		}
	}
	if _, err := gronx.Segments(c.expr); err != nil {
		return err
	}
	// 2000 was a leap year: what never comes from there on never comes.
	if _, err := gronx.NextTickAfter(c.expr, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), true); err != nil {
		return fmt.Errorf("it is never due: %w", err)
	}
	return nil
}

// Next is the first instant behind t at which something is due.
func (c Cron) Next(t time.Time) (time.Time, error) {
	for wall := onWall(t.In(c.zone)); ; {
		var err error
		if wall, err = gronx.NextTickAfter(c.expr, wall, false); err != nil {
			return time.Time{}, fmt.Errorf("%s: %w", c.expr, err)
		}
		if at := instant(wall, c.zone); at.After(t) {
			return at, nil
		}
	}
}

// Before is the last instant before t at which something was due.
func (c Cron) Before(t time.Time) (time.Time, error) {
	wall := onWall(t.In(c.zone))
	if set, _ := t.In(c.zone).ZoneBounds(); t.Sub(set) < longestFold {
		// Where the clock was set back, it has shown later times before.
		wall = wall.Add(longestFold)
	}
	for {
		var err error
		if wall, err = gronx.PrevTickBefore(c.expr, wall, false); err != nil {
			return time.Time{}, fmt.Errorf("%s: %w", c.expr, err)
		}
		if at := instant(wall, c.zone); at.Before(t) {
			return at, nil
		}
	}
}

// longestFold is more than a clock was ever set back, in a zone that anybody asks for:
// where a date line was moved, a day.
const longestFold = 25 * time.Hour

// onWall is what the clock on the wall shows at t, as if it were UTC: there each time
// is there once, and the library need know nothing of zones.
func onWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is when the clock on the wall of a zone shows something: the first time, or
// the first instant after the gap that it is in.
func instant(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	begins, ends := t.ZoneBounds()
	switch shows := onWall(t); {
	case shows.After(wall): // the gap is before t
		return begins
	case shows.Before(wall):
		return ends
	}
	if begins.IsZero() {
		return t
	}
	_, was := begins.Add(-time.Second).Zone()
	if first := wall.Add(-time.Duration(was) * time.Second).In(zone); first.Before(begins) {
		return first
	}
	return t
}
