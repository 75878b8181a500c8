package progress_test

import (
	"math"
	"testing"
	"time"

	"tarn/internal/progress"
)

func TestCount(t *testing.T) {
	tests := []struct {
		n    int64
		want string
	}{
		{0, "0"},
		{7, "7"},
		{999, "999"},
		{1000, "1,000"},
		{12345, "12,345"},
		{100000, "100,000"},
		{1234567, "1,234,567"},
		{-123, "-123"},
		{-1234, "-1,234"},
		{math.MaxInt64, "9,223,372,036,854,775,807"},
		{math.MinInt64, "-9,223,372,036,854,775,808"},
	}
	for _, tt := range tests {
		if got := progress.Count(tt.n); got != tt.want {
			t.Errorf("Count(%d) = %q; want %q", tt.n, got, tt.want)
		}
	}
}

func TestBytes(t *testing.T) {
	tests := []struct {
		n    int64
		want string
	}{
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{1234, "1.2 kB"},
		{12_345_678, "12.3 MB"},
		{999_949, "999.9 kB"},
		{999_950, "1.0 MB"},
		{128_000_000_000, "128.0 GB"},
		{-1234, "-1.2 kB"},
		{math.MaxInt64, "9.2 EB"},
		{math.MinInt64, "-9.2 EB"},
	}
	for _, tt := range tests {
		if got := progress.Bytes(tt.n); got != tt.want {
			t.Errorf("Bytes(%d) = %q; want %q", tt.n, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s"},
		{999, "999 ns"},
		{85_400, "85 µs"},
		{999_499, "999 µs"},
		{999_500, "1 ms"},
		{340 * time.Millisecond, "340 ms"},
		{999_600 * time.Microsecond, "1 s"},
		{1234 * time.Millisecond, "1.2 s"},
		{8 * time.Second, "8 s"},
		{9960 * time.Millisecond, "10 s"},
		{45_300 * time.Millisecond, "45 s"},
		{59_600 * time.Millisecond, "1 min 00 s"},
		{3*time.Minute + 5*time.Second, "3 min 05 s"},
		{time.Hour - 400*time.Millisecond, "1 h 00 min"},
		{2*time.Hour + 9*time.Minute + 40*time.Second, "2 h 10 min"},
		{day - time.Second, "1 d 0 h"},
		{4*day + 3*time.Hour, "4 d 3 h"},
		{-1200 * time.Millisecond, "-1.2 s"},
		{math.MaxInt64, "106751 d 23 h"},
		{math.MinInt64, "-106751 d 23 h"},
	}
	for _, tt := range tests {
		if got := progress.Duration(tt.d); got != tt.want {
			t.Errorf("Duration(%d) = %q; want %q", int64(tt.d), got, tt.want)
		}
	}
}
