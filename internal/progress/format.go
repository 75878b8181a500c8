package progress

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes n with a comma at every thousand: 1,234,567.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Bytes writes a size in the decimal units that disks and bills use: 999 B,
// 1.2 kB, 12.3 MB.
func Bytes(n int64) string {
	if -1000 < n && n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	const units = "kMGTPE"
	v, unit := float64(n)/1000, 0
	// 999.95 would be written as 1000.0; the next unit says it shorter.
	for math.Abs(v) >= 999.95 {
		v, unit = v/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", v, units[unit])
}

// Duration writes how long something took with as much as a person wants to
// know: 85 µs, 340 ms, 1.2 s, 45 s, 3 min 05 s, 2 h 10 min, 4 d 3 h.
func Duration(d time.Duration) string {
	// Each case rounds first and then compares, so that 59.9 s is a minute
	// and not "60 s".
	second := d.Round(time.Second)
	minute := d.Round(time.Minute)
	hour := d.Round(time.Hour)
	switch {
	case d == math.MinInt64:
		return Duration(d + 1) // has no positive twin
	case d < 0:
		return "-" + Duration(-d)
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d.Round(time.Microsecond) < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Round(time.Microsecond)/time.Microsecond)
	case d.Round(time.Millisecond) < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond)/time.Millisecond)
	case d.Round(time.Second/10) < 10*time.Second:
		return oneDecimal(d.Round(time.Second/10).Seconds()) + " s"
	case second < time.Minute:
		return fmt.Sprintf("%d s", second/time.Second)
	case second < time.Hour:
		return fmt.Sprintf("%d min %02d s", second/time.Minute, second%time.Minute/time.Second)
	case minute < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", minute/time.Hour, minute%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%d d %d h", hour/(24*time.Hour), hour%(24*time.Hour)/time.Hour)
	}
}

// oneDecimal writes 1.2, and 8 for 8.0.
func oneDecimal(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
