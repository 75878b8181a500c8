package ingest

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"tarn/ingest/decode"
)

// Filter says which events an import takes. A record that it leaves out counts
// as filtered, and its file is read again by an import that would take it. The
// zero value takes everything.
type Filter struct {
	// From and To bound the time of an event: From ≤ eventTime < To. Zero is no
	// bound.
	From, To time.Time
	// Accounts, Regions and Sources list the values of recipientAccountId,
	// awsRegion and eventSource that are taken, exactly as they are written; an
	// empty list takes all. A record without the member is not in any list.
	Accounts, Regions, Sources []string
}

// String is the filter as tarn import takes it; empty if it takes everything.
func (f Filter) String() string {
	var parts []string
	for _, b := range []struct {
		flag string
		at   time.Time
	}{{"--from ", f.From}, {"--to ", f.To}} {
		if !b.at.IsZero() {
			parts = append(parts, b.flag+b.at.UTC().Format(time.RFC3339Nano))
		}
	}
	for _, l := range []struct {
		flag   string
		values []string
	}{{"--account ", f.Accounts}, {"--region ", f.Regions}, {"--source ", f.Sources}} {
		if len(l.values) > 0 {
			parts = append(parts, l.flag+strings.Join(l.values, ","))
		}
	}
	return strings.Join(parts, " ")
}

// Skipped counts files that were not opened because their path tells that the
// filter takes nothing of them, by what told it.
type Skipped struct{ Day, Account, Region int64 }

// Total is the number of files.
func (s Skipped) Total() int64 { return s.Day + s.Account + s.Region }

func (s *Skipped) add(n Skipped) {
	s.Day += n.Day
	s.Account += n.Account
	s.Region += n.Region
}

// bucketPath is the path of a log file in a bucket. Only the whole of it is
// believed: a folder that merely looks like a day may hold anything.
var bucketPath = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/CloudTrail/([a-z0-9-]+)/\d{4}/\d{2}/\d{2}/[^/]*$`)

// globalRegions are those that IAM and other services without a region name in
// their events. A trail of one region delivers these into its own region's
// folder, so for these regions the folder tells nothing.
var globalRegions = []string{"us-east-1", "us-gov-west-1", "cn-north-1"}

// skips reports whether the object's path tells that the filter takes nothing of
// it, and counts it. Its day is that of delivery, which is minutes behind the
// events, seldom hours: a day's margin on either side is read.
func (f Filter) skips(o Object, n *Skipped) bool {
	m := bucketPath.FindStringSubmatch(o.Key)
	switch {
	case m == nil:
		return false
	case !o.Day.IsZero() && f.otherDays(o.Day, o.Day):
		n.Day++
	case len(f.Accounts) > 0 && !slices.Contains(f.Accounts, m[1]):
		n.Account++
	case f.otherRegion(m[2]):
		n.Region++
	default:
		return false
	}
	return true
}

// otherDays reports whether nothing that was delivered on days from first to last passes.
func (f Filter) otherDays(first, last time.Time) bool {
	return !f.From.IsZero() && !last.AddDate(0, 0, 2).After(f.From) || !f.To.IsZero() && !first.AddDate(0, 0, -1).Before(f.To)
}

// otherRegion reports whether nothing in a region's folder passes.
func (f Filter) otherRegion(region string) bool {
	return len(f.Regions) > 0 && !slices.Contains(f.Regions, region) &&
		!slices.ContainsFunc(f.Regions, func(r string) bool { return slices.Contains(globalRegions, r) })
}

// matcher is a filter made ready for records. Times come first: they are known,
// while the other members are looked for in the record.
type matcher struct {
	from, to int64 // microseconds
	names    []string
	wanted   []map[string]bool
}

func (f Filter) matcher() matcher {
	m := matcher{from: math.MinInt64, to: math.MaxInt64}
	if !f.From.IsZero() {
		m.from = ceilMicro(f.From)
	}
	if !f.To.IsZero() {
		m.to = ceilMicro(f.To)
	}
	for _, l := range []struct {
		name   string
		values []string
	}{{"recipientAccountId", f.Accounts}, {"awsRegion", f.Regions}, {"eventSource", f.Sources}} {
		if len(l.values) == 0 {
			continue
		}
		set := map[string]bool{}
		for _, v := range l.values {
			set[v] = true
		}
		m.names, m.wanted = append(m.names, l.name), append(m.wanted, set)
	}
	return m
}

// ceilMicro is the first microsecond that is not before t: events' times are
// whole ones.
func ceilMicro(t time.Time) int64 { return t.Add(time.Microsecond - time.Nanosecond).UnixMicro() }

// Taker returns a function that reports whether the filter takes an event of that
// time, in microseconds since 1970. It may be called from one goroutine at a time.
func (f Filter) Taker() func(raw []byte, at int64) bool {
	m := f.matcher()
	return func(raw []byte, at int64) bool { return m.takes(decode.Record{Raw: raw, Time: at}) }
}

// takes reports whether the filter takes the event.
func (m *matcher) takes(r decode.Record) bool {
	if r.Time < m.from || r.Time >= m.to {
		return false
	}
	if len(m.names) == 0 {
		return true
	}
	for i, text := range decode.Texts(r.Raw, m.names...) {
		if !m.wanted[i][text] {
			return false
		}
	}
	return true
}
