package schedule_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tarn/report/schedule"
)

// Each line is what is due after a moment, one after the other, in the zone's own
// clock with its distance to UTC.
func TestWhatIsDueByTheClockOnTheWall(t *testing.T) {
	tests := []struct {
		what, expr, zone, after string
		due                     []string
	}{
		{"Mondays at eight, over both changes", "0 8 * * MON", "Europe/Berlin", "2026-03-22T00:00:00Z", []string{"2026-03-23T08:00:00+01:00", "2026-03-30T08:00:00+02:00"}},
		{"in the hour that is not", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", []string{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"several in that hour, and its end: once", "0,15,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"in the hour that is twice", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"asked between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", []string{"2026-10-26T02:30:00+01:00"}},
		{"each half hour, through the hour that is twice", "*/30 * * * *", "Europe/Berlin", "2026-10-24T23:50:00Z", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"}},
		{"asked within the second of them", "*/30 * * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", []string{"2026-10-25T03:00:00+01:00"}},
		{"New York has no 2:15", "15 2 * * SUN", "America/New_York", "2026-03-02T00:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-15T02:15:00-04:00"}},
		{"New York has 1:15 twice", "15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T01:15:00-04:00", "2026-11-02T01:15:00-05:00"}},
		{"midnight there", "@daily", "America/New_York", "2026-11-01T00:00:00Z", []string{"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}},
		{"Kolkata has one clock", "0 0 1 * *", "Asia/Kolkata", "2026-03-01T00:00:00Z", []string{"2026-04-01T00:00:00+05:30", "2026-05-01T00:00:00+05:30"}},
		{"and never changes it", "30 2 * * *", "Asia/Kolkata", "2026-03-28T12:00:00Z", []string{"2026-03-29T02:30:00+05:30", "2026-03-30T02:30:00+05:30"}},
		{"Lord Howe skips half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"and has half an hour twice", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{"quarters of an hour there", "*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:40:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-05T02:00:00+10:30"}},
		{"a day that was not: Samoa", "0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", []string{"2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},
		{"the last of February", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"the 13th, or Fridays", "0 0 13 * FRI", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z"}},
		{"a range of names", "0 6 * JAN,jul MON-FRI", "UTC", "2026-01-30T12:00:00Z", []string{"2026-07-01T06:00:00Z", "2026-07-02T06:00:00Z"}},
	}
	for _, tt := range tests {
		c, err := schedule.ParseCron(tt.expr, tt.zone)
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		zone, _ := time.LoadLocation(tt.zone)
		at, _ := time.Parse(time.RFC3339, tt.after)
		for i, want := range tt.due {
			next, err := c.Next(at)
			if got := next.In(zone).Format(time.RFC3339); got != want || err != nil {
				t.Errorf("%s: %d. is %s, %v; want %s", tt.what, i+1, got, err, want)
			}
			if before, err := c.Before(next); i > 0 && !before.Equal(at) || err != nil {
				t.Errorf("%s: before %s is %s, %v; want %s", tt.what, want, before.In(zone), err, at)
			}
			at = next
		}
	}
}

func TestWhatIsNoCronExpression(t *testing.T) {
	for _, expr := range []string{"", "* * * *", "* * * * * *", "61 * * * *", "* 24 * * *", "0 0 31 2 *", "0 0 30 FEB *", "@every 5m", "@reboot", "0 0 L * *", "0 0 * * 5#3", "0 0 15W * *", "1,,2 * * * *", "-1 * * * *", "*/0 * * * *", "30-10 * * * *", "TZ=UTC * * * *", "0 0 0 * *", "H * * * *", "0 8 * * FOO", "0 8 * * MON;", "? * * * *"} {
		if c, err := schedule.ParseCron(expr, "UTC"); !errors.Is(err, schedule.ErrCron) {
			t.Errorf("%q is taken: %v, %v", expr, c, err)
		}
	}
	for _, zone := range []string{"", "Local", "Berlin", "../etc/passwd", "CEST"} {
		if _, err := schedule.ParseCron("@daily", zone); !errors.Is(err, schedule.ErrCron) {
			t.Errorf("the zone %q is taken: %v", zone, err)
		}
	}
}

// rule is a cron expression, and what it means.
type rule struct {
	expr  string
	match func(wall time.Time) bool
}

// A year of minutes in four zones against a clock that knows nothing of cron: due is
// what its hands show if they have not shown it before, and all that they jumped over.
func TestAYearOfMinutes(t *testing.T) {
	rules := []rule{
		{"30 2 * * *", func(w time.Time) bool { return w.Hour() == 2 && w.Minute() == 30 }},
		{"*/20 1-3 * * *", func(w time.Time) bool { return w.Hour() >= 1 && w.Hour() <= 3 && w.Minute()%20 == 0 }},
		{"0 8 * * MON", func(w time.Time) bool { return w.Hour() == 8 && w.Minute() == 0 && w.Weekday() == time.Monday }},
		{"45 * * * *", func(w time.Time) bool { return w.Minute() == 45 }},
	}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"} {
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		dues := walk(t, rules, name, from, from.AddDate(1, 0, 0))
		for i, r := range rules {
			c, err := schedule.ParseCron(r.expr, name)
			if err != nil {
				t.Fatal(err)
			}
			at := from
			for n, want := range dues[i] {
				next, err := c.Next(at)
				if err != nil || !next.Equal(want) {
					t.Fatalf("%s in %s: after %s comes %s, %v; the clock says %s", r.expr, name, at, next, err, want)
				}
				if before, err := c.Before(next); err != nil || n > 0 && !before.Equal(at) {
					t.Fatalf("%s in %s: before %s was %s, %v; the clock says %s", r.expr, name, next, before, err, at)
				}
				at = next
			}
		}
	}
}

// walk walks through the minutes of a zone and returns when each rule is due.
func walk(t *testing.T, rules []rule, name string, from, to time.Time) [][]time.Time {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	hands := func(at time.Time) time.Time {
		_, offset := at.In(zone).Zone()
		return at.Add(time.Duration(offset) * time.Second)
	}
	dues := make([][]time.Time, len(rules))
	high := hands(from) // the latest that they have shown
	for at := from.Add(time.Minute); !at.After(to); at = at.Add(time.Minute) {
		due := make([]bool, len(rules))
		for now := hands(at); high.Before(now); {
			high = high.Add(time.Minute)
			for i, r := range rules {
				due[i] = due[i] || r.match(high)
			}
		}
		for i := range rules {
			if due[i] {
				dues[i] = append(dues[i], at)
			}
		}
	}
	return dues
}

func TestACronExpressionIsOneLine(t *testing.T) {
	c, err := schedule.ParseCron("  0   8 *  * mon ", "UTC")
	next, _ := c.Next(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	if err != nil || !strings.HasPrefix(next.Format(time.RFC3339), "2026-11-30T08:00") {
		t.Errorf("%v, %v", next, err)
	}
}
