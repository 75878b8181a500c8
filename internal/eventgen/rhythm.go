package eventgen

// Programs work around the clock, people from morning to afternoon on
// weekdays; a company in Norway is two hours ahead of UTC in October.
// officeHours is how many of them are at work, in percent, per hour of UTC.
var officeHours = [24]float64{
	1, 1, 1, 1, 2, 12, 55, 90, 100, 92, 70, 85, 95, 88, 60, 30, 14, 10, 9, 8, 6, 4, 2, 1,
}

const (
	// peopleShare is how much people add to what programs do when all of them
	// are at work.
	peopleShare = 1.6
	// weekendShare is how much of a weekday's work is done on a weekend day.
	weekendShare = 0.06
	// nightlyJobs is the extra work of backups and reports in their hour.
	nightlyJobs     = 0.5
	nightlyJobsHour = 2
)

// people is how much people do in an hour (counted from 1970), where 1 is
// what programs do.
func people(h int64) float64 {
	f := peopleShare * officeHours[h%24] / 100
	// 1970 began on a Thursday, so Saturday and Sunday are days 2 and 3.
	if weekday := h / 24 % 7; weekday == 2 || weekday == 3 {
		f *= weekendShare
	}
	// The conversion keeps compilers from fusing the product with a later
	// addition, as they may on some machines: the bytes are the same on all.
	return float64(f)
}

// rhythm spreads events over the period: it maps a share of them to the time
// by which it has happened.
type rhythm struct {
	start int64
	upTo  []float64 // share of the events before the start of each hour
}

func newRhythm(start int64, days int) *rhythm {
	r := &rhythm{start: start, upTo: make([]float64, days*24+1)}
	sum := 0.0
	for i := range days * 24 {
		h := start/hour + int64(i)
		sum += 1 + people(h)
		if h%24 == nightlyJobsHour {
			sum += nightlyJobs
		}
		r.upTo[i+1] = sum
	}
	for i := range r.upTo {
		r.upTo[i] /= sum
	}
	return r
}

// at returns the second in which the share f, from 0 to 1, is reached.
func (r *rhythm) at(f float64) int64 {
	low, high := 0, len(r.upTo)-1
	for high-low > 1 {
		if mid := (low + high) / 2; r.upTo[mid] <= f {
			low = mid
		} else {
			high = mid
		}
	}
	into := (f - r.upTo[low]) / (r.upTo[high] - r.upTo[low])
	// Rounding must not carry the last event of the period out of it.
	return r.start + int64(low)*hour + min(int64(into*hour), hour-1)
}
