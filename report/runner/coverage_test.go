package runner_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tarn/report"
)

// A trail that was silent for three hours is found; the hours before the report is made
// may still come.
func TestSilentHoursAreFound(t *testing.T) {
	var records []map[string]any
	for hour := range 72 {
		if slices.Contains([]int{20, 21, 22, 70, 71}, hour) {
			continue
		}
		for i := range 12 {
			records = append(records, record(hour*100+i, map[string]any{"eventTime": march.Add(time.Duration(hour)*time.Hour + time.Duration(i)*time.Minute).Format(time.RFC3339)}))
		}
	}
	l, engine := fill(t, write(t, records))
	o := asked
	o.To = march.Add(72 * time.Hour)
	for now, want := range map[time.Time]string{
		o.To:                    "[[111122223333 eu-north-1 2026-03-04T20:00:00Z 2026-03-04T23:00:00Z 3]]",
		o.To.Add(3 * time.Hour): "[[111122223333 eu-north-1 2026-03-04T20:00:00Z 2026-03-04T23:00:00Z 3] [111122223333 eu-north-1 2026-03-06T22:00:00Z 2026-03-07T00:00:00Z 2]]",
	} {
		o.Now = func() time.Time { return now }
		r := made(t, l, engine, o)
		i := slices.IndexFunc(r.Results, func(one report.Result) bool { return one.ID == "hours-covered" })
		if got := fmt.Sprint(r.Results[i].Rows); got != want || r.Results[i].Verdict != report.Failed {
			t.Errorf("made at %s: %s, %s", now, r.Results[i].Verdict, got)
		}
	}
}
