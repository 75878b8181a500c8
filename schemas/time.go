package schemas

import "time"

// ParseTime reads a time as audit events write it and returns microseconds
// since 1970 in UTC: 2006-01-02T15:04:05Z, also with a fraction, an offset, a
// space for the T, or no zone (then UTC), and the basic form 20060102T150405Z.
// ok is false for anything else, and for dates that do not exist.
func ParseTime(s []byte) (micros int64, ok bool) {
	if len(s) == 20 && s[4] == '-' && s[10] == 'T' && s[19] == 'Z' {
		return seconds(s)
	}
	for _, layout := range [...]string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999", "20060102T150405Z",
	} {
		if t, err := time.Parse(layout, string(s)); err == nil && inRange(t) {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// seconds is the fast path for the one form that real records use.
func seconds(s []byte) (int64, bool) {
	year, ok1 := decimal(s[0:4])
	month, ok2 := decimal(s[5:7])
	day, ok3 := decimal(s[8:10])
	hour, ok4 := decimal(s[11:13])
	minute, ok5 := decimal(s[14:16])
	second, ok6 := decimal(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	if month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	// A leap second is the second behind the 59th; its day must exist all the same.
	t := time.Date(year, time.Month(month), day, hour, minute, min(second, 59), 0, time.UTC)
	exists := t.Day() == day
	if second == 60 {
		t = t.Add(time.Second)
	}
	return t.UnixMicro(), exists && inRange(t)
}

// inRange keeps to years that every reader of the log and the segments can print.
func inRange(t time.Time) bool { return t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

func decimal(s []byte) (n int, ok bool) {
	for _, c := range s {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
