package query

import (
	"math/rand/v2"
	"testing"
	"time"

	"tarn/lake"
)

// A segment is left out by a text only if no time in it prints a text that fits.
func TestTextBoundsLeaveOutNothingThatFits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	base := time.Date(2023, 7, 10, 23, 59, 0, 0, time.UTC)
	fits := map[string]func(a, b string) bool{
		"COMPARE_EQUAL":                func(a, b string) bool { return a == b },
		"COMPARE_LESSTHAN":             func(a, b string) bool { return a < b },
		"COMPARE_LESSTHANOREQUALTO":    func(a, b string) bool { return a <= b },
		"COMPARE_GREATERTHAN":          func(a, b string) bool { return a > b },
		"COMPARE_GREATERTHANOREQUALTO": func(a, b string) bool { return a >= b },
	}
	excluded := 0
	for range 2000 {
		at := base.Add(time.Duration(r.Int64N(int64(48 * time.Hour)))).Truncate(time.Microsecond)
		near := at.Add(time.Duration(r.IntN(5)-2) * []time.Duration{time.Second, time.Hour, 24 * time.Hour}[r.IntN(3)])
		for _, layout := range []string{athenaTime, "2006/01/02", "2006/01", "2006"} {
			text := near.Format([]string{layout, "2006-01-02 15:04:05", "2006-01-02", "2006-01-02T15", "2006/1/2", "x", "", "~", time.RFC3339Nano}[r.IntN(9)])
			if r.IntN(4) == 0 && text != "" {
				text = text[:r.IntN(len(text))]
			}
			for comparison, fit := range fits {
				var b bounds
				b.addText(layout, comparison, text)
				left := b.excludes(&lake.Segment{MinTime: at, MaxTime: at})
				if left {
					excluded++
				}
				if left && fit(at.Format(layout), text) {
					t.Fatalf("%s %s '%s' is left out", at.Format(layout), comparison, text)
				}
			}
		}
	}
	if excluded < 10_000 {
		t.Errorf("only %d are left out", excluded)
	}
}
